// Checks what the owner is told: each episode once, and its end once. It hears of every call of the store.
import type { NewMessage } from '../../src/core/ports.ts';

interface Episode {
  readonly text: string;
  told: number;
}

export interface AlertsCheck {
  readonly afterCall: (method: string, call: { given: readonly unknown[]; result: unknown }) => void;
  readonly atEnd: () => void;
}

/** `owner`: the recipient whose messages are read. */
export function makeAlertsCheck(owner: string, fail: (detail: string) => void): AlertsCheck {
  const open = new Map<string, Episode>();
  const ended = new Map<string, number>();

  const tell = (text: string): void => {
    const episode = [...open.values()].find((candidate) => candidate.text === text);
    if (episode === undefined) return fail(`told without an episode: ${text}`);
    episode.told += 1;
    if (episode.told > 1) fail(`told ${episode.told} times: ${text}`);
  };
  const read = (text: string): void => {
    if (text.startsWith('✓')) {
      const left = [...ended].find(([, count]) => count > 0);
      if (left === undefined) return fail(`an end is told that was not one: ${text}`);
      ended.set(left[0], left[1] - 1);
    } else if (text.startsWith('⚠ There was much')) {
      for (const line of text.split('\n').slice(1)) tell(line.slice(2));
    } else tell(text.slice(2));
  };
  const write = (messages: readonly NewMessage[]): void => {
    for (const { recipient, saying, part } of messages) {
      if (recipient === owner && part === 1 && saying.kind === 'text') read(saying.text);
    }
  };

  return {
    afterCall: (method, { given, result }) => {
      const [first, second, third] = given;
      if (method === 'openAlert' && result === true) open.set(String(first), { text: String(second), told: 0 });
      if (method === 'closeAlert' && open.delete(String(first)) && result !== undefined)
        ended.set(String(first), (ended.get(String(first)) ?? 0) + 1);
      if (method === 'addMessages' && second === 'owner') write(first as readonly NewMessage[]);
      void third;
    },
    atEnd: () => {
      for (const [key, { told }] of open) if (told === 0) fail(`the episode ${key} was never told`);
      // Four warnings of one login are over with one word.
      for (const [key, count] of ended)
        if (count > 0 && !key.startsWith('login-ends:')) fail(`the end of ${key} was never told`);
    },
  };
}
