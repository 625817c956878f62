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
  OutboxStore,
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
}

type AllStores = AlertStore & AccountStore & PeopleStore;

export interface OwnerPorts {
  readonly store: AlertStore & OutboxStore & PeopleStore;
  readonly channels: Channels;
  /** Names of the owner's recipients. */
  readonly owner: readonly string[];
  readonly now: Clock;
  readonly log: Log;
  readonly onMessage: () => void;
}

export function makeOwner(ports: OwnerPorts): Owner {
  const { store, now, log } = ports;
  return {
    tell: async (key, text) => {
      if (!(await store.openAlert(key, text, now()))) return;
      log.warn({ alert: key }, text);
      if ((await store.alertsToldSince(now() - HOUR_MS)) >= MOST_AN_HOUR) return;
      await send(ports, `⚠ ${text}`);
      await store.markTold([key], now());
    },
    recover: async (key, text) => {
      const alert = await store.closeAlert(key);
      if (alert === undefined) return;
      log.info({ alert: key }, text);
      if (alert.toldAt !== undefined) await send(ports, `✓ ${text}`);
    },
    tellHeld: async () => {
      const held = (await store.alerts()).filter(({ toldAt }) => toldAt === undefined);
      if (held.length === 0 || (await store.alertsToldSince(now() - HOUR_MS)) >= MOST_AN_HOUR) return;
      await send(ports, summarize(held));
      await store.markTold(
        held.map(({ key }) => key),
        now(),
      );
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
    recipient: [isRecipient, `The recipient ${name} is there now.`] as const,
    holidays: [
      present.holidaysUntil > Number(name),
      `The list of holidays goes on to ${present.holidaysUntil}.`,
    ] as const,
  }[kind] ?? [false, ''];
  return isOver ? text : undefined;
}

function endsSoon(account: AccountRow | undefined, now: Instant): boolean {
  return account !== undefined && account.refreshExpiresAt - now <= LOGIN_ENDS_MS;
}

async function send({ store, channels, owner, now, log, onMessage }: OwnerPorts, text: string): Promise<void> {
  const { reached, missing } = findRecipients(owner, await store.recipients());
  if (reached.length === 0) log.error({ owner: missing }, `The owner cannot be told: ${text}`);
  const at: Instant = now();
  const messages = writeMessages([{ kind: 'text', text }], reached, {
    channels,
    nextAt: at,
    freshUntil: at + ALERT_FRESH_MS,
    ifUnclear: 'leave',
    keys: [],
  });
  if (messages.length === 0) return;
  await store.addMessages(messages, 'owner', at);
  onMessage();
}
