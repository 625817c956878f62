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
  /** The job's time zone, by its IANA name: `Asia/Seoul`. */
  readonly timezone: string;
  /** True for a run started by hand. */
  readonly manual: boolean;
  /** 1 for the first look, 2 for the next one of the same run, and so on. */
  readonly look: number;
  /** True when this look says something only if it is no longer what was sent: see the job's `correct`. */
  readonly correction: boolean;
}

/** What goes out with a request. Options that make none, such as a body for a GET, are a FetchError. */
export interface GetOptions {
  /** Default: POST where there is something to send, else GET. Only GET and HEAD are repeated when they fail. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Besides talkbell's own, or in their place. Values are Latin letters: write others with encodeURIComponent. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `application/x-www-form-urlencoded`, in UTF-8. Implies POST. Not together with `json` or `body`. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as JSON. Implies POST. */
  readonly json?: unknown;
  /** Sent as it stands. Implies POST. */
  readonly body?: string | Uint8Array;
  /** The page's true charset, when the page itself lies: any label iconv-lite knows. */
  readonly charset?: string;
  /** The longest the whole request may take, redirects and retries included. Default `'30s'`. */
  readonly timeout?: string;
  /**
   * `legacy` allows what some old servers need: TLS 1.0 and 1.1, short keys, no secure renegotiation. Certificates are
   * checked all the same.
   */
  readonly tls?: 'legacy';
  /** `fast` reads HTML 3 to 4 times faster, and malformed pages differently from a browser. */
  readonly parser?: 'fast';
  /**
   * Lets a browser draw the page first, for one that is empty until its scripts have run. Then it is read as it stands
   * once it has been quiet for half a second (5 s at most), or as soon as something matches `waitFor`. Pictures, fonts and
   * films are left out; drawing may take as long as `timeout` again. Needs playwright-core and a Chromium of the system
   * (`TALKBELL_CHROMIUM` names another): some 300 MB of memory while a page is drawn, and none 30 s later.
   * @example get('https://example.com/menu', { render: true })
   * @example get('https://example.com/menu', { render: { waitFor: '#menu li' } })
   */
  readonly render?: boolean | { readonly waitFor: string };
  /**
   * A login by HTTP Basic. It does not follow a redirect to another host, and shows in no log, error or link.
   * @example get('https://example.com/members', { auth: { user: 'me', password: secret('SITE_PASSWORD') } })
   */
  readonly auth?: { readonly user: string; readonly password: string };
  /**
   * Fetches through this proxy (http, https or socks5) instead of the one the environment or the job names.
   * @example get(url, { proxy: `http://me:${secret('PROXY_PASSWORD')}@proxy.example:3128` })
   */
  readonly proxy?: string;
}

/** What a form is filled with. A box is checked with `true`; a choice is given by its value or by what a person reads. */
export type FormFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** How a form is sent: what to fill in, and those options of a `get` that a form has. */
export interface FormOptions
  extends Pick<GetOptions, 'headers' | 'charset' | 'timeout' | 'tls' | 'parser' | 'auth' | 'proxy'> {
  /** The form, or something in or around it. Default: the only form that has all the given fields. */
  readonly selector?: string;
  /** What to fill in. Every other field goes as it stands on the page: hidden ones, and what is chosen there. */
  readonly fields?: FormFields;
  /** The button to press, as a selector. Default: the form's first. */
  readonly submit?: string;
}

/**
 * Fetches a page: within 30 seconds (`timeout`), at most 10 MB, over at most 5 redirects, and with a second between two
 * requests to one host. A GET that may work a little later (no answer, 408, 425, 429, 500, 502 to 504) is tried three
 * times more. What fails for good, and any other status than 200 to 299, throws FetchError. Cookies are kept within a
 * look; with the job's `cookies: 'keep'` also from one look to the next.
 *
 * A host that asked to be left alone (Retry-After), or that failed five times in a row, is not asked by any job until its
 * time has come: then a get fails at once, and says until when.
 *
 * @example
 * // A site that wants the token of a page in a header:
 * const page = await get('https://example.com/');
 * const token = page.one('meta[name="csrf-token"]@content').text;
 * await get('https://example.com/api', { json: { day: 1 }, headers: { 'x-csrf-token': token } });
 */
