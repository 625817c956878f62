// Reads menus as people write them: dishes by line, comma or middle dot, allergen numbers, prices, and what is no dish at
// all (where the cabbage comes from, calories, a notice that there is no meal).
import { type Dish, listOf, priced, splitDish } from './dish-line.ts';

/** What is eaten together, and what it costs. */
export interface Meal {
  /** What stands above it: `중식` of `*중식*`, `A코너` of `<A코너>`. */
  readonly title?: string;
  /** In the order of the menu; at least one. */
  readonly dishes: readonly Dish[];
  /** The price of the whole, in won. That of a single dish is the dish's own. */
  readonly price?: number;
}

const BREAK = /<\/?(?:br|p|li|ul|ol|div)\b[^<>]{0,200}>|[\n\r]/i;
/** No menu has a longer line. What is longer is kept as it stands, and nothing here takes long over it. */
const LONGEST_LINE = 2000;
const RULE = /^[-=_─━~]{3,}$/;
const BRACKETED = /^[([{［【][^()[\]{}]*[)\]}］】]$/;
/** `(배추,고춧가루:국내산)`, `원산지: …`, `※ …`, `**12시부터 한정판매`. */
const ASIDE = /^[([][^()[\]]*(?::|산)\s*[)\]]$|^[([][^()[\]:]+:[^()[\]]+[)\]]$|^(?:\*\*[^*]+$|※|원산지)/;
const CLOSED = /^(?:[-–—.xX×]+|(?:금일|오늘은?)?\s*(?:식단|메뉴|등록된 메뉴)?\s*없음)$/;
/** `개교기념일 휴무`, `미운영 (방학)`, `추석연휴`: what ends in such a word. `추석 연휴 특식` is served. */
const DAY_OFF =
  /^(?:[^,/+&\n]|(?<=\d)\/(?=\d)){0,20}?(?:미\s?운영|미\s?제공|휴무일?|휴점|휴업일?|휴관일?|휴교일?|운영\s?(?:안\s?함|없음|중단)|연휴|공휴일|대체\s?휴일|개교\s?기념일|방학|준비\s?중)(?:\s?(?:중|기간))?\s*(?:\([^()]*\))?[.!~\s]*$/;
const HOLIDAY =
  /^(?:신정|설날|추석|삼일절|3[.·]1절|근로자의\s?날|어린이날|석가탄신일|부처님\s?오신\s?날|현충일|광복절|개천절|한글날|성탄절|크리스마스)$/;
const ORNAMENT = /^[\s*★☆※♥-]+|[\s*★☆※♥-]+$/g;
const SENTENCE = /(?:니다|세요|십시오)[.!~\s]*$/;
/** The line that a sentence began in: `석식은 학생식당` before `이용 부탁드립니다.` */
const SENTENCE_START = /[가-힣](?:은|는|을|를)\s/;
const TITLE =
  /^(?:\*{1,2}([^*]+)\*{1,2}$|<([^<>]+)>|【([^【】]+)】|\[([^[\]]*(?:코너|[조중석한양일분]식|아침|점심|저녁|뷔페))\]|\(?([조중석]식|아침|점심|저녁|[A-Z\d]{1,2}\s?코너)\)?\s*:?$)\s*/;
const QUOTES = /^["'“”❝❞‘’]+|["'“”❝❞‘’]+$/g;
const BULLET = /^(?:[-–·ㆍ•▶▷■□○●◆◇★☆☞✓*]\s*|\d{1,2}\)\s*)/;
/** Beside the dish above. After a star, anything else is a dish of its own. */
const SAUCE = /^\*[^*\s]*(?:소스|양념장?|케[찹첩]|드레싱|머스타드|시럽|쌈장|초장|마요|잼)$/;
const NAMED_SIGNS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', '#39': "'" };

/**
 * Splits a menu into dishes: at `<br>` and other tags that break a line, newlines, commas, and middle dots that separate.
 * Allergen numbers and prices are split off; origins, calories, notices and days off (`추석 연휴`) are no dishes. Of several
 * lines, such as `hit.lines`, each is one. `[]` when nothing is served. Lines that begin with `※` or `**` are notices.
 *
 * Prices are in won, allergens Korea's numbers from 1 to 19. It never throws: a line that it cannot part, or one of
 * more than 2,000 characters, is a dish as it stands.
 *
 * @example
 * dishes('현미밥<br/>돈까스 (1.5.6.) 5,500원')
 * // [{ name: '현미밥', allergens: [] }, { name: '돈까스', allergens: [1, 5, 6], price: 5500 }]
 * @example
 * dishes(page.one('#lunch').lines).map(({ name }) => name) // ['김치찌개', '돈까스']
 */
