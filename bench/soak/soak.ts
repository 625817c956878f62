// Drives the soak: the sandbox, the pages and the webhooks in this process, the daemon in another, one clock for all. It
// goes from one due instant to the next and waits at each until the daemon has nothing left to do.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../../src/core/job.ts';
import { openStoreOf } from '../../src/engine.ts';
import { type Config, readConfig } from '../../src/io/config.ts';
import { openKakaoParts } from '../../src/kakao/parts.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type House, makeHouse } from '../../test/processes.ts';
import { type Audit, makeAudit } from './audit.ts';
import { ACCOUNTS, HOOKS, OWNER, type Plan, planJobs, type SoakJob, sourceOf } from './jobs.ts';
import { type Pages, servePages } from './pages.ts';
import type { Answer, Question } from './protocol.ts';
import type { DaySample } from './verdict.ts';

/** A Monday in Seoul. */
const START = Date.parse('2026-11-02T00:00:00+09:00');
const DAY_MS = 86_400_000;
/** Every five minutes in life; between two due instants little happens that it could mend. */
const CARE_MS = 30 * 60_000;
/** Logins were made so long before, so that Kakao rotates each of them on another day of the month. */
const LOGGED_IN_BEFORE_DAYS = [29, 22, 15];
const STOP_MS = 20_000;
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface SoakSettings extends Plan {
  readonly days: number;
  /** After how many days history is pruned: far fewer than the days of the soak, so that its level is seen. */
  readonly keepDays: number;
  readonly onDay?: (sample: DaySample) => void;
}

export interface Soaked {
  readonly samples: readonly DaySample[];
  /** What the store and its witnesses do not agree on. */
  readonly faults: readonly string[];
  readonly counts: ReturnType<Audit['counts']> & Tally;
}

interface Tally {
  readonly pages: ReturnType<Pages['counts']>;
  readonly memos: number;
  readonly refreshes: number;
  readonly rotations: number;
  readonly rings: number;
}

interface Scene {
  readonly settings: SoakSettings;
  readonly clock: { now: Instant };
  readonly jobs: readonly SoakJob[];
  readonly pages: Pages;
  readonly sandbox: Sandbox;
  readonly house: House;
  readonly config: Config;
}

export async function runSoak(settings: SoakSettings): Promise<Soaked> {
  const clock = { now: START };
  const jobs = planJobs(settings);
  const sandbox = await startSandbox({ now: () => clock.now });
  const pages = await servePages({ jobs, now: () => clock.now, seed: settings.seed });
  using house = makeHouse(environmentFor(sandbox, settings));
  const scene: Scene = { settings, clock, jobs, pages, sandbox, house, config: readConfig(house.env) };
  try {
    relaxQuotas(sandbox);
    await furnish(scene);
    const daemon = startDaemon(scene);
    try {
      return await live(scene, daemon);
    } finally {
      daemon.child.kill('SIGKILL');
    }
  } finally {
    pages.close();
    await sandbox.close();
  }
}

function environmentFor(sandbox: Sandbox, { keepDays }: SoakSettings): NodeJS.ProcessEnv {
  return {
    TALKBELL_OWNER: OWNER,
    TALKBELL_KEEP_DAYS: `${keepDays}`,
    TALKBELL_BUDGET_PER_SENDER: '1000000',
    TALKBELL_BUDGET_PER_RECIPIENT: '1000000',
    KAKAO_REST_API_KEY: sandbox.restApiKey,
    KAKAO_CLIENT_SECRET: sandbox.clientSecret,
    KAKAO_AUTH_URL: sandbox.authUrl,
    KAKAO_API_URL: sandbox.apiUrl,
    SOAK_START: `${START}`,
  };
}

/** Three people stand for many: no day's number of Kakao is to be what ends the load. */
function relaxQuotas({ app }: Sandbox): void {
  app.quotas = { ...app.quotas, senderDaily: 1e6, receiverDaily: 1e6, pairDaily: 1e6, accessTokens: 1e6 };
}

/** Job files, recipients, and logins made by the sandbox's own login page. */
async function furnish(scene: Scene): Promise<void> {
  const { config, clock, pages, sandbox, jobs } = scene;
  for (const job of jobs) writeJob(scene, job, 'as first written');
  const store = await openStoreOf(config, { now: () => clock.now, log: QUIET });
  const kakao = openKakaoParts({ config: config.kakao, store, now: () => clock.now });
  for (const [index, [person, name]] of Object.entries(ACCOUNTS).entries()) {
    clock.now = START - (LOGGED_IN_BEFORE_DAYS[index] ?? 0) * DAY_MS;
    const address = new URL(kakao.oauth.authorizeUrl({ scope: ['talk_message'], state: 'soak' }));
    address.searchParams.set('sandbox_user', person);
    const answer = await fetch(address, { redirect: 'manual' });
    const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const end = await kakao.finishLogin({ code, name });
    if (end.kind === 'refused') throw new Error(end.reason);
  }
  clock.now = START;
  for (const name of [...HOOKS, OWNER])
    await store.saveRecipient({ name, address: { channel: 'webhook', url: pages.hookUrl(name) } }, clock.now);
  await kakao.close();
  await store.close();
  sandbox.reset();
}

