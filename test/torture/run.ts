// `npm run torture -- --kills 300 --seed 7`: kills the daemon that often, says what it does, and ends with exit code 1
// when a promise was broken or a point was never reached.
import { parseArgs } from 'node:util';
import { describeKill, startTorture } from './harness.ts';
import { planKills } from './plan.ts';
import { ALL_POINTS } from './points.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
  },
});
const [kills, seed] = [Number(values.kills), Number(values.seed)];
console.log(`${kills} kills with --seed ${seed}`);

await using torture = await startTorture();
for (const [index, kill] of planKills({ kills, seed }).entries()) {
  const begun = performance.now();
  const died = await torture.kill(kill);
  const ms = Math.round(performance.now() - begun);
  console.log(
    `${index + 1}. ${describeKill(kill)}: ${died ? 'killed there' : 'not reached, killed all the same'} (${ms} ms)`,
  );
}
const { faults, counts, runs, logins } = await torture.judge();
const reached = torture.reached();
const missed = ALL_POINTS.filter((name) => !reached.has(name));
console.log(`${runs} runs, ${JSON.stringify(counts)}, ${logins} logins after a lost rotation`);
for (const name of missed) console.log(`NEVER REACHED: ${name}`);
for (const fault of faults) console.log(`FAULT: ${fault}`);
process.exitCode = faults.length + missed.length > 0 ? 1 : 0;
