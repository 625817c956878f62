// Draws a chat room: days, bubbles with avatar, name and time. Times are shown in Korea's zone.
import { type CardOptions, drawMessage } from './draw-message.ts';
import type { Drawable } from './drawn.ts';
import { escapeHtml } from './html.ts';

export interface RoomMessage {
  readonly message: Drawable;
  readonly sender: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Shown on the right without a name, as KakaoTalk shows what one has said oneself. */
  readonly mine?: boolean | undefined;
  /** A remark below the bubble, for what KakaoTalk itself would not show. */
  readonly note?: string | undefined;
}

const COLOURS = 6;
const DAY = new Intl.DateTimeFormat('ko-KR', { dateStyle: 'full', timeZone: 'Asia/Seoul' });
const TIME = new Intl.DateTimeFormat('ko-KR', { timeStyle: 'short', timeZone: 'Asia/Seoul' });

export function drawRoom(messages: readonly RoomMessage[], options: CardOptions = {}): string {
  const drawn = messages.map((message, index) => {
    const before = messages[index - 1];
    const newDay = before === undefined || DAY.format(before.at) !== DAY.format(message.at);
    const day = newDay ? `<div class="kt-day"><span>${DAY.format(message.at)}</span></div>` : '';
    const goesOn = !newDay && before.sender === message.sender && before.mine === message.mine;
    return day + drawBubble(message, { ...options, goesOn });
  });
  return `<div class="kt-room">${drawn.join('')}</div>`;
}

export function drawAvatar(name: string): string {
  const colour = [...name].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973, 7) % COLOURS;
  return `<span class="kt-avatar kt-avatar-${colour}" aria-hidden="true">${escapeHtml([...name].at(0) ?? '?')}</span>`;
}

function drawBubble(bubble: RoomMessage, options: CardOptions & { goesOn: boolean }): string {
  const time = `<time class="kt-time" datetime="${new Date(bubble.at).toISOString()}">${TIME.format(bubble.at)}</time>`;
  const note = bubble.note === undefined ? '' : `<div class="kt-note">${escapeHtml(bubble.note)}</div>`;
  const line = `<div class="kt-line">${drawMessage(bubble.message, options)}${time}</div>${note}`;
  if (bubble.mine === true) return `<article class="kt-said kt-mine"><div>${line}</div></article>`;
  const name = options.goesOn ? '' : `<div class="kt-name">${escapeHtml(bubble.sender)}</div>`;
  const avatar = options.goesOn ? '<span class="kt-avatar kt-none"></span>' : drawAvatar(bubble.sender);
  return `<article class="kt-said">${avatar}<div>${name}${line}</div></article>`;
}
