// Links as job authors write them, and the filling of those they left out.
// A builder leaves a missing link empty; `withLink` fills it once the run's own link is known.
import type { Button, DefaultTemplate, Link, Saying } from './template.ts';

/**
 * Where a touch leads: one address for every device, or an address or execution params for each. On a phone Kakao takes
 * execution params first, then `mobile`, then `web`. Addresses are http or https, and open only on domains registered
 * in Kakao's console under product link management. Any other, `javascript:` from a page's `href` too, is an error of the
 * look that names the field: nobody is sent a link that leads nowhere.
 */
export type LinkInput =
  | string
  | {
      /** Opened on a computer. */
      readonly web?: string;
      /** Opened on a phone. */
      readonly mobile?: string;
      /** Handed to your Android app: `a=1&b=2`. */
      readonly android?: string;
      /** Handed to your iOS app: `a=1&b=2`. */
      readonly ios?: string;
    };

/** Stands where Kakao demands a link and neither the message nor the run has one. Plain text leaves it out. */
export const DEFAULT_LINK: Link = { web_url: 'https://www.kakao.com', mobile_web_url: 'https://www.kakao.com' };

/** A link in Kakao's spelling; an empty one when it was left out. */
export function toLink(input: LinkInput | undefined): Link {
  if (input === undefined) return {};
  if (typeof input === 'string') return { web_url: input, mobile_web_url: input };
  const { web, mobile, android, ios } = input;
  return {
    ...(web !== undefined && { web_url: web }),
    ...(mobile !== undefined && { mobile_web_url: mobile }),
    ...(android !== undefined && { android_execution_params: android }),
    ...(ios !== undefined && { ios_execution_params: ios }),
  };
}

/**
 * The saying with every link that was left out set to `link`, and to DEFAULT_LINK where Kakao demands one and there is
 * none. Links that are set stay as they are; custom and scrap messages have no links of ours. What is misshapen stays
 * as it is too, for the check to name.
 */
export function withLink(saying: Saying, link: string | undefined): Saying {
  if (!isRecord(saying)) return saying;
  const filling = link === undefined ? DEFAULT_LINK : toLink(link);
  if (saying.kind === 'default' && isRecord(saying.object)) {
    return { ...saying, object: fillObject(saying.object, filling) };
  }
  if (saying.kind !== 'text') return saying;
  const own = saying.link ?? (link === undefined ? undefined : filling);
  return { ...saying, ...(own !== undefined && { link: own }), ...fillButtons(saying, own ?? filling) };
}

function fillObject(object: DefaultTemplate, filling: Link): DefaultTemplate {
  if (object.object_type === 'text') {
    const link = fill(object.link, filling);
    return { ...object, link, ...fillButtons(object, link) };
  }
  if (object.object_type === 'list') {
    const link = fill(object.header_link, filling);
    const contents = fillEach(object.contents, link);
    return { ...object, header_link: link, contents, ...fillButtons(object, link) };
  }
  if (!isRecord(object.content)) return object;
  const link = fill(object.content.link, filling);
  return { ...object, content: { ...object.content, link }, ...fillButtons(object, link) };
}

function fillButtons(
  { buttons }: { readonly buttons?: readonly Button[] },
  filling: Link,
): { readonly buttons?: readonly Button[] } {
  return buttons === undefined ? {} : { buttons: fillEach(buttons, filling) };
}

function fillEach<T extends { readonly link: Link }>(parts: readonly T[], filling: Link): readonly T[] {
  if (!Array.isArray(parts)) return parts;
  return parts.map((part: T) => (isRecord(part) ? { ...part, link: fill(part.link, filling) } : part));
}

function fill(link: Link | undefined, filling: Link): Link {
  return link === undefined || (isRecord(link) && Object.keys(link).length === 0) ? filling : link;
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
