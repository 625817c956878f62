// One story: a machine with a talkbell on it, the people and pages around it, and what goes wrong. Everything follows
// from the seed and the plan, so that the same two tell the same story.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreError } from '../../src/core/errors.ts';
import type { Instant } from '../../src/core/job.ts';
import { parseQuietHours, type QuietHours } from '../../src/core/quiet.ts';
import { type Holidays, openHolidays } from '../../src/io/holidays.ts';
import { type Checker, openChecker } from './checker.ts';
import { type SimulatedTime, simulateTime } from './clock.ts';
import { furnish, membersOf } from './house.ts';
import { instantsIn } from './instants.ts';
import { jobsOf, type SimulatedJob } from './jobs.ts';
import { type KakaoModel, modelKakao } from './kakao-model.ts';
import { lastTroubleEnd, type NetworkFault, planOf, type Trouble } from './plan.ts';
import { Broken, type PromiseName } from './promises.ts';
import { hashOf, makeDice, seededRandom } from './random.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** After the trouble everything has time to become right again. */
export const HEALING_DAYS = 2;
/** More than one call to friends carries. */
const FRIENDS = 7;

export interface StorySettings {
  readonly seed: number;
  readonly days: number;
  /** In place of the seed's own plan. */
  readonly plan?: readonly Trouble[];
  /** A quiet world with so many jobs, for measuring. */
  readonly quietJobs?: number;
  readonly startsAt?: Instant;
}

export interface World {
  readonly seed: number;
  readonly folder: string;
  readonly file: string;
  readonly key: Buffer;
  readonly time: SimulatedTime;
  readonly start: Instant;
  readonly kakao: KakaoModel;
  readonly jobs: readonly SimulatedJob[];
  readonly checker: Checker;
  readonly budget: { readonly perSender: number; readonly perReceiver: number };
  readonly owners: readonly string[];
  readonly quiet: QuietHours | undefined;
  readonly plan: readonly Trouble[];
  /** The trouble of a kind that goes on now. */
  readonly now: <Kind extends Trouble['kind']>(kind: Kind) => readonly Extract<Trouble, { kind: Kind }>[];
  readonly tell: (line: string) => void;
  readonly fail: (promise: PromiseName, detail: string) => void;
  readonly afterStore: (method: string, call: { given: readonly unknown[]; result: unknown }) => void;
  readonly random: () => number;
  readonly holidays: Holidays;
}

export interface MadeWorld extends World {
  readonly days: number;
  readonly broken: () => Broken | undefined;
  readonly trail: readonly string[];
  readonly digest: () => number;
  readonly close: () => void;
}

/** From Seoul's midnight of a Friday in November unless the seed says otherwise: some stories meet a clock change. */
function startOf(seed: number): Instant {
  const dice = makeDice(seededRandom(seed, 'start'));
  const day = dice.pick([
    '2026-11-20',
    '2026-03-05',
    '2026-10-22',
    '2026-10-30',
    '2026-04-02',
    '2026-12-22',
    '2026-02-12',
  ]);
  return Date.parse(`${day}T00:00:00+09:00`) + dice.between(0, 23) * HOUR_MS;
}

