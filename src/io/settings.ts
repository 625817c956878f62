// Settings of job files: read from the environment, which the daemon has filled from .env before it starts a worker.
// What was asked for is kept by name, so that secrets can be scrubbed and missing settings told.
import { SettingError } from '../core/errors.ts';

const secretNames = new Set<string>();

/** Names without a value, while a file is imported: all of them are told at once. */
let missing: Set<string> | undefined;

/** Imports a file and collects the settings it lacks. The import itself may fail for want of them. */
export async function collectMissing<T>(
  load: () => Promise<T>,
): Promise<{ readonly loaded: PromiseSettledResult<T>; readonly missing: readonly string[] }> {
  missing = new Set();
  const [loaded] = await Promise.allSettled([load()]);
  const found = [...missing];
  missing = undefined;
  return { loaded, missing: found };
}

/**
 * Reads a setting from the environment or `.env`. Without a value and without `otherwise` the job is listed as not set
 * up: it is never due, and nobody is alerted. Call it at the top of the job file: in a step it throws SettingError, and
 * the look has failed. White space around a value is taken off, and a blank value is none.
 *
 * @example
 * setting('CAFETERIA_URL') // 'https://dorm.example.ac.kr/menu'
 * @example
 * setting('NEIS_URL', 'https://open.neis.go.kr/hub') // 'https://open.neis.go.kr/hub'
 */
export function setting(name: string, otherwise?: string): string {
  const value = process.env[name]?.trim();
  if (value !== undefined && value !== '') return value;
  if (otherwise !== undefined) return otherwise;
  if (missing === undefined) throw new SettingError(name);
  missing.add(name);
  return '';
}

/**
 * Reads a secret, such as an API key, from the environment or `.env`. Its value is scrubbed from every log, error and
 * page, and an address that holds it never becomes a message's link. Without a value it does as `setting`, and in a
 * step it throws SettingError.
 *
 * @example
 * const key = secret('NEIS_KEY');
 * const page = await get(`https://open.neis.go.kr/hub/mealServiceDietInfo?Type=json&KEY=${key}`);
 */
export function secret(name: string): string {
  const value = setting(name);
  secretNames.add(name);
  return value;
}

/** The names of all secrets asked for in this process. */
export function namesOfSecrets(): readonly string[] {
  return [...secretNames];
}
