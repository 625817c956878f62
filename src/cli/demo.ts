// `talkbell demo`: the four sample jobs on the sandbox, from the login to the message. It works on a data folder of its
// own, which it deletes at the end, and shares nothing with the settings of a real installation but the sample jobs.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { MessageRow, RunRow } from '../core/ports.ts';
import type { Engine } from '../engine.ts';
import { type Config, HOME, readConfig } from '../io/config.ts';
import { waitForCode } from '../io/login-server.ts';
import { waitFor } from '../io/wait.ts';
import { plainText } from '../kakao/plain.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { CommandLine } from './command-line.ts';

const ACCOUNT = 'me';
const NOTICE = '[안내] 겨울방학 도서관 개방 시간';
const LOWER_PRICE = 9900;
const GLANCE_MS = 50;
const LONGEST_RUN_MS = 60_000;

/** Runs in order: the watching jobs look twice, and in between something happens on their page. */
const RUNS: readonly { readonly job: string; readonly slot: string; readonly before?: (sandbox: Sandbox) => void }[] = [
  { job: 'cafeteria', slot: 'breakfast' },
  { job: 'cafeteria', slot: 'lunch' },
  { job: 'cafeteria', slot: 'dinner' },
  { job: 'school-meal', slot: 'lunch' },
  { job: 'notices', slot: 'main' },
  { job: 'notices', slot: 'main', before: ({ site }) => site.postNotice(NOTICE) },
  { job: 'price-drop', slot: 'main' },
  { job: 'price-drop', slot: 'main', before: ({ site }) => site.setPrice(LOWER_PRICE) },
];

export function register(program: Command, line: CommandLine): void {
  program
    .command('demo')
    .description('Try talkbell without Kakao: a sandbox, a login, the four sample jobs, and their messages.')
    .option('--once', 'end when the messages are delivered, instead of going on as a daemon')
    .addHelpText('after', '\nExamples:\n  npm run demo\n  npm run demo -- --once')
    .action(({ once = false }: { once?: boolean }) => demo(line, once));
}

