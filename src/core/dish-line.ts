// One line of a menu: parted into dishes, each with its allergen numbers and its price taken off.

/** One thing to eat. */
export interface Dish {
  /** As it is written, without allergens and price: `요구르트(선택)`. */
  readonly name: string;
  /** The numbers Korean school meals mark allergens by, 1 to 19. */
  readonly allergens: readonly number[];
  /** In won; the lower one of `2,000~2,500원`. */
  readonly price?: number;
}

/** A comma is none inside a number, and neither it nor a dot inside brackets. A dot separates with space around it. */
const OUTSIDE = String.raw`(?![^()[\]]*[)\]])`;
const COMMA = new RegExp(String.raw`(?:(?<!\d)[,，、]|[,，、](?!\d{3}(?!\d)))${OUTSIDE}`);
const DOT = new RegExp(`[·ㆍ・‧•]${OUTSIDE}`);
const SPACED_DOT = new RegExp(String.raw`(?:\s+[·ㆍ・‧•]\s*|[·ㆍ・‧•]\s+)${OUTSIDE}`);
const CALORIES = /\d[\d,.]*\s*k?cal\b/gi;
const AMOUNT = String.raw`(?<![\d,])(?:\d{1,3}(?:,\d{3})+|\d{2,6})`;
const WON = String.raw`(?:[₩￦\\]\s*(${AMOUNT})\s*원?|(${AMOUNT})\s*(?:[~-]\s*${AMOUNT}\s*)?원|(?<!\d)(\d{1,2},\d{3}))`;
const PRICE = new RegExp(String.raw`(?:\s*\(\s*${WON}\s*\)|[\s:]*${WON})$`);
const CIRCLED = /[\s(]*([①-⑲](?:[\s,.·]*[①-⑲])*)\)?\s*$/;
const NUMBERED = /[\s*]*[([]\s*(\d{1,2}(?:\s*[.,·/]\s*\d{1,2})*)\s*[.,]?\s*[)\]]\s*$/;
const BARE = /\s*((?:(?<!\d)\d{1,2}\.)+(?:\d{1,2}\.)*|(?<!\d)\d{1,2}(?:\.\d{1,2}){2,})\s*$/;
const MOST_ALLERGEN = 19;

export function priced(price: number | undefined): { readonly price?: number } {
  return price === undefined ? {} : { price };
}

/** Allergens or a price without a dish give one without a name. */
export function listOf(line: string): readonly Dish[] {
  return line.split(COMMA).flatMap(splitDots).map(splitDish);
}

/** `돼지·김치볶음` is one dish; `밥·국·김치` and `밥 · 국` are several. */
function splitDots(text: string): readonly string[] {
  if (SPACED_DOT.test(text)) return text.split(SPACED_DOT).filter((part) => part.trim() !== '');
  const parts = text.split(DOT);
  return parts.length > 2 ? parts : [text];
}

/** Takes allergens and price off the end, in whatever order they stand. */
export function splitDish(text: string): Dish {
  let name = text.replace(CALORIES, '').trim();
  let price: number | undefined;
  let allergens: readonly number[] = [];
  for (let before = ''; before !== name; ) {
    before = name;
    const paid = PRICE.exec(name);
    if (paid !== null && price === undefined) {
      price = readAmount(paid);
      name = name.slice(0, paid.index).trim();
    }
    const marked = readAllergens(name);
    if (marked !== undefined) {
      allergens = [...marked.numbers, ...allergens];
      name = marked.rest;
    }
  }
  return { name: name.replace(/[\s:]+$/, ''), allergens, ...priced(price) };
}

function readAmount([, ...groups]: RegExpExecArray): number {
  return Number(groups.find((group) => group !== undefined)?.replaceAll(',', ''));
}

function readAllergens(text: string): { readonly rest: string; readonly numbers: readonly number[] } | undefined {
  const match = CIRCLED.exec(text) ?? NUMBERED.exec(text) ?? BARE.exec(text);
  if (match === null) return undefined;
  const signs = match[1] ?? '';
  const circled = [...signs].filter((sign) => sign >= '①' && sign <= '⑲').map((sign) => sign.charCodeAt(0) - 0x245f);
  const numbers = circled.length > 0 ? circled : (signs.match(/\d+/g) ?? []).map(Number);
  if (!numbers.every((number) => number >= 1 && number <= MOST_ALLERGEN)) return undefined;
  return { rest: text.slice(0, match.index).trim(), numbers };
}
