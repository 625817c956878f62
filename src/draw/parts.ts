// The pieces cards are built from: links, buttons, prices, the counts below a feed.
// The limits are KakaoTalk's: what is beyond them is not shown.
import type { DrawnButton, DrawnCommerce, DrawnContent, DrawnItemContent, DrawnLink, DrawnSocial } from './drawn.ts';
import { element, escapeHtml, picture, safeAddress } from './html.ts';

const DEFAULT_BUTTON = '자세히 보기';
const MOST_SOCIAL = 3;
const MOST_ITEMS = 5;

export function addressOf(link: DrawnLink | undefined): string | undefined {
  return safeAddress(link?.mobile_web_url) ?? safeAddress(link?.web_url);
}

/** Makes a link of it where there is an address, else plain text: a link that was dropped leads nowhere. */
export function linked(className: string, link: DrawnLink | undefined, inner: string): string {
  if (inner === '') return '';
  const address = addressOf(link);
  if (address === undefined) return `<span class="${className}">${inner}</span>`;
  return `<a class="${className}" href="${escapeHtml(address)}" target="_blank" rel="noopener noreferrer">${inner}</a>`;
}

interface ButtonRow {
  readonly buttons?: readonly DrawnButton[] | undefined;
  readonly button_title?: string | undefined;
  readonly link?: DrawnLink | undefined;
}

/** A message's own buttons win over `button_title`; without either there is a default one. */
export function chooseButtons({ buttons, button_title, link }: ButtonRow, most: number): readonly DrawnButton[] {
  if (buttons !== undefined && buttons.length > 0) return buttons.slice(0, most);
  return [{ title: button_title ?? DEFAULT_BUTTON, link }];
}

export function drawButtons(buttons: readonly DrawnButton[]): string {
  const drawn = buttons.map(({ title, link }) => linked('kt-button', link, escapeHtml(title)));
  return drawn.length === 0 ? '' : `<div class="kt-buttons">${drawn.join('')}</div>`;
}

export function drawWords({ title, description }: DrawnContent): string {
  const words = element('strong', 'kt-title', title) + element('span', 'kt-description', description);
  return words === '' ? '' : `<span class="kt-words">${words}</span>`;
}

const SOCIAL = [
  ['like_count', '좋아요'],
  ['comment_count', '댓글'],
  ['shared_count', '공유'],
  ['view_count', '조회'],
  ['subscriber_count', '구독'],
] as const;

export function drawSocial(social: DrawnSocial | undefined): string {
  const counts = SOCIAL.flatMap(([field, name]) => {
    const count = social?.[field];
    return count === undefined ? [] : [`<span>${name} <b>${escapeHtml(withCommas(count))}</b></span>`];
  });
  return counts.length === 0 ? '' : `<div class="kt-social">${counts.slice(0, MOST_SOCIAL).join('')}</div>`;
}

export function drawProfile(item: DrawnItemContent): string {
  const text = element('span', 'kt-profile-text', item.profile_text);
  const image = picture('kt-profile-image', item.profile_image_url);
  return text + image === '' ? '' : `<div class="kt-profile">${image}${text}</div>`;
}

export function drawItems(item: DrawnItemContent): string {
  const words =
    element('strong', 'kt-item-title', item.title_image_text) +
    element('span', 'kt-item-category', item.title_image_category);
  const head = words + picture('kt-item-image', item.title_image_url);
  const rows = (item.items ?? [])
    .filter((row) => row.item && row.item_op)
    .slice(0, MOST_ITEMS)
    .map((row) => `<div><dt>${escapeHtml(row.item)}</dt><dd>${escapeHtml(row.item_op)}</dd></div>`);
  const sum =
    item.sum && item.sum_op
      ? `<div class="kt-sum"><dt>${escapeHtml(item.sum)}</dt><dd>${escapeHtml(item.sum_op)}</dd></div>`
      : '';
  const titled = head === '' ? '' : `<div class="kt-item-head"><span>${words}</span>${head.slice(words.length)}</div>`;
  return titled + (rows.length + sum.length === 0 ? '' : `<dl class="kt-items">${rows.join('')}${sum}</dl>`);
}

export function drawPrice(commerce: DrawnCommerce): string {
  const {
    regular_price: regular,
    discount_price: discount,
    discount_rate: rate,
    fixed_discount_price: fixed,
  } = commerce;
  if (discount === undefined) return `<div class="kt-price"><b>${price(regular, commerce)}</b></div>`;
  const cut =
    rate === undefined ? (fixed === undefined ? '' : `${price(fixed, commerce)} 할인`) : `${escapeHtml(rate)}%`;
  return `<div class="kt-price">${cut === '' ? '' : `<em>${cut}</em>`}<b>${price(discount, commerce)}</b><s>${price(regular, commerce)}</s></div>`;
}

function price(amount: number, { currency_unit: unit = '원', currency_unit_position: position = 0 }: DrawnCommerce) {
  return escapeHtml(position === 1 ? unit + withCommas(amount) : withCommas(amount) + unit);
}

function withCommas(amount: unknown): string {
  return String(amount).replace(/\B(?=(\d{3})+$)/g, ',');
}
