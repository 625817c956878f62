// A message in plain words, for channels that know no Kakao templates. The text says everything by itself, the title
// too; the title is given apart for channels with a place for one.
import { DEFAULT_LINK } from './build-link.ts';
import type {
  Button,
  CalendarTemplate,
  Commerce,
  CommerceTemplate,
  Content,
  DefaultTemplate,
  FeedTemplate,
  ItemContent,
  Link,
  ListTemplate,
  LocationTemplate,
  Saying,
  Social,
} from './template.ts';

export interface PlainText {
  readonly title?: string;
  /** Never blank for a saying that passed the check. */
  readonly text: string;
  /** The message's own link. Absent when it has none, or none but execution params. */
  readonly link?: string;
}

/** Words before they are put together: one line an entry. */
interface Draft {
  readonly title?: string | undefined;
  readonly lines: readonly (string | undefined)[];
  readonly link: Link | undefined;
  readonly buttons?: readonly Button[] | undefined;
}

const SOCIAL_LABELS = [
  ['like_count', '좋아요'],
  ['comment_count', '댓글'],
  ['shared_count', '공유'],
  ['view_count', '조회'],
  ['subscriber_count', '구독'],
] as const satisfies readonly (readonly [keyof Social, string])[];

/** The saying in plain words. Links of lines and buttons are told where they differ from the message's own. */
export function plainText(saying: Saying): PlainText {
  const { title, lines, link, buttons = [] } = draftOf(saying);
  const main = addressOf(link);
  const all = [...lines, ...buttons.map((button) => withAddress(button.title, { link: button.link, main }))];
  const text = all.filter((line) => line !== undefined && line !== '').join('\n');
  return { ...(title && { title }), text, ...(main !== undefined && { link: main }) };
}

function draftOf(saying: Saying): Draft {
  switch (saying.kind) {
    case 'text':
      return { lines: [saying.text], link: saying.link, buttons: saying.buttons };
    case 'default':
      return draftOfObject(saying.object);
    case 'custom':
      return { lines: [saying.plain ?? templateLine(saying.template_id, saying.template_args)], link: undefined };
    case 'scrap':
      return { lines: [saying.request_url], link: { web_url: saying.request_url } };
  }
}

function draftOfObject(object: DefaultTemplate): Draft {
  switch (object.object_type) {
    case 'text':
      return { lines: [object.text], link: object.link, buttons: object.buttons };
    case 'feed':
      return draftOfFeed(object);
    case 'list':
      return draftOfList(object);
    case 'commerce':
      return draftOfCommerce(object);
    case 'location':
      return draftOfLocation(object);
    case 'calendar':
      return draftOfCalendar(object);
  }
}

function draftOfFeed({ content, item_content: items, social, buttons }: FeedTemplate): Draft {
  const lines = [items?.profile_text, ...wordsOf(content), ...itemLines(items), socialLine(social)];
  return { title: content.title, lines, link: content.link, buttons };
}

function draftOfList({ header_title: title, header_link: link, contents, buttons }: ListTemplate): Draft {
  const main = addressOf(link);
  const entries = contents.map((content) => {
    const words = wordsOf(content).filter((word) => word !== undefined && word !== '');
    return withAddress(`- ${words.join(': ') || content.image_url}`, { link: content.link, main });
  });
  return { title, lines: [title, ...entries], link, buttons };
}

function draftOfCommerce({ content, commerce, buttons }: CommerceTemplate): Draft {
  const lines = [...wordsOf(content), commerce.product_name, priceLine(commerce)];
  return { title: content.title ?? commerce.product_name, lines, link: content.link, buttons };
}

function draftOfLocation({ content, address, address_title: name, social, buttons }: LocationTemplate): Draft {
  const place = name === undefined ? address : `${name} (${address})`;
  const lines = [...wordsOf(content), `위치: ${place}`, socialLine(social)];
  return { title: content.title ?? name, lines, link: content.link, buttons };
}

function draftOfCalendar({ content, id_type: type, id, buttons }: CalendarTemplate): Draft {
  const lines = [...wordsOf(content), `${type === 'event' ? '톡캘린더 일정' : '톡캘린더'}: ${id}`];
  return { title: content.title, lines, link: content.link, buttons };
}

/** A card with a picture alone is told by the picture's address. */
function wordsOf({ title, description, image_url: image }: Content): readonly (string | undefined)[] {
  return title || description ? [title, description] : [image];
}

function itemLines(items: ItemContent | undefined): readonly (string | undefined)[] {
  if (items === undefined) return [];
  const heading = [items.title_image_category, items.title_image_text].filter((part) => part !== undefined);
  const lines = (items.items ?? []).map(({ item, item_op: value }) => `${item}: ${value}`);
  const sum = [items.sum, items.sum_op].filter((part) => part !== undefined);
  return [heading.join(' · '), ...lines, sum.join(': ')];
}

function socialLine(social: Social | undefined): string | undefined {
  const counts = SOCIAL_LABELS.flatMap(([field, label]) => {
    const count = social?.[field];
    return count === undefined ? [] : [`${label} ${grouped(count)}`];
  });
  return counts.join(' · ');
}

/** `12,900원 → 9,900원 (23% 할인)`. */
function priceLine(commerce: Commerce): string {
  const { regular_price: regular, discount_price: now, discount_rate: rate, fixed_discount_price: fixed } = commerce;
  const prices = [regular, now].filter((price) => price !== undefined).map((price) => money(price, commerce));
  const percent = rate === undefined ? '' : ` (${rate}% 할인)`;
  const amount = fixed === undefined ? '' : ` (정액 할인 ${money(fixed, commerce)})`;
  return `${prices.join(' → ')}${percent}${amount}`;
}

function money(amount: number, { currency_unit: unit = '원', currency_unit_position: position = 0 }: Commerce): string {
  return position === 1 ? `${unit}${grouped(amount)}` : `${grouped(amount)}${unit}`;
}

function grouped(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ',');
}

function templateLine(id: number, args: Readonly<Record<string, string>>): string {
  const told = Object.entries(args).map(([name, value]) => `${name}: ${value}`);
  return [`카카오 메시지 템플릿 ${id}`, ...told].join('\n');
}

function withAddress(words: string, { link, main }: { link: Link; main: string | undefined }): string {
  const address = addressOf(link);
  return address === undefined || address === main ? words : `${words} ${address}`;
}

/** The web address of a link; the one that only stands in for a missing link is none. */
function addressOf(link: Link | undefined): string | undefined {
  const address = link?.web_url ?? link?.mobile_web_url;
  return address === DEFAULT_LINK.web_url ? undefined : address;
}
