// Tells the owner what needs a person: each episode once, once more when it is over, and never a flood. Readers never
// hear of it.
import { type Channels, findRecipients, writeMessages } from './address.ts';
import { kstDay } from './delivery.ts';
import type { Instant } from './job.ts';
import type { Log } from './log.ts';
import type {
  AccountRow,
  AccountStore,
  Alert,
  AlertStore,
  Clock,
  NewMessage,
  Notice,
  PeopleStore,
  Recipient,
} from './ports.ts';

/** An alert is worth telling for a day. */
const ALERT_FRESH_MS = 24 * 60 * 60_000;
/** Alerts in one hour before the rest waits for the next. */
const MOST_AN_HOUR = 10;
const HOUR_MS = 60 * 60_000;
const MOST_SUMMARIZED = 3;
const LONGEST_SUMMARY = 80;
/** The first warning that a login ends comes this long before. */
const LOGIN_ENDS_MS = 14 * 24 * HOUR_MS;

export interface Owner {
  /** Opens an episode and tells it, unless it is open already. */
  readonly tell: (key: string, text: string) => Promise<void>;
  /** Ends an episode; says so if it had been told. */
  readonly recover: (key: string, text: string) => Promise<void>;
  /** Tells what the hourly limit had held back. */
  readonly tellHeld: () => Promise<void>;
  /** Gives what writes an alert for the transaction that makes it one, with nobody to wait for. */
  readonly writer: () => Promise<(key: string, text: string) => Notice>;
  /** What such a transaction has opened. */
  readonly opened: (notices: readonly Notice[]) => void;
}

type AllStores = AlertStore & AccountStore & PeopleStore;

export interface OwnerPorts {
  readonly store: AlertStore & PeopleStore;
  readonly channels: Channels;
  /** Names of the owner's recipients. */
  readonly owner: readonly string[];
  readonly now: Clock;
  readonly log: Log;
  readonly onMessage: () => void;
}

export function makeOwner(ports: OwnerPorts): Owner {
  const { store, now, log, onMessage } = ports;
  const isOpen = async (key: string): Promise<boolean> => (await store.alerts()).some((alert) => alert.key === key);
  const opened = (notices: readonly Notice[]): void => {
    for (const { key, text } of notices) log.warn({ alert: key }, text);
    if (notices.length > 0) onMessage();
  };
  const writer = async (): Promise<(key: string, text: string) => Notice> => {
    const recipients = await store.recipients();
    const at = now();
    return (key, text) => {
      const messages = write(ports, recipients, { text: `⚠ ${text}`, at });
      return { key, text, telling: { messages, most: MOST_AN_HOUR, since: at - HOUR_MS } };
    };
  };
  return {
    tell: async (key, text) => {
      if (await isOpen(key)) return;
      const notice = (await writer())(key, text);
      if (await store.openAlert(key, text, now(), notice.telling)) opened([notice]);
    },
    writer,
    opened,
    recover: async (key, text) => {
      if (!(await isOpen(key))) return;
      const at = now();
      const messages = write(ports, await store.recipients(), { text: `✓ ${text}`, at });
      const alert = await store.closeAlert(key, { messages, now: at });
      if (alert === undefined) return;
      log.info({ alert: key }, text);
      onMessage();
    },
    tellHeld: async () => {
      const held = (await store.alerts()).filter(({ toldAt }) => toldAt === undefined);
      const at = now();
      if (held.length === 0 || (await store.alertsToldSince(at - HOUR_MS)) >= MOST_AN_HOUR) return;
      const keys = held.map(({ key }) => key);
      const messages = write(ports, await store.recipients(), { text: summarize(held), at });
      await store.markTold(keys, at, messages);
      onMessage();
    },
  };
}

/** Few words for many episodes: each alert costs a part of the day's messages. */
function summarize(held: readonly Alert[]): string {
  const shown = held.slice(0, MOST_SUMMARIZED).map(({ text }) => `- ${text.slice(0, LONGEST_SUMMARY)}`);
  const rest = held.length - shown.length;
  const more = rest > 0 ? [`and ${rest} more: talkbell check, talkbell history`] : [];
  return ['⚠ There was much to tell; here is the rest:', ...shown, ...more].join('\n');
}

export interface Present {
  readonly now: Instant;
  /** The last year of the list of holidays. */
  readonly holidaysUntil: number;
}

/** Ends the episodes that no event ends: a day is past, an account or recipient has come or gone. */
export async function endPast(owner: Owner, store: AllStores, present: Present): Promise<void> {
  const facts = { present, accounts: await store.accounts(), recipients: await store.recipients() };
  const said = new Set<string>();
  for (const { key, since } of await store.alerts()) {
    const text = whyOver({ key, since }, facts);
    if (text === undefined) continue;
    // Four warnings that one login ends are over with one word.
    if (said.has(text)) await store.closeAlert(key);
    else await owner.recover(key, text);
    said.add(text);
  }
}

interface Facts {
  readonly present: Present;
  readonly accounts: readonly AccountRow[];
  readonly recipients: readonly Recipient[];
}

function whyOver(
  { key, since }: Pick<Alert, 'key' | 'since'>,
  { present, accounts, recipients }: Facts,
): string | undefined {
  const [kind = '', name = '', day = ''] = key.split(':');
  const account = accounts.find((candidate) => candidate.name === name);
  const isRecipient = recipients.some((recipient) => recipient.name === name);
  if (/^(held|login|login-ends|refresh)$/.test(kind) && account === undefined) return `The account ${name} is gone.`;
  const [isOver, text] = {
    held: [account?.state !== 'held', `Sending with the account ${name} is no longer stopped.`] as const,
    budget: [day !== kstDay(present.now), `The day on which the budget of ${name} was spent is over.`] as const,
    login: [account?.state === 'ok', `The account ${name} is logged in again.`] as const,
    refresh: [
      (account?.updatedAt ?? 0) > since && account?.state === 'ok',
      `The login of ${name} is renewed.`,
    ] as const,
    'login-ends': [!endsSoon(account, present.now), `The login of ${name} is renewed.`] as const,
    undelivered: [!isRecipient, `The recipient ${name} is gone.`] as const,
    sealed: [!isSealed(recipients, name), `The webhook of ${name} can be called again.`] as const,
    recipient: [isRecipient, `The recipient ${name} is there now.`] as const,
    holidays: [
      present.holidaysUntil > Number(name),
      `The list of holidays goes on to ${present.holidaysUntil}.`,
    ] as const,
  }[kind] ?? [false, ''];
  return isOver ? text : undefined;
}

function isSealed(recipients: readonly Recipient[], name: string): boolean {
  return recipients.some((recipient) => recipient.name === name && 'sealed' in recipient.address);
}

function endsSoon(account: AccountRow | undefined, now: Instant): boolean {
  return account !== undefined && account.refreshExpiresAt - now <= LOGIN_ENDS_MS;
}

/** What the owner's recipients are told, as it goes into the outbox. */
function write(
  { channels, owner, log }: OwnerPorts,
  recipients: readonly Recipient[],
  { text, at }: { readonly text: string; readonly at: Instant },
): readonly NewMessage[] {
  const { reached, missing } = findRecipients(owner, recipients);
  if (reached.length === 0) log.error({ owner: missing }, `The owner cannot be told: ${text}`);
  return writeMessages([{ kind: 'text', text }], reached, {
    channels,
    nextAt: at,
    freshUntil: at + ALERT_FRESH_MS,
    ifUnclear: 'leave',
    keys: [],
  });
}
