// Quiet hours: when a message that is written now may go out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterQuiet, parseQuietHours, type QuietHours } from '../../src/core/quiet.ts';
import { dateTimeIn } from '../../src/core/zone.ts';

const read = (text: string, timezone = 'Asia/Seoul'): QuietHours | undefined => parseQuietHours(text, timezone);
const seoul = (time: string): number => Date.parse(`2026-11-20T${time}+09:00`);
const goesOut = (time: string, span: string): string => dateTimeIn('Asia/Seoul', afterQuiet(seoul(time), read(span)));

test('a span of two times of day is read, and nothing else', () => {
  assert.deepEqual(read('22:00-07:00'), { from: '22:00', to: '07:00', timezone: 'Asia/Seoul' });
  assert.deepEqual(read('00:00-23:59'), { from: '00:00', to: '23:59', timezone: 'Asia/Seoul' });
  for (const text of ['', '22-7', '22:00', '24:00-07:00', '22:60-07:00', '7:00-9:00', '22:00-22:00', '22:00-07:00 '])
    assert.equal(read(text), undefined, text);
});

test('without quiet hours, and outside of them, a message goes out at once', () => {
  assert.equal(afterQuiet(seoul('23:00:00'), undefined), seoul('23:00:00'));
  for (const time of ['07:00:00', '12:34:56', '21:59:59']) {
    assert.equal(afterQuiet(seoul(time), read('22:00-07:00')), seoul(time), time);
  }
});

test('within them it waits for their end, over midnight too, to the second', () => {
  assert.equal(goesOut('22:00:00', '22:00-07:00'), '2026-11-21 07:00');
  assert.equal(goesOut('23:59:59.999', '22:00-07:00'), '2026-11-21 07:00');
  assert.equal(goesOut('00:00:00', '22:00-07:00'), '2026-11-20 07:00');
  assert.equal(goesOut('06:59:59.500', '22:00-07:00'), '2026-11-20 07:00');
  assert.equal(goesOut('13:15:30', '12:30-14:00'), '2026-11-20 14:00');
  assert.equal(goesOut('14:00:00', '12:30-14:00'), '2026-11-20 14:00');
});

test('they are hours of their own zone, also of one that is not whole hours from ours', () => {
  const kathmandu = read('22:00-07:00', 'Asia/Kathmandu');
  assert.equal(
    dateTimeIn('Asia/Kathmandu', afterQuiet(Date.UTC(2026, 10, 20, 17, 0, 12), kathmandu)),
    '2026-11-21 07:00',
  );
});

test('the morning comes at its hour though the clock changes in the night', () => {
  const berlin = read('22:00-07:00', 'Europe/Berlin');
  for (const evening of ['2026-03-28T21:30:00Z', '2026-10-24T20:30:00Z']) {
    const morning = dateTimeIn('Europe/Berlin', afterQuiet(Date.parse(evening), berlin));
    assert.match(morning, / 07:00$/, evening);
  }
});
