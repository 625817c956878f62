// Holds the table of who may import whom, types included, and that no imports form a ring.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

interface Rule {
  readonly files: string;
  /** Prefixes of our own files. */
  readonly ours: readonly string[];
  /** Packages; 'any' for all; 'node:' for Node's own. */
  readonly libraries: readonly string[];
}

const PURE_LIBRARIES = [
  'cheerio/slim',
  'cheerio',
  'parse5',
  'parse5-htmlparser2-tree-adapter',
  'domhandler',
  'htmlparser2',
  'css-select',
  'iconv-lite',
  'feedsmith',
  'unpdf',
  '@badrap/valita',
  'node-cron',
  'cronstrue',
  'cronstrue/locales/ko.js',
];

const DRIVERS = [
  'undici',
  'better-sqlite3',
  'pino',
  'playwright-core',
  'robots-parser',
  'tough-cookie',
  '@badrap/valita',
  '@hyunbinseo/holidays-kr',
  'uqr',
  'fastify',
];

/** The first rule whose `files` a path begins with. */
const TABLE: readonly Rule[] = [
  { files: 'jobs/', ours: ['talkbell'], libraries: ['any'] },
  {
    files: 'src/index.ts',
    ours: ['src/core/', 'src/kakao/build-', 'src/kakao/template.ts', 'src/io/settings.ts'],
    libraries: [],
  },
  {
    files: 'src/core/',
    ours: ['src/core/', 'src/kakao/template.ts', 'src/kakao/build-', 'src/kakao/correction.ts', 'src/kakao/limits.ts'],
    libraries: PURE_LIBRARIES,
  },
  { files: 'src/kakao/', ours: ['src/core/', 'src/kakao/'], libraries: ['@badrap/valita', 'undici'] },
  { files: 'src/channels/', ours: ['src/core/', 'src/kakao/', 'src/channels/'], libraries: ['undici'] },
  { files: 'src/io/', ours: ['src/core/', 'src/io/', 'src/kakao/template.ts'], libraries: ['node:', ...DRIVERS] },
  { files: 'src/draw/', ours: ['src/draw/'], libraries: [] },
  { files: 'src/sandbox/', ours: ['src/sandbox/', 'src/draw/'], libraries: ['node:', 'fastify', 'zod', 'iconv-lite'] },
  { files: 'src/cli/sandbox.ts', ours: ['src/'], libraries: ['any'] },
  { files: 'src/cli/demo', ours: ['src/'], libraries: ['any'] },
  {
    files: 'src/',
    ours: [
      'src/core/',
      'src/kakao/',
      'src/channels/',
      'src/io/',
      'src/draw/',
      'src/cli/',
      'src/cli.ts',
      'src/main.ts',
      'src/engine.ts',
    ],
    libraries: ['any'],
  },
];

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s+)['"]([^'"]+)['"]/gm;

/** A test of a job beside it imports the job; what else it imports is its author's matter. */
const files = globSync('{src,jobs}/**/*.{ts,js}', { cwd: ROOT, exclude: ['jobs/**/*.test.ts'] }).map((file) =>
  normalize(file),
);

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
  return [...text.matchAll(SPECIFIER)].flatMap(([, specifier]) => (specifier === undefined ? [] : [specifier]));
}

function resolveOurs(file: string, specifier: string): string {
  return relative(ROOT, join(ROOT, dirname(file), specifier));
}

function isAllowed(file: string, specifier: string): boolean {
  const rule = TABLE.find((candidate) => file.startsWith(candidate.files));
  assert.ok(rule, `${file} has no rule in the import table`);
  if (specifier.startsWith('.')) return rule.ours.some((prefix) => resolveOurs(file, specifier).startsWith(prefix));
  if (specifier === 'talkbell') return rule.ours.includes('talkbell');
  return rule.libraries.some(
    (library) =>
      library === 'any' ||
      library === specifier ||
      (library === 'node:' && specifier.startsWith('node:')) ||
      // Parts of undici: src/undici-parts.d.ts says why.
      (library === 'undici' && specifier.startsWith('undici/')),
  );
}

test('there are files to check, and their imports are found', () => {
  assert.ok(files.length > 30);
  assert.ok(importsOf('src/core/look.ts').includes('./errors.ts'));
});

test('every file imports only what the table allows', () => {
  const broken = files.flatMap((file) =>
    importsOf(file)
      .filter((specifier) => !isAllowed(file, specifier))
      .map((specifier) => `${file} -> ${specifier}`),
  );
  assert.deepEqual(broken, []);
});

test('no imports form a ring, type imports included', () => {
  const graph = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolveOurs(file, specifier)),
    ]),
  );
  assert.deepEqual(findRing(graph), []);
});

test('the check itself sees a ring and a forbidden import', () => {
  assert.deepEqual(
    findRing(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['a']],
      ]),
    ),
    ['a', 'b', 'c', 'a'],
  );
  assert.equal(isAllowed('src/core/look.ts', 'node:fs'), false);
  assert.equal(isAllowed('src/sandbox/world.ts', '../kakao/client.ts'), false);
  assert.equal(isAllowed('jobs/cafeteria.ts', '../src/core/job.ts'), false);
});

/** A ring as the path that closes it; empty when there is none. */
function findRing(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return [];
    for (const next of graph.get(file) ?? []) {
      const ring = visit(next, [...path, file]);
      if (ring.length > 0) return ring;
    }
    finished.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const ring = visit(file, []);
    if (ring.length > 0) return ring;
  }
  return [];
}
