// One round of talkbell: what its log says of each job and when the last message arrived. A round that does not tell what
// it must is an error: there is nothing to measure in it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { House } from '../test/processes.ts';
import type { Turn } from './boards/board-protocol.ts';
import type { RoundAnswer, RoundQuestion } from './boards/round-protocol.ts';
import type { Boards } from './boards/scene.ts';
import { childrenOf, FLAGS, PM2_ENV, usageOf } from './daemon.ts';

const GLANCE_MS = 20;
const LONGEST_MS = 120_000;

export interface OurRounds extends AsyncDisposable {
  /** Milliseconds from the due instant to the last message, or to the last outcome where there is nothing to tell. */
  readonly round: (turn: Turn, worker: RoundQuestion['worker']) => Promise<number>;
  /** What the last round took of a processor; nothing where /proc does not tell. */
  readonly spent: () => Spent;
}

export interface Spent {
  readonly daemonMs: number;
  readonly workerMs: number;
}

/** What the log says of the round under way. */
interface Tally {
  outcomes: Map<string, number>;
  sent: number;
  lastOutcomeAt: number;
  readonly troubles: string[];
}

interface Line {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly outcome?: string;
  readonly state?: string;
}

const WARNING = 40;

/** Starts the daemon and lets every job learn its board. */
export async function openOurRounds(house: House, boards: Boards, signal: AbortSignal): Promise<OurRounds> {
  const child = fork(join(import.meta.dirname, 'round-daemon.ts'), [], {
    env: { ...house.env, ...PM2_ENV, NODE_COMPILE_CACHE: join(house.data, 'cache') },
    execArgv: [...FLAGS],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const tally: Tally = { outcomes: new Map(), sent: 0, lastOutcomeAt: 0, troubles: [] };
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => note(tally, line));
  await hear(child);
  let spent: Spent = { daemonMs: 0, workerMs: 0 };
  const round = async (turn: Turn, worker: RoundQuestion['worker']): Promise<number> => {
    await boards.turn(turn);
    Object.assign(tally, { outcomes: new Map(), sent: 0, lastOutcomeAt: 0 });
    const heard = hear(child);
    child.send({ type: 'due', worker } satisfies RoundQuestion);
    const due = await heard;
    if (due.type !== 'due') throw new Error('The daemon of the rounds has begun anew.');
    const before = spentBy(child.pid);
    const tookMs = (await endOf(turn, { tally, boards, signal })) - due.at;
    const after = spentBy(child.pid);
    spent = { daemonMs: after.daemonMs - before.daemonMs, workerMs: after.workerMs - before.workerMs };
    return tookMs;
  };
  await learn(boards, { tally, signal, round });
  return {
    round,
    spent: () => spent,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function spentBy(pid = 0): Spent {
  if (process.platform !== 'linux') return { daemonMs: 0, workerMs: 0 };
  return { daemonMs: usageOf(pid).cpuMs, workerMs: childrenOf(pid).reduce((sum, one) => sum + usageOf(one).cpuMs, 0) };
}

async function hear(child: ChildProcess): Promise<RoundAnswer> {
  const [message] = (await once(child, 'message', { signal: AbortSignal.timeout(LONGEST_MS) })) as [RoundAnswer];
  return message;
}

function note(tally: Tally, text: string): void {
  const line = JSON.parse(text) as Line;
  if (line.state === 'sent') tally.sent += 1;
  else if (line.outcome !== undefined) {
    tally.outcomes.set(line.outcome, (tally.outcomes.get(line.outcome) ?? 0) + 1);
    tally.lastOutcomeAt = line.time;
  } else if (line.level >= WARNING && !line.msg.startsWith('the clock was set')) tally.troubles.push(text);
}

interface Watching {
  readonly tally: Tally;
  readonly boards: Boards;
  readonly signal: AbortSignal;
}

/** The jobs are taken up once the daemon is ready; the first round teaches them. */
async function learn(
  boards: Boards,
  { round }: Pick<Watching, 'tally' | 'signal'> & Pick<OurRounds, 'round'>,
): Promise<void> {
  await boards.turn('same');
  await round('same', 'woken');
}

/** The instant at which the round was over. */
async function endOf(turn: Turn, { tally, boards, signal }: Watching): Promise<number> {
  const from = performance.now();
  const outcome = turn === 'same' ? 'silent' : 'told';
  const isOver = (): boolean =>
    turn === 'same' ? (tally.outcomes.get(outcome) ?? 0) >= boards.jobs : tally.sent >= boards.jobs;
  while (!isOver()) {
    signal.throwIfAborted();
    if (performance.now() - from > LONGEST_MS) {
      const found = JSON.stringify([...tally.outcomes]);
      throw new Error(`A round did not end: ${found}, ${tally.sent} sent. ${tally.troubles.slice(-3).join(' ')}`);
    }
    await pause(GLANCE_MS, undefined, { signal });
  }
  const seen = await boards.seen();
  if (turn !== 'same' && seen.messages !== boards.jobs) throw new Error(`${seen.messages} messages came of a round.`);
  return turn === 'same' ? tally.lastOutcomeAt : seen.lastMessageAt;
}
