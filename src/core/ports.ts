// What the core needs from the world. Each port is implemented once in io/, kakao/ or channels/, and is asynchronous
// and coarse (one method, one transaction), so that another store can stand beside SQLite.
import type { Saying } from '../kakao/template.ts';
import type { Cause, Instant, Item, JobDescription, JobFile, Later, Look, Validator } from './job.ts';

/** The wall clock. */
export type Clock = () => Instant;

/** A number from 0 up to, not including, 1. */
export type Random = () => number;

/** What became of one attempt to deliver. */
export type Outcome =
  | { readonly kind: 'sent' }
  /** Nothing was taken: the same may work later. */
  | { readonly kind: 'retry'; readonly reason: string; readonly retryAfterMs?: number }
  /** It will never work as it stands. */
  | { readonly kind: 'failed'; readonly reason: string; readonly code?: string }
  /** Nobody can know whether it was taken. */
  | { readonly kind: 'unclear'; readonly reason: string }
  /** The whole account must wait: until its daily quota is renewed, or until its operator acts. */
  | { readonly kind: 'hold'; readonly until: 'quota' | 'operator'; readonly reason: string; readonly code?: string }
  /** The account needs a login by a person. */
  | { readonly kind: 'login'; readonly reason: string };

/** Where a recipient is reached. Stored as JSON. */
export type Address =
  | { readonly channel: 'kakao-memo'; readonly account: string }
  /** `friend` is the friend's Kakao id or nickname, looked up in the account's friends list. */
  | { readonly channel: 'kakao-friend'; readonly account: string; readonly friend: string }
  | {
      readonly channel: 'webhook';
      readonly url: string;
      readonly method?: 'POST' | 'PUT';
      /** A value `env:NAME` is read from the environment when sending, so that no secret is stored. */
      readonly headers?: Readonly<Record<string, string>>;
      /** The body with {{text}}, {{title}}, {{link}}, {{job}}, {{id}} filled in, JSON-escaped; default is our own JSON. */
      readonly body?: string;
    }
  | SealedWebhook
  | { readonly channel: 'console' }
  /** Names of other recipients. */
  | { readonly channel: 'group'; readonly members: readonly string[] };

/** A webhook as it is stored, sealed with a key that is not there: what is for it waits until the key is put back. */
export interface SealedWebhook {
  readonly channel: 'webhook';
  readonly sealed: string;
  /** A sentence for people: what to do. */
  readonly reason: string;
}

export interface Recipient {
  readonly name: string;
  readonly address: Address;
}

/** One row of the outbox, as a channel gets it. */
export interface Outgoing {
  readonly id: number;
  /** Stays the same over every attempt, for channels that know idempotency keys. */
  readonly key: string;
  readonly job: string | undefined;
  readonly recipient: string;
  readonly address: Address;
  readonly saying: Saying;
  readonly part: number;
  readonly parts: number;
  readonly attempts: number;
  /** No delivery starts after this. */
  readonly freshUntil: Instant;
}

/** A way of sending. */
export interface Channel {
  /** Cuts a saying into what one call can carry, in order. Pure; throws MessageError beyond a limit. */
  readonly prepare: (saying: Saying) => readonly Saying[];
  /** The most rows of one saying and account that one call carries. */
  readonly batch: number;
  /** One call. Gives an outcome for each row, in order; throws only when something is a bug. */
  readonly deliver: (rows: readonly Outgoing[], signal: AbortSignal) => Promise<readonly Outcome[]>;
}

export type MessageState = 'pending' | 'sending' | 'sent' | 'failed' | 'expired' | 'unclear';

/** A row of the outbox with all that is known of it, for people. */
export interface MessageRow extends Outgoing {
  readonly run: number | undefined;
  readonly state: MessageState;
  readonly reason: string | undefined;
  readonly createdAt: Instant;
  readonly nextAt: Instant;
  readonly attemptedAt: Instant | undefined;
  readonly settledAt: Instant | undefined;
  readonly ifUnclear: 'leave' | 'resend';
  readonly resent: boolean;
  /** The same for rows of one saying, whoever gets them: with `part` and the account, what one call can carry. */
  readonly group?: string;
  /** What a message of no run is about. */
  readonly about?: string | undefined;
}

