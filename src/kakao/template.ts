// The messages Kakao knows, as types in Kakao's own spelling: what is stored in the outbox and sent as it stands.
// Builders for job authors are in builders.ts, the limits in limits.ts.

/** Where a touch leads. At least one field is set. On a phone: execution params, then mobile_web_url, then web_url. */
export interface Link {
  readonly web_url?: string;
  readonly mobile_web_url?: string;
  readonly android_execution_params?: string;
  readonly ios_execution_params?: string;
}

export interface Button {
  readonly title: string;
  readonly link: Link;
}

export interface Content {
  readonly title?: string;
  readonly description?: string;
  readonly image_url?: string;
  readonly image_width?: number;
  readonly image_height?: number;
  readonly link: Link;
}

export interface Social {
  readonly like_count?: number;
  readonly comment_count?: number;
  readonly shared_count?: number;
  readonly view_count?: number;
  readonly subscriber_count?: number;
}

export interface ItemContent {
  readonly profile_text?: string;
  readonly profile_image_url?: string;
  readonly title_image_text?: string;
  readonly title_image_url?: string;
  readonly title_image_category?: string;
  readonly items?: readonly { readonly item: string; readonly item_op: string }[];
  readonly sum?: string;
  readonly sum_op?: string;
}

export interface Commerce {
  readonly regular_price: number;
  readonly discount_price?: number;
  readonly discount_rate?: number;
  readonly fixed_discount_price?: number;
  readonly product_name?: string;
  readonly currency_unit?: string;
  readonly currency_unit_position?: 0 | 1;
}

interface Buttons {
  readonly button_title?: string;
  readonly buttons?: readonly Button[];
}

export interface TextTemplate extends Buttons {
  readonly object_type: 'text';
  readonly text: string;
  readonly link: Link;
}

export interface FeedTemplate extends Buttons {
  readonly object_type: 'feed';
  readonly content: Content;
  readonly item_content?: ItemContent;
  readonly social?: Social;
}

export interface ListTemplate extends Buttons {
  readonly object_type: 'list';
  readonly header_title: string;
  readonly header_link: Link;
  readonly contents: readonly Content[];
}

export interface LocationTemplate extends Buttons {
  readonly object_type: 'location';
  readonly address: string;
  readonly address_title?: string;
  readonly content: Content;
  readonly social?: Social;
}

export interface CommerceTemplate extends Buttons {
  readonly object_type: 'commerce';
  readonly content: Content;
  readonly commerce: Commerce;
}

export interface CalendarTemplate {
  readonly object_type: 'calendar';
  readonly id_type: 'event' | 'calendar';
  readonly id: string;
  readonly content: Content;
  readonly buttons?: readonly Button[];
}

export type DefaultTemplate =
  | TextTemplate
  | FeedTemplate
  | ListTemplate
  | LocationTemplate
  | CommerceTemplate
  | CalendarTemplate;

/** Plain text of any length. The channel makes of it what it can send: for Kakao, text templates of 200 characters. */
export interface LongText {
  readonly kind: 'text';
  readonly text: string;
  readonly link?: Link;
  readonly button_title?: string;
  readonly buttons?: readonly Button[];
}

/** What one message says. */
export type Saying =
  | LongText
  | { readonly kind: 'default'; readonly object: DefaultTemplate }
  | {
      readonly kind: 'custom';
      readonly template_id: number;
      readonly template_args: Readonly<Record<string, string>>;
      /** The same in words, for channels that know no Kakao templates. */
      readonly plain?: string;
    }
  | {
      readonly kind: 'scrap';
      readonly request_url: string;
      readonly template_id?: number;
      readonly template_args?: Readonly<Record<string, string>>;
    };