export interface Get {
  (url: string | URL, options?: GetOptions): Promise<Page>;
  /**
   * Fills in a form of a page and sends it as a browser would: with its hidden fields and defaults, to its address, in its
   * charset. Gives the page that comes back. A field, choice or form that is not there is an ExtractError naming those
   * that are.
   *
   * @example
   * // Logs in only when the site asks for it:
   * fetch: async (get) => {
   *   const page = await get('https://example.com/grades');
   *   if (page.maybe('input[name=password]') === undefined) return page;
   *   await get.form(page, { fields: { id: 'me', password: secret('SITE_PASSWORD') } });
   *   return get('https://example.com/grades');
   * }
   */
  readonly form: (from: Page | string | URL, options?: FormOptions) => Promise<Page>;
}

/**
 * When a job speaks of an item. The first run learns what is there and tells nothing. An item that vanishes is not told;
 * it is remembered for 180 days, so that one which returns is not new. Of one job, the 5,000 items seen last are kept,
 * and of those 4 MB. When the job's file is edited, a field that no known item has yet is learned silently, as is one that
 * turns from text into a number or the like: only what the page changed is told.
 *
 * @example
 * watch: { key: (notice) => notice.url, tell: isNew, settled: 2, digest: 'evening' }
 */
export interface Watch<T, Slot extends string = string> {
  /**
   * What makes an item the same item next time: an id or an address. Must not be empty. A key made differently makes
   * every item new: of a list of 20 and more this is an error, which `talkbell run JOB --learn` settles.
   * @example
   * watch: { key: ({ station, seat }) => `${station} ${seat}`, tell: rose('free') }
   */
  readonly key: (item: T) => string | number;
  /**
   * Whether there is something to say of the item. `before` is absent when the item was not known. A throw is a failed
   * look.
   * @example
   * watch: { key: ({ url }) => url, tell: ({ won, before }) => before !== undefined && won < before.won }
   */
  readonly tell: (item: Told<T>) => boolean;
  /**
   * How many looks in a row must find an item in the same state before it counts; until then `before` and everything
   * else stay as they were. Default 1, at most 100. Every field counts: with one that differs at every look, such as a
   * counter of views, an item never settles.
   */
  readonly settled?: number;
  /**
   * The line of the schedule whose run tells what changed since its last run, in one go; the others only gather. An
   * item that changed twice is told once, with its first `before`; one that changed back is not; one that is gone by
   * then is told as it was seen last. `most` holds for a digest too.
   */
  readonly digest?: Slot;
}

/** What a watching job has seen of an item and has not made its own yet. Plain data. */
export interface Later {
  /** A state that is not settled, and how many looks in a row have found it. */
  readonly unsettled?: { readonly item: Item; readonly looks: number };
  /** The state that the next digest compares with what is known. */
  readonly gathered?: Item;
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
  /** Who is told: names of recipients. One that does not exist yet waits for its log-in. */
  readonly to: OneOrMore<string>;
  /** Keeps a job's history when its file is renamed. Default: the file's name without the ending. */
  readonly id?: string;
  /** IANA zone of the schedule. Default: TALKBELL_TIMEZONE. */
  readonly timezone?: string;
  /** How late a run may start, look again and be delivered, from its due instant. Default `1h`; with `watch` `3d`. */
  readonly freshFor?: string;
  /** How long to wait before looking again after `notYet` or a failed look. Default `10m`. */
  readonly recheck?: string;
  /**
   * Failed runs in a row before the owner is told, 1 to 1,000. Default 1 for a slot due less often than every 2 hours,
   * else 3.
   */
  readonly alertAfter?: number;
  /** `holidays` skips Korea's public holidays. */
  readonly skip?: 'holidays';
  /**
   * With `true`, a run that has told goes on looking every `recheck` while fresh. As soon as it finds other items than it
   * sent, it sends one correction, marked `[정정]`, and looks no more. No items, `notYet`, `closed` and failed looks correct
   * nothing. Every field of an item counts: leave out what differs at every look. Items of more than 200,000 characters
   * of JSON are not looked after. Not with `watch`.
   * @example correct: true
   */
  readonly correct?: boolean;
  /** What to do when nobody can know whether Kakao took a message. Default `leave`: keep it and tell the owner. */
  readonly ifUnclear?: 'leave' | 'resend';
  /**
   * The most items one run tells, 1 to 1,000; the rest become one line (`외 20건`). Default 10 with `watch`, else no
   * limit.
   */
  readonly most?: number;
  /**
   * The longest one look may take before its worker is killed. Default `2m`, at most `1h`. While a large page waits for those
   * of other jobs to be read, the time stands still.
   */
  readonly timeLimit?: string;
  /** The link of text messages. Default: the last HTML page got by GET. */
  readonly link?: string;
  /**
   * `keep` keeps cookies from one look to the next, sealed on disk, so that a job need not log in each time. They are
   * forgotten as they expire, 30 days after a site set them without an end, and when a look fails for another reason than
   * the network. At most 64 KB.
   * @example cookies: 'keep'
   */
  readonly cookies?: 'keep';
  /**
   * `obey` fetches no page that its site's robots.txt disallows for talkbell: that is a FetchError. A Crawl-delay makes the
   * gap between two requests longer, up to a minute. `talkbell check` tells of robots.txt in any case.
   * @example robots: 'obey'
   */
  readonly robots?: 'obey';
  /**
   * A proxy (http, https or socks5) for all pages of the job, instead of the one the environment names.
   * @example proxy: `http://me:${secret('PROXY_PASSWORD')}@proxy.example:3128`
   */
  readonly proxy?: string;

