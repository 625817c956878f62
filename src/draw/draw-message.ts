// Draws one message as KakaoTalk shows it: the card alone, as an HTML string. Its looks are in chat-css.ts.
import type {
  Drawable,
  DrawnCalendar,
  DrawnCommerceCard,
  DrawnContent,
  DrawnFeed,
  DrawnList,
  DrawnLocation,
  DrawnTemplate,
  DrawnText,
} from './drawn.ts';
import { element, escapeHtml, picture } from './html.ts';
import {
  addressOf,
  chooseButtons,
  drawButtons,
  drawItems,
  drawPrice,
  drawProfile,
  drawSocial,
  drawWords,
  linked,
} from './parts.ts';

const MOST_BUTTONS = 2;
const MOST_ROWS = 3;

export interface CardOptions {
  /** The app's name, shown at the foot of the card. */
  readonly appName?: string | undefined;
}

export function drawMessage(message: Drawable, { appName }: CardOptions = {}): string {
  const foot = appName === undefined ? '' : `<div class="kt-foot"><i></i>${escapeHtml(appName)}</div>`;
  return `<div class="kt-card kt-is-${cardName(message)}">${drawBody(message)}${foot}</div>`;
}

function cardName(message: Drawable): string {
  if (message.kind !== 'default') return message.kind;
  return Object.hasOwn(DRAW, message.object.object_type) ? message.object.object_type : 'unknown';
}

function drawBody(message: Drawable): string {
  switch (message.kind) {
    case 'default':
      return drawTemplate(message.object);
    case 'custom':
      return drawCustom(message.template_id, message.template_args ?? {});
    case 'scrap':
      return drawScrap(message.request_url);
  }
}

const DRAW = {
  text: drawText,
  feed: drawFeed,
  list: drawList,
  location: drawLocation,
  commerce: drawCommerce,
  calendar: drawCalendar,
};

function drawTemplate(template: DrawnTemplate): string {
  switch (template.object_type) {
    case 'text':
      return DRAW.text(template);
    case 'feed':
      return DRAW.feed(template);
    case 'list':
      return DRAW.list(template);
    case 'location':
      return DRAW.location(template);
    case 'commerce':
      return DRAW.commerce(template);
    case 'calendar':
      return DRAW.calendar(template);
    default:
      return element('p', 'kt-saying', JSON.stringify(template));
  }
}

function drawText(template: DrawnText): string {
  return (
    linked('kt-saying', template.link, escapeHtml(template.text)) + drawButtons(chooseButtons(template, MOST_BUTTONS))
  );
}

function drawFeed({ content, item_content: item = {}, social, ...rest }: DrawnFeed): string {
  const buttons = chooseButtons({ ...rest, link: content.link }, MOST_BUTTONS);
  const top = drawProfile(item) + linked('kt-face', content.link, drawImage(content));
  const body = linked('kt-face', content.link, drawWords(content));
  return top + drawItems(item) + body + drawSocial(social) + drawButtons(buttons);
}

function drawList({ header_title, header_link, contents, ...rest }: DrawnList): string {
  const head = linked('kt-header', header_link, `<strong>${escapeHtml(header_title)}</strong>`);
  const rows = contents
    .slice(0, MOST_ROWS)
    .map((content) => linked('kt-row', content.link, drawWords(content) + picture('kt-thumb', content.image_url)));
  return `${head}<div class="kt-rows">${rows.join('')}</div>${drawButtons(chooseButtons({ ...rest, link: header_link }, MOST_BUTTONS))}`;
}

function drawLocation({ content, social, address, address_title, ...rest }: DrawnLocation): string {
  const place = `https://map.kakao.com/?q=${encodeURIComponent(address)}`;
  const own = chooseButtons({ ...rest, link: content.link }, 1);
  const buttons = [...own, { title: '위치 보기', link: { mobile_web_url: place } }];
  const where = `<div class="kt-place">${element('strong', 'kt-place-title', address_title)}${element('span', '', address)}</div>`;
  return `${drawFace(content)}${where}${drawSocial(social)}${drawButtons(buttons)}`;
}

function drawCommerce({ content, commerce, ...rest }: DrawnCommerceCard): string {
  const product = element('span', 'kt-product', commerce.product_name);
  const words = `<div class="kt-goods">${product}${drawPrice(commerce)}</div>`;
  const buttons = chooseButtons({ ...rest, link: content.link }, MOST_BUTTONS);
  return linked('kt-face', content.link, drawImage(content)) + words + drawWords(content) + drawButtons(buttons);
}

function drawCalendar({ content, id_type, id, buttons = [] }: DrawnCalendar): string {
  const kind = id_type === 'event' ? '공개 일정' : '구독 캘린더';
  const head = `<div class="kt-event"><i></i><span><strong>${kind}</strong><small>${escapeHtml(id)}</small></span></div>`;
  const fixed = { title: id_type === 'event' ? '일정 등록' : '캘린더 구독', link: content.link };
  return head + drawFace(content) + drawButtons([...buttons.slice(0, 1), fixed]);
}

function drawFace(content: DrawnContent): string {
  return linked('kt-face', content.link, drawImage(content) + drawWords(content));
}

function drawImage({ image_url, image_width, image_height }: DrawnContent): string {
  const tall = Number(image_height) > Number(image_width);
  return picture(tall ? 'kt-image kt-tall' : 'kt-image', image_url);
}

function drawCustom(templateId: number, templateArgs: Readonly<Record<string, string>>): string {
  const rows = Object.entries(templateArgs).map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  const args = rows.length === 0 ? '' : `<dl class="kt-items kt-args">${rows.join('')}</dl>`;
  const head = `<div class="kt-event kt-made"><i></i><span><strong>사용자 정의 템플릿</strong><small>#${escapeHtml(templateId)}</small></span></div>`;
  return head + args + drawButtons([{ title: '자세히 보기' }]);
}

function drawScrap(requestUrl: string): string {
  const link = { web_url: requestUrl };
  const address = addressOf(link);
  const url = address === undefined ? undefined : new URL(address);
  const host = url?.host ?? String(requestUrl);
  const path = url === undefined ? '' : decodePath(url.pathname + url.search);
  const words = drawWords({ title: host, description: path === '/' ? '' : path });
  return linked('kt-face', link, words) + drawButtons([{ title: '자세히 보기', link }]);
}

function decodePath(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
