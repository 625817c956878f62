// node test/mutants/run.ts [WORD]: puts each mutant (whose file or promise holds the word) into a copy of the tree, runs
// the tests that must notice, and names those that nothing noticed. The tree itself is never touched.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTANTS, type Mutant } from './mutants.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const COPIED = ['src', 'test', 'jobs', 'package.json', 'tsconfig.json'];
const LONGEST_MS = 5 * 60_000;
const SIMULATE = ['test/simulation/run.ts', '--seeds', '40', '--first'];

type Verdict = 'killed' | 'survived' | 'stale';

function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'talkbell-mutants-'));
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function tryMutant(copy: string, { file, text, becomes, killers }: Mutant): { verdict: Verdict; by: string } {
  const path = join(copy, file);
  const whole = readFileSync(path, 'utf8');
  if (whole.split(text).length !== 2) return { verdict: 'stale', by: `the text is not there exactly once in ${file}` };
  writeFileSync(
    path,
    whole.replace(text, () => becomes),
  );
  try {
    const by = killers.find((killer) => !passes(copy, killer));
    return by === undefined ? { verdict: 'survived', by: killers.join(', ') } : { verdict: 'killed', by };
  } finally {
    writeFileSync(path, whole);
  }
}

function passes(copy: string, killer: string): boolean {
  if (killer !== 'simulate' && !existsSync(join(copy, killer))) return true;
  const command = killer === 'simulate' ? SIMULATE : ['--test', killer];
  return spawnSync(process.execPath, command, { cwd: copy, timeout: LONGEST_MS, stdio: 'ignore' }).status === 0;
}

const word = process.argv[2] ?? '';
const chosen = MUTANTS.filter(({ file, promise }) => file.includes(word) || promise.includes(word));
const copy = copyTree();
const left: string[] = [];
try {
  for (const mutant of chosen) {
    const { verdict, by } = tryMutant(copy, mutant);
    if (verdict !== 'killed') left.push(mutant.promise);
    console.log(`${verdict.padEnd(8)} ${mutant.promise} (${by})`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - left.length} of ${chosen.length} mutants were noticed.`);
process.exitCode = left.length === 0 ? 0 : 1;
