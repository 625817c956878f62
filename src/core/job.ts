// What a job is: the parts a user writes, the run handed to each step, and the plain description the daemon keeps.
// The steps are typed from top to bottom, so a job file needs no type annotation.
import type { Saying } from '../kakao/template.ts';
import type { Page } from './page.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One thing a run found: a plain record that survives being stored as JSON. */
export type Item = Readonly<Record<string, unknown>>;

/** An item of a watching job, with what was known of it before. */
export type Told<T> = T & { readonly before?: T };

/** One firing of one slot, as the steps of a job see it. */
export interface Run<Slot extends string = string> {
  /** The job's id: its file name without the ending, unless the job names another. */
  readonly job: string;
  /** The schedule line that fired. `main` for a job with a single line. */
  readonly slot: Slot;
  /** When the run was due. */
  readonly due: Date;
  /** When this look began. Later than `due` after downtime, and at every repeated look. */
  readonly at: Date;
  /** The day the run was due, in the job's time zone: `2026-11-20`. */
  readonly date: string;
  /** The time of day the run was due, in the job's time zone: `11:20`. */
  readonly time: string;
  /** The day of the week the run was due: 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  readonly timezone: string;
  /** True for a run started by hand. */
  readonly manual: boolean;
  /** 1 for the first look, 2 for the next one of the same run, and so on. */
  readonly look: number;
}

export interface GetOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `application/x-www-form-urlencoded`. Implies POST. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as JSON. Implies POST. */
  readonly json?: unknown;
  /** Sent as it stands. Implies POST. */
  readonly body?: string | Uint8Array;
  /** The page's true charset, when the page itself lies: any label iconv-lite knows. */
  readonly charset?: string;
  /** The longest the whole request may take, redirects and retries included: `'30s'`. */
  readonly timeout?: string;
  /** `legacy` allows the old TLS of some Korean servers. Certificates are checked all the same. */
  readonly tls?: 'legacy';
  /** `fast` reads HTML 3 to 4 times faster, and malformed pages differently from a browser. */
  readonly parser?: 'fast';
}

/** Fetches a page, within the limits of time, size and politeness. Throws FetchError. */
export type Get = (url: string | URL, options?: GetOptions) => Promise<Page>;

export interface Watch<T> {
  /** What makes an item the same item next time: an id or an address. Must not be empty. */
  readonly key: (item: T) => string | number;
  /** Whether there is something to say of the item. `before` is absent when the item was not known. */
  readonly tell: (item: Told<T>) => boolean;
}

type OneOrMore<T> = T | readonly T[];

/** What `render` may give: text, a template made by a builder, or several of them in order. Nothing means silence. */
export type Rendered = OneOrMore<string | Saying> | undefined;

/** A cron line (five fields, or six with seconds first), or several by name. */
export type Schedule = string | Readonly<Record<string, string>>;

/** The names of a schedule's lines: `main` where there is only one. */
export type SlotOf<S extends Schedule> = S extends string ? 'main' : Extract<keyof S, string>;

/** A job file, as its author writes it. The steps stand in the order of the flow: types are inferred from top to bottom. */
export interface JobDefinition<S extends Schedule = Schedule, Raw = unknown, T extends object = Item> {
  /** When to look: one cron line, or several by name. The name of the line that fired is `run.slot`. */
  readonly schedule: S;
  /** Who is told: names of recipients. */
  readonly to: OneOrMore<string>;
  /** Keeps a job's history when its file is renamed. Default: the file's name without the ending. */
  readonly id?: string;
  /** IANA zone of the schedule. Default: TALKBELL_TIMEZONE. */
  readonly timezone?: string;
  /** How late a run may start, look again and be delivered, from its due instant. Default `1h`; with `watch` `3d`. */
  readonly freshFor?: string;
  /** How long to wait before looking again after `notYet` or a failed look. Default `10m`. */
  readonly recheck?: string;
  /** Failed runs in a row before the owner is told. Default 1 for a slot due less often than every 2 hours, else 3. */
  readonly alertAfter?: number;
  /** `holidays` skips Korea's public holidays. */
  readonly skip?: 'holidays';
  /** What to do when nobody can know whether Kakao took a message. Default `leave`: keep it and tell the owner. */
  readonly ifUnclear?: 'leave' | 'resend';
  /** The most items one run tells; the rest become one line (`외 20건`). Default 10 with `watch`, else no limit. */
  readonly most?: number;
  /** The longest one look may take before its worker is killed. Default `2m`. */
  readonly timeLimit?: string;
  /** The link of text messages. Default: the last HTML page got by GET. */
  readonly link?: string;

  /** Gets what the job looks at. */
  readonly fetch: (get: Get, run: Run<SlotOf<S>>) => Raw | Promise<Raw>;
  /** Takes the items out of it. `[]` is silence; `notYet(reason)` looks again later; a throw is a failed look. */
  readonly extract: (raw: Raw, run: Run<SlotOf<S>>) => readonly T[];
  /** Tells an item only when there is something to say of it. */
  readonly watch?: Watch<T>;
  /** Says it. */
  readonly render: (items: readonly Told<T>[], run: Run<SlotOf<S>>) => Rendered;
}

/** The plain part of a job, which the daemon schedules by and keeps. It survives JSON. */
export interface JobDescription {
  readonly id: string;
  /** Name of the file in the jobs folder. */
  readonly file: string;
  readonly slots: Readonly<Record<string, string>>;
  readonly timezone: string;
  readonly to: readonly string[];
  readonly freshForMs: number;
  readonly recheckMs: number;
  readonly alertAfter?: number;
  readonly skipHolidays: boolean;
  readonly watches: boolean;
  readonly ifUnclear: 'leave' | 'resend';
  readonly timeLimitMs: number;
}

/** What became of reading one job file. */
export type JobFile =
  | { readonly kind: 'job'; readonly file: string; readonly hash: string; readonly description: JobDescription }
  | { readonly kind: 'broken'; readonly file: string; readonly hash: string; readonly problems: readonly string[] }
  | { readonly kind: 'unset'; readonly file: string; readonly hash: string; readonly settings: readonly string[] };

/** What HTTP gave to know an unchanged page by. */
export interface Validator {
  readonly url: string;
  readonly etag?: string;
  readonly lastModified?: string;
}

/** What one look at the page came to: plain data from worker to daemon. */
export type Look =
  | {
      readonly kind: 'done';
      readonly found: number;
      /** Items spoken of, and their keys when the job watches. */
      readonly told: number;
      readonly toldKeys: readonly string[];
      /** What the job now knows, by key: the items seen in this look. Absent when it does not watch. */
      readonly seen?: readonly (readonly [key: string, item: Item])[];
      /** True when a watching job's first run only learned. */
      readonly learned: boolean;
      readonly sayings: readonly Saying[];
      readonly validators: readonly Validator[];
    }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'notYet'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Why a look failed, in plain data. */
export interface Failure {
  readonly kind: 'fetch' | 'extract' | 'message' | 'code' | 'timeout' | 'memory' | 'crash';
  /** The job's step in which it happened, if known. */
  readonly step?: 'fetch' | 'extract' | 'watch' | 'render';
  /** A sentence for people, free of secrets. */
  readonly message: string;
  readonly url?: string;
  readonly selector?: string;
  readonly status?: number;
}
