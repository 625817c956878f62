// Who calls kapi: a user by access token, or the app by one of its keys. Everything else is refused as Kakao does.
import { type Asked, kapiError } from './answers.ts';
import type { AccessToken } from './tokens.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

export interface Caller {
  readonly user: User;
  readonly access: AccessToken;
  /** What the token may do: what was agreed to at its login and not taken back since. */
  readonly scopes: readonly string[];
}

export function checkCaller(world: World, { headers, ip }: Asked): Caller {
  const token = /^Bearer +(.+)$/i.exec(headers['authorization'] ?? '')?.[1];
  if (token === undefined) throw kapiError(-401, { msg: 'no authentication key!' });
  if (token.length > world.app.longestToken) throw kapiError(-2, { msg: 'too long for access token.' });
  checkApp(world, ip);

  const access = world.tokens.findAccess(token);
  const user = access === undefined ? undefined : world.users.byId(access.login.userId);
  if (access === undefined || user === undefined) throw kapiError(-401, { msg: 'this access token does not exist' });
  if (access.endsAt <= world.clock.now()) throw kapiError(-401, { msg: 'this access token is already expired' });
  return { user, access, scopes: access.login.scopes.filter((scope) => user.agreed.has(scope)) };
}

/** True when the app itself calls with a key of the given kind; a wrong key is refused. */
export function isApp({ app }: World, { headers }: Asked, key: 'adminKey' | 'restApiKey'): boolean {
  const given = /^KakaoAK +(.+)$/i.exec(headers['authorization'] ?? '')?.[1];
  if (given === undefined) return false;
  if (given !== app[key]) throw kapiError(-401, { msg: 'invalid app key.', scheme: 'KakaoAK' });
  return true;
}

/** Refuses what the app may not do, and then what the user has not agreed to. */
export function checkScope({ app }: World, { scopes }: Caller, { scope, api }: { scope: string; api: string }): void {
  if (!app.consentItems.some((item) => item.id === scope && item.using)) {
    throw kapiError(-3, {
      msg: `[${app.name}] App disabled [${scope}] scopes for [${api}] API on developers.kakao.com. Enable it first.`,
    });
  }
  if (scopes.includes(scope)) return;
  throw kapiError(-402, {
    msg: 'insufficient scopes.',
    api_type: api,
    required_scopes: [scope],
    allowed_scopes: scopes,
  });
}

function checkApp({ app }: World, ip: string): void {
  if (app.keyDeactivated) throw kapiError(-401, { msg: `appKey(${app.restApiKey}) is already deactivated` });
  if (app.allowedIps !== undefined && !app.allowedIps.includes(ip)) {
    throw kapiError(-401, { msg: `ip mismatched! callerIp=${ip}. check out registered ips.` });
  }
}
