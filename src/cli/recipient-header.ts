// Headers of webhooks as they are written on the command line, and addresses as they may be shown: a header's value and a
// webhook's path are often passwords.
import type { Address } from '../core/ports.ts';

const FROM_SETTING = /(?:^|\s)env:(\S+)$/;
const SECRET_HEADER = /auth|token|secret|key|cookie|passw|signature/i;

/** `Name: value` as a pair; undefined if it is none. */
export function readHeader(text: string): readonly [name: string, value: string] | undefined {
  const match = /^\s*([^\s:]+)\s*:\s*(\S.*?)\s*$/.exec(text);
  return match?.[1] === undefined || match[2] === undefined ? undefined : [match[1], match[2]];
}

/** The settings that headers are read from: `env:NAME`, perhaps behind a scheme. */
export function settingsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(headers).flatMap((value) => FROM_SETTING.exec(value)?.[1] ?? []);
}

/** Whether the value stands there itself and looks like one to hide. */
export function isLiteralSecret(name: string, value: string): boolean {
  if (FROM_SETTING.test(value) || value.includes('{{')) return false;
  return SECRET_HEADER.test(name) || /^(Bearer|Basic|Token) \S/i.test(value) || /^[\w+/=-]{32,}$/.test(value);
}

export function safeAddress(address: Address): object {
  if (address.channel !== 'webhook') return address;
  if ('sealed' in address) return { channel: address.channel };
  const headers = Object.entries(address.headers ?? {}).map(([name, value]) => [
    name,
    isLiteralSecret(name, value) ? '[secret]' : value,
  ]);
  const url = URL.canParse(address.url) ? `${new URL(address.url).origin}/…` : address.url;
  return { ...address, url, ...(address.headers === undefined ? {} : { headers: Object.fromEntries(headers) }) };
}
