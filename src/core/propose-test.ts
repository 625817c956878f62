// Writes the test of a proposed job: the saved page in, the items out, as they were found when it was written.
import type { Item } from './job.ts';
import { fits, importOf, indent, quote } from './propose-code.ts';
import { itemCode, type JobWords } from './propose-job.ts';

export interface Saved {
  /** From the test's folder: `fixtures/notices/1.html`. */
  readonly file: string;
  readonly url: string;
  readonly contentType: string | undefined;
  readonly items: readonly Item[];
  /** The day of the run, and its instant in the job's zone. */
  readonly date: string;
  readonly due: Date;
  readonly timezone: string;
}

const IMPORTS = [
  importOf('assert', 'node:assert/strict'),
  importOf('{ readFileSync }', 'node:fs'),
  importOf('{ join }', 'node:path'),
  importOf('{ test }', 'node:test'),
  importOf('{ pageOf }', 'talkbell'),
];
/** More items than this are told by their number and the first. */
const MOST_WRITTEN = 3;

export function writeTest({ name, kind }: JobWords, saved: Saved): string {
  const noun = { menu: 'dish', notices: 'notice', price: 'thing', custom: 'item' }[kind];
  const counted =
    saved.items.length === 1 ? `one ${noun}` : `${saved.items.length} ${noun}${noun === 'dish' ? 'es' : 's'}`;
  const from = [
    `url: ${quote(saved.url)}`,
    ...(saved.contentType === undefined ? [] : [`contentType: ${quote(saved.contentType)}`]),
  ];
  const line = `  const page = await pageOf(saved, { ${from.join(', ')} });`;
  const broken = `  const page = await pageOf(saved, {\n${from.map((each) => `    ${each},`).join('\n')}\n  });`;
  return `// The job ${name}, tried on the page as it was when the job was written.
${IMPORTS.join('\n')}
${importOf('job', `./${name}.ts`)}

const saved = readFileSync(join(import.meta.dirname, ${quote(saved.file)}));
${runCode(name, saved)}

test('the saved page gives its ${counted}', async () => {
${fits(line) ? line : broken}
${assertions(saved.items)}
});
`;
}

function assertions(items: readonly Item[]): string {
  const [first = {}] = items;
  if (items.length > MOST_WRITTEN)
    return `  const found = job.extract(page, run);
  assert.equal(found.length, ${items.length});
  assert.deepEqual(found[0], ${indent(itemCode(first), 2).trimStart()});`;
  const written = items.map((item) => indent(itemCode(item), 4));
  const line = `  assert.deepEqual(job.extract(page, run), [${written.map((each) => each.trim()).join(', ')}]);`;
  // The formatter gives each of several records a line of its own.
  const areRecords = items.length > 1 && items.every((item) => Object.keys(item).length > 1);
  const isShort = fits(line) && !line.includes('\n') && !areRecords;
  return isShort ? line : `  assert.deepEqual(job.extract(page, run), [\n${written.join(',\n')},\n  ]);`;
}

function runCode(name: string, { date, due, timezone }: Saved): string {
  return `const run = {
  job: ${quote(name)},
  slot: 'main',
  due: new Date(${quote(due.toISOString())}),
  at: new Date(${quote(due.toISOString())}),
  date: ${quote(date)},
  time: '12:00',
  weekday: ${new Date(date).getUTCDay() || 7},
  timezone: ${quote(timezone)},
  manual: false,
  correction: false,
  look: 1,
} as const;`;
}
