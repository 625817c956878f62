// Every docstring of what a job file may import: it is there, its examples compile, run, and give the values they tell.
// What is called, by an author or by talkbell, needs an example; a field that is a plain fact needs words only.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Get, Item, JobDefinition, Look } from '../src/core/job.ts';
import { type Fetching, lookOnce } from '../src/core/look.ts';
import type { JobSource } from '../src/core/worker-protocol.ts';
import { loadJob, teachImports } from '../src/io/job-loader.ts';
import { type Example, makeExample } from './examples-module.ts';
import { MENU, openScene, PDF, run, type Scene, SETTINGS } from './examples-scene.ts';
import { readInputs, readPublic } from './examples-source.ts';

const ROOT = join(import.meta.dirname, '..');

/** What runs with something in the place of the world, and why. */
const STAND_INS: Readonly<Record<string, string>> = {
  'GetOptions.proxy': 'no proxy of that name answers: the page is fetched without it',
  'JobDefinition.proxy': 'the same: the loader reads it, and the page is fetched without it',
  'GetOptions.render': 'a browser is not everywhere: the page is read as it came',
  readPicture: 'tesseract.js is not installed: a module of that name gives two lines',
};
/** What in an example is of the world: a proxy, a browser, a module that does not come along with talkbell. */
const WORLD = /\bproxy: |\brender: (?:true|\{)|from '(?!talkbell'|zod'|node:)/;
const OCR = `export const createWorker = async () => ({
  recognize: async () => ({ data: { text: '김치찌개\\n돈까스' } }),
  terminate: async () => {},
});`;
const OCR_TYPES = `interface Worker {
  recognize(picture: Uint8Array): Promise<{ data: { text: string } }>;
  terminate(): Promise<void>;
}
export function createWorker(language: string): Promise<Worker>;`;

/** Examples whose point is what they throw. */
const THROWS: Readonly<Record<string, string>> = { notYet: 'NotYet', stale: 'NotYet', closed: 'Closed' };

const everything = readPublic();
const scene = join(import.meta.dirname, 'examples-scene.ts');
const fields = new Set(
  everything.flatMap(({ name }) => (name.startsWith('JobDefinition.') ? [name.slice('JobDefinition.'.length)] : [])),
);
const examples = everything.flatMap(({ name, examples: found }) =>
  found.map((code, index) => makeExample({ name, index, code, scene, fields })),
);

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'talkbell-examples-'));
const sources: readonly JobSource[] = examples.map(({ file }) => ({
  file: `${file}.ts`,
  path: join(folder, `${file}.ts`),
  hash: file,
}));
const started = process.cwd();

before(() => {
  const ocr = join(folder, 'node_modules/tesseract.js');
  mkdirSync(ocr, { recursive: true });
  writeFileSync(join(ocr, 'package.json'), '{ "type": "module", "main": "index.js", "types": "index.d.ts" }');
  writeFileSync(join(ocr, 'index.js'), OCR);
  writeFileSync(join(ocr, 'index.d.ts'), OCR_TYPES);
  writeFileSync(join(folder, 'menu.html'), MENU);
  writeFileSync(join(folder, 'menu.pdf'), PDF);
  for (const { file, source } of examples) writeFileSync(join(folder, `${file}.ts`), source);
  Object.assign(process.env, SETTINGS);
  process.chdir(folder);
  teachImports(sources);
});

after(() => {
  process.chdir(started);
  rmSync(folder, { recursive: true, force: true });
});

test('everything a job file may import says what it is, members of its types too', () => {
  const found = [...everything, ...readInputs()];
  assert.ok(found.length > 150, `only ${found.length} were found`);
  const silent = found.filter(({ docs }) => docs.split('@example')[0]?.trim() === '');
  assert.deepEqual(
    silent.map(({ name }) => name),
    [],
  );
});

test('every function says what is wrong with it when something is: what it throws, or what is refused', () => {
  const silent = everything.filter(
    ({ kind, docs }) => kind === 'function' && !/\b(?:throws|error|refused)\b/i.test(docs.split('@example')[0] ?? ''),
  );
  assert.deepEqual(
    silent.map(({ name }) => name),
    [],
  );
});