export async function makeWorld({ seed, days, plan: given, quietJobs, startsAt }: StorySettings): Promise<MadeWorld> {
  const dice = makeDice(seededRandom(seed, 'world'));
  const start = startsAt ?? startOf(seed);
  const time = simulateTime(start);
  const users = ['me', 'mum', 'dad'].slice(0, quietJobs === undefined ? dice.between(1, 3) : 1);
  const breadth = makeDice(seededRandom(seed, 'breadth'));
  const friends = quietJobs === undefined && breadth.chance(0.3) ? FRIENDS : 0;
  const quiet =
    quietJobs === undefined && breadth.chance(0.4) ? parseQuietHours('22:00-07:00', 'Asia/Seoul') : undefined;
  const names = [...users, 'hook', 'all', ...(friends > 0 ? ['friends', 'everyone'] : [])];
  const jobs = jobsOf(seed, {
    count: quietJobs ?? dice.between(2, 5),
    recipients: quietJobs === undefined ? names : ['hook'],
    quiet: quietJobs !== undefined,
  });
  const budget = { perSender: dice.chance(0.2) ? 12 : 100, perReceiver: dice.chance(0.2) ? 6 : 20 };
  const size = { days, jobs: jobs.length, users: users.length, busyAt: busyOf(jobs, start, days) };
  const plan = given ?? (quietJobs === undefined ? planOf(seed, size) : []);
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'talkbell-simulation-'));
  const file = join(folder, 'talkbell.db');
  const key = Buffer.alloc(32, 7);
  const state: { broken: Broken | undefined; digest: number } = { broken: undefined, digest: 0 };
  const trail: string[] = [];
  const tell = (line: string): void => {
    const said = `${new Date(time.wall()).toISOString().slice(5, 23)} ${line}`;
    state.digest = Math.imul(state.digest ^ hashOf(said), 0x01000193);
    trail.push(said);
    if (trail.length > 40_000) trail.splice(0, 20_000);
  };
  const fail = (promise: PromiseName, detail: string): void => {
    if (state.broken !== undefined) return;
    state.broken = new Broken(promise, detail);
    tell(`BROKEN ${state.broken.message}`);
  };
  const spent = new Set<Trouble>();
  const now: World['now'] = (kind) => {
    const at = time.monotonic();
    return plan.filter(
      (trouble): trouble is never =>
        trouble.kind === kind && trouble.at <= at && 'forMs' in trouble && at < trouble.at + trouble.forMs,
    );
  };
  const networkDice = makeDice(seededRandom(seed, 'network'));
  const faultFor = (path: 'token' | 'message'): NetworkFault | undefined => {
    for (const trouble of now('network')) {
      if ((trouble.on !== 'all' && trouble.on !== path) || spent.has(trouble) || !networkDice.chance(trouble.share))
        continue;
      if (trouble.fault.how === 'tokens-end') spent.add(trouble);
      tell(`network: ${path} ${JSON.stringify(trouble.fault)}`);
      return trouble.fault;
    }
    return undefined;
  };
  const late: { checker?: Checker } = {};
  const kakao = modelKakao({
    seed,
    names: users,
    friends,
    demand: () => now('operator')[0]?.how,
    time,
    faultFor,
    events: {
      onTaken: (account, text, recipient) => {
        tell(`kakao took of ${account} to ${recipient}: ${text.slice(0, 40)}`);
        late.checker?.onTaken({ account, recipient }, text);
      },
      onMemo: (account) => late.checker?.onMemo(account),
      onQuota: (account) => late.checker?.onQuota(account),
      onLimit: (what) => {
        if (!plan.some(({ kind }) => kind === 'clock')) fail('quota', what);
      },
    },
  });
  await furnish({ file, key, kakao, jobs, time, dice, folder });
  const checker = openChecker({
    file,
    jobs,
    time,
    start,
    budget,
    quiet: quiet !== undefined,
    members: membersOf(kakao),
    fail,
  });
  late.checker = checker;
  return {
    seed,
    folder,
    file,
    key,
    time,
    start,
    kakao,
    jobs,
    checker,
    budget,
    plan,
    now,
    tell,
    fail,
    trail,
    days,
    quiet,
    owners: dice.chance(0.5) ? ['owner'] : ['owner', 'me'],
    random: seededRandom(seed, 'daemon'),
    holidays: await knownHolidays(),
    afterStore: (method, call) => {
      noteSaved(kakao, method, call.given);
      noteHold(checker, method, call.given);
      checker.afterWrite(method);
    },
    broken: () => state.broken,
    digest: () => state.digest >>> 0,
    close: () => {
      checker.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const remembered: { holidays?: Promise<Holidays> } = {};

/** Read once, so that no story waits for a real disk. */
function knownHolidays(): Promise<Holidays> {
  remembered.holidays ??= rememberHolidays();
  return remembered.holidays;
}

async function rememberHolidays(): Promise<Holidays> {
  const real = openHolidays('/nowhere');
  const names = new Map<string, string | undefined>();
  for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 11, 31); at += DAY_MS) {
    const date = new Date(at).toISOString().slice(0, 10);
    names.set(date, await real.nameOf(date));
  }
  return { nameOf: async (date) => names.get(date), knownUntil: async () => 2030 };
}

export function endOf({ start, days, plan }: MadeWorld): Instant {
  const troubled = Math.max(days, Math.ceil(lastTroubleEnd(plan) / DAY_MS));
  return start + (troubled + HEALING_DAYS) * DAY_MS;
}

/** Most rings find nothing late, and most ends of episodes that there was none. */
export function isNothing(result: unknown): boolean {
  return result === false || (Array.isArray(result) && result.length === 0);
}

/** What the far side gave has reached the disk once one of these has been done with it. */
function noteSaved({ users }: KakaoModel, method: string, given: readonly unknown[]): void {
  if (method !== 'saveRawAnswer' && method !== 'commitRefresh' && method !== 'saveLogin') return;
  const text = JSON.stringify(given);
  for (const user of users)
    if (user.unsaved !== undefined && new RegExp(`${user.unsaved}\\b`).test(text)) user.unsaved = undefined;
}

function busyOf(jobs: readonly SimulatedJob[], start: Instant, days: number): readonly number[] {
  const span = { after: start, until: start + Math.min(days, 30) * DAY_MS };
  return jobs.flatMap(({ description }) =>
    Object.values(description.slots).flatMap((cron) =>
      instantsIn(cron, description.timezone, span).map((at) => at - start),
    ),
  );
}

/** An account that is held without an end waits for its operator, whatever dies in between. */
function noteHold(checker: Checker, method: string, [name, mark]: readonly unknown[]): void {
  if (method === 'saveLogin') checker.onHold((name as { name: string }).name, false);
  if (method !== 'markAccount') return;
  const { state, heldUntil } = mark as { state: string; heldUntil?: number };
  checker.onHold(String(name), state === 'held' && heldUntil === undefined);
}

export function diskIsFull(world: World): void {
  if (world.now('disk').length === 0) return;
  throw new StoreError('The disk is full (simulated).', { kind: 'full' });
}
