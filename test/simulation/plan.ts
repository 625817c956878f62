// What goes wrong in one story, as a list: each entry can be left out without changing the others, which is how a
// failing story is made short. Times are milliseconds from the story's start in which
// the machine was awake.
import { type Dice, makeDice, seededRandom } from './random.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface Span {
  readonly at: number;
  readonly forMs: number;
}

/** How a request to Kakao goes wrong. `taken`: Kakao did what was asked, and only the answer went wrong. */
export type NetworkFault =
  | { readonly how: 'refused' | 'slow' }
  | { readonly how: 'reset' | 'timeout' | 'html'; readonly taken: boolean }
  | { readonly how: 'status'; readonly status: number; readonly taken: boolean; readonly retryAfter?: string }
  | { readonly how: 'code'; readonly code: number; readonly taken: boolean }
  | { readonly how: 'tokens-end' };

export type Trouble =
  | (Span & {
      readonly kind: 'network';
      readonly on: 'all' | 'token' | 'message';
      readonly share: number;
      readonly fault: NetworkFault;
    })
  | (Span & { readonly kind: 'hook'; readonly how: 'refused' | 'reset' | 'busy'; readonly taken: boolean })
  | (Span & {
      readonly kind: 'page';
      readonly job: number;
      readonly how: 'fails' | 'shape' | 'not-yet' | 'hangs' | 'flood';
    })
  | (Span & { readonly kind: 'disk' })
  /** The process dies at the n-th call of a port after `at`, before or after the call had its effect. */
  | {
      readonly kind: 'death';
      readonly at: number;
      readonly calls: number;
      readonly effect: 'before' | 'after';
      readonly downMs: number;
    }
  | { readonly kind: 'stop'; readonly at: number; readonly downMs: number }
  | { readonly kind: 'clock'; readonly at: number; readonly byMs: number; readonly backAfterMs: number }
  | (Span & { readonly kind: 'sleep' })
  | {
      readonly kind: 'person';
      readonly at: number;
      readonly does: 'unlinks';
      readonly user: number;
      readonly backAfterMs: number;
    }
  | {
      readonly kind: 'person';
      readonly at: number;
      readonly does: 'pauses' | 'runs';
      readonly job: number;
      readonly backAfterMs: number;
    }
  /** Kakao wants something of the operator: each call of an account is refused, until it is mended and resumed. */
  | (Span & {
      readonly kind: 'operator';
      readonly how: -3 | -5 | -12 | 'ip mismatched';
      readonly resumeAfterMs: number;
    })
  /** A friend blocks messages for a while, or gets another uuid. */
  | (Span & { readonly kind: 'friend'; readonly friend: number; readonly how: 'blocks' | 'moves' })
  /** Somebody starts a second daemon on the same data folder. */
  | { readonly kind: 'second'; readonly at: number }
  /** Another process on the same data folder does something, and may die at its n-th call. */
  | {
      readonly kind: 'beside';
      readonly at: number;
      readonly does: 'sends' | 'asks for a token';
      readonly user: number;
      readonly dies: number | undefined;
    };

export type TroubleKind = Trouble['kind'];

export interface PlanSize {
  readonly days: number;
  readonly jobs: number;
  readonly users: number;
  /** Instants at which something is due, from the start: most trouble comes near one. */
  readonly busyAt: readonly number[];
}

type Maker = (dice: Dice, at: number, size: PlanSize) => Trouble;

/** How often each kind comes in a week of a story that has it. */
const MAKERS: Readonly<Record<TroubleKind, { readonly aWeek: number; readonly make: Maker }>> = {
  network: { aWeek: 25, make: makeNetwork },
  hook: {
    aWeek: 4,
    make: (dice, at) => ({
      kind: 'hook',
      at,
      forMs: aWhile(dice),
      how: dice.pick(['refused', 'reset', 'busy']),
      taken: dice.chance(0.5),
    }),
  },
  page: {
    aWeek: 14,
    make: (dice, at, { jobs }) => ({
      kind: 'page',
      at,
      forMs: aWhile(dice),
      job: dice.between(0, jobs - 1),
      how: dice.pick(['fails', 'shape', 'not-yet', 'not-yet', 'hangs', 'flood']),
    }),
  },
  disk: { aWeek: 2, make: (dice, at) => ({ kind: 'disk', at, forMs: dice.between(10, 3600) * SECOND_MS }) },
  death: {
    aWeek: 20,
    make: (dice, at) => ({
      kind: 'death',
      at,
      calls: dice.between(0, 25),
      effect: dice.pick(['before', 'after']),
      downMs: aPause(dice),
    }),
  },
  stop: { aWeek: 4, make: (dice, at) => ({ kind: 'stop', at, downMs: aPause(dice) }) },
  clock: {
    aWeek: 1,
    make: (dice, at) => ({ kind: 'clock', at, byMs: aStep(dice), backAfterMs: dice.between(1, 300) * MINUTE_MS }),
  },
  sleep: {
    aWeek: 3,
    make: (dice, at) => ({
      kind: 'sleep',
      at,
      forMs: dice.pick([MINUTE_MS, 20 * MINUTE_MS, 2 * HOUR_MS, 10 * HOUR_MS]),
    }),
  },
  person: { aWeek: 2, make: makePerson },
  beside: {
    aWeek: 8,
    make: (dice, at, { users }) => ({
      kind: 'beside',
      at,
      does: dice.pick(['sends', 'asks for a token']),
      user: dice.between(0, users - 1),
      dies: dice.chance(0.3) ? dice.between(0, 12) : undefined,
    }),
  },
  operator: {
    aWeek: 1,
    make: (dice, at) => ({
      kind: 'operator',
      at,
      forMs: dice.between(1, 20) * HOUR_MS,
      how: dice.pick([-3, -5, -12, 'ip mismatched']),
      resumeAfterMs: dice.between(1, 600) * MINUTE_MS,
    }),
  },
  friend: {
    aWeek: 12,
    make: (dice, at) => ({
      kind: 'friend',
      at,
      forMs: dice.between(1, 12) * HOUR_MS,
      friend: dice.between(0, 6),
      how: dice.pick(['blocks', 'moves']),
    }),
  },
  second: { aWeek: 4, make: (_, at) => ({ kind: 'second', at }) },
};

