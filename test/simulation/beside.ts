// What people do beside the daemon: another process on the same store, for moments, which may die too.
import { makeChannels } from '../../src/channels/index.ts';
import { writeMessages } from '../../src/core/address.ts';
import type { Instant } from '../../src/core/job.ts';
import { noteError, type Opened, openProcess } from './daemon.ts';
import type { KakaoUser } from './kakao-model.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;

/** Does the work in a process of its own, and gives the daemon word of it. */
export async function doBeside(
  world: World,
  { dies, onEnd }: { dies: number | undefined; onEnd: () => void },
  work: (opened: Opened) => Promise<unknown>,
): Promise<void> {
  const opened = await openProcess(world, { name: 'command', onDeath: onEnd });
  if (dies !== undefined) opened.process.doom({ calls: dies, effect: dies % 2 === 0 ? 'before' : 'after' });
  await work(opened).catch((error: unknown) => noteError(world, error));
  await opened.kakao.keeper.idle();
  opened.process.kill();
  await opened.raw.close();
}

export async function sendMessage(
  world: World,
  { store, kakao }: Opened,
  { name, text }: { name: string; text: string },
): Promise<void> {
  const now: Instant = world.time.wall();
  const none = { prepare: () => [], batch: 1, deliver: async () => [] };
  const channels = makeChannels({ kakao, now: world.time.wall, env: {}, console: none });
  const reached = [{ name, address: { channel: 'kakao-memo', account: name } }] as const;
  const messages = writeMessages([{ kind: 'text', text }], reached, {
    channels,
    nextAt: now,
    freshUntil: now + HOUR_MS,
    ifUnclear: 'leave',
    keys: [],
  });
  await store.addMessages(messages, 'send', now);
}

export async function askForToken(world: World, { kakao }: Opened, name: string): Promise<void> {
  const never = new AbortController().signal;
  const access = await kakao.keeper.access(name, never);
  if ('token' in access) await kakao.api.tokenInfo(access.token, never);
  await kakao.keeper.maintain(world.time.wall());
}

/** True once the login is there. */
export async function logIn({ kakao }: Opened, { name }: KakaoUser): Promise<boolean> {
  const end = await kakao.finishLogin({ code: `code of ${name}`, name });
  return end.kind === 'ok';
}