/** A row to be written into the outbox. */
export interface NewMessage {
  readonly recipient: string;
  readonly address: Address;
  readonly saying: Saying;
  /** Which of the run's sayings, from 0, and which part of it, from 1. */
  readonly index: number;
  readonly part: number;
  readonly parts: number;
  readonly nextAt: Instant;
  readonly freshUntil: Instant;
  readonly ifUnclear: 'leave' | 'resend';
  /** Keys of the items it tells: if no recipient gets it, they count as not told. */
  readonly keys: readonly string[];
}

export type RunOutcome = 'told' | 'silent' | 'failed' | 'skipped' | 'coalesced' | 'missed';

/** A run, or a stretch of due instants that came to the same end (`due` to `lastDue`). */
export interface RunRow {
  readonly id: number;
  readonly job: string;
  readonly slot: string;
  readonly due: Instant;
  readonly lastDue: Instant;
  readonly freshUntil: Instant;
  readonly manual: boolean;
  /** `looking`: in the worker now. `waiting`: until nextLookAt. `done`: has its outcome. */
  readonly state: 'looking' | 'waiting' | 'done';
  readonly nextLookAt: Instant | undefined;
  readonly outcome: RunOutcome | undefined;
  readonly reason: string | undefined;
  /** What its last look came to, if it came to nothing. */
  readonly cause?: Cause | undefined;
  /** What it has told, as JSON of its items, while it may still be corrected. */
  readonly sent?: string | undefined;
  readonly looks: number;
  /** Whether the last look failed (not: was not yet posted). */
  readonly failing: boolean;
  readonly startedAt: Instant | undefined;
  readonly endedAt: Instant | undefined;
  readonly found: number | undefined;
  readonly told: number | undefined;
}

/** One line of a job's schedule and how far its due instants have been dealt with. */
export interface SlotRow {
  readonly job: string;
  readonly slot: string;
  readonly cron: string;
  readonly timezone: string;
  /** Every due instant up to this one has its outcome, or lies before the line was first seen. */
  readonly cursor: Instant;
  /** Runs in a row that ended as failed, or were overtaken while failing. */
  readonly failures: number;
}

/** What the daemon decided about the due instants of one slot. */
export interface Claim {
  readonly job: string;
  readonly slot: string;
  /** Instants that end without a run, as stretches in order of time. */
  readonly closed: readonly {
    readonly first: Instant;
    readonly last: Instant;
    readonly outcome: 'skipped' | 'coalesced' | 'missed';
    readonly reason: string;
  }[];
  /** The instant to run now, if any. */
  readonly run?: { readonly due: Instant; readonly freshUntil: Instant };
  /** Where the slot's cursor moves to. */
  readonly cursor: Instant;
}

export interface JobRow {
  readonly id: string;
  readonly file: string;
  readonly hash: string;
  /** The last good description: what the schedule goes by. Absent when the file never loaded. */
  readonly description: JobDescription | undefined;
  /** Why the file as it is now does not load, or which settings it lacks. */
  readonly problems: readonly string[];
  readonly unset: readonly string[];
  readonly pausedAt: Instant | undefined;
  /** When a watching job's first run has learned. */
  readonly learnedAt: Instant | undefined;
}

/** What a look needs to know of earlier ones. */
export interface Recall {
  /** Undefined before the first run of a watching job. */
  readonly known: readonly (readonly [key: string, item: Item])[] | undefined;
  /** What waits to settle or for a digest. */
  readonly later: readonly (readonly [key: string, later: Later])[];
  /** The job's file has changed since the last look. */
  readonly isEdited: boolean;
  /** Empty when the job's file has changed since they were kept, and while something waits: it needs a whole look. */
  readonly validators: readonly Validator[];
  /** The cookies the job keeps, for its next look alone: they are secrets. */
  readonly cookies?: string | undefined;
  /** How often items of the job came back as not told: if it has risen at the look's end, the look is outdated. */
  readonly untold: number;
}

