// Tells one story from its start to its end, and says which promise broke, if one did. A broken story is told again
// with less and less going wrong, as long as the same promise breaks.
import { createHash } from 'node:crypto';
import { askForToken, doBeside, logIn, sendMessage } from './beside.ts';
import type { Broken } from './checker.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import type { Trouble } from './plan.ts';
import { endOf, type MadeWorld, makeWorld, type StorySettings } from './world.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export interface Told {
  readonly broken: Broken | undefined;
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
}

export async function tellStory(settings: StorySettings): Promise<Told> {
  const restore = atOnce();
  const world = await makeWorld(settings);
  const machine: Machine = { world, daemon: undefined, starting: false, isUpAgainAt: 0 };
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
    if (!isOver()) world.checker.audit(exact);
  }
  if (isOver()) return;
  world.checker.atEnd();
  world.alertsAtEnd();
  await checkLogins(machine);
}

/** With the far side healthy for days, an account works, or has lost its login in one of the ways that nobody can help. */
async function checkLogins({ world, daemon }: Machine): Promise<void> {
  if (daemon === undefined) return world.fail('sound', 'talkbell is not running at the end');
  const opened = await import('better-sqlite3').then(
    ({ default: Database }) => new Database(world.file, { readonly: true }),
  );
  const accounts = opened.prepare('select name, state, reason from accounts').all() as {
    name: string;
    state: string;
    reason: string;
  }[];
  const told = opened.prepare('select key from alerts where told_at is not null').pluck().all();
  const probes = opened
    .prepare(`select recipient, state, reason from messages where about = 'send' and saying like '%probe%'`)
    .all() as { recipient: string; state: string; reason: string }[];
  opened.close();
  for (const { name, state, reason } of accounts) {
    const user = world.kakao.users.find((candidate) => candidate.name === name);
    const probe = probes.find(({ recipient }) => recipient === name);
    const isLost = user !== undefined && (!user.linked || user.unsaved === user.refresh);
    if (state === 'ok') {
      if (probe?.state !== 'sent' && !isLost)
        world.fail('login', `${name} is ok, and a message is ${probe?.state}: ${probe?.reason}`);
    } else if (!isLost) world.fail('login', `${name} is ${state} though Kakao takes its token: ${reason}`);
    else if (!told.includes(`login:${name}`)) world.fail('login', `${name} is ${state}, and the owner was not told`);
  }
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
    void startDaemon(world, () => startMachine(machine, machine.isUpAgainAt === 0 ? 5000 : machine.isUpAgainAt)).then(
      (daemon) => {
        machine.daemon = daemon;
        machine.starting = false;
        machine.isUpAgainAt = 0;
        old?.sweep();
        // A process may have died before it was handed over.
        if (!daemon.process.isAlive()) startMachine(machine, 5000);
      },
    );
  });
}

function strike(machine: Machine, trouble: Trouble): void {
  const { world, daemon } = machine;
  const { time } = world;
  switch (trouble.kind) {
    case 'death':
      machine.isUpAgainAt = trouble.downMs;
      return daemon?.process.doom({ calls: trouble.calls, effect: trouble.effect });
    case 'stop':
      machine.isUpAgainAt = trouble.downMs;
      world.tell('daemon is stopped');
      return void daemon?.stop();
    case 'clock':
      setClock(machine, trouble.byMs);
      return time.after(trouble.backAfterMs, () => setClock(machine, -trouble.byMs));
    case 'sleep':
      world.tell(`the machine sleeps for ${trouble.forMs} ms`);
      time.sleep(trouble.forMs);
      return disturb(machine);
    case 'disk':
      world.tell('the disk is full');
      return disturbFor(machine, trouble.forMs);
    case 'person':
      return meetPerson(machine, trouble);
    case 'beside': {
      const name = world.kakao.users[trouble.user]?.name ?? 'me';
      return beside(machine, trouble.dies, (opened) =>
        trouble.does === 'sends'
          ? sendMessage(world, opened, { name, text: `hello at ${trouble.at}` })
          : askForToken(world, opened, name),
      );
    }
    default:
      return world.tell(`trouble: ${trouble.kind}`);
  }
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
  const { world } = machine;
  if (trouble.does === 'unlinks') {
    const user = world.kakao.users[trouble.user];
    if (user === undefined) return;
    world.tell(`${user.name} unlinks`);
    world.kakao.unlink(user);
    const tryLogin = (): void =>
      beside(machine, undefined, async (opened) => {
        if (!(await logIn(opened, user))) world.time.after(HOUR_MS, tryLogin);
      });
    return world.time.after(trouble.backAfterMs, tryLogin);
  }
  const description = world.jobs[trouble.job]?.description;
  if (description === undefined) return;
  const [slot = 'main'] = Object.keys(description.slots);
  if (trouble.does === 'runs') {
    return beside(machine, undefined, async ({ store }) => {
      const now = world.time.wall();
      await store.addManualRun({ job: description.id, slot, freshUntil: now + description.freshForMs }, now);
    });
  }
  beside(machine, undefined, ({ store }) => store.pause(description.id, world.time.wall()));
  world.time.after(trouble.backAfterMs, () =>
    beside(machine, undefined, ({ store }) => store.pause(description.id, undefined)),
  );
}

/** Hashing is done elsewhere by Web Crypto, and ends when it ends: here it ends at once, so that a seed replays exactly. */
function atOnce(): () => void {
  const { subtle } = crypto;
  const digest = subtle.digest;
  const known = new Map<string, ArrayBuffer>();
  void known;
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

/** Leaves out as much of the plan as it can with the same promise still broken, within the time given. */
export async function shorten(settings: StorySettings, broken: Told, withinMs: number): Promise<Told> {
  const until = performance.now() + withinMs;
  let best = broken;
  for (let size = Math.ceil(best.plan.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.plan.length && performance.now() < until; ) {
      const plan = best.plan.toSpliced(from, size);
      const told = await tellStory({ ...settings, plan });
      if (told.broken?.promise === broken.broken?.promise) best = told;
      else from += size;
    }
  }
  return best;
}
