// A Kakao on this machine: kauth, kapi, a page that shows what arrived, and a small site for jobs to look at.
// Nothing in it comes from talkbell's own client, so that it cannot share the client's mistakes.
import { randomBytes } from 'node:crypto';
import { makeApp, type SandboxApp } from './app.ts';
import { type Clock, makeClock } from './clock.ts';
import { type FaultRule, makeFaults } from './faults.ts';
import { makeShelf, type Received, type RequestLog } from './inbox.ts';
import { makePeople, type People } from './people.ts';
import { makeQuotas } from './quotas.ts';
import { listen } from './server.ts';
import { makeSite, type Site } from './site.ts';
import { makeTokens } from './tokens.ts';
import { makeUsers } from './users.ts';
import type { World } from './world.ts';

export interface SandboxOptions {
  /** 0, the default, takes any free one. */
  readonly port?: number;
  readonly host?: '127.0.0.1';
  readonly now?: () => number;
  readonly app?: Partial<SandboxApp>;
  /** Makes tokens, codes and uuids. Default: 24 random bytes. */
  readonly newSecret?: () => string;
}

export interface Sandbox {
  /** Its origin: pages are under /, kauth under /kauth, kapi under /kapi. */
  readonly url: string;
  readonly authUrl: string;
  readonly apiUrl: string;
  readonly siteUrl: string;
  readonly restApiKey: string;
  readonly clientSecret: string;
  /** Every message that arrived. */
  readonly received: () => readonly Received[];
  /** Every request to kauth and kapi, whatever came of it. */
  readonly requests: () => readonly RequestLog[];
  readonly clock: Clock;
  readonly fault: (rule: FaultRule) => void;
  readonly clearFaults: () => void;
  readonly users: People;
  /** Settings; a change counts from the next request on. */
  readonly app: SandboxApp;
  readonly site: Site;
  /** Forgets messages, requests, faults and today's counts; keeps users, tokens and settings. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  let origin = '';
  const world = makeWorld(options, () => origin);
  const people = makePeople(world);
  const site = makeSite(world.clock);
  const reset = () => {
    world.inbox.clear();
    world.log.clear();
    world.faults.clear();
    world.quotas.reset();
  };
  const server = await listen({ world, people, site, reset }, options);
  origin = server.origin;

  return {
    url: origin,
    authUrl: `${origin}/kauth`,
    apiUrl: `${origin}/kapi`,
    siteUrl: `${origin}/site`,
    restApiKey: world.app.restApiKey,
    clientSecret: world.app.clientSecret,
    received: world.inbox.list,
    requests: world.log.list,
    clock: world.clock,
    fault: world.faults.add,
    clearFaults: world.faults.clear,
    users: people,
    app: world.app,
    site,
    reset,
    close: server.close,
  };
}

function makeWorld(
  { now = Date.now, app: changes = {}, newSecret = randomSecret }: SandboxOptions,
  origin: () => string,
): World {
  const clock = makeClock(now);
  const app = makeApp(changes);
  return {
    clock,
    app,
    users: makeUsers(newSecret),
    tokens: makeTokens({ app, clock, newSecret }),
    quotas: makeQuotas(app, clock),
    faults: makeFaults(),
    inbox: makeShelf(),
    log: makeShelf(),
    images: new Map(),
    newSecret,
    origin,
  };
}

function randomSecret(): string {
  return randomBytes(24).toString('base64url');
}
