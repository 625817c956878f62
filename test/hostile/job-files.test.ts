// What a job file exports may be anything, and what lies in the jobs folder need not be a job: each is told by name, and
// the jobs beside it load.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJob } from '../../src/core/read-job.ts';
import { listJobs } from '../../src/io/jobs-folder.ts';
import { openWorkers } from '../../src/io/workers.ts';

const step = (): unknown[] => [];
const GOOD = { schedule: '20 11 * * *', to: 'me', fetch: step, extract: step, render: step };

const strange = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
  }),
  fc.constantFrom(
    step,
    class Job {},
    Symbol('x'),
    new Proxy({}, {}),
    Object.create(null),
    new Error('x'),
    Promise.resolve(),
  ),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom('x'.repeat(1_000_000), '* '.repeat(100_000), Number.NaN, -0, 2 ** 60),
);
const field = fc.constantFrom(
  ...[
    'schedule',
    'to',
    'id',
    'timezone',
    'freshFor',
    'recheck',
    'alertAfter',
    'skip',
    'ifUnclear',
    'most',
    'timeLimit',
  ],
  ...['link', 'fetch', 'extract', 'watch', 'render', '__proto__', 'constructor', 'toString', 'hasOwnProperty', ''],
);

function assertTold(exported: unknown): void {
  const began = performance.now();
  const read = readJob('lunch.ts', exported, { timezone: 'Asia/Seoul' });
  assert.ok(performance.now() - began < 1000);
  if (read.kind === 'job') {
    assert.equal(JSON.stringify(JSON.parse(JSON.stringify(read.description))), JSON.stringify(read.description));
    return;
  }
  assert.ok(read.problems.length > 0);
  for (const problem of read.problems) assert.match(problem, /^jobs\/lunch\.ts/);
}

test('any export at all is a job or is told with its file', () => {
  fc.assert(fc.property(strange, assertTold), { numRuns: 500 });
});

test('a job with any value in any field is a job or is told with its file', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(field, strange), { minLength: 1, maxLength: 3 }), (changes) => {
      assertTold({ ...GOOD, ...Object.fromEntries(changes) });
    }),
    { numRuns: 1500 },
  );
});

test('any names and lines of slots are slots or are told', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary', maxLength: 70 }), strange), (schedule) =>
      assertTold({ ...GOOD, schedule }),
    ),
    { numRuns: 500 },
  );
});

const JOB = `import { defineJob } from 'talkbell';
export default defineJob({ schedule: '* * * * *', to: 'me', fetch: () => 1, extract: () => [], render: () => '' });`;

/** Modules that load or not, but never take the others with them. */
const FILES: Readonly<Record<string, string | Buffer>> = {
  'good.ts': JOB,
  'empty.ts': '',
  'nul.ts': Buffer.alloc(1000),
  'latin1.ts': Buffer.from(`${JOB}\n// caf\xe9 \xff\xfe`, 'latin1'),
  'binary.ts': Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 89) % 256)),
  'utf16.ts': Buffer.from(`\ufeff${JOB}`, 'utf16le'),
  'deep.ts': `export default ${'['.repeat(100_000)}`,
  'big.ts': `${JOB}\n//${'x'.repeat(5_000_000)}`,
  'getter.ts': `export default { get schedule() { throw new Error('trap'); } };`,
  'proxy.ts': `export default new Proxy({}, { ownKeys() { throw new Error('trap'); }, get() { throw new Error('trap'); } });`,
  'throws.ts': 'throw undefined;',
  'strange.ts': `throw { toString() { throw new Error('trap'); }, get message() { throw new Error('trap'); } };`,
  'long.ts': `throw new Error('x'.repeat(3_000_000));`,
  'promise.ts': 'export default new Promise(() => {});',
  'rejects.ts': `void Promise.reject(new Error('nobody waits'));\n${JOB.replace('defineJob({', "defineJob({ id: 'rejects',")}`,
  'await.ts': 'await new Promise(() => {});',
  '-dash --inspect.ts': JOB.replace('defineJob({', "defineJob({ id: 'dash',"),
};

test('files of every kind in the jobs folder are told by name, and the good ones load', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'talkbell-hostile-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(dir, name), content);
  const workers = openWorkers({
    env: { PATH: process.env['PATH'] },
    timezone: 'Asia/Seoul',
    heapMb: 128,
    memoryMb: 400,
    importMs: 1500,
    idleMs: 60_000,
    onOutput: () => {},
    onSecrets: () => {},
    onStart: () => {},
  });
  t.after(() => workers.close());
  const loaded = await workers.load(await listJobs(dir));
  const kinds = new Map(loaded.map((file) => [file.file, file.kind]));
  assert.deepEqual([...kinds.keys()].toSorted(), Object.keys(FILES).toSorted());
  const good = ['good.ts', 'big.ts', 'latin1.ts', 'rejects.ts', '-dash --inspect.ts'];
  for (const name of Object.keys(FILES)) assert.equal(kinds.get(name), good.includes(name) ? 'job' : 'broken', name);
  for (const file of loaded) {
    const problems = file.kind === 'broken' ? file.problems.join(' ') : '';
    const expected = /^(promise|await|deep)/.test(file.file) ? /^jobs\// : /^jobs\/(?!.*does not load within)/;
    if (file.kind === 'broken') assert.match(problems, expected, file.file);
    assert.ok(problems.length < 5000, `${file.file} is told in ${problems.length} characters`);
  }
});

test('what is no file in the jobs folder stands in nobody\u2019s way', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'talkbell-hostile-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'good.ts'), JOB);
  mkdirSync(join(dir, 'folder.ts'));
  symlinkSync('loop.ts', join(dir, 'loop.ts'));
  symlinkSync('/nowhere/at-all.ts', join(dir, 'dangling.ts'));
  const hasPipe = spawnSync('sh', ['-c', 'mkfifo "$0"', join(dir, 'pipe.ts')]).status === 0;
  const timeout = AbortSignal.timeout(5000);
  const names = await Promise.race([
    listJobs(dir).then((jobs) => jobs.map(({ file }) => file)),
    new Promise<never>((_, reject) =>
      timeout.addEventListener('abort', () => reject(new Error(`it hangs (pipe: ${hasPipe})`))),
    ),
  ]);
  assert.ok(names.includes('good.ts'));
});
