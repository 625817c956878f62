// The next due instants of a line, against node-cron's own, which reads the real clock: so Date is set for it.
import { createTask } from 'node-cron';
import { nextAfter } from '../src/core/calendar.ts';
import { type CronLine, readCronLine } from '../src/core/cron-line.ts';
import type { Bench, Row } from './measure.ts';
import { inTurn, ratioOf, spreadOf } from './measure.ts';

/** Without a clock change in the span, so that both must agree. */
const ZONES = ['UTC', 'Asia/Seoul', 'Asia/Kathmandu'];
const LINES = [
  '*/5 * * * *',
  '20 11 * * 1-5',
  '0 0 1 * *',
  '30 7 15W * *',
  '0 9 * * 1#2',
  '15 10 L * *',
  '0 0 29 2 *',
  '0 */6 * * *',
];
const FROM = Date.UTC(2005, 0, 1);
const TO = Date.UTC(2055, 0, 1);
const CASES = Number(process.env['CASES'] ?? 100_000);
const TIMED = 2000;

interface Case {
  readonly line: string;
  readonly zone: string;
  readonly at: number;
}

export const due: Bench = { name: 'due', seconds: 90, run: measureDue };

async function measureDue(): Promise<readonly Row[]> {
  const random = makeRandom(20_261_121);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const cases = Array.from({ length: CASES }, () => ({
    line: random() < 0.3 ? pick(LINES) : randomLine(random),
    zone: pick(ZONES),
    at: FROM + Math.floor(random() * (TO - FROM)),
  })).filter(({ line }) => !('problems' in readCronLine(line)));
  const different = cases.filter((one) => ours(one) !== theirs(one));
  const rows: Row[] = [
    {
      what: `next instant equals node-cron's, ${cases.length.toLocaleString('en')} random cases`,
      ours: `${different.length} differ`,
      goal: '0',
      holds: different.length === 0,
    },
  ];
  for (const line of LINES) rows.push(await timeLine(line, cases));
  return rows;
}

async function timeLine(line: string, cases: readonly Case[]): Promise<Row> {
  const timed = cases.slice(0, line.includes('29 2') ? TIMED / 20 : TIMED).map((one) => ({ ...one, line }));
  const read = readLine(line);
  const each = (work: (one: Case) => unknown) => async (): Promise<number> => {
    const from = performance.now();
    for (const one of timed) work(one);
    return ((performance.now() - from) * 1000) / timed.length;
  };
  const { own, peer } = await inTurn(5, {
    own: each(({ zone, at }) => nextAfter(read, zone, at)),
    peer: each(theirs),
  });
  const times = peer.median / own.median;
  return {
    what: `next instant of ${line}`,
    ours: `${own.median.toFixed(1)} µs`,
    peer: `node-cron ${peer.median.toFixed(1)} µs`,
    ratio: `${ratioOf(times, 1)} faster`,
    goal: '≥ 5 ×',
    holds: times >= 5,
    note: spreadOf(own),
  };
}

function ours({ line, zone, at }: Case): number | undefined {
  return nextAfter(readLine(line), zone, at);
}

function theirs({ line, zone, at }: Case): number | undefined {
  const real = Date.now;
  Date.now = () => at;
  const RealDate = globalThis.Date;
  globalThis.Date = class extends RealDate {
    constructor(...given: [] | [number]) {
      super(...((given.length === 0 ? [at] : given) as [number]));
    }
  } as DateConstructor;
  try {
    const task = createTask(line, () => undefined, { timezone: zone });
    const next = task.getNextRuns(1)[0]?.getTime();
    void task.destroy();
    return next;
  } finally {
    globalThis.Date = RealDate;
    Date.now = real;
  }
}

const read = new Map<string, CronLine>();

function readLine(line: string): CronLine {
  const known = read.get(line);
  if (known !== undefined) return known;
  const fresh = readCronLine(line);
  if ('problems' in fresh) throw new Error(`${line}: ${fresh.problems.join(' ')}`);
  read.set(line, fresh);
  return fresh;
}

function randomLine(random: () => number): string {
  const whole = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const field = (low: number, high: number): string => {
    const kind = random();
    if (kind < 0.35) return '*';
    if (kind < 0.6) return `${whole(low, high)}`;
    if (kind < 0.8) return `*/${whole(2, 20)}`;
    const [one, other] = [whole(low, high), whole(low, high)].toSorted((a, b) => a - b);
    return `${one}-${other}`;
  };
  const weekday = random() < 0.7 ? '*' : field(0, 6);
  const day = weekday === '*' ? field(1, 31) : '*';
  return [field(0, 59), field(0, 23), day, field(1, 12), weekday].join(' ');
}

/** The same cases every time. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
