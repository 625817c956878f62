// GET /oauth/authorize: the login page, or an answer at once where nothing is to be asked.
// A header `X-Sandbox-User: NAME` or `?sandbox_user=NAME` logs in without the page; with `sandbox_scopes=a,b` only
// those are agreed to, with `sandbox_answer=cancel` the user cancels.
import { type Answer, type Asked, html, Refusal, redirect } from './answers.ts';
import type { ConsentItem } from './app.ts';
import { drawErrorPage, drawLoginPage, PAGE_POLICY } from './login-page.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

const COOKIE = 'sandbox_account';
const DAY_S = 86_400;

/** What the app asks of the user, checked. */
interface Wish {
  readonly redirectUri: string;
  readonly state: string | null;
  readonly challenge: string | undefined;
  readonly prompts: readonly string[];
  /** Undefined when the app names no scope. */
  readonly scopes: readonly string[] | undefined;
  readonly query: URLSearchParams;
}

export function answerAuthorize(world: World, asked: Asked): Answer {
  const wish = readWish(world, asked.query);
  const shortcut = readName(asked.headers['x-sandbox-user']) ?? asked.query.get('sandbox_user') ?? undefined;
  if (shortcut !== undefined) return answerShortcut(world, wish, shortcut);

  const user = accountOf(world, asked);
  if (wish.prompts.includes('none')) {
    return user !== undefined && missing(world, wish, user).length === 0
      ? grant(world, wish, user)
      : sayConsentRequired(wish);
  }
  const asksAgain = wish.prompts.some((prompt) => ['login', 'select_account', 'create'].includes(prompt));
  if (user !== undefined && !asksAgain && missing(world, wish, user).length === 0) return grant(world, wish, user);
  return loginPage(world, wish, user);
}

/** A header holds bytes: a Korean name comes as UTF-8 or percent-encoded. */
function readName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  return new URLSearchParams(`name=${Buffer.from(header, 'latin1').toString()}`).get('name') ?? undefined;
}

/** The login page's own form. */
export function answerLoginForm(world: World, asked: Asked): Answer {
  const form = asked.form ?? new URLSearchParams();
  const wish = readWish(world, new URLSearchParams(form.get('query') ?? ''));
  if (form.get('answer') === 'cancel') return sayDenied(wish);

  const name = (form.get('new_user') ?? '').trim() || (form.get('user') ?? '');
  if (name === '') return loginPage(world, wish, undefined);
  const user =
    world.users.find(name) ?? world.users.add(name, { friends: world.users.list().map((other) => other.name) });
  const answer = agree(world, wish, { user, scopes: form.getAll('scope') });
  const forS = form.get('stay') === 'on' ? 30 * DAY_S : DAY_S;
  const cookie = `${COOKIE}=${user.id}; Path=/kauth; HttpOnly; SameSite=Lax; Max-Age=${forS}`;
  return { ...answer, headers: { ...answer.headers, 'set-cookie': cookie } };
}

/** GET /oauth/logout ends the browser's account session. */
export function answerAccountLogout({ app }: World, { query }: Asked): Answer {
  const to = query.get('logout_redirect_uri') ?? '';
  if (query.get('client_id') !== app.restApiKey)
    throw refusePage(app.errorPageStatus, 'KOE101', 'client_id를 찾을 수 없습니다.');
  const registered = app.redirectUris.some((uri) => URL.canParse(to) && new URL(uri).origin === new URL(to).origin);
  if (!registered) throw refusePage(app.errorPageStatus, 'KOE006', '등록되지 않은 로그아웃 리다이렉트 URI입니다.');
  return redirect(withQuery(to, { state: query.get('state') }), { 'set-cookie': `${COOKIE}=; Path=/kauth; Max-Age=0` });
}

function readWish({ app }: World, query: URLSearchParams): Wish {
  const refuse = (code: string, text: string) => refusePage(app.errorPageStatus, code, text);
  const redirectUri = query.get('redirect_uri') ?? '';
  const scopes = query
    .get('scope')
    ?.split(/[ ,]+/)
    .filter((scope) => scope !== '' && scope !== 'openid');
  const off = (scopes ?? []).filter((scope) => !app.consentItems.some((item) => item.id === scope && item.using));

  if (query.get('client_id') !== app.restApiKey)
    throw refuse('KOE101', `앱 키가 잘못되었습니다: ${query.get('client_id')}`);
  if (!app.loginOn) throw refuse('KOE004', '카카오 로그인이 켜져 있지 않습니다.');
  if (!app.redirectUris.includes(redirectUri))
    throw refuse('KOE006', `등록되지 않은 리다이렉트 URI입니다: ${redirectUri}`);
  if (!query.has('response_type')) throw refuse('KOE201', 'response_type이 없습니다.');
  if (query.get('response_type') !== 'code') throw refuse('KOE202', 'response_type은 code여야 합니다.');
  if (off.length > 0) throw refuse('KOE205', `앱에 설정되지 않은 동의항목입니다: ${off.join(', ')}`);

  return {
    redirectUri,
    state: query.get('state'),
    challenge: query.get('code_challenge') ?? undefined,
    prompts: query.get('prompt')?.split(/[ ,]+/) ?? [],
    scopes,
    query,
  };
}

