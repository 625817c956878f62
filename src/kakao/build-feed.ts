// Builder of the feed: a card with a picture, words, and perhaps a small table.
import {
  type ButtonsInput,
  type ContentInput,
  type SocialInput,
  toButtons,
  toContent,
  toSocial,
} from './build-parts.ts';
import type { ItemContent, Saying } from './template.ts';

/** A line of the small table in a feed. Kakao shows it only with both sides filled. */
interface FeedItem {
  /** At most 6 characters (Kakao's iOS SDK). */
  readonly name: string;
  /** At most 25 characters; up to 14 stay on one line (Kakao's iOS SDK). */
  readonly value: string;
}

/** What a feed is made of. */
export interface FeedInput extends ContentInput, ButtonsInput {
  /** With the description at most 4 lines are shown; Kakao cuts the rest. */
  readonly title: string;
  /** Who speaks, above the card: at most 16 characters (Kakao's iOS SDK), perhaps with a picture. */
  readonly profile?: string | { readonly text?: string; readonly image?: string };
  /** A heading with a small square picture: text at most 24 characters, category at most 14 (Kakao's iOS SDK). */
  readonly heading?: { readonly text?: string; readonly image?: string; readonly category?: string };
  /** At most 5 lines (Kakao's iOS SDK). */
  readonly items?: readonly FeedItem[];
  /** The line under the items: name at most 6 characters, value at most 11 (Kakao's iOS SDK). */
  readonly sum?: FeedItem;
  /** At most 3 counts (Kakao's iOS SDK). */
  readonly social?: SocialInput;
}

/**
 * A card with a picture and words, and perhaps lines of name and value with a sum.
 *
 * The message is refused, with the job, field, limit and size named, when something is beyond a limit above, when there
 * are more than 2 buttons or 3 social counts, or when a link or picture is not http or https.
 *
 * @example
 * render: (menus) =>
 *   menus.map(({ photo, dishes }) =>
 *     feed({ title: '오늘의 점심', image: photo, items: dishes.map((dish) => ({ name: '메뉴', value: dish })) }),
 *   )
 */
export function feed(input: FeedInput): Saying {
  const itemContent = toItemContent(input);
  const hasItems = Object.keys(itemContent).length > 0;
  return {
    kind: 'default',
    object: {
      object_type: 'feed',
      content: toContent(input),
      ...(hasItems && { item_content: itemContent }),
      ...toSocial(input.social),
      ...toButtons(input),
    },
  };
}

function toItemContent({ profile, heading, items, sum }: FeedInput): ItemContent {
  const { text, image } = typeof profile === 'string' ? { text: profile, image: undefined } : (profile ?? {});
  return {
    ...(text !== undefined && { profile_text: text }),
    ...(image !== undefined && { profile_image_url: image }),
    ...(heading?.text !== undefined && { title_image_text: heading.text }),
    ...(heading?.image !== undefined && { title_image_url: heading.image }),
    ...(heading?.category !== undefined && { title_image_category: heading.category }),
    ...(items !== undefined && { items: items.map(({ name, value }) => ({ item: name, item_op: value })) }),
    ...(sum !== undefined && { sum: sum.name, sum_op: sum.value }),
  };
}
