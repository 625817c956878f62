// A round of two hundred jobs that are due at one instant: all pages new, all unchanged, all changed. Against urlwatch,
// and against the least that the same libraries take.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Turn } from './boards/board-protocol.ts';
import type { FloorAnswer, FloorQuestion, RoundQuestion } from './boards/round-protocol.ts';
import { type Boards, furnish, openBoards } from './boards/scene.ts';
import type { Bench, BenchPorts, Row, Sample } from './measure.ts';
import { inTurn, milliseconds, ratioOf, spreadOf } from './measure.ts';
import { findUrlwatch, openUrlwatch, type Urlwatch } from './peer-urlwatch.ts';
import { type OurRounds, openOurRounds, type Spent } from './round-ours.ts';

const JOBS = Number(process.env['JOBS'] ?? 200);
const TIMES = Number(process.env['TIMES'] ?? 5);
const PAGE_BYTES = 20_000;
/** urlwatch counts the age of what it has kept in seconds: of two rounds in one second it takes the wrong one. */
const PEER_REST_MS = 1100;
/** What a process needs to load its libraries, as the worker that is woken has. */
const FRESH_MS = 1500;

/**
 * Against urlwatch: `absent` is a worker that has to be started, `woken` one that the daemon wakes before it is due, `kept`
 * one that was there for the round before.
 */
const GOALS: Readonly<Record<Turn, Readonly<Record<RoundQuestion['worker'], number>>>> = {
  new: { absent: 1.3, woken: 1, kept: 1 },
  same: { absent: 1.3, woken: 0.15, kept: 0.15 },
  changed: { absent: 1.3, woken: 1, kept: 1 },
};
const NAMES: Readonly<Record<Turn, string>> = { new: 'all new', same: 'all unchanged', changed: 'all changed' };
const WORKERS = { absent: 'worker cold', woken: 'worker woken', kept: 'worker warm' } as const;

export const round: Bench = { name: 'round', seconds: 200, run: measureRounds };

interface Sides extends Readonly<Record<RoundQuestion['worker'] | 'peer' | 'floor' | 'fresh', Sample>> {
  /** Of the last round with a warm worker. */
  readonly spent: Spent;
}

interface Scene {
  readonly boards: Boards;
  readonly ours: OurRounds;
  readonly peer: Urlwatch | undefined;
  readonly floor: ChildProcess;
  readonly openFloor: () => ChildProcess;
}

async function measureRounds({ say, signal }: BenchPorts): Promise<readonly Row[]> {
  const peerName = await findUrlwatch();
  using boards = await openBoards({ jobs: JOBS, bytes: PAGE_BYTES });
  using house = await furnish({ boards, schedule: '0 * * * *' });
  await using ours = await openOurRounds(house, boards, signal);
  using peer = peerName === undefined ? undefined : await openUrlwatch(boards);
  const openFloor = (): ChildProcess =>
    fork(join(import.meta.dirname, 'round-floor.ts'), [], { env: { ...process.env, FLOOR_FOLDER: house.folder } });
  const floor = openFloor();
  try {
    const scene = { boards, ours, peer, floor, openFloor };
    await floorRound(scene, 'same', 0);
    const rows: Row[] = [];
    for (const turn of ['new', 'same', 'changed'] as const) {
      say(`${JOBS} jobs, ${NAMES[turn]}, ${TIMES} times each`);
      rows.push(...rowsOf(turn, await measureTurn(scene, turn), peerName));
    }
    return rows;
  } finally {
    floor.kill('SIGKILL');
  }
}

/** Each side has its own edition of the boards before it, so that what one is told the others have not been. */
async function measureTurn({ boards, ours, peer, floor, openFloor }: Scene, turn: Turn): Promise<Sides> {
  const told = turn === 'same' ? 0 : JOBS;
  if (turn === 'same') await catchUp({ boards, ours, peer, floor });
  const sides = await inTurn(TIMES, {
    absent: () => ours.round(turn, 'absent'),
    woken: () => ours.round(turn, 'woken'),
    kept: () => ours.round(turn, 'kept'),
    peer: async () => {
      if (peer === undefined) return Number.NaN;
      await boards.turn(turn);
      await pause(PEER_REST_MS);
      return peer.round(turn === 'same' ? 'unchanged' : 'changed');
    },
    floor: async () => {
      await boards.turn(turn);
      return floorRound({ boards, floor }, turn, told);
    },
    fresh: async () => {
      const fresh = openFloor();
      await pause(FRESH_MS);
      await boards.turn(turn);
      const ms = await floorRound({ boards, floor: fresh }, turn, told);
      fresh.kill('SIGKILL');
      return ms;
    },
  });
  return { ...sides, spent: ours.spent() };
}

/** Everybody knows the boards as they stand. */
async function catchUp({ boards, ours, peer, floor }: Omit<Scene, 'openFloor'>): Promise<void> {
  await ours.round('new', 'woken');
  await pause(PEER_REST_MS);
  await peer?.round('changed');
  await floorRound({ boards, floor }, 'new', JOBS);
}

async function floorRound(
  { boards, floor }: Pick<Scene, 'boards' | 'floor'>,
  turn: Turn,
  told: number,
): Promise<number> {
  const heard = once(floor, 'message');
  floor.send({ boards: boards.urls, hook: boards.hookUrl('/message/floor') } satisfies FloorQuestion);
  const [{ ms, messages }] = (await heard) as [FloorAnswer];
  if (messages !== told) throw new Error(`The least of a round (${turn}) told ${messages} of ${told} messages.`);
  return ms;
}

function rowsOf(turn: Turn, sides: Sides, peerName: string | undefined): readonly Row[] {
  const { peer, floor, fresh, spent } = sides;
  return (['absent', 'woken', 'kept'] as const).map((worker) => {
    const own = sides[worker];
    const what = `round of ${JOBS} jobs, ${NAMES[turn]}, ${WORKERS[worker]}`;
    const floors = `the same libraries in one script ${milliseconds(floor.median)} warm, ${milliseconds(fresh.median)} in a process as fresh as the worker (${ratioOf(own.median, fresh.median)})`;
    const least = worker === 'kept' ? `${floors}; ${inWords(spent)}` : floors;
    if (peerName === undefined)
      return { what, ours: milliseconds(own.median), note: `urlwatch is not to be had; ${least}` };
    const goal = GOALS[turn][worker];
    return {
      what,
      ours: milliseconds(own.median),
      peer: `${peerName} ${milliseconds(peer.median)}`,
      ratio: ratioOf(own.median, peer.median),
      goal: `≤ ${goal} ×`,
      holds: own.median / peer.median <= goal,
      note: `${spreadOf(own)}, urlwatch ${spreadOf(peer)}; ${least}`,
    };
  });
}

function inWords({ daemonMs, workerMs }: Spent): string {
  return `of the last, on cores that the boards and the sink share: daemon ${milliseconds(daemonMs)} of a processor, worker ${milliseconds(workerMs)}`;
}