/** How a run goes on after a look. */
export type AfterLook =
  | {
      readonly state: 'waiting';
      readonly nextLookAt: Instant;
      readonly reason: string;
      readonly failing: boolean;
      readonly cause?: Cause | undefined;
      /** What the run has told: it looks on only for a correction. */
      readonly sent?: string;
    }
  | {
      readonly state: 'done';
      readonly outcome: RunOutcome;
      readonly reason: string;
      readonly cause?: Cause | undefined;
    };

/** How a message goes on after an attempt. */
export type AfterAttempt =
  | { readonly state: 'sent' }
  | { readonly state: 'pending'; readonly nextAt: Instant; readonly reason: string; readonly resent?: boolean }
  | { readonly state: 'failed' | 'expired' | 'unclear'; readonly reason: string };

/** Jobs, slots, runs and what watching jobs remember. */
export interface RunStore {
  /** Takes up what the worker found in the jobs folder: new lines start at `now`, missing files leave the schedule. */
  readonly syncJobs: (files: readonly JobFile[], now: Instant) => Promise<void>;
  readonly jobs: () => Promise<readonly JobRow[]>;
  readonly pause: (job: string, at: Instant | undefined) => Promise<boolean>;
  /** The slots of jobs that are present, with a good description. */
  readonly slots: () => Promise<readonly SlotRow[]>;
  /** One transaction: the closed stretches, the run (state looking, look 1), the cursor, and the waiting run of the
   * same slot that the new one overtakes (closed as coalesced). Gives the new run; undefined if there is none or if
   * the instant already has a row. */
  readonly claim: (claim: Claim, now: Instant) => Promise<RunRow | undefined>;
  /** Adds a run started by hand, waiting for its first look at `now`. */
  readonly addManualRun: (run: { job: string; slot: string; freshUntil: Instant }, now: Instant) => Promise<RunRow>;
  /** Waiting runs whose next look has come, and when the one after them is. */
  readonly waiting: () => Promise<readonly RunRow[]>;
  /** waiting -> looking, one look more. False if the run is no longer waiting. */
  readonly beginLook: (run: number, now: Instant) => Promise<boolean>;
  readonly recall: (job: string, hash: string) => Promise<Recall>;
  /** One transaction: the run's state, what the job now knows, validators, messages, the slot's count of failures. */
  readonly endLook: (end: {
    readonly run: number;
    readonly hash: string;
    readonly look: Look;
    readonly after: AfterLook;
    readonly messages: readonly NewMessage[];
    /** As `recall` gave it for this look. */
    readonly untold?: number | undefined;
    /** What the owner is to be told, given the runs in a row that have failed. */
    readonly notice?: (failures: number) => Notice | undefined;
    readonly now: Instant;
  }) => Promise<{ readonly opened: readonly Notice[] }>;
  /** After a start: runs that were looking when the last daemon ended wait for a new look at `now`. Gives how many. */
  readonly recoverRuns: (now: Instant) => Promise<number>;
  readonly run: (id: number) => Promise<RunRow | undefined>;
  readonly runs: (query: { job?: string; limit: number; before?: number }) => Promise<readonly RunRow[]>;
}

