// Builders of the messages that are not cards: plain text, a custom template, a scraped page.
// No builder checks a limit: the check does, which knows the job and names the field.
import { type LinkInput, toLink } from './build-link.ts';
import { type ButtonsInput, toButtons } from './build-parts.ts';
import type { Saying } from './template.ts';

/** What a text message may have besides its text. */
export interface TextOptions extends ButtonsInput {
  /** Where a touch leads. Default: the run's link. */
  readonly link?: LinkInput;
}

/**
 * Plain text of any length. For KakaoTalk it becomes as many text messages as needed, cut at line ends, because Kakao's
 * iOS SDK documents 200 characters for one; buttons stand under the last. Other channels send it whole.
 *
 * The message is refused, with the job and field named, when the text is blank, a link is not http or https, or there
 * are more than 2 buttons.
 *
 * @example
 * render: (dishes) => text(dishes.map(({ dish }) => `- ${dish}`).join('\n'), { button: '식단 보기' })
 */
export function text(text: string, options: TextOptions = {}): Saying {
  const { link, ...buttons } = options;
  return { kind: 'text', text, ...(link !== undefined && { link: toLink(link) }), ...toButtons(buttons) };
}

/** What a custom message may have besides its arguments. */
export interface CustomOptions {
  /** The same in words, for channels that know no Kakao templates. Default: a line with the id and the arguments. */
  readonly plain?: string;
}

/**
 * A message made in Kakao's message template tool, by its id. Arguments fill the template's own; numbers become text,
 * because Kakao takes text only. Kakao offers custom templates of the kinds feed, list and commerce.
 *
 * The message is refused when the id is not a whole number above 0 or an argument is neither text nor a number.
 *
 * @example
 * render: (teas) =>
 *   teas.map(({ name, won }) => custom(12345, { NAME: name, WON: won }, { plain: `${name} ${won}원` }))
 */
export function custom(
  templateId: number,
  args: Readonly<Record<string, string | number>> = {},
  { plain }: CustomOptions = {},
): Saying {
  return {
    kind: 'custom',
    template_id: templateId,
    template_args: toArgs(args),
    ...(plain !== undefined && { plain }),
  };
}

/** What a scrap message may have besides its address. */
export interface ScrapOptions {
  /** A custom template made for scraped pages. Default: Kakao's own. */
  readonly templateId?: number;
  /** Arguments of that template. */
  readonly args?: Readonly<Record<string, string | number>>;
}

/**
 * A page as Kakao itself reads it: its title, picture and description. The page's domain must be registered in Kakao's
 * console under product link management.
 *
 * The message is refused when the address is not http or https.
 *
 * @example
 * render: (notices) => notices.map(({ url }) => scrap(url))
 */
export function scrap(url: string, { templateId, args }: ScrapOptions = {}): Saying {
  return {
    kind: 'scrap',
    request_url: url,
    ...(templateId !== undefined && { template_id: templateId }),
    ...(args !== undefined && { template_args: toArgs(args) }),
  };
}

function toArgs(args: Readonly<Record<string, string | number>>): Readonly<Record<string, string>> {
  const entries = Object.entries(args);
  return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'number' ? `${value}` : value]));
}
