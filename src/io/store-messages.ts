// Rows of the outbox as they are written and read. What happens to them is in store-outbox.ts.
import { randomUUID } from 'node:crypto';
import type { Instant } from '../core/job.ts';
import type { Address, MessageRow, MessageState, NewMessage, OutboxStore } from '../core/ports.ts';
import type { Saying } from '../kakao/template.ts';
import { openMessageAddress, writeAddress } from './store-addresses.ts';
import { readSaying } from './store-columns.ts';
import type { Sql } from './store-database.ts';

export interface MessageRecord {
  readonly id: number;
  readonly key: string;
  readonly run: number | null;
  readonly job: string | null;
  readonly about: string | null;
  /** What it is a part of: rows with the same `said`, `idx` and recipient are the parts of one message. */
  readonly said: string;
  readonly recipient: string;
  readonly address: string;
  /** The Kakao account that sends it. */
  readonly account: string | null;
  readonly saying: string;
  readonly idx: number;
  readonly part: number;
  readonly parts: number;
  readonly state: MessageState;
  readonly reason: string | null;
  readonly attempts: number;
  readonly resent: number;
  readonly if_unclear: NewMessage['ifUnclear'];
  readonly created_at: number;
  readonly next_at: number;
  readonly fresh_until: number;
  readonly attempted_at: number | null;
  readonly settled_at: number | null;
}

interface Origin {
  readonly run: number | undefined;
  readonly job: string | undefined;
  readonly about: string | undefined;
  readonly said: string;
}

export function insertMessages(
  sql: Sql,
  { run, job, about, said }: Origin,
  messages: readonly NewMessage[],
  now: Instant,
): readonly number[] {
  return messages.map(
    (message) =>
      sql.run(
        `insert into messages (key, run, job, about, said, recipient, address, account, saying, idx, part, parts,
           if_unclear, keys, created_at, next_at, fresh_until)
         values (@key, @run, @job, @about, @said, @recipient, @address, @account, @saying, @index, @part, @parts,
           @ifUnclear, @keys, @now, @nextAt, @freshUntil)`,
        {
          ...message,
          account: 'account' in message.address ? message.address.account : null,
          key: randomUUID(),
          run: run ?? null,
          job: job ?? null,
          about: about ?? null,
          said,
          address: writeAddress(sql, message.recipient, message.address),
          saying: JSON.stringify(message.saying),
          keys: JSON.stringify(message.keys),
          now,
        },
      ).id,
  );
}

export function makeMessageStore(sql: Sql): Pick<OutboxStore, 'messages' | 'sentOn' | 'countMessages'> {
  return {
    messages: (query) => sql.read(() => listMessages(sql, query)),

    sentOn: (day, account, receiver) =>
      sql.read(() => {
        const counts = sql.get<{ sender: number; receiver: number }>(
          `select coalesce(sum(count), 0) as sender, coalesce(sum(count) filter (where receiver = ?), 0) as receiver
           from ledger where day = ? and account = ?`,
          receiver,
          day,
          account,
        );
        return counts ?? { sender: 0, receiver: 0 };
      }),

    countMessages: () =>
      sql.read(() => {
        const rows = sql.all<{ state: MessageState; count: number }>('select state, count from message_counts');
        return Object.fromEntries(rows.map(({ state, count }) => [state, count])) as Record<MessageState, number>;
      }),
  };
}

/** The conditions are put together so that each has its own index; `+` keeps the others from choosing another one. */
function listMessages(
  sql: Sql,
  { state, run, job, limit, before }: Parameters<OutboxStore['messages']>[0],
): readonly MessageRow[] {
  const conditions = [
    ...(run === undefined ? [] : ['run = @run']),
    ...(job === undefined ? [] : ['job = @job']),
    ...(state === undefined ? [] : [run === undefined && job === undefined ? 'state = @state' : '+state = @state']),
    'id < @before',
  ];
  return sql
    .all<MessageRecord>(`select * from messages where ${conditions.join(' and ')} order by id desc limit @limit`, {
      ...(run === undefined ? {} : { run }),
      ...(job === undefined ? {} : { job }),
      ...(state === undefined ? {} : { state }),
      before: before ?? Number.MAX_SAFE_INTEGER,
      limit,
    })
    .map((record) => toMessageRow(sql, record));
}

/** What people see of a row that nobody can send. */
const NOWHERE: Address = { channel: 'console' };
const UNREADABLE: Saying = { kind: 'text', text: '[damaged on disk]' };

/** As it is to be sent; undefined when what is stored of it no longer can be. A group never stands in the outbox. */
export function toSendableRow(sql: Sql, record: MessageRecord): MessageRow | undefined {
  const { address, saying } = readParts(sql, record);
  if (address === undefined || address.channel === 'group' || saying === undefined) return undefined;
  return makeRow(record, { address, saying });
}

/** As people see it. */
export function toMessageRow(sql: Sql, record: MessageRecord): MessageRow {
  const { address = NOWHERE, saying = UNREADABLE } = readParts(sql, record);
  return makeRow(record, { address, saying });
}

type Parts = Pick<MessageRow, 'address' | 'saying'>;

interface ReadParts {
  readonly address: Address | undefined;
  readonly saying: Saying | undefined;
}

function readParts(sql: Sql, { recipient, address, saying }: MessageRecord): ReadParts {
  return { address: openMessageAddress(sql, recipient, address), saying: readSaying(saying) };
}

function makeRow(record: MessageRecord, { address, saying }: Parts): MessageRow {
  return {
    id: record.id,
    key: record.key,
    run: record.run ?? undefined,
    job: record.job ?? undefined,
    recipient: record.recipient,
    address,
    saying,
    part: record.part,
    parts: record.parts,
    attempts: record.attempts,
    freshUntil: record.fresh_until,
    state: record.state,
    reason: record.reason ?? undefined,
    createdAt: record.created_at,
    nextAt: record.next_at,
    attemptedAt: record.attempted_at ?? undefined,
    settledAt: record.settled_at ?? undefined,
    ifUnclear: record.if_unclear,
    resent: record.resent === 1,
    group: `${record.said} ${record.idx}`,
    about: record.about ?? undefined,
  };
}
