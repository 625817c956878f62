// Cron lines in words: both languages, and the readings in which talkbell differs from crontab.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeCron } from '../../src/core/cron-words.ts';

test('a line is told in Korean and in English', () => {
  assert.equal(describeCron('20 11 * * 1-5', 'ko'), '11:20, 월요일부터 금요일까지');
  assert.equal(describeCron('20 11 * * 1-5', 'en'), 'At 11:20, Monday through Friday');
  assert.equal(describeCron('*/30 * * * * *', 'en'), 'Every 30 seconds');
  assert.equal(describeCron('0 7 * * 5L', 'en'), 'At 07:00, on the last Friday of the month');
});

test('day of month and day of week are told as AND', () => {
  assert.equal(describeCron('0 9 13 * 5', 'en'), 'At 09:00, on day 13 of the month, only on Friday');
});

test('nicknames are told in any case of letters', () => {
  assert.equal(describeCron('@Daily', 'en'), describeCron('0 0 * * *', 'en'));
});