async function demo(line: CommandLine, once: boolean): Promise<void> {
  const { startSandbox } = await import('../sandbox/sandbox.ts');
  const dataDir = await mkdtemp(join(tmpdir(), 'talkbell-demo-'));
  const sandbox = await startSandbox();
  const stop = new AbortController();
  const signal = AbortSignal.any([line.signal, stop.signal]);
  try {
    const config = await configOf(line, { dataDir, sandbox });
    line.print(`The sandbox is at ${sandbox.url} (what arrives there is drawn as KakaoTalk shows it).`);
    await runDemo(line, { config, sandbox, signal, once, stop });
  } finally {
    await sandbox.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface Demo {
  readonly config: Config;
  readonly sandbox: Sandbox;
  readonly signal: AbortSignal;
  readonly once: boolean;
  readonly stop: AbortController;
}

async function runDemo(line: CommandLine, { config, sandbox, signal, once, stop }: Demo): Promise<void> {
  const { runDaemon } = await import('../main.ts');
  const shown = Promise.withResolvers<number>();
  const daemon = runDaemon({
    config,
    signal,
    onReady: (engine) => void showAll(line, { engine, config, sandbox, signal }).then(shown.resolve, shown.reject),
  });
  // A daemon that does not start ends the demo; one that is stopped early has shown what it has.
  daemon.then(() => shown.resolve(0), shown.reject);
  try {
    const lost = await shown.promise;
    if (lost > 0) line.fail();
    if (once) stop.abort();
    else if (!signal.aborted) line.print(`\ntalkbell goes on as a daemon. Look at ${sandbox.url}; Ctrl-C ends it.`);
  } catch (error) {
    stop.abort();
    throw error;
  } finally {
    await daemon;
  }
  if (once) line.print(`${sandbox.received().length} messages delivered`);
}

interface Stage {
  readonly engine: Engine;
  readonly config: Config;
  readonly sandbox: Sandbox;
  readonly signal: AbortSignal;
}

/** Logs in, does the runs and prints their messages. Gives how many messages were not delivered. */
async function showAll(line: CommandLine, stage: Stage): Promise<number> {
  await logIn(stage);
  line.print(`Logged in through Kakao's OAuth, as the sandbox plays it.\n`);
  let lost = 0;
  for (const { job, slot, before } of RUNS) {
    before?.(stage.sandbox);
    const { run, messages } = await runOnce(stage, job, slot);
    if (stage.signal.aborted) return lost;
    show(line, run, messages);
    lost += messages.filter(({ state }) => state !== 'sent').length + Number(run.outcome === 'failed');
  }
  return lost;
}

/** What a person does in a browser, with the sandbox's shortcut for agreeing. */
async function logIn({ engine, config, sandbox, signal }: Stage): Promise<void> {
  const state = crypto.randomUUID();
  const { redirectUri } = config.kakao;
  const address = new URL(engine.kakao.oauth.authorizeUrl({ scope: ['talk_message'], state }));
  const user = sandbox.users.list()[0]?.name;
  if (user !== undefined) address.searchParams.set('sandbox_user', user);
  const visit = (): void => void fetch(address, { signal }).catch(() => {});
  const code = await waitForCode({ redirectUri, state, signal, onReady: visit });
  if (code.kind === 'refused') throw new Error(code.reason);
  const end = await engine.kakao.finishLogin({ code: code.code, name: ACCOUNT, signal });
  if (end.kind === 'refused') throw new Error(end.reason);
}

async function runOnce(
  { engine, signal }: Stage,
  job: string,
  slot: string,
): Promise<{ readonly run: RunRow; readonly messages: readonly MessageRow[] }> {
  const { store } = engine;
  const now = Date.now();
  const added = await store.addManualRun({ job, slot, freshUntil: now + LONGEST_RUN_MS }, now);
  await engine.ring();
  for (;;) {
    const run = (await store.run(added.id)) ?? added;
    const messages = await store.messages({ run: added.id, limit: 100 });
    const settled = run.state === 'done' && messages.every(({ state }) => state !== 'pending' && state !== 'sending');
    if (settled || signal.aborted || Date.now() > now + LONGEST_RUN_MS) return { run, messages };
    await waitFor(GLANCE_MS, signal);
  }
}

function show(line: CommandLine, run: RunRow, messages: readonly MessageRow[]): void {
  line.print(`── ${run.job} (${run.slot}): ${run.outcome ?? run.state}, ${run.reason ?? ''}`);
  for (const { saying, state, reason, recipient } of messages.toSorted((one, other) => one.id - other.id)) {
    const { text, link } = plainText(saying);
    const words = link === undefined ? text : `${text}\n${link}`;
    line.print(words.replaceAll(/^/gm, '   │ '));
    line.print(`   └ to ${recipient}: ${state}${reason === undefined || state === 'sent' ? '' : `. ${reason}`}`);
  }
}

/** The configuration of a demo: nothing of the environment but where to find Node, everything else the sandbox's. */
async function configOf(
  line: CommandLine,
  { dataDir, sandbox }: { dataDir: string; sandbox: Sandbox },
): Promise<Config> {
  const redirectUri = `http://127.0.0.1:${await findPort()}/oauth`;
  sandbox.app.redirectUris = [...sandbox.app.redirectUris, redirectUri];
  sandbox.site.school.servesOn = () => true;
  const { school } = sandbox.site;
  const { PATH, HOME: home } = line.env;
  return readConfig({
    ...(PATH === undefined ? {} : { PATH }),
    ...(home === undefined ? {} : { HOME: home }),
    TALKBELL_ENV_FILE: join(dataDir, 'none'),
    TALKBELL_DATA: dataDir,
    TALKBELL_JOBS: join(HOME, 'jobs'),
    TALKBELL_OWNER: ACCOUNT,
    TALKBELL_LOG_LEVEL: 'error',
    KAKAO_REST_API_KEY: sandbox.restApiKey,
    KAKAO_CLIENT_SECRET: sandbox.clientSecret,
    KAKAO_REDIRECT_URI: redirectUri,
    KAKAO_AUTH_URL: sandbox.authUrl,
    KAKAO_API_URL: sandbox.apiUrl,
    CAFETERIA_URL: `${sandbox.siteUrl}/menu`,
    NOTICES_URL: `${sandbox.siteUrl}/notices`,
    PRICE_URL: `${sandbox.siteUrl}/product`,
    NEIS_URL: `${sandbox.siteUrl}/hub/mealServiceDietInfo`,
    NEIS_KEY: school.key,
    NEIS_OFFICE_CODE: school.officeCode,
    NEIS_SCHOOL_CODE: school.code,
  });
}

/** A free port for the login's way back: Kakao compares the address byte for byte, so it is fixed before the login. */
function findPort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
