// Names of recipients and accounts: what job files may write in `to`.
import { ConfigError } from '../core/errors.ts';

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;

/** Throws ConfigError for what could not be written in a job file. */
export function requireName(name: string): void {
  if (NAME.test(name)) return;
  throw new ConfigError([`'${name}' cannot be a name: use letters, digits, dots, dashes or underscores, 64 at most.`]);
}
