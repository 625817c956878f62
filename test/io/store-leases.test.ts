// Leases of processes that are no more: a lease lasts a minute, and a daemon that was killed is back in a second.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openStore } from '../../src/io/store.ts';
import { KEY, makeFolder, START } from './store-setup.ts';

const STORE = JSON.stringify(join(import.meta.dirname, '../../src/io/store.ts'));
const MINUTE_MS = 60_000;
const now = () => START;

/** Another process that has the store open and holds a lease. */
async function startHolder(t: TestContext, file: string) {
  const script = `import { openStore } from ${STORE};
    const store = await openStore({ file: ${JSON.stringify(file)}, key: Buffer.alloc(32, 7), now: () => ${START} });
    console.log(await store.lease('token:me', ${MINUTE_MS}, ${START}) !== undefined);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [said] = await once(child.stdout.setEncoding('utf8'), 'data');
  assert.equal(said, 'true\n');
  return child;
}

test('A lease ends with the process that took it: after kill -9 the next start does not wait for it', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  const holder = await startHolder(t, file);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const store = await openStore({ file, key: KEY, now });
  t.after(() => store.close());
  assert.notEqual(await store.lease('token:me', MINUTE_MS, START + 1), undefined);
});

test('A lease of a process that lives is kept from everybody who comes', async (t) => {
  const file = join(makeFolder(t), 'talkbell.db');
  await startHolder(t, file);
  const store = await openStore({ file, key: KEY, now });
  t.after(() => store.close());
  assert.equal(await store.lease('token:me', MINUTE_MS, START + 1), undefined);
});
