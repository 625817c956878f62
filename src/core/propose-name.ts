// Which names of a page a selector can rest on: those a person gave. What a tool made up anew for each release is no name.
const PLAIN = /^-?[_\p{L}][\w\p{L}-]*$/u;
/** What styling tools put in front of their hashes, and behind a double underline. */
const HASHED =
  /^(?:css|sc|jsx|jss|emotion|styled|svelte|astro|ember|yui|react|radix)-?[\w-]*\d|^(?:sc|css)-|^_?[\w-]+__{1,2}(?=[\w-]*[A-Z\d])[\w-]{5,}$/;
/** Says how it looks or what state it is in, which changes sooner than what it is. */
const WEAK =
  /^(?:m?[trblxy]?-?\d+|[mp][trblxy]?-?\d+|w-?\d+|h-?\d+|col(?:-\w+)*|row|flex|grid|block|inline|clearfix|cf|left|right|center|first|last|odd|even|on|off|active|current|selected|open|new|hide|hidden|show|pc|mo|mobile|fl|fr|bg-?\w*|text-\w+|txt[_-]\w+|font-?\w*|m[_-]hidden|end|wrap|inner|container|[[\]])$|^(?:is|has|js|u|o)-|^[a-z]$/i;

/** A class or an id that may stand in a selector as it is. */
export function isName(name: string): boolean {
  return PLAIN.test(name) && !HASHED.test(name) && !/\d{3,}/.test(name) && !name.split(/[-_]+/).some(isGibberish);
}

export function isWeak(name: string): boolean {
  return WEAK.test(name);
}

/** `1x2y3z`, `a8f3k`, `bdVXsQ`: letters and digits, or small and capital ones, that take turns as in no word. */
function isGibberish(word: string): boolean {
  if (word.length < 5) return false;
  const turns = word.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0;
  const humps = word.match(/[a-z][A-Z](?![a-z]{2})/g)?.length ?? 0;
  return turns >= 2 || humps >= 2 || (/^[b-df-hj-np-tv-z]{6,}$/i.test(word) && !/^(?:https?|thumbs?)$/i.test(word));
}

const DATE = /(?<!\d)(?:20)?\d\d\s?[-./년]\s?\d{1,2}\s?[-./월]\s?\d{1,2}(?!\d)/;
const PRICE = /^\D{0,12}(?:[₩￦$€£¥]\s?\d[\d,. ]*|\d[\d,. ]*\s?(?:원|won|krw|usd|eur|€|만\s?원))\D{0,8}$/i;

export function holdsDate(text: string): boolean {
  return text.length <= 40 && DATE.test(text);
}

export function isPrice(text: string): boolean {
  return text.length <= 30 && PRICE.test(text);
}

const WORDS: readonly (readonly [string, RegExp])[] = [
  ['writer', /writer|author|작성자|글쓴이|부서/i],
  ['category', /categ|\bcate\b|분류|구분/i],
];

/** What a class or a label calls a field that a reader wants beside the title. */
export function fieldCalled(label: string): string | undefined {
  return WORDS.find(([, pattern]) => pattern.test(label))?.[0];
}
