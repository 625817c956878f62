// The log: JSON lines on standard output, as pm2 and pino-pretty like them. Every line passes the scrubber by key and
// by value, so that a secret cannot get out through any shape of object.
import { destination, type Logger, pino } from 'pino';
import type { Log } from '../core/log.ts';
import type { Scrubber } from '../core/redact.ts';

export function openLog({ level, scrubber }: { readonly level: string; readonly scrubber: Scrubber }): Log {
  const output = destination({ dest: 1, sync: true });
  // A closed pipe or a full disk under the log must not end the daemon.
  output.on('error', () => {});
  const logger: Logger = pino(
    {
      level,
      base: null,
      serializers: { err: describeError },
      formatters: { log: (facts) => scrubber.scrubValue(facts) as Record<string, unknown> },
      hooks: { streamWrite: (line) => scrubber.scrub(line) },
    },
    output,
  );
  return logger;
}

/** Formatters run first and give plain records, so an error arrives here as one. */
function describeError(error: unknown): unknown {
  return error instanceof Error ? pino.stdSerializers.err(error) : error;
}
