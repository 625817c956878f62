// Numbers and choices on the command line: what is none ends the command as wrong use, with a sentence.
import { InvalidArgumentError } from 'commander';

export function readCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,6}$/.test(text) && count >= 1) return count;
  throw new InvalidArgumentError('It must be a whole number from 1 to 999999.');
}

export function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port, from 0 (any free one) to 65535.');
}
