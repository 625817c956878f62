// Korea's public holidays (a package, loaded on first use) with the user's own days of data/holidays.json, which is read
// again when it changes. A year the package has no list for has no holidays but the user's own.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../core/errors.ts';
import { holidayName, type OwnDays, readOwnDays } from '../core/holiday.ts';

export interface Holidays {
  /** The name of the holiday on a date (`2026-11-20`). Throws ConfigError when the user's own file is wrong. */
  readonly nameOf: (date: string) => Promise<string | undefined>;
  /** The last year the official list holds: later years have no holidays. */
  readonly knownUntil: () => Promise<number>;
}

type OfficialYear = Readonly<Record<string, readonly string[]>>;

// The package holds every year from 2018 up to its last; asking begins at one it surely has.
const SURELY_KNOWN_YEAR = 2026;

export function openHolidays(dataDir: string): Holidays {
  const years = new Map<string, Promise<OfficialYear | undefined>>();
  const readOwn = keepFile(join(dataDir, 'holidays.json'));

  const officialYear = (year: string) => {
    const loading = years.get(year) ?? loadYear(year);
    years.set(year, loading);
    // What failed is not kept: the next question may be answered.
    loading.catch(() => years.delete(year));
    return loading;
  };

  const lastFrom = async (year: number): Promise<number> =>
    (await officialYear(String(year + 1))) === undefined ? year : lastFrom(year + 1);

  return {
    nameOf: async (date) => {
      const [official, own] = await Promise.all([officialYear(date.slice(0, 4)), readOwn()]);
      return holidayName(official?.[date], own[date]);
    },
    knownUntil: () => lastFrom(SURELY_KNOWN_YEAR),
  };
}

async function loadYear(year: string): Promise<OfficialYear | undefined> {
  const { getHolidayPreset } = await import('@hyunbinseo/holidays-kr');
  try {
    return await getHolidayPreset(year);
  } catch (error) {
    // The package's way to say that it has no list for the year.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads the user's own days, again only when the file has changed. No file means no days. */
function keepFile(file: string): () => Promise<OwnDays> {
  const kept: { stamp: string; days: Promise<OwnDays> } = { stamp: '', days: Promise.resolve({}) };

  return async () => {
    const stamp = await stampOf(file);
    if (stamp !== kept.stamp) {
      kept.stamp = stamp;
      kept.days = stamp === '' ? Promise.resolve({}) : readDays(file);
    }
    return kept.days;
  };
}

async function stampOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    if (isMissing(error)) return '';
    throw unreadable(file, error);
  }
}

async function readDays(file: string): Promise<OwnDays> {
  const read = readOwnDays(readJson(file, await readText(file)));
  if ('days' in read) return read.days;
  throw new ConfigError(read.problems.map((problem) => `${file}: ${problem}`));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): ConfigError {
  return new ConfigError([`${file} cannot be read: check that it is a file, who owns it and its permissions.`], {
    cause,
  });
}

function readJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError([`${file} is not JSON: look for a missing comma or quote.`], { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
