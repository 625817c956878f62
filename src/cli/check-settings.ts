// check: names of settings that nobody reads, and lines of .env that are no setting. Both are slips that otherwise go
// unnoticed: what is misspelt counts as not set. Values are never shown.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HOME, SETTING_NAMES } from '../io/config.ts';
import { type Finding, warn } from './finding.ts';
import { nearestOf } from './nearest.ts';

/** Misspelt prefixes included. Other names belong to jobs and headers. */
const OURS = /^(TALKBEL|KAKAO_)/i;
const SETTING = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/;

interface Line {
  readonly number: number;
  /** Undefined for a line that is no setting. */
  readonly name: string | undefined;
  /** The first word of such a line, if it could be a name. */
  readonly word: string;
}

export function checkSettings(env: NodeJS.ProcessEnv): readonly Finding[] {
  const file = resolve(HOME, env['TALKBELL_ENV_FILE']?.trim() || '.env');
  const lines = linesOf(readText(file));
  const ofFile = lines.flatMap(({ number, name, word }) =>
    name === undefined
      ? [warnNoSetting(`${file}, line ${number}`, word)]
      : warnUnknown(`${file}, line ${number}`, name),
  );
  return [...ofFile, ...Object.keys(env).flatMap((name) => warnUnknown('The environment', name))];
}

function warnUnknown(where: string, name: string): readonly Finding[] {
  if (!OURS.test(name) || SETTING_NAMES.includes(name)) return [];
  const near = nearestOf(name, SETTING_NAMES)[0];
  const hint = near === undefined ? 'See .env.example for those there are.' : `Did you mean ${near}?`;
  return [warn('settings', `${where}: talkbell knows no setting ${name}. ${hint}`)];
}

function warnNoSetting(where: string, word: string): Finding {
  const near = OURS.test(word) ? nearestOf(word, SETTING_NAMES)[0] : undefined;
  const hint = near === undefined ? 'Write it as NAME=value, or begin it with #.' : `Did you mean ${near}=...?`;
  return warn('settings', `${where} is no NAME=value, so it is not read. ${hint}`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    // Whether the file is there and can be read is looked at elsewhere.
    return '';
  }
}

/** A value in quotes may go on over several lines, which are no lines of their own. */
function linesOf(text: string): readonly Line[] {
  const found: Line[] = [];
  let quote: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (quote !== undefined) {
      if (line.includes(quote)) quote = undefined;
      continue;
    }
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, value = ''] = SETTING.exec(line) ?? [];
    found.push({ number: index + 1, name, word: /^\s*(\w*)/.exec(line)?.[1] ?? '' });
    quote = openQuote(value, text.split(/\r?\n/).slice(index + 1));
  }
  return found;
}

/** The quote that a value begins with and another line ends. One that nothing ends is a letter like others. */
function openQuote(value: string, later: readonly string[]): string | undefined {
  const quote = /^["'`]/.exec(value)?.[0];
  if (quote === undefined || value.indexOf(quote, 1) !== -1) return undefined;
  return later.some((line) => line.includes(quote)) ? quote : undefined;
}
