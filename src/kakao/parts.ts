// Kakao's parts put together: one HTTP client, the login server, the API, the token keeper and the friends book.
import type { Clock, Store } from '../core/ports.ts';
import { type Kakao, openKakao } from './client.ts';
import { type FriendsBook, makeFriendsBook } from './friends.ts';
import { type Http, openHttp } from './http.ts';
import { finishLogin, type LoginAnswer, type LoginEnd } from './login.ts';
import { type Oauth, openOauth } from './oauth.ts';
import { makeTokenKeeper, type TokenKeeper } from './tokens.ts';

export interface KakaoPartsSettings {
  readonly config: {
    readonly restApiKey: string | undefined;
    readonly clientSecret: string | undefined;
    readonly redirectUri: string;
    readonly authUrl: string;
    readonly apiUrl: string;
  };
  readonly store: Store;
  readonly now: Clock;
  /** The way to Kakao, closed with the parts. Default: one of their own. */
  readonly http?: Http;
  /** Waits between two questions for the lease of a login. */
  readonly wait?: (ms: number) => Promise<void>;
}

export interface KakaoParts {
  readonly oauth: Oauth;
  readonly api: Kakao;
  readonly keeper: TokenKeeper;
  readonly friends: FriendsBook;
  /** Turns the code of a login into a stored account. */
  readonly finishLogin: (login: LoginAnswer) => Promise<LoginEnd>;
  readonly close: () => Promise<void>;
}

/** Without a REST API key everything but logins and refreshes works; Kakao's own answer then says what is missing. */
export function openKakaoParts({ config, store, now, http = openHttp(), wait }: KakaoPartsSettings): KakaoParts {
  const { restApiKey = '', clientSecret, redirectUri, authUrl, apiUrl } = config;
  const oauth = openOauth({ authUrl, clientId: restApiKey, clientSecret, redirectUri, http });
  const api = openKakao({ apiUrl, http });
  const keeper = makeTokenKeeper({ store, oauth, now, ...(wait === undefined ? {} : { wait }) });
  const friends = makeFriendsBook({ kakao: api, keeper, store, now });
  return {
    oauth,
    api,
    keeper,
    friends,
    finishLogin: (login) => finishLogin({ oauth, kakao: api, store, now }, login),
    close: http.close,
  };
}
