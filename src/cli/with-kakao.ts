// The store and Kakao's client, for commands that ask Kakao. Refreshes take the lease of the account, so that a running
// daemon and a command never renew a login at once.
import { ConfigError } from '../core/errors.ts';
import { type KakaoParts, openKakaoParts } from '../kakao/parts.ts';
import type { CommandLine } from './command-line.ts';
import { suggest } from './nearest.ts';
import { type Context, withStore } from './with-store.ts';

export interface KakaoContext extends Context {
  readonly kakao: KakaoParts;
}

export async function withKakao<T>(line: CommandLine, work: (context: KakaoContext) => Promise<T>): Promise<T> {
  return withStore(line, async (context) => {
    const kakao = openKakaoParts({ config: context.config.kakao, store: context.store, now: context.now });
    try {
      return await work({ ...context, kakao });
    } finally {
      await kakao.keeper.idle();
      await kakao.close();
    }
  });
}

/** Throws ConfigError with where the key is to be had. */
export function requireRestApiKey({ config }: Context): void {
  if (config.kakao.restApiKey !== undefined) return;
  throw new ConfigError([
    'KAKAO_REST_API_KEY is not set. Make an app at https://developers.kakao.com, copy the REST API key of [앱] > [플랫폼 키] into .env, and the client secret beside it as KAKAO_CLIENT_SECRET. To try without an app: talkbell sandbox',
  ]);
}

/** Throws ConfigError with the nearest names. */
export async function requireAccount({ store }: Context, name: string): Promise<void> {
  const names = (await store.accounts()).map((account) => account.name);
  if (names.includes(name)) return;
  throw new ConfigError([
    `There is no account ${name}. ${suggest(name, names)} Make it with: talkbell login --as ${name}`,
  ]);
}