export function dishes(text: string | readonly string[]): readonly Dish[] {
  return meals(text).flatMap((meal) => meal.dishes);
}

/**
 * Splits a menu into meals, when one text holds several: at titles (`*중식*`, `<A코너>`), at rules (`-----`) and after each
 * price that stands by itself. Units and limits are those of `dishes`; it never throws either.
 *
 * @example
 * meals(['*중식*', '목살고추장찌개', '쌀밥', '4,000원 624kcal'])
 * // [{ title: '중식', dishes: [{ name: '목살고추장찌개', allergens: [] }, { name: '쌀밥', allergens: [] }], price: 4000 }]
 */
export function meals(text: string | readonly string[]): readonly Meal[] {
  const lines = [text].flat().flatMap((part) => part.split(BREAK));
  const sections: Section[] = [{ dishes: [] }];
  for (const line of withoutNotices(lines.map(tidy))) addLine(sections, line);
  return sections.filter((section) => section.dishes.length > 0).map(toMeal);
}

interface Section {
  title?: string;
  readonly dishes: Dish[];
  price?: number;
}

function tidy(line: string): string {
  const plain = line.replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (sign, name) => NAMED_SIGNS[name] ?? sign);
  return plain.replace(/\s+/g, ' ').trim().replace(QUOTES, '').trim();
}

/** Sentences are no dishes, nor are the lines they began in. */
function withoutNotices(lines: readonly string[]): readonly string[] {
  const isNotice = lines.map((line) => SENTENCE.test(line));
  return lines.filter(
    (line, at) => line !== '' && !isNotice[at] && !(isNotice[at + 1] === true && SENTENCE_START.test(`${line} `)),
  );
}

function addLine(sections: Section[], line: string): void {
  const section = sections.at(-1) ?? { dishes: [] };
  if (RULE.test(line)) sections.push({ dishes: [] });
  else if (line.length > LONGEST_LINE) addDishes(sections, line);
  else if (ASIDE.test(line) || isNoMeal(line)) return;
  else if (TITLE.test(line)) addTitled(sections, line);
  else if (isMore(line)) addToLast(section, line);
  else addDishes(sections, line);
}

/** With or without brackets around it. */
function isNoMeal(line: string): boolean {
  if (CLOSED.test(line)) return true;
  const plain = line.replace(ORNAMENT, '');
  const words = BRACKETED.test(plain) ? plain.slice(1, -1).trim() : plain;
  return DAY_OFF.test(words) || HOLIDAY.test(words);
}

function addTitled(sections: Section[], line: string): void {
  const [whole = '', ...titles] = TITLE.exec(line) ?? [];
  const title = titles.find((each) => each !== undefined)?.trim() ?? '';
  sections.push({ dishes: [], title });
  const rest = line.slice(whole.length);
  if (rest !== '') addDishes(sections, rest);
}

/** `[신라면,진라면]` and `*소스` belong to the dish above. */
function isMore(line: string): boolean {
  return BRACKETED.test(line) || SAUCE.test(line);
}

function addToLast(section: Section, line: string): void {
  const last = section.dishes.pop();
  const { price, ...rest } = splitDish(line);
  if (last === undefined) section.dishes.push(...listOf(rest.name === '' ? line : line.replace(/^[([]|[)\]]$/g, '')));
  else if (rest.name === '')
    section.dishes.push({ ...last, allergens: [...last.allergens, ...rest.allergens], ...priced(price) });
  else section.dishes.push({ ...last, name: line.startsWith('*') ? `${last.name}${line}` : `${last.name} ${line}` });
}

function addDishes(sections: Section[], line: string): void {
  const section = sections.at(-1) ?? { dishes: [] };
  const found = line.length > LONGEST_LINE ? [{ name: line, allergens: [] }] : listOf(line.replace(BULLET, ''));
  const first: Dish | undefined = found[0];
  if (first !== undefined && first.name === '') addPrice(sections, section, first.price);
  else
    section.dishes.push(...found.filter(({ name }) => name !== '' && (name.length > LONGEST_LINE || !isNoMeal(name))));
}

/** A price below dishes closes their meal; above them, it is that of the meal to come. */
function addPrice(sections: Section[], section: Section, price: number | undefined): void {
  if (price === undefined) return;
  section.price ??= price;
  if (section.dishes.length > 0) sections.push({ dishes: [] });
}

function toMeal({ title, dishes: found, price }: Section): Meal {
  const [only] = found;
  const isOne = found.length === 1 && only !== undefined && price !== undefined;
  return {
    ...(title === undefined ? {} : { title }),
    dishes: isOne ? [{ ...only, price: only.price ?? price }] : found,
    ...(isOne ? {} : priced(price)),
  };
}
