// The worker's main: imports the job files, runs their looks, answers with plain data. The daemon decides when it ends:
// signals that pm2 and Ctrl-C send to the whole process tree are ignored here.
import { flushCompileCache } from 'node:module';
import { getHeapStatistics } from 'node:v8';
import { formatDuration } from './core/duration.ts';
import { encodeWord } from './core/form-encode.ts';
import { loadParser } from './core/html.ts';
import type { Item, JobDefinition, Later, Look } from './core/job.ts';
import { cookiesAfter, sessionsIn } from './core/kept-cookies.ts';
import { lookOnce } from './core/look.ts';
import { makeScrubber } from './core/redact.ts';
import { makeRun } from './core/run.ts';
import type { FromWorker, JobSource, Learned, LookTask, ToWorker } from './core/worker-protocol.ts';
import { type KeepingFetching, openFetching, openRobotsCheck, openSavedPage } from './io/fetching.ts';
import { collectAtRest, heapBytes, openCollector } from './io/garbage.ts';
import type { Http } from './io/http.ts';
import { loadUndici } from './io/http-undici.ts';
import { safeUrl } from './io/http-url.ts';
import { loadJob, teachImports } from './io/job-loader.ts';
import { keepPages } from './io/kept-pages.ts';
import { openPageRoom, type Place } from './io/page-room.ts';
import { namesOfSecrets } from './io/settings.ts';
import { startTimeLimit, type TimeLimit, unlessLate } from './io/time-limit.ts';

/** The most of one text in an error. */
const LONGEST_TEXT = 2000;
/** A worker lives on for a minute after its last look. */
const REST_MS = 1000;
const GROWN_BYTES = 8_000_000;

const definitions = new Map<string, JobDefinition>();
const scrubber = makeScrubber();
const collect = openCollector();
const room = openPageRoom({ heapBytes: getHeapStatistics().heap_size_limit, sweep: collect });
const rest = collectAtRest({ restMs: REST_MS, grownBytes: GROWN_BYTES, collect, heapBytes });
let http: Promise<Http> | undefined;
/** For `talkbell check`, which waits for nobody. */
let hurriedHttp: Promise<Http> | undefined;
/** What an earlier worker knew of the hosts. */
let learned: Learned | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
// A promise that a job let go of is the job's loss, not that of every look under way.
process.on('unhandledRejection', (error) => console.error('A promise nobody waits for was rejected:', error));
for (const stream of [process.stdout, process.stderr]) scrubOutput(stream);
process.on('message', (message) => void answer(message as ToWorker));

async function answer(message: ToWorker): Promise<void> {
  if (message.type === 'load') {
    learned = message.learned;
    return load(message.sources, message.timezone);
  }
  const look = await lookScrubbed(message.id, message.task);
  send({ type: 'step', id: message.id });
  send({ type: 'looked', id: message.id, look });
  rest.note();
}

/** Without secrets, and no longer than a person reads: an error may hold a whole page. */
function tellable<T>(value: T): T {
  // Cut before as well: what is scrubbed must not be without end, and a secret cut in half here is cut off below.
  return cutTexts(scrubber.scrubValue(cutTexts(value, 4 * LONGEST_TEXT)), LONGEST_TEXT) as T;
}

function cutTexts(value: unknown, most: number): unknown {
  const cut = (_name: string, one: unknown): unknown =>
    typeof one === 'string' && one.length > most ? `${one.slice(0, most).toWellFormed()}…` : one;
  return JSON.parse(JSON.stringify(value, cut));
}

function knowSecrets(): void {
  for (const name of namesOfSecrets()) {
    const value = process.env[name] ?? '';
    scrubber.add(value);
    // As the form of an EUC-KR page sends it.
    if (/[^\0-\x7f]/.test(value)) scrubber.add(encodeWord(value, 'cp949'));
  }
}

/** What a job prints leaves scrubbed, its last words too: the daemon may not know yet which secrets it reads. */
function scrubOutput(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    knowSecrets();
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const scrubbed = scrubber.scrub(text);
    return write(scrubbed === text ? chunk : scrubbed, ...rest);
  };
}

async function load(sources: readonly JobSource[], timezone: string): Promise<void> {
  teachImports(sources);
  const files = [];
  for (const source of sources) {
    send({ type: 'importing', file: source.file });
    const { file, definition } = await loadJob(source, { timezone });
    files.push(file);
    if (definition !== undefined) definitions.set(source.file, definition);
  }
  knowSecrets();
  send({ type: 'loaded', files: tellable(files), secrets: namesOfSecrets() });
  void prepare();
}

/**
 * Nobody waits for a worker that is woken before a look is due: what nearly every look needs is read meanwhile, and kept
 * as read for the next worker, also if this one is killed. What cannot be read fails the look that needs it.
 */
async function prepare(): Promise<void> {
  http ??= openSharedHttp();
  await Promise.allSettled([http, loadUndici(), loadParser()]);
  flushCompileCache();
}

async function lookScrubbed(id: number, task: LookTask): Promise<Look> {
  const definition = definitions.get(task.source.file);
  if (definition === undefined) {
    return {
      kind: 'failed',
      failure: { kind: 'code', message: `jobs/${task.source.file} is not loaded. Save the file again.` },
    };
  }
  const look = await lookInTime(id, task, definition);
  knowSecrets();
  if (look.kind === 'done' || look.kind === 'unchanged') return look;
  // What is told is scrubbed, and cookies are secrets: they go on beside it.
  const { cookies, ...told } = look;
  return { ...tellable(told), ...(cookies === undefined ? {} : { cookies }) };
}

