// Columns of JSON, read back. A disk, a hand or another version may have changed them, and one such row must cost itself
// alone: what does not fit is undefined here, and each reader decides what that means.
import * as v from '@badrap/valita';
import type { Item, JobDescription, Later, Validator } from '../core/job.ts';
import type { Address, Friend, SealedWebhook } from '../core/ports.ts';
import type { Saying } from '../kakao/template.ts';

const names = v.array(v.string());
const texts = v.record(v.string());
/** JSON may hold 1e400, which is read as Infinity. */
const number = v.number().assert(Number.isFinite);

const address = v.union(
  v.object({ channel: v.literal('kakao-memo'), account: v.string() }),
  v.object({ channel: v.literal('kakao-friend'), account: v.string(), friend: v.string() }),
  v.object({
    channel: v.literal('webhook'),
    url: v.string(),
    method: v.union(v.literal('POST'), v.literal('PUT')).optional(),
    headers: texts.optional(),
    body: v.string().optional(),
  }),
  v.object({ channel: v.literal('console') }),
  v.object({ channel: v.literal('group'), members: names }),
);

const sealed = v.object({ channel: v.literal('webhook'), sealed: v.string().assert(isBase64) });

const saying = v.union(
  v.object({ kind: v.literal('text'), text: v.string() }),
  v.object({ kind: v.literal('default'), object: v.object({ object_type: v.string() }) }),
  v.object({ kind: v.literal('custom'), template_id: number, template_args: texts, plain: v.string().optional() }),
  v.object({ kind: v.literal('scrap'), request_url: v.string() }),
);

const description = v.object({
  id: v.string(),
  file: v.string(),
  slots: texts,
  timezone: v.string(),
  to: names,
  freshForMs: number,
  recheckMs: number,
  timeLimitMs: number,
});

const friend = v.object({ uuid: v.string(), allowed: v.boolean() });
const item = v.record();
const later = v.object({ unsettled: v.object({ item, looks: number }).optional(), gathered: item.optional() });
const validators = v.array(v.object({ url: v.string() }));

export const readAddress = readerOf<Address>(address);
export const readSealed = readerOf<Omit<SealedWebhook, 'reason'>>(sealed);
export const readSaying = readerOf<Saying>(saying);
export const readDescription = readerOf<JobDescription>(description);
export const readFriends = readerOf<readonly (Partial<Friend> & Pick<Friend, 'uuid' | 'allowed'>)[]>(v.array(friend));
export const readItem = readerOf<Item>(item);
export const readLater = readerOf<Later>(later);
export const readNames = readerOf<readonly string[]>(names);
export const readValidators = readerOf<readonly Validator[]>(validators);

/** The whole value comes back, not only what is checked of it. */
function readerOf<T>(shape: v.Type): (text: string) => T | undefined {
  return (text) => {
    const value = parse(text);
    return shape.try(value, { mode: 'passthrough' }).ok ? (value as T) : undefined;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Not one pattern for all: it would run out of room in a text of some megabytes. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[0-9A-Za-z+/]*={0,2}$/.test(text);
}
