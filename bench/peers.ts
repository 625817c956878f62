// Peers from npm, installed into a folder of their own the first time: talkbell depends on none of them.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const FOLDER = join(tmpdir(), 'talkbell-bench-peers');

export interface Peer {
  readonly version: string;
  /** The address of its main module, for `import`. */
  readonly url: string;
}

/** Undefined where the registry does not have it. */
export async function findPeer(name: string): Promise<Peer | undefined> {
  const manifest = join(FOLDER, 'node_modules', name, 'package.json');
  if (!existsSync(manifest)) {
    mkdirSync(FOLDER, { recursive: true });
    const given = ['install', '--prefix', FOLDER, '--no-audit', '--no-fund', '--ignore-scripts', name];
    await promisify(execFile)('npm', given).catch(() => undefined);
  }
  if (!existsSync(manifest)) return undefined;
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const main = createRequire(join(FOLDER, 'index.js')).resolve(name);
  return { version, url: pathToFileURL(main).href };
}
