// Preloaded into the daemon (`node --import`): notes every point that is reached, and ends the process with SIGKILL at
// the n-th occurrence of one. The daemon itself has no such switch.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { POINT_CHANNEL } from '../../src/io/points.ts';
import { REQUEST_POINTS } from './points.ts';

const { TORTURE_POINT: last = '', TORTURE_TIMES: times = '1', TORTURE_REACHED: reachedFile } = process.env;
const counts = new Map<string, number>();

function reach(name: string): void {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  if (count === 1 && reachedFile !== undefined) appendFileSync(reachedFile, `${name}\n`);
  if (name === last && count === Number(times)) process.kill(process.pid, 'SIGKILL');
}

subscribe(POINT_CHANNEL, (name) => reach(String(name)));
for (const name of REQUEST_POINTS) subscribe(name, () => reach(name));
