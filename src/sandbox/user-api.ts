// kapi's calls about a user: the token's state, log-out, unlink, consents, who one is.
import { type Answer, type Asked, json, kapiError } from './answers.ts';
import { checkCaller, isApp } from './kapi-auth.ts';
import { parseJson } from './template-check.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

export function answerTokenInfo(world: World, asked: Asked): Answer {
  const { user, access } = checkCaller(world, asked);
  const leftMs = access.endsAt - world.clock.now();
  return json(200, {
    id: user.id,
    expires_in: Math.floor(leftMs / 1000),
    app_id: world.app.id,
    expiresInMillis: leftMs,
    appId: world.app.id,
  });
}

export function answerLogout(world: World, asked: Asked): Answer {
  if (isApp(world, asked, 'adminKey')) {
    const user = namedUser(world, asked);
    world.tokens.endAll(user.id);
    return json(200, { id: user.id });
  }
  const { user, access } = checkCaller(world, asked);
  world.tokens.endLogin(access);
  return json(200, { id: user.id });
}

export function answerUnlink(world: World, asked: Asked): Answer {
  const user = isApp(world, asked, 'adminKey') ? namedUser(world, asked) : checkCaller(world, asked).user;
  unlink(world, user);
  return json(200, { id: user.id });
}

/** Takes back every consent and ends every token. */
export function unlink({ tokens }: World, user: User): void {
  user.agreed = new Set();
  user.linkedAt = undefined;
  tokens.endAll(user.id);
}

export function answerScopes(world: World, asked: Asked): Answer {
  const { user } = checkCaller(world, asked);
  const named = asked.query.get('scopes');
  return json(200, describeScopes(world, user, named === null ? undefined : readIds(named)));
}

export function answerRevoke(world: World, asked: Asked): Answer {
  const { user } = checkCaller(world, asked);
  const ids = readIds(asked.form?.get('scopes') ?? null);
  const known = world.app.consentItems.filter((item) => ids.includes(item.id) && user.agreed.has(item.id));
  if (known.length === 0 || known.length < ids.length) {
    throw kapiError(-2, { msg: `There is no scopes to revoke. scopes=${ids.join(',')}` });
  }
  const fixed = known.find((item) => item.required);
  if (fixed !== undefined) throw kapiError(-3, { msg: `[${fixed.id}] is not revocable. It is required by the app.` });
  user.agreed = new Set([...user.agreed].filter((id) => !ids.includes(id)));
  return json(200, describeScopes(world, user, ids));
}

export function answerMe(world: World, asked: Asked): Answer {
  const { user, scopes } = checkCaller(world, asked);
  const { app } = world;
  const nickname = scopes.includes('profile_nickname') ? { profile: { nickname: user.name } } : {};
  const uuid = app.approved && app.messagePermission && scopes.includes('talk_message');
  return json(200, {
    id: user.id,
    connected_at: new Date(user.linkedAt ?? 0).toISOString().replace(/\.\d+/, ''),
    kakao_account: { profile_nickname_needs_agreement: !user.agreed.has('profile_nickname'), ...nickname },
    ...(uuid ? { for_partner: { uuid: user.uuid } } : {}),
  });
}

function describeScopes({ app }: World, user: User, only: readonly string[] | undefined) {
  const scopes = app.consentItems
    .filter((item) => (item.using || user.agreed.has(item.id)) && (only?.includes(item.id) ?? true))
    .map((item) => {
      const agreed = user.agreed.has(item.id);
      const { id, displayName, type, using } = item;
      const plain = { id, display_name: displayName, type, using, agreed };
      return agreed ? { ...plain, revocable: !item.required } : plain;
    });
  return { id: user.id, scopes };
}

function readIds(source: string | null): readonly string[] {
  const ids = parseJson(source);
  if (Array.isArray(ids) && ids.every((id) => typeof id === 'string')) return ids;
  throw kapiError(-2, { msg: 'failed to parse parameter. name=scopes' });
}

function namedUser({ users }: World, { form }: Asked): User {
  const user = users.byId(Number(form?.get('target_id')));
  if (form?.get('target_id_type') !== 'user_id') throw kapiError(-2, { msg: 'target_id_type should be user_id' });
  if (user === undefined || user.linkedAt === undefined) throw kapiError(-101, { msg: 'NotRegisteredUserException' });
  return user;
}
