// /control: the sandbox's knobs as JSON over HTTP, for another process or a person with curl.
import { z } from 'zod';
import { type Answer, type Asked, json, Refusal } from './answers.ts';
import type { SandboxApp } from './app.ts';
import { appInput, clockInput, faultInput, noticeInput, priceInput, schoolInput, userInput } from './control-input.ts';
import type { FaultRule } from './faults.ts';
import { describeUser, type People } from './people.ts';
import type { Site } from './site.ts';
import { parseJson } from './template-check.ts';
import type { World } from './world.ts';

export interface Controlled {
  readonly world: World;
  readonly site: Site;
  readonly people: People;
  readonly reset: () => void;
}

type Knob = (controlled: Controlled, asked: Asked) => unknown;

const KNOBS: Readonly<Record<string, Knob>> = {
  'GET /control': describeSandbox,
  'GET /control/clock': ({ world }) => describeClock(world),
  'POST /control/clock': moveClock,
  'GET /control/received': ({ world }, { query }) =>
    world.inbox.list().filter(({ receiver }) => (query.get('user') ?? receiver) === receiver),
  'DELETE /control/received': ({ world }) => world.inbox.clear(),
  'GET /control/requests': ({ world }) => world.log.list(),
  'DELETE /control/requests': ({ world }) => world.log.clear(),
  'GET /control/faults': ({ world }) => world.faults.list().map((rule) => ({ ...rule, path: rule.path?.toString() })),
  'POST /control/faults': addFault,
  'DELETE /control/faults': ({ world }) => world.faults.clear(),
  'GET /control/users': ({ world }) => world.users.list().map(describeUser),
  'POST /control/users': changeUser,
  'GET /control/app': ({ world }) => world.app,
  'PATCH /control/app': changeApp,
  'POST /control/site/notice': ({ site }, asked) => {
    const { title, ...options } = read(noticeInput, asked);
    return site.postNotice(title, defined(options));
  },
  'POST /control/site/price': ({ site }, asked) => {
    site.setPrice(read(priceInput, asked).price);
    return { price: site.price() };
  },
  'POST /control/site/school': changeSchool,
  'POST /control/reset': ({ reset }) => reset(),
};

export function answerControl(controlled: Controlled, asked: Asked): Answer {
  const knob = KNOBS[`${asked.method} ${asked.path}`];
  const known = Object.keys(KNOBS).join(', ');
  if (knob === undefined) return json(404, { error: `There is no ${asked.method} ${asked.path}. Known: ${known}.` });
  if (!isOurs(controlled.world, asked))
    return json(403, { error: 'Another site may not turn the knobs of the sandbox.' });
  try {
    return json(200, knob(controlled, asked) ?? { done: true });
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

/** A page of another site in the same browser may not move the clock. */
function isOurs(world: World, { headers }: Asked): boolean {
  const { origin, host = '' } = headers;
  return (origin === undefined || origin === world.origin()) && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
}

function describeSandbox({ world }: Controlled) {
  const url = world.origin();
  const { restApiKey, clientSecret, redirectUris } = world.app;
  const urls = { url, authUrl: `${url}/kauth`, apiUrl: `${url}/kapi`, siteUrl: `${url}/site` };
  return { ...urls, restApiKey, clientSecret, redirectUris, knobs: Object.keys(KNOBS) };
}

function describeClock({ clock }: World) {
  return { now: clock.now(), iso: new Date(clock.now()).toISOString() };
}

function moveClock({ world }: Controlled, asked: Asked) {
  const { set, advanceMs } = read(clockInput, asked);
  if (set !== undefined) world.clock.set(typeof set === 'number' ? set : Date.parse(set));
  if (advanceMs !== undefined) world.clock.advance(advanceMs);
  return describeClock(world);
}

function addFault({ world }: Controlled, asked: Asked) {
  const { path, ...rest } = read(faultInput, asked);
  const rule: FaultRule = {
    ...defined(rest),
    kind: rest.kind,
    ...(path === undefined ? {} : { path: readPattern(path) }),
  };
  world.faults.add(rule);
}

function changeUser({ people }: Controlled, asked: Asked) {
  const { name, consent, unlink, changeUuid, expire, revoke, ...settings } = read(userInput, asked);
  people.add(name, defined(settings));
  if (consent !== undefined) people.setConsent(name, consent);
  if (expire !== undefined) people.expire(name, expire);
  if (revoke === true) people.revoke(name);
  if (unlink === true) people.unlink(name);
  if (changeUuid === true) people.changeUuid(name);
  return people.list().find((user) => user.name === name);
}

function changeApp({ world }: Controlled, asked: Asked): SandboxApp {
  const { quotas, ...changes } = read(appInput, asked);
  Object.assign(world.app, defined(changes));
  world.app.quotas = { ...world.app.quotas, ...defined(quotas ?? {}) };
  return world.app;
}

function changeSchool({ site }: Controlled, asked: Asked) {
  const { closedOn, ...changes } = read(schoolInput, asked);
  Object.assign(site.school, defined(changes));
  if (closedOn !== undefined) site.school.servesOn = (date) => !closedOn.includes(date);
  return site.school;
}

function readPattern(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw new Refusal(json(400, { error: `The path "${source}" is not a regular expression.` }));
  }
}

function read<T>(schema: z.ZodType<T>, { body }: Asked): T {
  const parsed = schema.safeParse(parseJson(body.toString()));
  if (parsed.success) return parsed.data;
  throw new Refusal(json(400, { error: z.prettifyError(parsed.error) }));
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Without the fields that are undefined. */
function defined<T extends object>(value: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<Defined<T>>;
}