/** What the step of a look that is over still asks for ends at its time limit. */
async function lookInTime(id: number, task: LookTask, definition: JobDefinition): Promise<Look> {
  const { limit, signal } = openLimit(task.timeLimitMs);
  const wait = (waits: boolean): void => {
    limit[waits ? 'pause' : 'resume']();
    send({ type: 'waits', id, waits });
  };
  const place = room.enter({ onWait: () => wait(true), onGo: () => wait(false) });
  try {
    return await unlessLate(lookWith(id, task, { definition, signal, place }), signal, () => overdue(task));
  } finally {
    place.leave();
  }
}

/** By itself: the limit outlives its look, and what is around it would be held as long. */
function openLimit(ms: number): { readonly limit: TimeLimit; readonly signal: AbortSignal } {
  const passed = new AbortController();
  const limit = startTimeLimit(ms, () => passed.abort(new DOMException('The time is up.', 'TimeoutError')));
  return { limit, signal: passed.signal };
}

interface LookParts {
  readonly definition: JobDefinition;
  readonly signal: AbortSignal;
  readonly place: Place;
}

async function lookWith(id: number, task: LookTask, { definition, ...network }: LookParts): Promise<Look> {
  const fetching = await openNetwork(task, { definition, ...network });
  const known = task.known === undefined ? undefined : new Map<string, Item>(task.known);
  const later = new Map<string, Later>(task.later);
  const look = await lookOnce(definition, makeRun(task.run), {
    fetching,
    correction: task.correction,
    known,
    later,
    isEdited: task.isEdited === true,
    onStep: (step) => send({ type: 'step', id, step }),
  });
  if (task.keep !== undefined && (look.kind === 'failed' || task.keep.always)) await keepScrubbed(task, fetching);
  const keeps = definition.cookies === 'keep';
  const cookies = cookiesAfter(look, { keeps, before: task.cookies, now: fetching.cookies() });
  const told = withoutSessions(look, fetching.cookies());
  return cookies === undefined ? told : { ...told, cookies };
}

/** A session is a secret for as long as it lasts, so that no scrubber need know it longer than its look. */
function withoutSessions(look: Look, jar = ''): Look {
  if (look.kind === 'done' || look.kind === 'unchanged') return look;
  const sessions = makeScrubber();
  for (const value of sessionsIn(jar)) sessions.add(value);
  return sessions.scrubValue(look) as Look;
}

/** For a person to look at: that it cannot be kept must not cost the look its end. */
async function keepScrubbed({ keep, run }: LookTask, fetching: KeepingFetching): Promise<void> {
  knowSecrets();
  const pages = fetching.pages().map((page) => ({
    ...page,
    url: safeUrl(page.url),
    requestedUrl: safeUrl(page.requestedUrl),
    body: scrubBody(page.body),
  }));
  const { job, slot, due, at } = run;
  await keepPages(keep?.folder ?? '', { job, slot, due, at }, pages).catch((error: unknown) =>
    console.error(`The pages of ${job} could not be kept:`, error),
  );
}

/** Byte for byte, whatever the charset: a form may have sent back what was typed into it. */
function scrubBody(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString('latin1');
  const scrubbed = scrubber.scrub(text);
  return scrubbed === text ? body : Buffer.from(scrubbed, 'latin1');
}

async function openNetwork(
  { page, validators, watches, robotsOnly, cookies }: LookTask,
  { definition, signal, place }: LookParts,
): Promise<KeepingFetching> {
  const isSecret = (text: string): boolean => scrubber.scrub(text) !== text;
  if (page !== undefined) return openSavedPage(page.path, { isSecret });
  const { robots, proxy } = definition;
  if (robotsOnly) {
    hurriedHttp ??= openHurriedHttp();
    return openRobotsCheck(await hurriedHttp, { signal, conditional: false, proxy });
  }
  http ??= openSharedHttp();
  const kept = definition.cookies === 'keep' ? cookies : undefined;
  const own = { robots, proxy, cookies: kept, place };
  return openFetching(await http, { signal, validators, conditional: watches, isSecret, ...own });
}

async function openHurriedHttp(): Promise<Http> {
  const { openHttp } = await import('./io/http.ts');
  return openHttp({ env: process.env, retries: 0, connectMs: 3000, headersMs: 3000 });
}

async function openSharedHttp(): Promise<Http> {
  const { openHttp } = await import('./io/http.ts');
  return openHttp({
    env: process.env,
    hostNotes: learned?.hosts,
    robotsNotes: learned?.robots,
    onHostNotes: (hosts) => send({ type: 'learned', learned: { hosts } }),
    onRobotsNotes: (robots) => send({ type: 'learned', learned: { robots } }),
  });
}

/** A step that waits for ever ends so; one that never gives back control is ended by the daemon. */
function overdue({ timeLimitMs }: LookTask): Look {
  const message = `The look took longer than its limit of ${formatDuration(timeLimitMs)}. Set timeLimit if the page is that slow.`;
  return { kind: 'failed', failure: { kind: 'timeout', message } };
}

function send(message: FromWorker): void {
  process.send?.(message);
}
