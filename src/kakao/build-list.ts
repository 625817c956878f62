// Builder of the list: a heading and two or three lines, each with a picture and a link.
import { type LinkInput, toLink } from './build-link.ts';
import { type ButtonsInput, type ContentInput, toButtons, toContent } from './build-parts.ts';
import type { Saying } from './template.ts';

/** What a list is made of. */
export interface ListInput extends ButtonsInput {
  /** The heading: at most 200 characters (Kakao's iOS SDK). */
  readonly title: string;
  /** Where a touch on the heading leads, and on items without a link of their own. Default: the run's link. */
  readonly link?: LinkInput;
  /** 2 or 3 (Kakao's iOS SDK). For fewer or more use `text`. */
  readonly items: readonly ContentInput[];
}

/**
 * A heading and two or three lines.
 *
 * The message is refused, with the job, field, limit and size named, when the heading is blank or too long, when there
 * are not 2 or 3 items or more than 2 buttons, when an item has neither title, description nor image, or when a link or
 * picture is not http or https.
 *
 * @example
 * render: (notices) =>
 *   notices.length === 2 || notices.length === 3
 *     ? list({ title: '새 공지', items: notices.map(({ title, url }) => ({ title, link: url })) })
 *     : text(notices.map(({ title }) => title).join('\n'))
 */
export function list({ title, link, items, ...buttons }: ListInput): Saying {
  return {
    kind: 'default',
    object: {
      object_type: 'list',
      header_title: title,
      header_link: toLink(link),
      contents: items.map(toContent),
      ...toButtons(buttons),
    },
  };
}
