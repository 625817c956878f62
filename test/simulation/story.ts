// Tells one story from its start to its end, and says which promise broke, if one did. A broken story is told again
// with less and less going wrong, as long as the same promise breaks.
import { createHash } from 'node:crypto';
import { takeLock } from '../../src/io/lock.ts';
import { askForToken, doBeside, logIn, sendMessage } from './beside.ts';
import type { SimulatedTime } from './clock.ts';
import { type Daemon, type Opened, startDaemon } from './daemon.ts';
import { checkLogins } from './logins-check.ts';
import type { Trouble } from './plan.ts';
import type { Breach } from './promises.ts';
import { endOf, type MadeWorld, makeWorld, type StorySettings } from './world.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const FIRST_RESTART_MS = 5000;
const LAST_RESTART_MS = 5 * 60_000;

export interface Told {
  readonly broken: Breach | undefined;
  readonly plan: readonly Trouble[];
  /** What happened, line by line; the newest some thousand. */
  readonly trail: readonly string[];
  /** The same for the same story. */
  readonly digest: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly steps: number;
}

interface Machine {
  readonly world: MadeWorld;
  daemon: Daemon | undefined;
  starting: boolean;
  isUpAgainAt: number;
  /** Starts since one that went well. */
  starts: number;
}

export async function tellStory(settings: StorySettings): Promise<Told> {
  const restore = atOnce();
  const world = await makeWorld(settings);
  const machine: Machine = { world, daemon: undefined, starting: false, isUpAgainAt: 0, starts: 0 };
  try {
    startMachine(machine, 0);
    for (const trouble of world.plan) world.time.after(trouble.at, () => strike(machine, trouble));
    await runDays(machine);
    return {
      broken: world.broken(),
      plan: world.plan,
      trail: world.trail,
      digest: world.digest(),
      counts: world.checker.counts(),
      steps: world.time.steps(),
    };
  } finally {
    machine.daemon?.process.kill();
    machine.daemon?.sweep();
    world.close();
    restore();
  }
}

async function runDays(machine: Machine): Promise<void> {
  const { world } = machine;
  const isOver = (): boolean => world.broken() !== undefined;
  const exact = !world.plan.some(({ kind }) => kind === 'clock');
  const end = endOf(world);
  const probeAt = end - 6 * HOUR_MS;
  for (let day = world.start + DAY_MS; day <= end && !isOver(); day += DAY_MS) {
    const isLast = day + DAY_MS > end;
    if (isLast) {
      await world.time.runUntil(probeAt, isOver);
      for (const { name } of world.kakao.users)
        beside(machine, undefined, (opened) => sendMessage(world, opened, { name, text: `probe ${name}` }));
    }
    await world.time.runUntil(day, isOver);
    if (!isOver()) world.checker.audit(exact && machine.daemon?.process.isAlive() === true);
  }
  if (isOver()) return;
  world.checker.atEnd();
  if (machine.daemon === undefined) world.fail('sound', 'talkbell is not running at the end');
  else checkLogins(world);
}

function startMachine(machine: Machine, afterMs: number): void {
  const { world } = machine;
  machine.daemon?.sweep();
  const old = machine.daemon;
  machine.daemon = undefined;
  world.time.after(afterMs, () => {
    if (machine.starting || machine.daemon !== undefined) return;
    machine.starting = true;
    world.tell('daemon starts');
    world.checker.disturb();
    world.checker.forgetLooks();
    void startDaemon(world, () => startMachine(machine, restartMs(machine))).then((daemon) => {
      machine.daemon = daemon;
      machine.starting = false;
      machine.isUpAgainAt = 0;
      old?.sweep();
      // A process may have died before it was handed over.
      if (!daemon.process.isAlive()) startMachine(machine, 5000);
    });
  });
}

/** What starts it again waits longer each time it does not come up, as pm2 does. */
function restartMs(machine: Machine): number {
  machine.starts = machine.daemon?.bell() === undefined ? machine.starts + 1 : 1;
  return machine.isUpAgainAt === 0
    ? Math.min(FIRST_RESTART_MS * 2 ** (machine.starts - 1), LAST_RESTART_MS)
    : machine.isUpAgainAt;
}

type Strikes = {
  readonly [Kind in Trouble['kind']]: (machine: Machine, trouble: Extract<Trouble, { kind: Kind }>) => void;
};

/** What each kind of trouble does when its time comes. */
const STRIKES: Strikes = {
  network: noteTrouble,
  hook: noteTrouble,
  page: noteTrouble,
  death: (machine, { downMs, calls, effect }) => {
    machine.isUpAgainAt = downMs;
    machine.daemon?.process.doom({ calls, effect });
  },
  stop: (machine, { downMs }) => {
    machine.isUpAgainAt = downMs;
    machine.world.tell('daemon is stopped');
    void machine.daemon?.stop();
  },
  clock: (machine, { byMs, backAfterMs }) => {
    setClock(machine, byMs);
    const { time } = machine.world;
    time.after(backAfterMs, () => setClock(machine, -byMs));
    // Somebody reads that nothing runs before the clock is right, says that it is, and ends holds of the wrong days.
    if (byMs > HOUR_MS)
      time.after(backAfterMs + HOUR_MS, () => beside(machine, undefined, (opened) => mendClock(opened, time)));
  },
  sleep: (machine, { forMs }) => {
    machine.world.tell(`the machine sleeps for ${forMs} ms`);
    machine.world.time.sleep(forMs);
    disturb(machine);
  },
  disk: (machine, { forMs }) => {
    machine.world.tell('the disk is full');
    disturbFor(machine, forMs);
  },
  person: meetPerson,
  operator: meetOperator,
  friend: (machine, { friend: index, how, forMs }) => {
    const { kakao, time, tell } = machine.world;
    const friend = kakao.friends[index];
    if (friend === undefined) return;
    tell(`${friend.name} ${how}`);
    if (how === 'moves') friend.uuid = `${friend.uuid.replace(/-\d+$/, '')}-${time.monotonic()}`;
    else {
      friend.blocks = true;
      time.after(forMs, () => {
        friend.blocks = false;
      });
    }
  },
  second: startSecond,
  beside: (machine, { at, does, user, dies }) => {
    const { world } = machine;
    const name = world.kakao.users[user]?.name ?? 'me';
    beside(machine, dies, (opened) =>
      does === 'sends'
        ? sendMessage(world, opened, { name, text: `hello at ${at}` })
        : askForToken(world, opened, name),
    );
  },
};