function answerShortcut(world: World, wish: Wish, name: string): Answer {
  const user = world.users.find(name);
  if (user === undefined) {
    throw refusePage(404, 'SANDBOX', `"${name}"이라는 테스트 사용자가 없습니다. POST /control/users 로 추가하세요.`);
  }
  if (wish.query.get('sandbox_answer') === 'cancel') return sayDenied(wish);
  if (wish.prompts.includes('none')) {
    return missing(world, wish, user).length === 0 ? grant(world, wish, user) : sayConsentRequired(wish);
  }
  const chosen = wish.query.get('sandbox_scopes')?.split(',');
  return agree(world, wish, { user, scopes: chosen ?? missing(world, wish, user).map((item) => item.id) });
}

function agree(world: World, wish: Wish, { user, scopes }: { user: User; scopes: readonly string[] }): Answer {
  const { app, clock } = world;
  if (app.testApp && !app.members.includes(user.name))
    throw refusePage(app.errorPageStatus, 'KOE005', '테스트 앱의 멤버가 아닙니다.');
  const offered = missing(world, wish, user).filter((item) => item.required || scopes.includes(item.id));
  user.agreed = new Set([...user.agreed, ...offered.map((item) => item.id)]);
  user.linkedAt ??= clock.now();
  return grant(world, wish, user);
}

function grant({ tokens }: World, { redirectUri, state, challenge }: Wish, user: User): Answer {
  const code = tokens.makeCode({ userId: user.id, redirectUri, challenge });
  return redirect(withQuery(redirectUri, { code, state }));
}

/** The items to ask for: all that are in use at the first login, later only what is named and not yet agreed to. */
function missing({ app }: World, { scopes }: Wish, user: User): readonly ConsentItem[] {
  const isNew = user.linkedAt === undefined;
  const named = (item: ConsentItem) =>
    scopes === undefined ? isNew : scopes.includes(item.id) || (isNew && item.required);
  return app.consentItems.filter((item) => item.using && named(item) && !user.agreed.has(item.id));
}

function sayDenied(wish: Wish): Answer {
  return sayError(wish, 'access_denied', 'User denied access');
}

function sayConsentRequired(wish: Wish): Answer {
  return sayError(wish, 'consent_required', 'user consent required.');
}

function sayError({ redirectUri, state }: Wish, error: string, description: string): Answer {
  return redirect(withQuery(redirectUri, { error, error_description: description, state }));
}

/** Spaces are written as %20, as Kakao writes them. */
function withQuery(uri: string, fields: Readonly<Record<string, string | null>>): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  if (pairs.length === 0) return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}

function accountOf({ users }: World, { headers }: Asked): User | undefined {
  const id = /(?:^|;\s*)sandbox_account=(\d+)/.exec(headers['cookie'] ?? '')?.[1];
  return id === undefined ? undefined : users.byId(Number(id));
}

function loginPage(world: World, wish: Wish, account: User | undefined): Answer {
  const people = world.users.list().map((user) => ({
    name: user.name,
    items: missing(world, wish, user),
    chosen: user === (account ?? world.users.list()[0]),
  }));
  const page = drawLoginPage({
    appName: world.app.name,
    query: wish.query.toString(),
    people,
    items: missingOfNew(world, wish),
  });
  const policy = `${PAGE_POLICY}; form-action 'self' ${new URL(wish.redirectUri).origin}`;
  return html(200, page, { 'content-security-policy': policy, 'cache-control': 'no-store' });
}

function missingOfNew({ app }: World, { scopes }: Wish): readonly ConsentItem[] {
  return app.consentItems.filter(
    (item) => item.using && (scopes === undefined || item.required || scopes.includes(item.id)),
  );
}

function refusePage(status: number, code: string, text: string): Refusal {
  return new Refusal(html(status, drawErrorPage(code, text), { 'content-security-policy': PAGE_POLICY }));
}
