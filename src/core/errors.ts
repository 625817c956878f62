// The errors talkbell throws: one class for each decision a catcher can take.
// Every message is a sentence that says what failed, where, and what to do; none carries a secret.

/** Configuration or a job file is wrong. Nobody can decide around it: show every problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options);
    this.problems = problems;
  }
}

/** A setting that a job needs has no value: the job is listed as not set up, and is never due. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  readonly setting: string;

  constructor(setting: string) {
    super(`The setting ${setting} is missing. Add the line ${setting}=... to .env or set it in the environment.`);
    this.setting = setting;
  }
}

/** What a server said in the place of the page. */
export interface RefusedAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A page could not be had. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly url: string;
  readonly status: number | undefined;
  /** What the job asked for is no request: nothing was asked, and asking again is of no use. */
  readonly isOfJob: boolean;
  /** Private, so that no log shows it: it may hold anything. */
  readonly #answer: RefusedAnswer | undefined;

  constructor(
    message: string,
    given: {
      url: string;
      status?: number | undefined;
      cause?: unknown;
      answer?: RefusedAnswer | undefined;
      isOfJob?: boolean;
    },
  ) {
    super(message, given.cause === undefined ? undefined : { cause: given.cause });
    this.url = given.url;
    this.status = given.status;
    this.isOfJob = given.isOfJob === true;
    this.#answer = given.answer;
  }

  /** What the server said, where it said something. */
  get answer(): RefusedAnswer | undefined {
    return this.#answer;
  }
}

/** A page lacks what a job says it must have. */
export class ExtractError extends Error {
  override readonly name = 'ExtractError';
  readonly url: string;
  readonly selector: string | undefined;
  /** All it lacks is the day that is asked for: the page still shows days before it. */
  readonly isOld: boolean;

  constructor(
    message: string,
    { url, selector, cause, isOld = false }: { url: string; selector?: string; cause?: unknown; isOld?: boolean },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.url = url;
    this.selector = selector;
    this.isOld = isOld;
  }
}

/** A message is outside what its channel allows: too long, too many parts, a field missing. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Not a failure: what the job waits for is not posted yet. Thrown by `notYet` and `stale`. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
  /** The page is there and still says what it said before. */
  readonly isStale: boolean;

  constructor(reason: string, { isStale }: { isStale: boolean }) {
    super(reason);
    this.isStale = isStale;
  }
}

/** Not a failure: there is nothing to tell, and a reason for it. Thrown by `closed`. */
export class Closed extends Error {
  override readonly name = 'Closed';
}

/** The store cannot be used: damaged, full, read-only, locked, or written by a newer talkbell. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: 'full' | 'readonly' | 'damaged' | 'newer' | 'locked' | 'key' | 'other';

  constructor(message: string, { kind, cause }: { kind: StoreError['kind']; cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** talkbell is stopping: what was under way is left as it is, and the next start takes it up. */
export class Stopped extends Error {
  override readonly name = 'Stopped';

  constructor() {
    super('talkbell is stopping.');
  }
}
