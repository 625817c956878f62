// What an installation takes on the disk without what only its development needs, and what the most of it is.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../test/processes.ts';
import { type Bench, type BenchPorts, megabytes, type Row } from './measure.ts';

const LARGEST = 5;
const PATIENCE_MS = 180_000;
const OWN = ['src', 'jobs', 'package.json', 'package-lock.json', 'ecosystem.config.cjs'];

export const install: Bench = { name: 'install', seconds: 30, run: measureInstall };

async function measureInstall({ signal }: BenchPorts): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-install-'));
  const what = 'installed, without what only development needs';
  try {
    for (const name of OWN) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    const given = ['ci', '--omit=dev', '--no-audit', '--no-fund'];
    const failed = await promisify(execFile)('npm', given, { cwd: folder, timeout: PATIENCE_MS, signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failed !== undefined) return [{ what, ours: 'skipped', note: 'npm ci does not get through' }];
    const modules = join(folder, 'node_modules');
    const packages = packagesIn(modules).map((name) => ({ name, bytes: sizeOf(join(modules, name)) }));
    const largest = packages.toSorted((one, other) => other.bytes - one.bytes).slice(0, LARGEST);
    return [
      {
        what,
        ours: megabytes(sizeOf(folder)),
        note: `${packages.length} packages; the largest: ${largest.map(({ name, bytes }) => `${name} ${megabytes(bytes)}`).join(', ')}; talkbell itself ${megabytes(sizeOf(join(folder, 'src')))}`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function packagesIn(modules: string): readonly string[] {
  if (!existsSync(modules)) return [];
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((one) => join(name, one)) : [name],
    );
}

/** Of its files as they are, without what the disk rounds up. */
function sizeOf(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
