// `npm run soak -- --days 30 --jobs 200 --seed 1`: lets talkbell live a month within minutes, prints what it held at the
// end of each day, writes RESULTS.md beside this file, and ends with exit code 1 when something grew or was lost.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeDay, describeResults, HEAD } from './results.ts';
import { runSoak } from './soak.ts';
import { findCountGrowth, findSizeGrowth } from './verdict.ts';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    jobs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'keep-days': { type: 'string' },
    out: { type: 'string', default: join(import.meta.dirname, 'RESULTS.md') },
  },
});
const [days, jobs, seed] = [Number(values.days), Number(values.jobs), Number(values.seed)];
if (!(days >= 3) || !(jobs >= 1) || !Number.isInteger(seed)) {
  console.error(
    'It takes at least 3 days and 1 job, all in whole numbers: npm run soak -- --days 30 --jobs 200 --seed 1',
  );
  process.exit(2);
}
const keepDays = Number(values['keep-days'] ?? Math.max(1, Math.floor(days / 3) - 1));
const settings = { days, jobs, seed, keepDays, everyHours: 2 };

console.log(`${days} days, ${jobs} jobs, --seed ${seed}; history is kept for ${keepDays} days`);
console.log(HEAD);
const begun = performance.now();
const soaked = await runSoak({ ...settings, onDay: (sample) => console.log(describeDay(sample)) });
const seconds = (performance.now() - begun) / 1000;
const problems = [...soaked.faults, ...findCountGrowth(soaked.samples), ...findSizeGrowth(soaked.samples)];
const results = describeResults(soaked, { ...settings, seconds, problems });
console.log(results);
writeFileSync(values.out, results);
process.exitCode = problems.length > 0 ? 1 : 0;
