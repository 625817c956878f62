#!/usr/bin/env node
// The launcher: the one file that must run on any Node. bin, pm2's script and the npm scripts all name it.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const runsTypeScript = major > 23 || (major === 22 && minor >= 19) || (major === 23 && minor >= 6);

/** In the data folder, if there is one: a command that only looks makes none. */
function cacheFolder() {
  const home = fileURLToPath(new URL('..', import.meta.url));
  const data = resolve(home, process.env['TALKBELL_DATA'] || 'data');
  return existsSync(data) && process.argv[2] !== 'demo' ? join(data, 'cache') : undefined;
}

if (runsTypeScript) {
  // Without the cache, reading TypeScript costs every process 40 ms and 17 MB. A demo leaves the data folder alone.
  module.enableCompileCache(cacheFolder());
  const { runCli } = await import('./cli.ts');
  await runCli(process.argv.slice(2));
} else {
  process.stderr.write(
    `talkbell needs Node 22.19 or newer and this is ${process.versions.node}: install a newer one, or start it with npm (npm start), which brings its own.\n`,
  );
  process.exitCode = 1;
}
