// Whether a recipient can be told now, in a few words: what jobs, check and recipients show beside a name.
import type { AccountRow, Address, Recipient } from '../core/ports.ts';
import { nearestOf } from './nearest.ts';

export interface People {
  readonly recipients: readonly Recipient[];
  readonly accounts: readonly AccountRow[];
}

/** Undefined when nothing is in the way; else what is. */
export function whyUnreached(name: string, people: People): string | undefined {
  return findTrouble(name, people, new Set());
}

function findTrouble(name: string, people: People, visited: Set<string>): string | undefined {
  if (visited.has(name)) return undefined;
  visited.add(name);
  const address = people.recipients.find((recipient) => recipient.name === name)?.address;
  if (address === undefined) return whyMissing(name, people.recipients);
  if (address.channel === 'group') {
    const troubles = address.members.flatMap((member) => {
      const trouble = findTrouble(member, people, visited);
      return trouble === undefined ? [] : [`${member}: ${trouble}`];
    });
    return troubles.length === 0 ? undefined : troubles.join(', ');
  }
  if ('sealed' in address) return address.reason;
  return 'account' in address ? troubleOf(address.account, people) : undefined;
}

function whyMissing(name: string, recipients: readonly Recipient[]): string {
  const near = nearRecipient(name, recipients);
  if (near === undefined) return 'log in first';
  return `there is no recipient ${name}; did you mean ${near}? Otherwise: talkbell login --as ${name}`;
}

/** The recipient that was probably meant by a name that does not exist. Short names differ by one letter only. */
export function nearRecipient(name: string, recipients: readonly Recipient[]): string | undefined {
  const known = recipients.map((recipient) => recipient.name);
  return nearestOf(name, known, Math.max(1, Math.floor(name.length / 3)))[0];
}

/** The command that mends what `whyUnreached` gave; undefined where that names one already. */
export function howToReach(name: string, { recipients, accounts }: People): string | undefined {
  const address = recipients.find((recipient) => recipient.name === name)?.address;
  if (address === undefined)
    return nearRecipient(name, recipients) === undefined
      ? `talkbell login --as ${name}, or another way: talkbell recipients add ${name} --webhook URL`
      : undefined;
  if (!('account' in address)) return 'talkbell recipients';
  const isHeld = accounts.some((row) => row.name === address.account && row.state === 'held');
  return isHeld ? 'talkbell accounts' : `talkbell login --as ${address.account}`;
}

function troubleOf(account: string, { accounts }: People): string | undefined {
  const row = accounts.find(({ name }) => name === account);
  if (row === undefined) return 'log in first';
  if (row.state === 'needs-login') return 'log in again';
  return row.state === 'held' ? 'held' : undefined;
}

/** Where a recipient is reached, in words. */
export function describeAddress(address: Address): string {
  switch (address.channel) {
    case 'kakao-memo':
      return `KakaoTalk of ${address.account}`;
    case 'kakao-friend':
      return `KakaoTalk friend ${address.friend} of ${address.account}`;
    case 'webhook':
      return 'sealed' in address ? 'an address that is sealed' : `${address.method ?? 'POST'} ${hostOf(address.url)}`;
    case 'console':
      return 'this terminal, or the log of the daemon';
    case 'group':
      return address.members.join(', ');
  }
}

/** A webhook's path is often its password. */
function hostOf(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}/…` : url;
}
