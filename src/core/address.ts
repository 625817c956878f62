// From the names a job writes in `to` to the rows its messages become.
import type { Saying } from '../kakao/template.ts';
import type { Instant } from './job.ts';
import type { Address, Channel, NewMessage, Recipient } from './ports.ts';

/** A recipient that is a channel's address: no group. */
export interface Reached {
  readonly name: string;
  readonly address: Exclude<Address, { channel: 'group' }>;
}

export type Channels = Readonly<Record<Reached['address']['channel'], Channel>>;

/** Resolves names, groups included, each person once. A group that contains itself ends. */
export function findRecipients(
  names: readonly string[],
  recipients: readonly Recipient[],
): { readonly reached: readonly Reached[]; readonly missing: readonly string[] } {
  const byName = new Map(recipients.map((recipient) => [recipient.name, recipient]));
  const visited = new Set<string>();
  const reached: Reached[] = [];
  const missing: string[] = [];
  const queue = [...names];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (visited.has(name)) continue;
    visited.add(name);
    const address = byName.get(name)?.address;
    if (address === undefined) missing.push(name);
    else if (address.channel === 'group') queue.unshift(...address.members);
    else reached.push({ name, address });
  }
  return { reached, missing };
}

export interface Addressing {
  readonly channels: Channels;
  readonly nextAt: Instant;
  readonly freshUntil: Instant;
  readonly ifUnclear: 'leave' | 'resend';
  readonly keys: readonly string[];
}

/** The rows that say these sayings to these recipients, in the order in which they are to arrive. */
export function writeMessages(
  sayings: readonly Saying[],
  reached: readonly Reached[],
  { channels, nextAt, freshUntil, ifUnclear, keys }: Addressing,
): readonly NewMessage[] {
  return reached.flatMap(({ name, address }) =>
    sayings.flatMap((saying, index) => {
      const parts = channels[address.channel].prepare(saying);
      return parts.map((part, number) => ({
        recipient: name,
        address,
        saying: part,
        index,
        part: number + 1,
        parts: parts.length,
        nextAt,
        freshUntil,
        ifUnclear,
        keys,
      }));
    }),
  );
}
