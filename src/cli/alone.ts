// Work that needs a daemon, done by a command while none runs: under the same lock, with the same engine.
import type { Clock } from '../core/ports.ts';
import { type Engine, openEngine } from '../engine.ts';
import type { Config } from '../io/config.ts';
import { begin } from '../main.ts';
import type { JsonOption } from './answer.ts';
import type { CommandLine } from './command-line.ts';
import { makeCommandLog, makeScrubberOf } from './with-store.ts';

export interface Alone {
  readonly config: Config;
  /** Gives the data folder back. */
  readonly release: () => void;
  readonly options: JsonOption;
}

/** Opens the engine, takes up what an earlier daemon left, and closes it all after the work. */
export async function withEngine<T>(line: CommandLine, alone: Alone, work: (engine: Engine) => Promise<T>): Promise<T> {
  const { config, release, options } = alone;
  const scrubber = makeScrubberOf(config);
  const log = makeCommandLog(line, scrubber);
  const now: Clock = line.now;
  try {
    const engine = await openEngine({
      config,
      log,
      scrubber,
      signal: line.signal,
      now,
      random: Math.random,
      onChange: () => {},
      print: options.json === true ? line.printError : line.print,
    });
    try {
      await begin(engine, { config, log, now });
      return await work(engine);
    } finally {
      await engine.close();
    }
  } finally {
    release();
  }
}
