// Tells the owner what needs a person: each episode once, once more when it is over, and never a flood. Readers never
// hear of it.
import { type Channels, findRecipients, writeMessages } from './address.ts';
import type { Instant } from './job.ts';
import type { Log } from './log.ts';
import type { AlertStore, Clock, OutboxStore, PeopleStore } from './ports.ts';

/** An alert is worth telling for a day. */
const ALERT_FRESH_MS = 24 * 60 * 60_000;
/** Alerts in one hour before the rest waits for the next. */
const MOST_AN_HOUR = 10;
const HOUR_MS = 60 * 60_000;

export interface Owner {
  /** Opens an episode and tells it, unless it is open already. */
  readonly tell: (key: string, text: string) => Promise<void>;
  /** Ends an episode; says so if it had been told. */
  readonly recover: (key: string, text: string) => Promise<void>;
  /** Tells what the hourly limit had held back. */
  readonly tellHeld: () => Promise<void>;
}

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
      await send(
        ports,
        ['⚠ There was much to tell; here is the rest:', ...held.map(({ text }) => `- ${text}`)].join('\n'),
      );
      await store.markTold(
        held.map(({ key }) => key),
        now(),
      );
    },
  };
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