/** Messages written but not yet delivered, on disk. */
export interface OutboxStore {
  /** Messages of no run: alerts, `talkbell send`. Rows of one saying share `index`; gives their ids. */
  readonly addMessages: (messages: readonly NewMessage[], about: string, now: Instant) => Promise<readonly number[]>;
  /** Pending rows whose time has come, oldest first, only the first undelivered row of each recipient, none of `held`
   * accounts. */
  readonly dueMessages: (now: Instant, limit: number) => Promise<readonly MessageRow[]>;
  /** The next instant after `now` at which time alone changes what is to be done: a row due, a row no longer fresh, a
   * hold that ends. */
  readonly nextMessageAt: (now: Instant) => Promise<Instant | undefined>;
  /** pending -> sending, attempts + 1, counted in the ledger, committed before the call. Gives the rows claimed. */
  readonly beginAttempt: (ids: readonly number[], now: Instant) => Promise<readonly number[]>;
  /** One transaction: rows to their new state; failed parts take the later parts of the same message with them; items
   * that no recipient will get count as not told; what the owner is to be told. Gives the episodes that are new. */
  readonly settle: (
    settled: readonly { readonly id: number; readonly after: AfterAttempt; readonly notices?: readonly Notice[] }[],
    now: Instant,
  ) => Promise<readonly Notice[]>;
  /** Pending rows past their freshness -> expired. Gives them. */
  readonly expire: (now: Instant) => Promise<readonly MessageRow[]>;
  /** After a start: rows still `sending` -> unclear, or pending and marked resent where the job asked for it. */
  readonly recoverMessages: (now: Instant) => Promise<readonly MessageRow[]>;
  readonly messages: (query: {
    state?: MessageState;
    run?: number;
    job?: string;
    limit: number;
    before?: number;
  }) => Promise<readonly MessageRow[]>;
  /** How many messages were sent today (a KST day, `2026-11-20`) by the account, and to the receiver by the account. */
  readonly sentOn: (day: string, account: string, receiver: string) => Promise<{ sender: number; receiver: number }>;
  readonly countMessages: () => Promise<Readonly<Record<MessageState, number>>>;
}

export type AccountState = 'ok' | 'needs-login' | 'held' | 'verify';

/** A Kakao login as people see it: no token in it. */
export interface AccountRow {
  readonly name: string;
  readonly kakaoId: string | undefined;
  readonly state: AccountState;
  readonly reason: string | undefined;
  /** With `held`: when it ends by itself. Undefined: when the operator has acted (`talkbell resume --account`). */
  readonly heldUntil: Instant | undefined;
  readonly scopes: readonly string[];
  readonly accessExpiresAt: Instant;
  readonly refreshExpiresAt: Instant;
  readonly updatedAt: Instant;
}

export interface Tokens {
  readonly access: string;
  readonly accessExpiresAt: Instant;
  readonly refresh: string;
  readonly refreshExpiresAt: Instant;
}

/** A refresh that was begun and whose answer is not yet on disk. */
export interface RefreshIntent {
  readonly at: Instant;
  /** SHA-256 of the refresh token that was presented, in hex. */
  readonly tokenHash: string;
}

/** Kakao logins and their tokens, encrypted at rest. */
export interface AccountStore {
  readonly accounts: () => Promise<readonly AccountRow[]>;
  /** A new login, or the same one again: state ok, intent cleared, its pending messages due at once; makes a memo
   * recipient of that name if there is none. */
  readonly saveLogin: (
    login: { name: string; kakaoId: string; scopes: readonly string[]; tokens: Tokens },
    now: Instant,
  ) => Promise<void>;
  readonly removeAccount: (name: string) => Promise<boolean>;
  /** Throws StoreError (`key`) when the key does not open them. */
  readonly tokens: (name: string) => Promise<{ tokens: Tokens; intent: RefreshIntent | undefined } | undefined>;
  /** Recorded before the request goes out. */
  readonly beginRefresh: (name: string, intent: RefreshIntent) => Promise<void>;
  /** The raw answer, sealed and committed before it is even read. */
  readonly saveRawAnswer: (name: string, raw: string) => Promise<void>;
  /** A raw answer left by a crash between the two steps. */
  readonly rawAnswer: (name: string) => Promise<string | undefined>;
  /** The tokens after a refresh; clears intent and raw answer. */
  readonly commitRefresh: (name: string, tokens: Tokens, now: Instant) => Promise<void>;
  /** Clears the intent of a refresh that surely changed nothing at Kakao. */
  readonly abandonRefresh: (name: string) => Promise<void>;
  /** State `ok` makes the account's pending messages due at once. */
  readonly markAccount: (
    name: string,
    mark: { state: AccountState; reason: string; heldUntil?: Instant },
    now: Instant,
  ) => Promise<void>;
}

