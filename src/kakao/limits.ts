// Every limit of Kakao's messages, as one table of checks. Lengths are in UTF-16 units: how Kakao counts is unknown, and
// this is the strictest. What Kakao would merely cut in display is refused too, so that nothing is lost unseen.
import {
  type Check,
  type Field,
  isRecord,
  listOf,
  oneOf,
  optional,
  record,
  required,
  textByName,
  webAddress,
  whole,
  words,
} from './limits-check.ts';
import type { Saying } from './template.ts';

/** The longest text one text template carries. Kakao's iOS SDK documents 200 characters. */
export const TEXT_LIMIT = 200;

const HEADER_LIMIT = 200;
const SOCIAL_LIMIT = 3;

const LINK_FIELDS: Readonly<Record<string, Field>> = {
  web_url: optional(webAddress),
  mobile_web_url: optional(webAddress),
  android_execution_params: optional(words()),
  ios_execution_params: optional(words()),
};

const link = record(LINK_FIELDS, (value, field) => {
  const leads = isRecord(value) && Object.keys(LINK_FIELDS).some((name) => value[name] !== undefined);
  return leads ? [] : [`${field} leads nowhere; Kakao wants at least one of ${Object.keys(LINK_FIELDS).join(', ')}.`];
});

const content = record(
  {
    title: optional(words({ mayBeBlank: true })),
    description: optional(words({ mayBeBlank: true })),
    image_url: optional(webAddress),
    image_width: optional(whole({ least: 1 })),
    image_height: optional(whole({ least: 1 })),
    link: required(link),
  },
  (value, field) => {
    const says = isRecord(value) && [value['title'], value['description'], value['image_url']].some(isSaid);
    return says ? [] : [`${field} has neither title, description nor image_url; Kakao wants at least one.`];
  },
);

const social = record(
  {
    like_count: optional(whole({ least: 0 })),
    comment_count: optional(whole({ least: 0 })),
    shared_count: optional(whole({ least: 0 })),
    view_count: optional(whole({ least: 0 })),
    subscriber_count: optional(whole({ least: 0 })),
  },
  (value, field) => {
    const counts = isRecord(value) ? Object.values(value).filter((count) => count !== undefined).length : 0;
    return counts <= SOCIAL_LIMIT ? [] : [`${field} has ${counts} counts; KakaoTalk shows at most ${SOCIAL_LIMIT}.`];
  },
);

const itemContent = record({
  profile_text: optional(words({ most: 16 })),
  profile_image_url: optional(webAddress),
  title_image_text: optional(words({ most: 24 })),
  title_image_url: optional(webAddress),
  title_image_category: optional(words({ most: 14 })),
  items: optional(
    listOf(record({ item: required(words({ most: 6 })), item_op: required(words({ most: 25 })) }), {
      least: 0,
      most: 5,
      advice: 'Leave some out or use text.',
    }),
  ),
  sum: optional(words({ most: 6 })),
  sum_op: optional(words({ most: 11 })),
});

const commerce = record(
  {
    regular_price: required(whole({ least: 0 })),
    discount_price: optional(whole({ least: 0 })),
    discount_rate: optional(whole({ least: 0, most: 100 })),
    fixed_discount_price: optional(whole({ least: 0 })),
    product_name: optional(words()),
    currency_unit: optional(words()),
    currency_unit_position: optional(oneOf(0, 1)),
  },
  (value, field) => {
    const both = isRecord(value) && [value['discount_rate'], value['fixed_discount_price']].every(isSet);
    return both ? [`${field} has discount_rate and fixed_discount_price; Kakao takes one of them.`] : [];
  },
);

const CONTENTS = { least: 2, most: 3, advice: 'Tell 2 or 3 items, or use text.' };

const ONE_BUTTON = buttons(1);
const TWO_BUTTONS = { button_title: optional(words()), buttons: optional(buttons(2)) };
const TYPE: Field = { check: () => [], required: true };

/** The default templates by their object_type. */
const OBJECTS: Readonly<Record<string, Check>> = {
  text: record({
    object_type: TYPE,
    text: required(words({ most: TEXT_LIMIT })),
    link: required(link),
    ...TWO_BUTTONS,
  }),
  feed: record({
    object_type: TYPE,
    content: required(content),
    item_content: optional(itemContent),
    social: optional(social),
    ...TWO_BUTTONS,
  }),
  list: record({
    object_type: TYPE,
    header_title: required(words({ most: HEADER_LIMIT })),
    header_link: required(link),
    contents: required(listOf(content, CONTENTS)),
    ...TWO_BUTTONS,
  }),
  location: record({
    object_type: TYPE,
    address: required(words()),
    address_title: optional(words()),
    content: required(content),
    social: optional(social),
    button_title: optional(words()),
    buttons: optional(ONE_BUTTON),
  }),
  commerce: record({ object_type: TYPE, content: required(content), commerce: required(commerce), ...TWO_BUTTONS }),
  calendar: record({
    object_type: TYPE,
    id_type: required(oneOf('event', 'calendar')),
    id: required(words()),
    content: required(content),
    buttons: optional(ONE_BUTTON),
  }),
};

const templateId = whole({ least: 1 });

/** The kinds of saying that are not default templates. */
const KINDS: Readonly<Record<string, Check>> = {
  text: record({ kind: TYPE, text: required(words()), link: optional(link), ...TWO_BUTTONS }),
  custom: record({
    kind: TYPE,
    template_id: required(templateId),
    template_args: required(textByName),
    plain: optional(words()),
  }),
  scrap: record({
    kind: TYPE,
    request_url: required(webAddress),
    template_id: optional(templateId),
    template_args: optional(textByName),
  }),
};

/**
 * Every problem Kakao would have with a saying, one sentence each; none means that it can be sent. Links that a builder
 * left out must have been filled by `withLink`. Long text has no limit here: the channel splits it.
 */
export function checkSaying(saying: Saying): readonly string[] {
  const value: unknown = saying;
  if (!isRecord(value)) return ['The message is neither text nor made by a builder. Let render give text, or use one.'];
  return value['kind'] === 'default' ? checkObject(value) : checkKind(value);
}

function checkObject(saying: Readonly<Record<string, unknown>>): readonly string[] {
  const object = saying['object'];
  const type = isRecord(object) ? object['object_type'] : undefined;
  const check = typeof type === 'string' && Object.hasOwn(OBJECTS, type) ? OBJECTS[type] : undefined;
  if (check === undefined) return oneOf(...Object.keys(OBJECTS))(type, 'object_type');
  return [...check(object, `${type}`), ...record({ kind: TYPE, object: TYPE })(saying, 'message')];
}

function checkKind(saying: Readonly<Record<string, unknown>>): readonly string[] {
  const { kind } = saying;
  const check = typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (check === undefined) return oneOf(...Object.keys(KINDS), 'default')(kind, 'kind');
  return check(saying, `${kind}`);
}

function buttons(most: number): Check {
  const button = record({ title: required(words()), link: required(link) });
  return listOf(button, { least: 0, most, advice: 'Leave some out.' });
}

function isSaid(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isSet(value: unknown): boolean {
  return value !== undefined;
}
