// Which handler answers which path of kauth and kapi, with faults before and after it, and a note of every request.

import { type Answer, type Asked, json, kapiAnswer, Refusal } from './answers.ts';
import { answerAccountLogout, answerAuthorize, answerLoginForm } from './authorize.ts';
import { type FaultRule, faultyAnswer, takesEffect } from './faults.ts';
import { answerFriendList } from './friends-api.ts';
import { answerDeleteImage, answerScrapImage, answerUpload } from './image-api.ts';
import { answerFriends, answerMemo, type Way } from './message-api.ts';
import { answerToken } from './token-endpoint.ts';
import { answerLogout, answerMe, answerRevoke, answerScopes, answerTokenInfo, answerUnlink } from './user-api.ts';
import type { World } from './world.ts';

type Handler = (world: World, asked: Asked) => Answer | Promise<Answer>;

const memo =
  (way: Way): Handler =>
  (world, asked) =>
    answerMemo(world, asked, way);
const friends =
  (way: Way): Handler =>
  (world, asked) =>
    answerFriends(world, asked, way);

const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /kauth/oauth/authorize': answerAuthorize,
  'POST /kauth/oauth/authorize': answerLoginForm,
  'GET /kauth/oauth/logout': answerAccountLogout,
  'POST /kauth/oauth/token': answerToken,
  'GET /kapi/v1/user/access_token_info': answerTokenInfo,
  'POST /kapi/v1/user/logout': answerLogout,
  'POST /kapi/v1/user/unlink': answerUnlink,
  'GET /kapi/v2/user/scopes': answerScopes,
  'POST /kapi/v2/user/revoke/scopes': answerRevoke,
  'GET /kapi/v2/user/me': answerMe,
  'POST /kapi/v2/user/me': answerMe,
  'POST /kapi/v2/api/talk/memo/default/send': memo('default'),
  'POST /kapi/v2/api/talk/memo/send': memo('custom'),
  'POST /kapi/v2/api/talk/memo/scrap/send': memo('scrap'),
  'POST /kapi/v1/api/talk/friends/message/default/send': friends('default'),
  'POST /kapi/v1/api/talk/friends/message/send': friends('custom'),
  'POST /kapi/v1/api/talk/friends/message/scrap/send': friends('scrap'),
  'GET /kapi/v1/api/talk/friends': answerFriendList,
  'POST /kapi/v2/api/talk/message/image/upload': answerUpload,
  'POST /kapi/v2/api/talk/message/image/scrap': answerScrapImage,
  'DELETE /kapi/v2/api/talk/message/image/delete': answerDeleteImage,
};

/** What becomes of a request: an answer after some time, or a connection that is closed. */
export type Fate =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly delayMs: number }
  | { readonly kind: 'drop' };

export async function decideFate(world: World, asked: Asked): Promise<Fate> {
  const at = world.clock.now();
  const search = asked.query.size === 0 ? '' : `?${asked.query}`;
  const fault = world.faults.take(asked.method, asked.path + search);
  const fate = await suffer(world, asked, fault);
  world.log.add({
    at,
    method: asked.method,
    path: asked.path,
    query: Object.fromEntries(asked.query),
    form: Object.fromEntries(asked.form ?? []),
    status: fate.kind === 'drop' ? 'dropped' : fate.answer.status,
    fault: fault?.kind,
  });
  return fate;
}

async function suffer(world: World, asked: Asked, fault: FaultRule | undefined): Promise<Fate> {
  if (fault === undefined) return { kind: 'answer', answer: await answer(world, asked), delayMs: 0 };
  const right = takesEffect(fault) ? await answer(world, asked) : undefined;
  if (fault.kind === 'drop-before' || fault.kind === 'drop-after') return { kind: 'drop' };
  const shown = faultyAnswer(fault) ?? right ?? (await answer(world, asked));
  return { kind: 'answer', answer: shown, delayMs: fault.delayMs ?? 0 };
}

async function answer(world: World, asked: Asked): Promise<Answer> {
  const handler = ROUTES[`${asked.method} ${asked.path}`];
  if (handler === undefined) return json(404, { msg: 'NotFoundException', code: -2 });
  if (asked.path.startsWith('/kapi/') && !world.quotas.takeRequest()) return kapiAnswer(-10);
  try {
    return await handler(world, asked);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}
