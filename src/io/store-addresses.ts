// Addresses as they are stored: those of webhooks sealed, for whoever knows one can post to it. Each is bound to the name
// of its recipient, so that a message may carry its recipient's address as it stands, and no other row may.
import { StoreError } from '../core/errors.ts';
import type { Address, SealedWebhook } from '../core/ports.ts';
import { isSealedWith, type Keyring, seal, unsealWithAny } from './seal.ts';
import { readAddress, readSealed } from './store-columns.ts';
import type { Sql } from './store-database.ts';

export function writeAddress({ keyring }: Pick<Sql, 'keyring'>, recipient: string, address: Address): string {
  if (address.channel !== 'webhook') return JSON.stringify(address);
  return 'sealed' in address ? sealedColumn(address.sealed) : sealText(keyring, recipient, JSON.stringify(address));
}

/** Undefined when it is damaged. One that was sealed with a key that is not there stays sealed, and says why. */
export function openAddress({ keyring }: Pick<Sql, 'keyring'>, recipient: string, text: string): Address | undefined {
  const sealed = readSealed(text);
  if (sealed === undefined) return readAddress(text);
  try {
    return readAddress(unsealWithAny(keyring, bytesOf(sealed), about(recipient)));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error.kind === 'key' ? { ...sealed, reason: otherKey(recipient) } : undefined;
  }
}

/**
 * The address of a message. Where its own is sealed with a key that is not there, it goes where its recipient is reached
 * now: adding the recipient once more is what the owner was asked for.
 */
export function openMessageAddress(sql: Sql, recipient: string, text: string): Address | undefined {
  const own = openAddress(sql, recipient, text);
  if (own === undefined || !('sealed' in own)) return own;
  const row = sql.get<{ address: string }>('select address from recipients where name = ?', recipient);
  const present = row && openAddress(sql, recipient, row.address);
  return present?.channel === 'webhook' ? present : own;
}

/**
 * Seals what stands in the clear, for the migration: all but what surely is no webhook, so damaged ones too. Gives how
 * many that were.
 */
export function sealStored(sql: Sql): number {
  const clear = storedAddresses(sql).filter(
    ({ address }) => (readAddress(address)?.channel ?? 'webhook') === 'webhook' && readSealed(address) === undefined,
  );
  for (const row of clear) row.save(sealText(sql.keyring, row.recipient, row.address));
  return clear.length;
}

/** Seals with the present key what an older one opens. Gives the recipients whose own address was sealed anew. */
export function resealStored(sql: Sql): readonly string[] {
  return oldAddresses(sql).flatMap((row) => {
    const text = openText(sql.keyring, row);
    if (text === undefined) return [];
    row.save(sealText(sql.keyring, row.recipient, text));
    return row.isMessage ? [] : row.recipient;
  });
}

/** Without an older key nothing can be sealed anew, and history need not be looked through. */
export function hasOldAddresses(sql: Sql): boolean {
  return sql.keyring.length > 1 && oldAddresses(sql).length > 0;
}

interface StoredAddress {
  readonly recipient: string;
  readonly address: string;
  readonly isMessage: boolean;
  readonly save: (text: string) => void;
}

function storedAddresses(sql: Sql, prefix = ''): readonly StoredAddress[] {
  const recipients = sql.all<{ name: string; address: string }>(
    'select name, address from recipients where substr(address, 1, ?) = ? order by name',
    prefix.length,
    prefix,
  );
  const messages = sql.all<{ id: number; recipient: string; address: string }>(
    'select id, recipient, address from messages where substr(address, 1, ?) = ?',
    prefix.length,
    prefix,
  );
  return [
    ...recipients.map(({ name, address }) => ({
      recipient: name,
      address,
      isMessage: false,
      save: (text: string) => void sql.run('update recipients set address = ? where name = ?', text, name),
    })),
    ...messages.map(({ id, recipient, address }) => ({
      recipient,
      address,
      isMessage: true,
      save: (text: string) => void sql.run('update messages set address = ? where id = ?', text, id),
    })),
  ];
}

function oldAddresses(sql: Sql): readonly StoredAddress[] {
  return storedAddresses(sql, sealedColumn('').slice(0, -2)).filter(({ address }) => {
    const sealed = readSealed(address);
    return sealed !== undefined && !isSealedWith(sql.keyring[0], bytesOf(sealed));
  });
}

/** One that does not open waits for its key, or for its recipient to be added again. */
function openText(keyring: Keyring, { recipient, address }: StoredAddress): string | undefined {
  const sealed = readSealed(address);
  if (sealed === undefined) return undefined;
  try {
    return unsealWithAny(keyring, bytesOf(sealed), about(recipient));
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

function sealText([key]: Keyring, recipient: string, text: string): string {
  return sealedColumn(seal(key, text, about(recipient)).toString('base64'));
}

function sealedColumn(sealed: string): string {
  return JSON.stringify({ channel: 'webhook', sealed } satisfies Omit<SealedWebhook, 'reason'>);
}

function bytesOf({ sealed }: Pick<SealedWebhook, 'sealed'>): Buffer {
  return Buffer.from(sealed, 'base64');
}

function about(recipient: string): string {
  return `recipient ${recipient}, address`;
}

function otherKey(recipient: string): string {
  return (
    `The key has changed: the webhook of ${recipient} was sealed with another one. Put back the old TALKBELL_KEY in the ` +
    'environment or .env, or the old file data/key, and restart. If it is lost, add the webhook again: ' +
    `talkbell recipients add ${recipient} --webhook URL`
  );
}
