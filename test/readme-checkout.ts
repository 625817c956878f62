// A fresh checkout as a reader of the README has it: talkbell's files in a folder of their own, the installed packages
// beside them, the sandbox as Kakao. Commands run there in a real shell.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../src/sandbox/sandbox.ts';

export const ROOT = join(import.meta.dirname, '..');

const FILES = [
  'src',
  'jobs',
  'package.json',
  'package-lock.json',
  'ecosystem.config.cjs',
  '.env.example',
  'data/README.md',
];
const AUTHORIZE = /http:\S*\/oauth\/authorize\S*/;

export interface Ended {
  readonly code: number | null;
  /** Standard output and standard error, as a reader sees them. */
  readonly output: string;
}

export interface Checkout extends AsyncDisposable {
  readonly folder: string;
  readonly sandbox: Sandbox;
  readonly run: (command: string) => Promise<Ended>;
  /** Runs until the output matches, then interrupts it as Ctrl-C does. */
  readonly runUntil: (command: string, pattern: RegExp) => Promise<Ended>;
  /** Runs a login, and does in the browser what a person called `user` does. */
  readonly logIn: (command: string, user: number) => Promise<Ended>;
  /** Puts the app's keys into .env, as a person does with an editor. */
  readonly fillEnv: () => void;
  readonly write: (file: string, text: string) => void;
}

export async function openCheckout(): Promise<Checkout> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-readme-'));
  const home = join(folder, 'home');
  const checkout = join(folder, 'talkbell');
  mkdirSync(home);
  for (const file of FILES) cpSync(join(ROOT, file), join(checkout, file), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const redirectUri = `http://localhost:${await findPort()}/oauth`;
  const sandbox = await startSandbox({ app: { redirectUris: [redirectUri] } });
  const start = (command: string): Running => startShell(command, { cwd: checkout, home });
  const run = (command: string): Promise<Ended> => start(command).ended;
  return {
    folder: checkout,
    sandbox,
    run,
    runUntil: async (command, pattern) => {
      const running = start(command);
      await running.until(pattern);
      interrupt(running.child);
      return running.ended;
    },
    logIn: (command, user) => logIn(start(command), sandbox.users.list()[user]?.name ?? ''),
    fillEnv: () => fillEnv(join(checkout, '.env'), sandbox, redirectUri),
    write: (file, text) => writeFileSync(join(checkout, file), text),
    [Symbol.asyncDispose]: async () => {
      await run('npx pm2 kill');
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The first match in the output; rejects when the command ends without one. */
  readonly until: (pattern: RegExp) => Promise<string>;
}

function startShell(command: string, { cwd, home }: { cwd: string; home: string }): Running {
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    PM2_HOME: join(home, 'pm2'),
    npm_config_update_notifier: 'false',
  };
  const child = spawn('bash', ['-c', command], { cwd, env, detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      child.emit('talked');
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  const until = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const match = pattern.exec(output);
      if (match !== null) return match[0];
      const end = await Promise.race([ended, once(child, 'talked')]);
      if ('code' in end) throw new Error(`${command} ended with ${end.code} and never said ${pattern}:\n${output}`);
    }
  };
  return { child, ended, until };
}

/** The terminal sends Ctrl-C to all that the command started. */
function interrupt({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGINT');
}

async function logIn({ child, ended, until }: Running, user: string): Promise<Ended> {
  const address = new URL(await until(AUTHORIZE));
  address.searchParams.set('sandbox_user', user);
  const answer = await fetch(address, { redirect: 'manual' });
  const back = answer.headers.get('location') ?? '';
  if (child.spawnargs.some((argument) => argument.includes('--paste'))) child.stdin?.end(`${back}\n`);
  else await fetch(back);
  return ended;
}

function fillEnv(file: string, { restApiKey, clientSecret, authUrl, apiUrl }: Sandbox, redirectUri: string): void {
  const values = {
    KAKAO_REST_API_KEY: restApiKey,
    KAKAO_CLIENT_SECRET: clientSecret,
    KAKAO_REDIRECT_URI: redirectUri,
    KAKAO_AUTH_URL: authUrl,
    KAKAO_API_URL: apiUrl,
  };
  const filled = Object.entries(values).reduce(
    (text, [name, value]) => text.replace(new RegExp(`^#?${name}=.*$`, 'm'), `${name}=${value}`),
    readFileSync(file, 'utf8'),
  );
  writeFileSync(file, filled);
}

/** The port is written into .env and the app before anything listens on it. */
async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
