// The parts that several kinds of message share, as job authors write them, and their change into Kakao's spelling.
import { type LinkInput, toLink } from './build-link.ts';
import type { Button, Content, Social } from './template.ts';

/** A button under a message. */
export interface ButtonInput {
  /** What stands on it. Kakao documents no limit. */
  readonly title: string;
  /** Default: the message's own link. */
  readonly link?: LinkInput;
}

/** What a message may have under its body: nothing, a renamed default button, or buttons of its own. */
export interface ButtonsInput {
  /** Renames the default button, whose link is the message's. Ignored by Kakao when there are `buttons`. */
  readonly button?: string;
  /** At most 2; 1 for `location` (the source is Kakao's iOS SDK and its template page). */
  readonly buttons?: readonly ButtonInput[];
}

/** The picture and words of a card. Kakao wants at least one of title, description and image. */
export interface ContentInput {
  /** With the description at most 4 lines are shown; Kakao cuts the rest. */
  readonly title?: string;
  /** Below the title. An empty one is left out. */
  readonly description?: string;
  /** Address of a picture Kakao's servers can fetch: http or https, at most 5 MB, at least 200 x 200 pixels. */
  readonly image?: string;
  /** Pixels. */
  readonly imageWidth?: number;
  /** Pixels. */
  readonly imageHeight?: number;
  /** Default: the run's link. */
  readonly link?: LinkInput;
}

/** Counts under a card: whole numbers from 0. KakaoTalk shows at most 3, in this order (Kakao's iOS SDK). */
export interface SocialInput {
  /** 좋아요. */
  readonly likes?: number;
  /** 댓글. */
  readonly comments?: number;
  /** 공유. */
  readonly shares?: number;
  /** 조회. */
  readonly views?: number;
  /** 구독. */
  readonly subscribers?: number;
}

/** Empty words are left out: a page that has no description gives an empty one. */
export function toContent(input: ContentInput): Content {
  const { title, description, image, imageWidth, imageHeight, link } = input;
  return {
    ...(isGiven(title) && { title }),
    ...(isGiven(description) && { description }),
    ...(image !== undefined && { image_url: image }),
    ...(imageWidth !== undefined && { image_width: imageWidth }),
    ...(imageHeight !== undefined && { image_height: imageHeight }),
    link: toLink(link),
  };
}

export function toButtons({ button, buttons }: ButtonsInput): { button_title?: string; buttons?: readonly Button[] } {
  return {
    ...(button !== undefined && { button_title: button }),
    ...(buttons !== undefined && { buttons: buttons.map(({ title, link }) => ({ title, link: toLink(link) })) }),
  };
}

export function toSocial(social: SocialInput | undefined): { social?: Social } {
  if (social === undefined) return {};
  const { likes, comments, shares, views, subscribers } = social;
  return {
    social: {
      ...(likes !== undefined && { like_count: likes }),
      ...(comments !== undefined && { comment_count: comments }),
      ...(shares !== undefined && { shared_count: shares }),
      ...(views !== undefined && { view_count: views }),
      ...(subscribers !== undefined && { subscriber_count: subscribers }),
    },
  };
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
