// Questions in a terminal: one line each, a number where there is a choice. Ctrl-C and Ctrl-D end them.
import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../core/errors.ts';

export interface Asker {
  /** Asks until there is an answer; an empty one takes `otherwise`. */
  readonly ask: (question: string, otherwise?: string) => Promise<string>;
  /** The index of what was chosen; an empty answer takes the first. */
  readonly choose: (question: string, choices: readonly string[]) => Promise<number>;
  readonly close: () => void;
}

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Told when the person gave up. */
  readonly onCancel: () => void;
}

export function openAsker({ input, output, onCancel }: Terminal): Asker {
  const cancelled = new AbortController();
  const lines = createInterface({ input, output });
  lines.once('SIGINT', () => cancelled.abort());
  lines.once('close', () => cancelled.abort());
  const read = async (prompt: string): Promise<string> => {
    try {
      return (await lines.question(prompt, { signal: cancelled.signal })).trim();
    } catch (cause) {
      onCancel();
      throw new ConfigError(['\nNothing was written.'], { cause });
    }
  };
  const ask = async (question: string, otherwise?: string): Promise<string> => {
    const answer = await read(`${question}${otherwise === undefined ? '' : ` (${otherwise})`}: `);
    return answer === '' ? (otherwise ?? ask(question)) : answer;
  };
  const choose = async (question: string, choices: readonly string[]): Promise<number> => {
    output.write(`${choices.map((choice, at) => `  ${at + 1}  ${choice.replaceAll('\n', '\n     ')}`).join('\n')}\n`);
    const number = Number(await ask(question, '1'));
    if (Number.isInteger(number) && number >= 1 && number <= choices.length) return number - 1;
    output.write(`There is no ${number}.\n`.replace('NaN', 'such choice'));
    return choose(question, choices);
  };
  return { ask, choose, close: () => lines.close() };
}
