// For `node --import`: lets the tests of jobs that lie outside the package import 'talkbell', as the worker lets the jobs.
import { join } from 'node:path';
import { readConfig } from './config.ts';
import { teachImports } from './job-loader.ts';

// The name stands for all files beside it.
teachImports([{ file: 'jobs', path: join(readConfig(process.env).jobsDir, 'jobs'), hash: '' }]);
