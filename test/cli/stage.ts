// What the tests of the command line stand on: a folder of their own, the real command as a child process, a sandbox for
// Kakao, and a server whose pages a test sets.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'src', 'talkbell.js');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly out: () => string;
  /** Resolves when standard output holds the words. Rejects when the process ends before. */
  readonly says: (words: string | RegExp) => Promise<string>;
  readonly ended: Promise<Ended>;
}

export interface CliStage {
  readonly folder: string;
  readonly dataDir: string;
  readonly env: Record<string, string>;
  readonly sandbox: Sandbox;
  /** The origin of the pages. */
  readonly origin: string;
  readonly pages: Map<string, string>;
  readonly writeJob: (file: string, source: string) => void;
  readonly start: (args: readonly string[], options?: { env?: Record<string, string>; input?: string }) => Running;
  readonly cli: (...args: readonly string[]) => Promise<Ended>;
  readonly json: (...args: readonly string[]) => Promise<unknown>;
  readonly login: (user: string, ...args: readonly string[]) => Promise<Ended>;
  readonly close: () => Promise<void>;
}

export async function openCliStage(): Promise<CliStage> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-cli-'));
  mkdirSync(join(folder, 'jobs'));
  const redirectUri = `http://127.0.0.1:${await freePort()}/oauth`;
  const sandbox = await startSandbox({ app: { redirectUris: [redirectUri] } });
  const pages = new Map<string, string>();
  const server = createServer((request, response) => {
    const page = pages.get(request.url ?? '');
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const env = {
    PATH: process.env['PATH'] ?? '',
    TALKBELL_ENV_FILE: join(folder, 'absent.env'),
    TALKBELL_DATA: join(folder, 'data'),
    TALKBELL_JOBS: join(folder, 'jobs'),
    KAKAO_AUTH_URL: sandbox.authUrl,
    KAKAO_API_URL: sandbox.apiUrl,
    KAKAO_REST_API_KEY: sandbox.restApiKey,
    KAKAO_CLIENT_SECRET: sandbox.clientSecret,
    KAKAO_REDIRECT_URI: redirectUri,
  };
  const running = new Set<Running>();
  const start: CliStage['start'] = (args, options = {}) => {
    const begun = startCli(args, { ...env, ...options.env }, options.input);
    running.add(begun);
    void begun.ended.then(() => running.delete(begun));
    return begun;
  };
  const cli: CliStage['cli'] = (...args) => start(args).ended;
  return {
    folder,
    dataDir: env.TALKBELL_DATA,
    env,
    sandbox,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pages,
    writeJob: (file, source) => writeFileSync(join(folder, 'jobs', file), source),
    start,
    cli,
    json: async (...args) => JSON.parse((await cli(...args, '--json')).out) as unknown,
    login: async (user, ...args) => {
      const waiting = start(['login', ...args]);
      const [address = ''] = /http\S+authorize\S+/.exec(await waiting.says('Waiting for the browser')) ?? [];
      await fetch(`${address}&sandbox_user=${encodeURIComponent(user)}`);
      return waiting.ended;
    },
    close: async () => {
      for (const { child } of running) child.kill('SIGKILL');
      await Promise.all([...running].map(({ ended }) => ended));
      await sandbox.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startCli(args: readonly string[], env: Record<string, string>, input: string | undefined): Running {
  const child = spawn(process.execPath, [LAUNCHER, ...args], { env, stdio: 'pipe' });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text.out += piece;
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text.err += piece;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...text })));
  const says = (words: string | RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (typeof words === 'string' ? text.out.includes(words) : words.test(text.out)) resolve(text.out);
      };
      look();
      child.stdout.on('data', look);
      void ended.then(() => reject(new Error(`It ended without saying ${words}: ${text.out}${text.err}`)));
    });
  return { child, out: () => text.out, says, ended };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A job that tells the list of a page. */
export function menuJob(url: string, changes = ''): string {
  return `import { defineJob } from 'talkbell';
export default defineJob({
  schedule: { lunch: '20 11 * * *', dinner: '0 17 * * *' },
  to: 'screen',
  ${changes}
  fetch: (get) => get('${url}'),
  extract: (page) => page.rows('ul', 'li', { dish: '.name' }),
  render: (dishes, run) => [run.slot + ' ' + run.date, ...dishes.map(({ dish }) => '- ' + dish)].join('\\n'),
});
`;
}

export const MENU = '<!doctype html><ul><li><b class="name">김밥</b></li><li><b class="name">라면</b></li></ul>';
