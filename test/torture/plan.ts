// Which kills, in which order: every point in turn, shuffled by a seed, and in between kills at random instants.
import { makeDice, seededRandom } from '../simulation/random.ts';
import type { Kill } from './harness.ts';
import { ALL_POINTS } from './points.ts';

/** One kill in so many comes at a random instant. */
const RANDOM_EVERY = 4;
const LONGEST_LIFE_MS = 2500;
/** Of these there are several in each life of the daemon. */
const FREQUENT = /claim|end-look|begin-attempt|settle|undici/;
const MOST_TIMES = 3;

/** The one window in which a login is lost: Kakao has rotated, and the answer is not yet on disk. */
const LOSE_LOGIN: Kill = { point: 'before save-raw-answer', times: 1 };
const LOSE_LOOK: Kill = { point: 'after claim', times: 1 };
const LOSE_ANSWER: Kill = { point: 'undici:request:bodySent', times: 2 };

/** Some steps are taken only to mend what an earlier kill has left. */
const BEFOREHAND: readonly (readonly [RegExp, Kill])[] = [
  [/mark-account|abandon-refresh/, LOSE_LOGIN],
  [/begin-look/, LOSE_LOOK],
  [/open-alert|recover-messages/, LOSE_ANSWER],
];

/** News are learned, messages are on their way, and each kind of loss has been mended once. */
const OPENING: readonly Kill[] = [{ afterMs: LONGEST_LIFE_MS }, LOSE_ANSWER, LOSE_LOOK, LOSE_LOGIN];

export function planKills({ kills, seed }: { readonly kills: number; readonly seed: number }): readonly Kill[] {
  const dice = makeDice(seededRandom('torture', seed));
  const plan: Kill[] = [...OPENING];
  let points: readonly string[] = [];
  for (let turn = 0; plan.length < kills; turn += 1) {
    const [point, ...rest] = points.length > 0 ? points : shuffle(ALL_POINTS, dice.random);
    if (turn % RANDOM_EVERY === 0 || point === undefined) {
      plan.push({ afterMs: dice.between(0, LONGEST_LIFE_MS) });
      continue;
    }
    points = rest;
    plan.push(...BEFOREHAND.filter(([steps]) => steps.test(point)).map(([, kill]) => kill));
    plan.push({ point, times: FREQUENT.test(point) ? dice.between(1, MOST_TIMES) : 1 });
  }
  return plan.slice(0, kills);
}

function shuffle(names: readonly string[], random: () => number): readonly string[] {
  return names
    .map((name) => ({ name, at: random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ name }) => name);
}
