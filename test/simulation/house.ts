// What a story begins with: the store as a user has it after setting talkbell up.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../../src/core/ports.ts';
import { openStore } from '../../src/io/store.ts';
import type { SimulatedTime } from './clock.ts';
import type { SimulatedJob } from './jobs.ts';
import type { KakaoModel } from './kakao-model.ts';
import type { Dice } from './random.ts';

const DAY_MS = 86_400_000;

/** Groups hold one another and themselves, as people make them. */
function groupsOf({ users, friends }: KakaoModel): ReadonlyMap<string, readonly string[]> {
  const all = users.map(({ name }) => name);
  const those = friends.map(({ name }) => name);
  if (those.length === 0) return new Map([['all', all]]);
  return new Map([
    ['all', all],
    ['friends', those],
    ['everyone', ['all', 'friends', 'hook', 'me', 'everyone']],
  ]);
}

/** Whom each name reaches. */
export function membersOf(kakao: KakaoModel): ReadonlyMap<string, readonly string[]> {
  const groups = groupsOf(kakao);
  const everyone = [...(groups.get('all') ?? []), ...(groups.get('friends') ?? []), 'hook'];
  return new Map([...groups, ...(groups.has('everyone') ? [['everyone', everyone] as const] : [])]);
}

interface House {
  readonly file: string;
  readonly folder: string;
  readonly key: Buffer;
  readonly kakao: KakaoModel;
  readonly jobs: readonly SimulatedJob[];
  readonly time: SimulatedTime;
  readonly dice: Dice;
}

/** The store as a user has it after setting talkbell up. */
export async function furnish({ file, folder, key, kakao, jobs, time, dice }: House): Promise<void> {
  const store: Store = await openStore({ file, key, now: time.wall });
  mkdirSync(join(folder, 'backups'), { recursive: true });
  writeFileSync(join(folder, 'none'), '');
  for (const user of kakao.users) {
    const leftDays = dice.pick([5, 20, 29, 31, 33, 50]);
    const tokens = kakao.login(user, leftDays * DAY_MS);
    await store.saveLogin(
      { name: user.name, kakaoId: String(user.id), scopes: ['talk_message', 'friends'], tokens },
      time.wall(),
    );
  }
  await store.saveRecipient(
    { name: 'owner', address: { channel: 'webhook', url: 'https://owner.example/' } },
    time.wall(),
  );
  await store.saveRecipient(
    { name: 'hook', address: { channel: 'webhook', url: 'https://hook.example/' } },
    time.wall(),
  );
  for (const { name, id } of kakao.friends) {
    const address = { channel: 'kakao-friend', account: 'me', friend: String(id) } as const;
    await store.saveRecipient({ name, address }, time.wall());
  }
  for (const [name, members] of groupsOf(kakao))
    await store.saveRecipient({ name, address: { channel: 'group', members } }, time.wall());
  await store.syncJobs(
    jobs.map((job) => job.file),
    time.wall(),
  );
  await store.close();
}