function writeJob({ house, pages }: Scene, job: SoakJob, note: string): void {
  writeFileSync(join(house.jobs, `${job.id}.ts`), sourceOf(job, { port: pages.portOf(job), note }));
}

interface Daemon {
  readonly child: ChildProcess;
  readonly ask: (question: Question) => Promise<Answer>;
  /** Gives the exit code, or undefined when it does not end by itself. */
  readonly stop: () => Promise<number | null | undefined>;
}

function startDaemon({ house }: Scene): Daemon {
  const output = openSync(join(house.folder, 'daemon.log'), 'a');
  const child = fork(join(import.meta.dirname, 'daemon.ts'), [], {
    cwd: house.folder,
    env: house.env,
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', output, 'inherit', 'ipc'],
  });
  closeSync(output);
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const ask = async (question: Question): Promise<Answer> => {
    child.send(question);
    const end = ended.then((code) => `the daemon ended with ${code} while it was asked for ${question.type}`);
    const first = await Promise.race([once(child, 'message').then(([answer]) => answer as Answer), end]);
    if (typeof first === 'string') throw new Error(first);
    return first;
  };
  return {
    child,
    ask,
    stop: () => {
      child.send({ type: 'stop' } satisfies Question);
      return Promise.race([ended, late(STOP_MS)]);
    },
  };
}

function late(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, undefined).unref();
  });
}

async function live(scene: Scene, daemon: Daemon): Promise<Soaked> {
  const { settings, clock, jobs, sandbox, pages, config } = scene;
  const file = join(config.dataDir, 'talkbell.db');
  const audit = makeAudit({ file, jobs, start: START, keepDays: settings.keepDays });
  const samples: DaySample[] = [];
  const state = { memos: 0, rings: 0 };
  for (let day = 1; day <= settings.days; day += 1) {
    disturb(scene, day);
    state.rings += await liveDay(scene, daemon, START + day * DAY_MS);
    const memos = sandbox.received().slice(state.memos);
    state.memos += memos.length;
    const hooks = pages.takeArrivals();
    const held = audit.read(clock.now, {
      hooks,
      memos: memos.map(({ receiver, text }) => `${ACCOUNTS[receiver]}: ${text}`),
    });
    const answer = await daemon.ask({ type: 'sample' });
    if (answer.type !== 'sample') throw new Error(`The daemon answered ${answer.type} when asked for a sample.`);
    const sample = { ...answer.sample, ...held, day, database: sizeOf(file), log: sizeOf(`${file}-wal`) };
    samples.push(sample);
    settings.onDay?.(sample);
  }
  const rotations = await countRotations(scene);
  const code = await daemon.stop();
  const faults = [...audit.finish(clock.now), ...(code === 0 ? [] : [describeEnd(code)])];
  const refreshes = sandbox.requests().filter(({ form }) => form['grant_type'] === 'refresh_token').length;
  const counts = { ...audit.counts(), ...state, pages: pages.counts(), refreshes, rotations };
  return { samples, faults, counts };
}

function describeEnd(code: number | null | undefined): string {
  return code === undefined
    ? 'the daemon was asked to stop and did not end: something holds its event loop'
    : `the daemon ended with ${code}, not 0`;
}

/** Kakao is out of order for a moment on some days, and every day one job file is edited. */
function disturb(scene: Scene, day: number): void {
  const { sandbox, jobs } = scene;
  if (day % 3 === 0) sandbox.fault({ kind: 'maintenance', path: '/v2/api/talk/memo', times: 2 });
  if (day % 5 === 0) sandbox.fault({ kind: 'status', status: 503, path: '/v2/api/talk/memo', times: 2, after: 5 });
  const job = jobs[(day * 7) % jobs.length];
  if (job !== undefined) writeJob(scene, job, `edited on day ${day}`);
}

/** Gives how many instants the clock stopped at. */
async function liveDay({ clock }: Scene, { ask }: Daemon, until: Instant): Promise<number> {
  let next = nextOf(await ask({ type: 'reload' }));
  let careAt = clock.now + CARE_MS;
  let stops = 0;
  while (clock.now < until) {
    clock.now = Math.max(Math.min(next ?? until, careAt, until), clock.now + 1);
    next = nextOf(await ask({ type: 'at', at: clock.now }));
    stops += 1;
    if (clock.now < careAt) continue;
    next = nextOf(await ask({ type: 'care' }));
    careAt = clock.now + CARE_MS;
  }
  return stops;
}

function nextOf(answer: Answer): Instant | undefined {
  if (answer.type !== 'idle') throw new Error(`The daemon answered ${answer.type} when asked to go on.`);
  return answer.nextAt;
}

/** A login whose refresh token ends later than the one that was given at the login has been rotated. */
async function countRotations({ config, clock }: Scene): Promise<number> {
  const store = await openStoreOf(config, { now: () => clock.now, log: QUIET });
  const accounts = await store.accounts();
  await store.close();
  const firstEnds = (index: number): Instant => START + (60 - (LOGGED_IN_BEFORE_DAYS[index] ?? 0)) * DAY_MS;
  return Object.values(ACCOUNTS).filter((name, index) => {
    const account = accounts.find((row) => row.name === name);
    return account !== undefined && account.refreshExpiresAt > firstEnds(index);
  }).length;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
