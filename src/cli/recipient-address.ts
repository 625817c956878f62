// The address of a recipient from the options that name it.
import { readFileSync } from 'node:fs';
import { webhookProblems } from '../channels/webhook-address.ts';
import { ConfigError } from '../core/errors.ts';
import type { Address } from '../core/ports.ts';
import { readHeader } from './recipient-header.ts';

export interface AddressOptions {
  readonly kakao?: string;
  readonly friend?: string;
  readonly by?: string;
  readonly webhook?: string;
  readonly method?: 'POST' | 'PUT';
  readonly header: readonly string[];
  readonly body?: string;
  readonly console?: boolean;
  readonly group?: string;
}

/** Exactly one way to reach it; what belongs to another way is wrong use. */
export function readAddress(options: AddressOptions, refuse: (problem: string) => never): Address {
  const { kakao, friend, by, webhook, group } = options;
  const ways = [kakao, friend, webhook, group, options.console].filter((way) => way !== undefined);
  if (ways.length !== 1) refuse('name one of --kakao, --friend, --webhook, --console and --group');
  if ((friend === undefined) !== (by === undefined)) refuse('--friend ID and --by ACCOUNT go together');
  const extras = options.method !== undefined || options.header.length > 0 || options.body !== undefined;
  if (webhook === undefined && extras) refuse('--method, --header and --body belong to --webhook');
  if (kakao !== undefined) return { channel: 'kakao-memo', account: kakao };
  if (friend !== undefined && by !== undefined) return { channel: 'kakao-friend', account: by, friend };
  if (webhook !== undefined) return readWebhook(webhook, options, refuse);
  if (group === undefined) return { channel: 'console' };
  const members = group
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  return members.length === 0 ? refuse('--group names nobody; write --group A,B') : { channel: 'group', members };
}

function readWebhook(
  url: string,
  { method, header, body }: AddressOptions,
  refuse: (problem: string) => never,
): Address {
  const headers = Object.fromEntries(
    header.map(
      (text) =>
        readHeader(text) ??
        refuse(`'${text.split(':')[0]}' is no header; write it as 'Name: value' or 'Name: env:SETTING'`),
    ),
  );
  const address = {
    channel: 'webhook',
    url,
    ...(method === undefined ? {} : { method }),
    ...(header.length === 0 ? {} : { headers }),
    ...(body === undefined ? {} : { body: body.startsWith('@') ? readBody(body.slice(1)) : body }),
  } as const;
  const problems = webhookProblems(address);
  return problems.length > 0 ? refuse(problems.join(' ')) : address;
}

function readBody(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`The file ${file} of --body cannot be read. Check its name.`], { cause: error });
  }
}