/** A lock with an end, shared by all processes on this data folder. */
export interface Lease {
  readonly release: () => Promise<void>;
}

export interface Alert {
  /** What the alert is about, so that an episode is told once: `job:cafeteria/lunch`. */
  readonly key: string;
  readonly text: string;
  readonly since: Instant;
  readonly toldAt: Instant | undefined;
}

/** How an episode is told: not at all when `most` were told since an instant. */
export interface Telling {
  readonly messages: readonly NewMessage[];
  readonly most: number;
  readonly since: Instant;
}

/** An episode to be opened by the transaction that makes it one, so that no crash comes between the two. */
export interface Notice {
  readonly key: string;
  readonly text: string;
  readonly telling: Telling;
}

export interface AlertStore {
  /** One transaction: opens an episode and tells it. False if it is open already: then nothing is told. */
  readonly openAlert: (key: string, text: string, now: Instant, telling?: Telling) => Promise<boolean>;
  /** One transaction: ends an episode and, if it was told, says so. Gives it if it was open and told. */
  readonly closeAlert: (
    key: string,
    telling?: { readonly messages: readonly NewMessage[]; readonly now: Instant },
  ) => Promise<Alert | undefined>;
  readonly alerts: () => Promise<readonly Alert[]>;
  /** How many alerts were told since an instant, for the rate limit. */
  readonly alertsToldSince: (since: Instant) => Promise<number>;
  /** One transaction: notes that episodes are told, and says it if any of them is open and was not told. */
  readonly markTold: (keys: readonly string[], now: Instant, messages?: readonly NewMessage[]) => Promise<void>;
}

export interface Friend {
  readonly id: string | undefined;
  readonly uuid: string;
  readonly nickname: string | undefined;
  readonly allowed: boolean;
}

export interface PeopleStore {
  readonly recipients: () => Promise<readonly Recipient[]>;
  readonly saveRecipient: (recipient: Recipient, now: Instant) => Promise<void>;
  readonly removeRecipient: (name: string) => Promise<boolean>;
  readonly friends: (account: string) => Promise<{ friends: readonly Friend[]; fetchedAt: Instant } | undefined>;
  readonly saveFriends: (account: string, friends: readonly Friend[], now: Instant) => Promise<void>;
}

/** All that talkbell remembers. */
export interface Store extends RunStore, OutboxStore, AccountStore, AlertStore, PeopleStore {
  readonly lease: (name: string, forMs: number, now: Instant) => Promise<Lease | undefined>;
  /** Changes whenever another connection has written. */
  readonly version: () => Promise<number>;
  /** The newest instant the store has seen, and a note of this one. */
  readonly touchClock: (now: Instant) => Promise<Instant>;
  /** Takes this instant for the newest: a clock that was once far ahead must not stop talkbell for ever. */
  readonly resetClock: (now: Instant) => Promise<void>;
  /** Fails with StoreError when the disk would not take a write now. */
  readonly tryWrite: () => Promise<void>;
  readonly prune: (now: Instant) => Promise<number>;
  /** Seals every login and webhook that an older key opens with the present one, in one transaction. Gives the accounts
   * that were sealed anew, those that no key opens, which stay as they are, and the recipients that were sealed anew. */
  readonly reseal: () => Promise<{
    readonly resealed: readonly string[];
    readonly unopened: readonly string[];
    readonly recipients: readonly string[];
  }>;
  /** An online backup, checked before it takes its place. */
  readonly backup: (file: string) => Promise<void>;
  /** Every problem integrity_check finds; none is health. */
  readonly check: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}