async function mendClock({ store }: Opened, time: SimulatedTime): Promise<void> {
  await store.resetClock(time.wall());
  for (const { name, state } of await store.accounts()) {
    if (state === 'held') await store.markAccount(name, { state: 'ok', reason: 'resumed by hand' }, time.wall());
  }
}

function noteTrouble({ world }: Machine, { kind }: Trouble): void {
  world.tell(`trouble: ${kind}`);
}

function strike(machine: Machine, trouble: Trouble): void {
  // The table is keyed by kind, so that trouble and function belong together.
  const run = STRIKES[trouble.kind] as (machine: Machine, trouble: Trouble) => void;
  run(machine, trouble);
}

function disturb({ world, daemon }: Machine): void {
  world.checker.disturb();
  daemon?.bell()?.notice();
}

/** A full disk holds everything up until it is tried again. */
function disturbFor(machine: Machine, forMs: number): void {
  const { time, checker } = machine.world;
  checker.disturb();
  for (let at = 5000; at < forMs + 20_000; at += 5000) time.after(at, () => checker.disturb());
}

function setClock(machine: Machine, byMs: number): void {
  machine.world.time.step(byMs);
  machine.world.tell(`the clock is set by ${byMs} ms`);
  disturb(machine);
}

function beside(machine: Machine, dies: number | undefined, work: Parameters<typeof doBeside>[2]): void {
  const onEnd = (): void => machine.daemon?.bell()?.notice();
  void doBeside(machine.world, { dies, onEnd }, work);
}

function meetPerson(machine: Machine, trouble: Extract<Trouble, { kind: 'person' }>): void {
  if (trouble.does === 'unlinks') unlink(machine, trouble);
  else handleJob(machine, trouble);
}

/** A second daemon finds the folder taken while the first lives, and free once that is dead. */
function startSecond({ world, daemon, starting }: Machine): void {
  const lock = takeLock(world.folder, 'daemon');
  const isRefused = !('release' in lock);
  world.tell(`a second daemon is ${isRefused ? '' : 'not '}refused`);
  if (!isRefused) lock.release();
  if (starting) return;
  const isUp = daemon?.process.isAlive() === true;
  if (isUp !== isRefused) world.fail('single', isUp ? 'it was not refused' : 'it was refused, and no other lives');
}

/** Somebody reads what the owner was told, mends it in Kakao's console, and resumes each account that is held for it. */
function meetOperator(machine: Machine, { how, forMs, resumeAfterMs }: Extract<Trouble, { kind: 'operator' }>): void {
  const { time, tell } = machine.world;
  tell(`Kakao wants the operator: ${how}`);
  const resume = (): void =>
    beside(machine, undefined, async ({ store }) => {
      for (const { name, state, heldUntil } of await store.accounts()) {
        if (state !== 'held' || heldUntil !== undefined) continue;
        await store.markAccount(name, { state: 'ok', reason: 'resumed by hand' }, time.wall());
      }
    });
  // A full disk or a second demand may be in the way of the first time.
  for (const again of [0, 1, 24]) time.after(forMs + resumeAfterMs + again * HOUR_MS, resume);
}

/** Somebody leaves the app, and logs in again later. */
function unlink(machine: Machine, { user: index, backAfterMs }: { user: number; backAfterMs: number }): void {
  const { world } = machine;
  const user = world.kakao.users[index];
  if (user === undefined) return;
  world.tell(`${user.name} unlinks`);
  world.kakao.unlink(user);
  const tryLogin = (): void =>
    beside(machine, undefined, async (opened) => {
      if (!(await logIn(opened, user))) world.time.after(HOUR_MS, tryLogin);
    });
  world.time.after(backAfterMs, tryLogin);
}

function handleJob(
  machine: Machine,
  { does, job, backAfterMs }: { does: 'pauses' | 'runs'; job: number; backAfterMs: number },
): void {
  const { world } = machine;
  const description = world.jobs[job]?.description;
  if (description === undefined) return;
  const { id, freshForMs, slots } = description;
  const [slot = 'main'] = Object.keys(slots);
  const now = world.time.wall();
  if (does === 'runs') {
    beside(machine, undefined, ({ store }) => store.addManualRun({ job: id, slot, freshUntil: now + freshForMs }, now));
    return;
  }
  beside(machine, undefined, ({ store }) => store.pause(id, now));
  world.time.after(backAfterMs, () => beside(machine, undefined, ({ store }) => store.pause(id, undefined)));
}

/** Hashing is done elsewhere by Web Crypto, and ends when it ends: here it ends at once, so that a seed replays exactly. */
function atOnce(): () => void {
  const { subtle } = crypto;
  const digest = subtle.digest;
  Object.defineProperty(subtle, 'digest', {
    configurable: true,
    writable: true,
    value: async (_: string, data: Uint8Array) => sha256(data),
  });
  return () => Object.defineProperty(subtle, 'digest', { configurable: true, writable: true, value: digest });
}

function sha256(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(data).digest();
}
