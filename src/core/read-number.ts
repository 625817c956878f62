// The number that people read in a text: `12,300원` is 12300, `1억 2,000만원` is 120000000.

const UNITS: Readonly<Record<string, number>> = { 억: 100_000_000, 만: 10_000, 천: 1000 };
const DIGITS = String.raw`\d+(?:,\d{3})*(?:\.\d+)?`;
/** A dash behind a letter or a digit joins, and is no sign. */
const NUMBER = new RegExp(String.raw`(?<![\p{L}\d.,])-?\s?[₩$€¥£]?\s?${DIGITS}|${DIGITS}`, 'u');
const PART = new RegExp(String.raw`^\s?(${DIGITS})\s?(억|만|천)`, 'u');
const REST = new RegExp(String.raw`^\s?(${DIGITS})`, 'u');

/** The first number of a text. Undefined when there is none: `품절`. */
export function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.normalize('NFKC').replaceAll('−', '-');
  const found = NUMBER.exec(text);
  if (found === null) return undefined;
  const sign = found[0].startsWith('-') ? -1 : 1;
  const start = found.index + found[0].search(/\d/);
  return sign * readParts(text.slice(start));
}

/** `1억 2,000만 500`: parts of falling units, then what is left without one. */
function readParts(text: string, below = Number.POSITIVE_INFINITY): number {
  const part = PART.exec(text);
  const unit = UNITS[part?.[2] ?? ''];
  if (part === null || unit === undefined || unit >= below) return readPlain(text, below);
  return toNumber(part[1]) * unit + readParts(text.slice(part[0].length), unit);
}

/** Behind a unit, a number counts only if it is smaller than the unit and next to it. */
function readPlain(text: string, below: number): number {
  const rest = REST.exec(text);
  const number = rest === null ? 0 : toNumber(rest[1]);
  return number < below ? number : 0;
}

function toNumber(digits: string | undefined): number {
  return Number((digits ?? '').replaceAll(',', ''));
}
