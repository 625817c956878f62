// What the core tells a log: an event in words and its facts. Scrubbing and writing are io/log.ts's part.

export interface Log {
  readonly debug: (facts: object, message: string) => void;
  readonly info: (facts: object, message: string) => void;
  readonly warn: (facts: object, message: string) => void;
  readonly error: (facts: object, message: string) => void;
}
