// A whole talkbell on a stage: the sandbox as Kakao, a jobs folder, a data folder, a clock that is moved by hand. The
// engine is the real one; only time is ours.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../src/core/log.ts';
import { makeScrubber } from '../src/core/redact.ts';
import { claimData, type Engine, openEngine } from '../src/engine.ts';
import { type Config, readConfig } from '../src/io/config.ts';
import { type Sandbox, startSandbox } from '../src/sandbox/sandbox.ts';

export interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly config: Config;
  readonly engine: () => Engine;
  readonly now: () => number;
  /** Sets the clock of talkbell and of the sandbox, as `2026-11-20 11:20` in Seoul, and rings until nothing is left to do. */
  readonly at: (time: string) => Promise<void>;
  /** Rings until nothing is left to do at this instant. */
  readonly settle: () => Promise<void>;
  readonly writeJob: (file: string, source: string) => Promise<void>;
  readonly removeJob: (file: string) => Promise<void>;
  /** What a job's `fetch` step gives next, through `STATE` in its environment. */
  readonly show: (state: unknown) => void;
  readonly logIn: (name?: string) => Promise<void>;
  /** Texts of the messages that reached KakaoTalk. */
  readonly received: () => readonly string[];
  /** What the owner's webhook got. */
  readonly ownerHeard: readonly string[];
  /** Ends the engine as it would be by a stop, or leaves everything as a crash would, and starts a new one. */
  readonly restart: () => Promise<void>;
  readonly logged: readonly string[];
}

const seoul = (time: string): number => Date.parse(`${time.replace(' ', 'T')}:00+09:00`);

export async function setStage({
  time = '2026-11-20 11:00',
  env = {},
}: {
  time?: string;
  env?: NodeJS.ProcessEnv;
} = {}): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbell-stage-'));
  const jobsDir = mkdtempSync(join(folder, 'jobs-'));
  const stateFile = join(folder, 'state.json');
  const clock = { now: seoul(time) };
  const sandbox = await startSandbox({ now: () => clock.now });
  const owner = await startOwner();
  const config = readConfig({
    PATH: process.env['PATH'],
    TALKBELL_ENV_FILE: join(folder, 'none'),
    TALKBELL_DATA: join(folder, 'data'),
    TALKBELL_JOBS: jobsDir,
    TALKBELL_OWNER: 'owner',
    KAKAO_REST_API_KEY: sandbox.restApiKey,
    KAKAO_CLIENT_SECRET: sandbox.clientSecret,
    KAKAO_AUTH_URL: sandbox.authUrl,
    KAKAO_API_URL: sandbox.apiUrl,
    STATE: stateFile,
    ...env,
  });
  const logged: string[] = [];
  const parts = { config, clock, logged };
  let running = await startEngine(parts);
  await running.engine.store.saveRecipient(
    { name: 'owner', address: { channel: 'webhook', url: owner.url } },
    clock.now,
  );

  const settle = async (): Promise<void> => {
    do {
      running.dirty.value = false;
      await running.engine.ring();
      await running.engine.scheduler.idle();
      await running.engine.deliverer.idle();
    } while (running.dirty.value);
  };
  const show = (state: unknown): void => writeFileSync(stateFile, JSON.stringify(state));
  show([]);

  return {
    sandbox,
    config,
    engine: () => running.engine,
    now: () => clock.now,
    settle,
    show,
    at: (to) => {
      clock.now = seoul(to);
      return settle();
    },
    writeJob: async (file, source) => {
      writeFileSync(join(jobsDir, file), source);
      await running.engine.library.refresh();
    },
    removeJob: async (file) => {
      rmSync(join(jobsDir, file));
      await running.engine.library.refresh();
    },
    logIn: (name = 'me') => logIn(running.engine, { sandbox, name }),
    received: () => sandbox.received().map(({ text }) => text ?? ''),
    ownerHeard: owner.heard,
    restart: async () => {
      await running.stop();
      running = await startEngine(parts);
    },
    logged,
    [Symbol.asyncDispose]: async () => {
      await running.stop();
      owner.close();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly engine: Engine;
  readonly dirty: { value: boolean };
  readonly stop: () => Promise<void>;
}

async function startEngine({
  config,
  clock,
  logged,
}: {
  config: Config;
  clock: { now: number };
  logged: string[];
}): Promise<Running> {
  const stop = new AbortController();
  const release = await claimData(config, stop.signal);
  const dirty = { value: false };
  const write = (facts: object, message: string): void => void logged.push(`${message} ${JSON.stringify(facts)}`);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const engine = await openEngine({
    config,
    log,
    scrubber: makeScrubber(),
    signal: stop.signal,
    now: () => clock.now,
    random: () => 0.5,
    print: () => {},
    onChange: () => {
      dirty.value = true;
    },
  });
  await engine.store.recoverRuns(clock.now);
  await engine.store.recoverMessages(clock.now);
  await engine.library.begin();
  return {
    engine,
    dirty,
    stop: async () => {
      stop.abort();
      await engine.close();
      release();
    },
  };
}

/** The owner's other channel: a webhook that keeps what it is told. */
async function startOwner(): Promise<{ url: string; heard: string[]; close: () => void }> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push((JSON.parse(Buffer.concat(chunks).toString()) as { text: string }).text);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, heard, close: () => server.close() };
}

/** A login through the sandbox's own shortcut for a person who agrees. */
async function logIn(engine: Engine, { sandbox, name }: { sandbox: Sandbox; name: string }): Promise<void> {
  const address = new URL(engine.kakao.oauth.authorizeUrl({ scope: ['talk_message'], state: 'test' }));
  address.searchParams.set('sandbox_user', sandbox.users.list()[0]?.name ?? '');
  const answer = await fetch(address, { redirect: 'manual' });
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const end = await engine.kakao.finishLogin({ code, name });
  if (end.kind === 'refused') throw new Error(end.reason);
}

/** A job that reads what the test shows, without a network. */
export function jobSource({ options = '', steps = '' }: { options?: string; steps?: string } = {}): string {
  return `import { readFileSync } from 'node:fs';
    import { changed, defineJob, isNew, notYet } from 'talkbell';
    export default defineJob({
      schedule: '20 11 * * *', to: 'me', ${options}
      fetch: () => JSON.parse(readFileSync(process.env.STATE, 'utf8')),
      extract: (state) => {
        if (state === 'not yet') notYet('still yesterday');
        if (state === 'broken') throw new Error('the page has changed its shape');
        return state.map((name) => ({ name }));
      },
      render: (items) => items.map(({ name }) => name).join(', '),
      ${steps}
    });`;
}
