// kapi's six ways to send a message: to oneself or to friends; by default, custom and scrap template.
import { type Answer, type Asked, json, kapiAnswer, kapiError, messageOf } from './answers.ts';
import type { Arrived } from './inbox.ts';
import { type Caller, checkCaller, checkScope } from './kapi-auth.ts';
import { isRegistered, parseJson, readTemplate } from './template-check.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

export type Way = 'default' | 'custom' | 'scrap';

const MOST_RECEIVERS = 5;
const API = {
  memo: { default: 'TALK_MEMO_DEFAULT_SEND', custom: 'TALK_MEMO_SEND', scrap: 'TALK_MEMO_SCRAP_SEND' },
  friend: { default: 'TALK_MESSAGE_DEFAULT_SEND', custom: 'TALK_MESSAGE_SEND', scrap: 'TALK_MESSAGE_SCRAP_SEND' },
} as const;

export function answerMemo(world: World, asked: Asked, way: Way): Answer {
  const caller = checkSender(world, asked, API.memo[way]);
  const message = readMessage(world, asked, way);
  const refused = world.quotas.refuses(caller.user.id, caller.user.id);
  if (refused !== undefined) return kapiAnswer(refused);
  deliver(world, message, { sender: caller.user, receiver: caller.user, via: 'memo' });
  return json(200, { result_code: 0 });
}

export function answerFriends(world: World, asked: Asked, way: Way): Answer {
  const { user: sender } = checkSender(world, asked, API.friend[way]);
  const uuids = readReceivers(world, asked);
  const message = readMessage(world, asked, way);

  const outcomes = uuids.map((uuid) => ({ uuid, code: sendTo(world, message, { sender, uuid }) }));
  const appLimit = outcomes.some(({ code }) => code === -10);
  const [first] = outcomes;
  if (appLimit) return kapiAnswer(-10);
  if (outcomes.length === 1 && first?.code !== undefined) return kapiAnswer(first.code);
  return json(200, describeOutcomes(world, outcomes));
}

function checkSender(world: World, asked: Asked, api: string): Caller {
  const caller = checkCaller(world, asked);
  if (!world.app.messagePermission) throw kapiError(-5);
  checkScope(world, caller, { scope: 'talk_message', api });
  if (!caller.user.usesTalk) throw kapiError(-501);
  return caller;
}

function readReceivers({ app }: World, { form }: Asked): readonly string[] {
  const uuids = parseJson(form?.get('receiver_uuids') ?? null);
  const isList = Array.isArray(uuids) && uuids.length > 0 && uuids.every((uuid) => typeof uuid === 'string');
  if (!isList) throw kapiError(-2, { msg: 'failed to parse parameter. name=receiver_uuids' });
  if (uuids.length > MOST_RECEIVERS && app.moreThanFiveReceivers === 'refuse') {
    throw kapiError(-2, { msg: `receiver_uuids should have at most ${MOST_RECEIVERS} elements` });
  }
  return uuids;
}

/** Delivers to one friend, or gives the code that says why not. */
function sendTo(world: World, message: Arrived, { sender, uuid }: { sender: User; uuid: string }): number | undefined {
  const { app, users, quotas } = world;
  const receiver = users.byUuid(uuid);
  if (receiver === undefined || !isReachable(world, sender, receiver)) return -502;
  if (receiver.blocksMessages) return -530;
  const agreed = receiver.agreed.has('friends') && receiver.agreed.has('talk_message');
  if (!agreed || (!app.approved && !app.members.includes(receiver.name))) return -502;
  const refused = quotas.refuses(sender.id, receiver.id);
  if (refused === undefined) deliver(world, message, { sender, receiver, via: 'friend' });
  return refused;
}

function isReachable({ app }: World, sender: User, receiver: User): boolean {
  if (receiver.linkedAt === undefined || receiver.hidden) return false;
  return sender.friends.has(receiver.name) && (app.approved || app.members.includes(receiver.name));
}

function describeOutcomes({ app }: World, outcomes: readonly { uuid: string; code: number | undefined }[]) {
  const sent = outcomes.filter(({ code }) => code === undefined).map(({ uuid }) => uuid);
  const failed = Map.groupBy(
    outcomes.filter(({ code }) => code !== undefined),
    ({ code }) => code ?? 0,
  );
  const failure = [...failed].map(([code, those]) => ({
    code,
    msg: messageOf(code),
    receiver_uuids: those.map(({ uuid }) => uuid),
  }));
  const hideSent = sent.length === 0 && app.noneSuccessful === 'missing';
  return {
    ...(hideSent ? {} : { successful_receiver_uuids: sent }),
    ...(failure.length === 0 ? {} : { failure_info: failure }),
  };
}

function readMessage(world: World, { form }: Asked, way: Way): Arrived {
  if (way === 'custom') return readCustom(form);
  if (way === 'scrap') return readScrap(world, form);
  const arrived = readTemplate(world.app, form?.get('template_object') ?? null);
  if (arrived === undefined) throw cannotParse('template_object');
  return arrived;
}

function readCustom(form: URLSearchParams | undefined): Arrived {
  const templateId = readTemplateId(form);
  if (templateId === undefined) throw cannotParse('template_id');
  const templateArgs = readArgs(form);
  const object = { template_id: templateId, template_args: templateArgs };
  return {
    kind: 'custom',
    object,
    text: undefined,
    displayed: undefined,
    shown: { kind: 'custom', ...object },
    warnings: [],
  };
}

function readScrap({ app }: World, form: URLSearchParams | undefined): Arrived {
  const requestUrl = form?.get('request_url') ?? '';
  if (!URL.canParse(requestUrl) || !isRegistered(app, requestUrl)) throw cannotParse('request_url');
  const templateId = form?.has('template_id') === true ? readTemplateId(form) : undefined;
  if (form?.has('template_id') === true && templateId === undefined) throw cannotParse('template_id');
  const object = { request_url: requestUrl, template_id: templateId, template_args: readArgs(form) };
  const shown = { kind: 'scrap' as const, request_url: requestUrl, template_id: templateId };
  return { kind: 'scrap', object, text: undefined, displayed: undefined, shown, warnings: [] };
}

function readTemplateId(form: URLSearchParams | undefined): number | undefined {
  const given = form?.get('template_id') ?? '';
  return /^\d{1,15}$/.test(given) ? Number(given) : undefined;
}

function readArgs(form: URLSearchParams | undefined): Readonly<Record<string, string>> {
  const source = form?.get('template_args') ?? null;
  const args = source === null ? {} : parseJson(source);
  if (!isTexts(args)) throw cannotParse('template_args');
  return args;
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one === 'string');
}

function cannotParse(name: string) {
  return kapiError(-2, { msg: `failed to parse parameter. name=${name}` });
}

interface Delivery {
  readonly sender: User;
  readonly receiver: User;
  readonly via: 'memo' | 'friend';
}

function deliver({ inbox, quotas, clock }: World, message: Arrived, { sender, receiver, via }: Delivery): void {
  quotas.count(sender.id, receiver.id);
  inbox.add({
    ...message,
    id: inbox.count() + 1,
    at: clock.now(),
    via,
    userId: receiver.id,
    receiver: receiver.name,
    senderId: sender.id,
    sender: sender.name,
  });
}
