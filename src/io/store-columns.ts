// Columns of JSON, read back. A disk, a hand or another version may have changed them, and one such row must cost itself
// alone: what does not fit is undefined here, and each reader decides what that means.
import { z } from 'zod';
import type { Item, JobDescription, Later, Validator } from '../core/job.ts';
import type { Address, Friend, SealedWebhook } from '../core/ports.ts';
import type { Saying } from '../kakao/template.ts';

const names = z.array(z.string());
const texts = z.record(z.string(), z.string());

const address = z.discriminatedUnion('channel', [
  z.object({ channel: z.literal('kakao-memo'), account: z.string() }),
  z.object({ channel: z.literal('kakao-friend'), account: z.string(), friend: z.string() }),
  z.object({
    channel: z.literal('webhook'),
    url: z.string(),
    method: z.enum(['POST', 'PUT']).optional(),
    headers: texts.optional(),
    body: z.string().optional(),
  }),
  z.object({ channel: z.literal('console') }),
  z.object({ channel: z.literal('group'), members: names }),
]);

const sealed = z.object({ channel: z.literal('webhook'), sealed: z.base64() });

const saying = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('default'), object: z.looseObject({ object_type: z.string() }) }),
  z.object({ kind: z.literal('custom'), template_id: z.number(), template_args: texts, plain: z.string().optional() }),
  z.object({ kind: z.literal('scrap'), request_url: z.string() }),
]);

const description = z.object({
  id: z.string(),
  file: z.string(),
  slots: texts,
  timezone: z.string(),
  to: names,
  freshForMs: z.number(),
  recheckMs: z.number(),
  timeLimitMs: z.number(),
});

const friend = z.object({ uuid: z.string(), allowed: z.boolean() });
const item = z.record(z.string(), z.unknown());
const later = z.object({ unsettled: z.object({ item, looks: z.number() }).optional(), gathered: item.optional() });
const validators = z.array(z.object({ url: z.string() }));

export const readAddress = readerOf<Address>(address);
export const readSealed = readerOf<Omit<SealedWebhook, 'reason'>>(sealed);
export const readSaying = readerOf<Saying>(saying);
export const readDescription = readerOf<JobDescription>(description);
export const readFriends = readerOf<readonly (Partial<Friend> & Pick<Friend, 'uuid' | 'allowed'>)[]>(z.array(friend));
export const readItem = readerOf<Item>(item);
export const readLater = readerOf<Later>(later);
export const readNames = readerOf<readonly string[]>(names);
export const readValidators = readerOf<readonly Validator[]>(validators);

/** The whole value comes back, not only what is checked of it. */
function readerOf<T>(shape: z.ZodType): (text: string) => T | undefined {
  return (text) => {
    const value = parse(text);
    return shape.safeParse(value).success ? (value as T) : undefined;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
