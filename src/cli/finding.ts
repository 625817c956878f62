// One line of `talkbell check`: what is right, what is worth knowing, what is wrong and what to do.

export interface Finding {
  /** `note`: nothing is wrong, but a person has to know it. */
  readonly level: 'ok' | 'note' | 'warn' | 'FAIL';
  /** What was looked at, in a word or two. */
  readonly about: string;
  readonly text: string;
}

export function ok(about: string, text: string): Finding {
  return { level: 'ok', about, text };
}

export function note(about: string, text: string): Finding {
  return { level: 'note', about, text };
}

export function warn(about: string, text: string): Finding {
  return { level: 'warn', about, text };
}

export function fail(about: string, text: string): Finding {
  return { level: 'FAIL', about, text };
}
