// What a client of Kakao does, in plain fetch: for tests of the sandbox, sharing nothing with the real client.
import type { TestContext } from 'node:test';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';

export const REDIRECT = 'http://localhost:8917/oauth';
export const START = Date.parse('2026-11-20T01:00:00Z');
export const LINK = { web_url: 'http://localhost/a' };
export const TEXT = { object_type: 'text', text: '안녕하세요', link: LINK };

export interface TokenBody {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly [field: string]: unknown;
}

export async function openSandbox(t: TestContext, options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ now: () => START, ...options });
  t.after(() => sandbox.close());
  return sandbox;
}

export function authorize(sandbox: Sandbox, query: Readonly<Record<string, string>> = {}): Promise<Response> {
  const usual = { client_id: sandbox.restApiKey, redirect_uri: REDIRECT, response_type: 'code' };
  const search = new URLSearchParams({ ...usual, ...query });
  return fetch(`${sandbox.authUrl}/oauth/authorize?${search}`, { redirect: 'manual' });
}

export async function getCode(
  sandbox: Sandbox,
  user: string,
  query: Readonly<Record<string, string>> = {},
): Promise<string> {
  const response = await authorize(sandbox, { sandbox_user: user, ...query });
  return new URL(response.headers.get('location') ?? 'http://none').searchParams.get('code') ?? 'no code';
}

/** Asks for tokens with all that is needed; a field given as undefined is left out. */
export function askToken(sandbox: Sandbox, fields: Readonly<Record<string, string | undefined>>): Promise<Response> {
  const usual = { client_id: sandbox.restApiKey, client_secret: sandbox.clientSecret };
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...usual, ...fields })) if (value !== undefined) form.set(name, value);
  return fetch(`${sandbox.authUrl}/oauth/token`, { method: 'POST', body: form });
}

export function askWithCode(sandbox: Sandbox, code: string, fields: Readonly<Record<string, string | undefined>> = {}) {
  return askToken(sandbox, { grant_type: 'authorization_code', redirect_uri: REDIRECT, code, ...fields });
}

export function askRefresh(sandbox: Sandbox, token: string): Promise<Response> {
  return askToken(sandbox, { grant_type: 'refresh_token', refresh_token: token });
}

export async function logIn(
  sandbox: Sandbox,
  user: string,
  query: Readonly<Record<string, string>> = {},
): Promise<TokenBody> {
  const response = await askWithCode(sandbox, await getCode(sandbox, user, query));
  return (await response.json()) as TokenBody;
}

export function get(sandbox: Sandbox, path: string, token: string): Promise<Response> {
  return fetch(sandbox.apiUrl + path, { headers: { authorization: `Bearer ${token}` } });
}

interface Posted {
  readonly token: string;
  readonly form?: Readonly<Record<string, string>>;
}

export function post(sandbox: Sandbox, path: string, { token, form = {} }: Posted): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return fetch(sandbox.apiUrl + path, { method: 'POST', headers, body: new URLSearchParams(form) });
}

export function sendMemo(sandbox: Sandbox, token: string, template: unknown = TEXT): Promise<Response> {
  const form = { template_object: typeof template === 'string' ? template : JSON.stringify(template) };
  return post(sandbox, '/v2/api/talk/memo/default/send', { token, form });
}

export function sendToFriends(sandbox: Sandbox, token: string, uuids: unknown): Promise<Response> {
  const receivers = typeof uuids === 'string' ? uuids : JSON.stringify(uuids);
  const form = { receiver_uuids: receivers, template_object: JSON.stringify(TEXT) };
  return post(sandbox, '/v1/api/talk/friends/message/default/send', { token, form });
}

export function uuidOf(sandbox: Sandbox, name: string): string {
  return sandbox.users.list().find((user) => user.name === name)?.uuid ?? `no user ${name}`;
}

/** The status and the body, to be compared at once. */
export async function read(response: Promise<Response>): Promise<{ status: number; body: unknown }> {
  const answered = await response;
  return { status: answered.status, body: await answered.json() };
}

/** Sets the clock to a round instant of Korea. */
export function setKoreanTime(sandbox: Sandbox, time: string): void {
  sandbox.clock.set(Date.parse(`${time}+09:00`));
}
