// Reads a template_object: refuses what Kakao cannot parse, and works out what of the rest KakaoTalk shows.
import { z } from 'zod';
import type { DrawnTemplate } from '../draw/drawn.ts';
import type { SandboxApp } from './app.ts';
import type { Arrived } from './inbox.ts';

const SHOWN_TEXT = 200;

const link = z.looseObject({
  web_url: z.string().optional(),
  mobile_web_url: z.string().optional(),
  android_execution_params: z.string().optional(),
  ios_execution_params: z.string().optional(),
});
const button = z.looseObject({ title: z.string(), link });
const buttons = { button_title: z.string().optional(), buttons: z.array(button).optional() };
const content = z
  .looseObject({
    title: z.string().optional(),
    description: z.string().optional(),
    image_url: z.string().optional(),
    image_width: z.int().optional(),
    image_height: z.int().optional(),
    link,
  })
  .refine(({ title, description, image_url }) => title ?? description ?? image_url);
const count = z.int().optional();
const social = z
  .looseObject({
    like_count: count,
    comment_count: count,
    shared_count: count,
    view_count: count,
    subscriber_count: count,
  })
  .optional();
const words = z.string().optional();
const itemContent = z
  .looseObject({
    profile_text: words,
    profile_image_url: words,
    title_image_text: words,
    title_image_url: words,
    title_image_category: words,
    items: z.array(z.looseObject({ item: words, item_op: words })).optional(),
    sum: words,
    sum_op: words,
  })
  .optional();
const commerce = z.looseObject({
  regular_price: z.int(),
  discount_price: count,
  discount_rate: count,
  fixed_discount_price: count,
  product_name: words,
  currency_unit: words,
  currency_unit_position: count,
});

const template = z.discriminatedUnion('object_type', [
  z.looseObject({ object_type: z.literal('text'), text: z.string(), link, ...buttons }),
  z.looseObject({ object_type: z.literal('feed'), content, item_content: itemContent, social, ...buttons }),
  z.looseObject({
    object_type: z.literal('list'),
    header_title: z.string(),
    header_link: link,
    contents: z.array(content),
    ...buttons,
  }),
  z.looseObject({
    object_type: z.literal('location'),
    address: z.string(),
    address_title: words,
    content,
    social,
    ...buttons,
  }),
  z.looseObject({ object_type: z.literal('commerce'), content, commerce, ...buttons }),
  z.looseObject({
    object_type: z.literal('calendar'),
    id_type: z.enum(['event', 'calendar']),
    id: z.string(),
    content,
    buttons: buttons.buttons,
  }),
]);

type Template = z.infer<typeof template>;

/** Undefined when Kakao could not parse it (-2). */
export function readTemplate(app: SandboxApp, source: string | null): Arrived | undefined {
  const object = parseJson(source);
  const parsed = template.safeParse(object);
  if (!parsed.success) return undefined;
  if (app.emptyLink === 'refuse' && linksOf(parsed.data).some(leadsNowhere)) return undefined;

  const text = parsed.data.object_type === 'text' ? parsed.data.text : undefined;
  const displayed = text === undefined ? undefined : cut(app, text);
  const tooLong = text !== displayed;
  if (tooLong && app.longText === 'refuse') return undefined;

  const beyond = findBeyond(parsed.data);
  if (beyond.length > 0 && app.beyondLimits === 'refuse') return undefined;

  const dropped = linksOf(parsed.data).flatMap((one) => addressesOf(one).filter((url) => !isRegistered(app, url)));
  const warnings = [
    ...(tooLong ? [`글이 ${SHOWN_TEXT}자를 넘어 뒷부분이 보이지 않습니다.`] : []),
    ...beyond,
    ...[...new Set(dropped)].map((url) => `등록되지 않은 도메인이라 링크가 빠졌습니다: ${url}`),
  ];
  const shown = { ...dropLinks(app, parsed.data), ...(displayed === undefined ? {} : { text: displayed }) };
  return {
    kind: parsed.data.object_type,
    object,
    text,
    displayed,
    shown: { kind: 'default', object: shown as DrawnTemplate },
    warnings,
  };
}

/** A domain fits itself and what is below it. */
export function isRegistered({ linkDomains, unregisteredLink }: SandboxApp, url: string): boolean {
  if (unregisteredLink === 'keep') return true;
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  const domains = linkDomains.map((domain) => (URL.canParse(domain) ? new URL(domain).hostname || domain : domain));
  return domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

export function parseJson(source: string | null): unknown {
  try {
    return JSON.parse(source ?? '');
  } catch {
    return undefined;
  }
}

type Link = z.infer<typeof link>;

function linksOf(object: Template): readonly Link[] {
  const ofButtons = (object.buttons ?? []).map((one) => one.link);
  if (object.object_type === 'text') return [object.link, ...ofButtons];
  if (object.object_type === 'list')
    return [object.header_link, ...object.contents.map((one) => one.link), ...ofButtons];
  return [object.content.link, ...ofButtons];
}

function addressesOf({ web_url, mobile_web_url }: Link): readonly string[] {
  return [web_url, mobile_web_url].flatMap((url) => (url === undefined || url === '' ? [] : [url]));
}

function leadsNowhere(one: Link): boolean {
  return addressesOf(one).length === 0 && !one.android_execution_params && !one.ios_execution_params;
}

function dropLinks(app: SandboxApp, object: Template): Template {
  return JSON.parse(JSON.stringify(object), (key, value: unknown) => {
    const isAddress = key === 'web_url' || key === 'mobile_web_url';
    return isAddress && !isRegistered(app, String(value)) ? undefined : value;
  });
}

function cut({ textUnit }: SandboxApp, text: string): string {
  return textUnit === 'utf-16' ? text.slice(0, SHOWN_TEXT) : [...text].slice(0, SHOWN_TEXT).join('');
}

/** What KakaoTalk leaves out, one sentence each. */
function findBeyond(object: Template): readonly string[] {
  const mostButtons = object.object_type === 'location' || object.object_type === 'calendar' ? 1 : 2;
  const given = object.buttons?.length ?? 0;
  const found = given > mostButtons ? [`버튼 ${given}개 가운데 ${mostButtons}개만 보입니다.`] : [];
  if (object.object_type === 'list') found.push(...findInList(object.contents.length, object.header_title));
  if (object.object_type === 'feed' && (object.item_content?.items?.length ?? 0) > 5)
    found.push('항목은 5개까지 보입니다.');
  return found;
}

function findInList(rows: number, header: string): readonly string[] {
  return [
    ...(rows < 2 || rows > 3 ? [`리스트의 항목은 2개나 3개여야 하는데 ${rows}개입니다.`] : []),
    ...([...header].length > SHOWN_TEXT ? [`리스트의 제목이 ${SHOWN_TEXT}자를 넘습니다.`] : []),
  ];
}
