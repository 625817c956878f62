// The only way from a value to HTML: text is escaped, and of addresses only http and https are followed.

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(value: unknown): string {
  return String(value ?? '').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** An address that may stand in a page. Undefined for javascript:, data: and whatever is not an address at all. */
export function safeAddress(address: unknown): string | undefined {
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
}

/** An element, or nothing when there is no text for it. */
export function element(tag: string, className: string, text: unknown): string {
  const inner = escapeHtml(text);
  return inner === '' ? '' : `<${tag} class="${className}">${inner}</${tag}>`;
}

/** A picture that simply is not there when it cannot be had, as in KakaoTalk. */
export function picture(className: string, address: unknown): string {
  const src = safeAddress(address);
  if (src === undefined) return '';
  return `<span class="${className}"><img src="${escapeHtml(src)}" alt="" loading="lazy" referrerpolicy="no-referrer"></span>`;
}