/** Each story has some kinds of trouble and lacks others, so that no kind hides behind another. */
export function planOf(seed: number, size: PlanSize): readonly Trouble[] {
  const dice = makeDice(seededRandom(seed, 'plan'));
  const plan: Trouble[] = [];
  for (const { aWeek, make } of Object.values(MAKERS)) {
    if (!dice.chance(0.5)) continue;
    const count = Math.round(aWeek * (size.days / 7) * (0.2 + 1.3 * dice.random()));
    for (let made = 0; made < count; made += 1) plan.push(make(dice, anInstant(dice, size), size));
  }
  return plan.sort((one, other) => one.at - other.at);
}

function anInstant(dice: Dice, { days, busyAt }: PlanSize): number {
  if (busyAt.length === 0 || dice.chance(0.25)) return Math.floor(dice.random() * days * DAY_MS);
  return Math.max(0, dice.pick(busyAt) + dice.between(-60, 240) * (dice.chance(0.5) ? 20 : SECOND_MS));
}

function aWhile(dice: Dice): number {
  return dice.pick([dice.between(1, 60) * SECOND_MS, dice.between(1, 60) * MINUTE_MS, dice.between(1, 12) * HOUR_MS]);
}

function aPause(dice: Dice): number {
  return dice.pick([
    dice.between(1, 20) * SECOND_MS,
    dice.between(1, 20) * SECOND_MS,
    dice.between(1, 90) * MINUTE_MS,
    dice.between(1, 30) * HOUR_MS,
  ]);
}

function aStep(dice: Dice): number {
  const far = dice.pick([30 * SECOND_MS, 20 * MINUTE_MS, 3 * HOUR_MS, 20 * HOUR_MS, 3 * DAY_MS]);
  return dice.chance(0.5) ? far : -far;
}

function makeNetwork(dice: Dice, at: number): Trouble {
  const on = dice.pick(['all', 'message', 'message', 'token'] as const);
  return { kind: 'network', at, forMs: aWhile(dice), on, share: dice.pick([0.2, 0.6, 1]), fault: aFault(dice, on) };
}

function aFault(dice: Dice, on: 'all' | 'token' | 'message'): NetworkFault {
  const taken = dice.chance(0.5);
  const answers: NetworkFault[] = [
    { how: 'refused' },
    { how: 'slow' },
    { how: 'reset', taken },
    { how: 'timeout', taken },
    { how: 'html', taken },
    { how: 'status', status: dice.pick([500, 502, 504]), taken },
    { how: 'status', status: 503, taken: false },
    { how: 'status', status: 429, taken: false },
    { how: 'status', status: 429, taken: false, retryAfter: dice.pick(['5', '120', '3600', 'soon']) },
    { how: 'tokens-end' },
  ];
  const codes: NetworkFault[] = [
    { how: 'code', code: dice.pick([-10, -532, -536]), taken: false },
    { how: 'code', code: dice.pick([-1, -7, -9798]), taken: false },
    { how: 'code', code: dice.pick([-2, -402, -777]), taken: false },
    { how: 'code', code: -603, taken },
  ];
  return dice.pick(on === 'message' ? [...answers, ...codes] : answers);
}

function makePerson(dice: Dice, at: number, { users, jobs }: PlanSize): Trouble {
  const backAfterMs = dice.between(1, 30) * HOUR_MS;
  const does = dice.pick(['unlinks', 'pauses', 'runs'] as const);
  if (does === 'unlinks') return { kind: 'person', at, does, user: dice.between(0, users - 1), backAfterMs };
  return { kind: 'person', at, does, job: dice.between(0, jobs - 1), backAfterMs };
}

/** When the last trouble is over, from the start: sleep shifts what comes after it. */
export function lastTroubleEnd(plan: readonly Trouble[]): number {
  const slept = plan.reduce((sum, trouble) => sum + (trouble.kind === 'sleep' ? trouble.forMs : 0), 0);
  const ends = plan.map((trouble) => {
    const lasts = ['forMs', 'downMs', 'backAfterMs', 'resumeAfterMs'].map((name) =>
      Number((trouble as unknown as Readonly<Record<string, unknown>>)[name] ?? 0),
    );
    return trouble.at + lasts.reduce((sum, ms) => sum + ms, 0);
  });
  return slept + Math.max(0, ...ends);
}

/** One line of a story. */
export function tellTrouble(trouble: Trouble): string {
  const { kind, at, ...rest } = trouble;
  const facts = Object.entries(rest).map(
    ([name, value]) => `${name}=${name.endsWith('Ms') ? tellSpan(Number(value)) : JSON.stringify(value)}`,
  );
  return `${tellSpan(at)} ${kind} ${facts.join(' ')}`;
}

function tellSpan(ms: number): string {
  const sign = ms < 0 ? '-' : '';
  const seconds = Math.abs(ms) / SECOND_MS;
  const days = Math.floor(seconds / 86_400);
  const time = new Date(Math.round((seconds % 86_400) * 1000)).toISOString().slice(11, 23);
  return `${sign}${days}d ${time}`;
}