  /**
   * Gets what the job looks at: one page, several, or whatever it likes; it is the only step that may wait. A throw is
   * a failed look, and no look takes longer than `timeLimit`.
   * @example
   * fetch: (get, run) => get(`https://dorm.example.ac.kr/menu?date=${run.date}`)
   * @example
   * fetch: async (get) => {
   *   const board = await get('https://example.ac.kr/board');
   *   return get(board.one('a.next@href').text);
   * }
   */
  readonly fetch: (get: Get, run: Run<SlotOf<S>>) => Raw | Promise<Raw>;
  /**
   * Takes the items out of it: plain records that survive JSON, at most 5,000. `[]` is silence; `notYet(reason)` looks
   * again later; a throw is a failed look.
   * @example
   * extract: (page, run) => {
   *   if (page.table('table.week').headers.length === 0) notYet('the table is not there yet');
   *   return page.table('table.week').dishes({ row: '중식', column: run.date });
   * }
   */
  readonly extract: (raw: Raw, run: Run<SlotOf<S>>) => readonly T[];
  /** Tells an item only when there is something to say of it. */
  readonly watch?: Watch<T, SlotOf<S>>;
  /**
   * Says it: a text of any length, a template made by a builder, or several. `undefined`, `[]` and a blank text say
   * nothing. A template beyond a limit of Kakao's is a failed look that names the field, the limit and the size.
   * @example
   * render: (notices, run) => [`${run.date} 공지`, ...notices.map(({ title }) => `- ${title}`)].join('\n')
   * @example
   * render: (notices) => notices.map(({ title, url }) => feed({ title, link: url }))
   */
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
  readonly corrects?: boolean;
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
export type Look = LookEnd & {
  /** The cookies to go on with at the next look, where they are not as they were. `[]` for none. */
  readonly cookies?: string;
};

type LookEnd =
  | {
      readonly kind: 'done';
      readonly found: number;
      /** Items spoken of, and their keys when the job watches. */
      readonly told: number;
      readonly toldKeys: readonly string[];
      /** What the job now knows, by key, of the items of this look. Absent when it does not watch. */
      readonly seen?: readonly (readonly [key: string, item: Item])[];
      /** All that the job keeps for later, by key: it takes the place of what was kept. */
      readonly later?: readonly (readonly [key: string, later: Later])[];
      /** How many items are not settled, if any. */
      readonly unsettled?: number;
      /** The slot that tells what is gathered, and how many items it would tell now: none if this is its run. */
      readonly digest?: { readonly slot: string; readonly gathered: number };
      /** What it found, as JSON, when the run may be corrected later. */
      readonly items?: string;
      /** True when a watching job's first run only learned. */
      readonly learned: boolean;
      readonly sayings: readonly Saying[];
      readonly validators: readonly Validator[];
    }
  | { readonly kind: 'unchanged' }
  /** `stale`: the page is there and still says what it said before. */
  | { readonly kind: 'notYet'; readonly reason: string; readonly stale?: boolean }
  /** The job knows why there is nothing today. */
  | { readonly kind: 'closed'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** What a look came to when it came to nothing: a page that broke is told from one that is late. */
export type Cause =
  | 'unreachable'
  | 'refused'
  | 'wrong-page'
  | 'changed-shape'
  | 'stale'
  | 'not-posted'
  | 'closed'
  | 'bad-message'
  | 'job-error'
  | 'too-slow'
  | 'too-big'
  | 'crash';

/** Why a look failed, in plain data. */
export interface Failure {
  readonly kind: 'fetch' | 'extract' | 'message' | 'code' | 'timeout' | 'memory' | 'crash';
  /** Where it is not what the kind says by itself. */
  readonly cause?: Cause;
  /** The job's step in which it happened, if known. */
  readonly step?: 'fetch' | 'extract' | 'watch' | 'render';
  /** A sentence for people, free of secrets. */
  readonly message: string;
  readonly url?: string;
  readonly selector?: string;
  readonly status?: number;
}