test('everything that is called has an example', () => {
  const called = everything.filter(({ takesArguments }) => takesArguments);
  const names = new Set(called.map(({ name }) => name));
  for (const name of ['Page.one', 'Get', 'Get.form', 'Watch.key', 'JobDefinition.render', 'ReadLetters', 'fell'])
    assert.ok(names.has(name), `${name} is not seen to be called`);
  const lacking = called.filter(({ examples: found }) => found.length === 0);
  assert.deepEqual(
    lacking.map(({ name }) => name),
    [],
  );
});

test('an example has something in the place of the world exactly where the list says so', () => {
  const worldly = everything.filter(({ examples: found }) => found.some((code) => WORLD.test(code)));
  assert.deepEqual(worldly.map(({ name }) => name).toSorted(), Object.keys(STAND_INS).toSorted());
});

test('each that is named for throwing has an example', () => {
  const gone = Object.keys(THROWS).filter((name) => !examples.some((example) => example.name === name));
  assert.deepEqual(gone, []);
});

test('what stands behind an example is its value, and a remark stands above it', () => {
  const remarks = examples.filter(({ kind, value }) => kind === 'statements' && value !== undefined);
  assert.deepEqual(
    remarks.map(({ file }) => file),
    [],
  );
});

test('every example compiles as strictly as a job file does', () => {
  const modules = join(ROOT, 'node_modules');
  const project = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      paths: { talkbell: [join(ROOT, 'src/index.ts')], zod: [join(modules, 'zod/index.d.ts')] },
      typeRoots: [join(modules, '@types')],
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    include: ['*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const tsc = [join(modules, 'typescript/bin/tsc'), '--project', folder, '--pretty', 'false'];
  assert.equal(compile(tsc), '');
});

describe('every example runs', () => {
  for (const [index, example] of examples.entries()) {
    test(`the example ${example.file} runs`, async (t) => {
      const source = sources[index] ?? assert.fail();
      const sceneOf = await openScene(t);
      if (example.kind === 'job' || example.kind === 'field') await runJob(source, await sceneOf(example.name));
      else await runCode(source.path, example, await sceneOf(example.name));
    });
  }
});

function compile(command: readonly string[]): string {
  try {
    return execFileSync(process.execPath, command, { encoding: 'utf8' });
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  }
}

async function runCode(path: string, { name, value }: Example, sceneOfIt: Scene): Promise<void> {
  const { default: code } = (await import(pathToFileURL(path).href)) as { default: (scene: Scene) => Promise<unknown> };
  const thrown = THROWS[name];
  if (thrown !== undefined) return assert.rejects(code(sceneOfIt), { name: thrown });
  const given = await code(sceneOfIt);
  if (value === undefined) return;
  assert.ok(Array.isArray(given));
  assert.deepEqual(given[0], given[1]);
}

/** Loads a job as the worker does, and looks: twice if it watches, for the first look only learns. */
async function runJob(source: JobSource, { get }: Scene): Promise<void> {
  const { file, definition } = await loadJob(source, { timezone: 'Asia/Seoul' });
  assert.equal(file.kind, 'job', JSON.stringify(file));
  const job = definition ?? assert.fail('It has no definition.');
  const first = await look(job, get, undefined);
  assert.equal(first.kind, 'done', JSON.stringify(first));
  if (first.seen === undefined) return assert.notEqual(first.sayings.length, 0, 'It says nothing.');
  const second = await look(job, get, new Map(first.seen));
  assert.equal(second.kind, 'done', JSON.stringify(second));
}

function look(job: JobDefinition, get: Get, known: ReadonlyMap<string, Item> | undefined): Promise<Look> {
  const fetching: Fetching = {
    fetch: async (step) => ({ kind: 'raw', raw: await step(get) }),
    validators: () => [],
    link: () => 'https://dorm.example.ac.kr/menu',
    suspects: () => [],
  };
  return lookOnce(job, run, { fetching, known, onStep: () => {} });
}
