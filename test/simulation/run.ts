// node test/simulation/run.ts --seeds N --from S --days D [--quiet JOBS] [--first: end at the first broken seed]
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    days: { type: 'string', default: '7' },
    quiet: { type: 'string' },
    first: { type: 'boolean', default: false },
  },
});

const broken = await simulate({
  seeds: Number(values.seeds),
  from: Number(values.from),
  days: Number(values.days),
  ...(values.quiet === undefined ? {} : { quietJobs: Number(values.quiet) }),
  isFirstEnough: values.first,
  print: console.log,
});
process.exitCode = broken.length === 0 ? 0 : 1;
