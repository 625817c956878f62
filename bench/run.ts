// `npm run bench [-- NAME ...]`: runs the measurements, or those named, prints their tables and writes RESULTS.md. It ends
// with 1 when a goal is missed.
import { due } from './due.ts';
import { growth } from './growth.ts';
import { history, outbox } from './history.ts';
import { idle } from './idle.ts';
import { install } from './install.ts';
import { jobMemory } from './job-memory.ts';
import { latency } from './latency.ts';
import { type Bench, machine } from './measure.ts';
import { memory } from './memory.ts';
import { page } from './page.ts';
import { parsers } from './parsers.ts';
import { recovery } from './recovery.ts';
import { saveResult, tableOf } from './results.ts';
import { round } from './round.ts';
import { stall } from './stall.ts';
import { start } from './start.ts';

const ALL: readonly Bench[] = [
  start,
  round,
  memory,
  jobMemory,
  idle,
  stall,
  latency,
  recovery,
  page,
  parsers,
  due,
  outbox,
  growth,
  history,
  install,
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !ALL.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`There is no measurement ${unknown.join(', ')}. There are ${ALL.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const chosen = ALL.filter(({ name }) => asked.length === 0 || asked.includes(name));
const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
const minutes = Math.ceil(chosen.reduce((sum, { seconds }) => sum + seconds, 0) / 60);
console.log(`${chosen.length} measurements, about ${minutes} minutes. Leave the machine alone meanwhile.`);

let missed = 0;
for (const bench of chosen) {
  if (controller.signal.aborted) break;
  console.log(`\n${bench.name} (about ${bench.seconds} s)`);
  const rows = await bench.run({ say: (line) => console.log(`  ${line}`), signal: controller.signal });
  saveResult({ name: bench.name, day: new Date().toISOString().slice(0, 10), machine: machine(), rows });
  for (const line of tableOf(rows)) console.log(line);
  missed += rows.filter(({ holds }) => holds === false).length;
}
console.log(missed === 0 ? '\nEvery goal is met.' : `\n${missed} goals are missed.`);
process.exitCode = missed === 0 ? 0 : 1;
