// The worker's main: imports the job files, runs their looks, answers with plain data. The daemon decides when it ends:
// signals that pm2 and Ctrl-C send to the whole process tree are ignored here.
import { formatDuration } from './core/duration.ts';
import type { Item, JobDefinition, Look } from './core/job.ts';
import { type Fetching, lookOnce } from './core/look.ts';
import { makeScrubber } from './core/redact.ts';
import { makeRun } from './core/run.ts';
import type { FromWorker, JobSource, LookTask, ToWorker } from './core/worker-protocol.ts';
import { openFetching, openSavedPage } from './io/fetching.ts';
import type { Http } from './io/http.ts';
import { loadJob, teachImports } from './io/job-loader.ts';
import { namesOfSecrets } from './io/settings.ts';

/** The most of one text in an error. */
const LONGEST_TEXT = 2000;

const definitions = new Map<string, JobDefinition>();
const scrubber = makeScrubber();
let http: Promise<Http> | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
// A promise that a job let go of is the job's loss, not that of every look under way.
process.on('unhandledRejection', (error) => console.error('A promise nobody waits for was rejected:', error));
for (const stream of [process.stdout, process.stderr]) scrubOutput(stream);
process.on('message', (message) => void answer(message as ToWorker));

async function answer(message: ToWorker): Promise<void> {
  if (message.type === 'load') return load(message.sources, message.timezone);
  const look = await lookScrubbed(message.id, message.task);
  send({ type: 'step', id: message.id });
  send({ type: 'looked', id: message.id, look });
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
  for (const name of namesOfSecrets()) scrubber.add(process.env[name] ?? '');
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
}

async function lookScrubbed(id: number, task: LookTask): Promise<Look> {
  const definition = definitions.get(task.source.file);
  if (definition === undefined) {
    return {
      kind: 'failed',
      failure: { kind: 'code', message: `jobs/${task.source.file} is not loaded. Save the file again.` },
    };
  }
  const signal = AbortSignal.timeout(task.timeLimitMs);
  const look = await Promise.race([lookWith(id, task, { definition, signal }), overdue(task, signal)]);
  knowSecrets();
  return look.kind === 'failed' || look.kind === 'notYet' ? tellable(look) : look;
}

async function lookWith(
  id: number,
  task: LookTask,
  { definition, signal }: { definition: JobDefinition; signal: AbortSignal },
): Promise<Look> {
  const fetching = await openNetwork(task, signal);
  const known = task.known === undefined ? undefined : new Map<string, Item>(task.known);
  return lookOnce(definition, makeRun(task.run), {
    fetching,
    known,
    onStep: (step) => send({ type: 'step', id, step }),
  });
}

async function openNetwork({ page, validators, watches }: LookTask, signal: AbortSignal): Promise<Fetching> {
  const isSecret = (text: string): boolean => scrubber.scrub(text) !== text;
  if (page !== undefined) return openSavedPage(page.path, { isSecret });
  http ??= import('./io/http.ts').then(({ openHttp }) => openHttp({ env: process.env }));
  return openFetching(await http, { signal, validators, conditional: watches, isSecret });
}

/** A step that waits for ever ends here; one that never gives back control is ended by the daemon. */
function overdue(task: LookTask, signal: AbortSignal): Promise<Look> {
  const message = `The look took longer than its limit of ${formatDuration(task.timeLimitMs)}. Set timeLimit if the page is that slow.`;
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'failed', failure: { kind: 'timeout', message } }), {
      once: true,
    });
  });
}

function send(message: FromWorker): void {
  process.send?.(message);
}
