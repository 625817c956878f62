// What can be drawn: messages in Kakao's spelling, typed by shape alone, so that any part's template fits.
// Nothing here is checked: whatever a field holds is escaped before it reaches the page.

export interface DrawnLink {
  readonly web_url?: string | undefined;
  readonly mobile_web_url?: string | undefined;
}

export interface DrawnButton {
  readonly title: string;
  readonly link?: DrawnLink | undefined;
}

export interface DrawnContent {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly image_url?: string | undefined;
  readonly image_width?: number | undefined;
  readonly image_height?: number | undefined;
  readonly link?: DrawnLink | undefined;
}

export interface DrawnSocial {
  readonly like_count?: number | undefined;
  readonly comment_count?: number | undefined;
  readonly shared_count?: number | undefined;
  readonly view_count?: number | undefined;
  readonly subscriber_count?: number | undefined;
}

export interface DrawnItemContent {
  readonly profile_text?: string | undefined;
  readonly profile_image_url?: string | undefined;
  readonly title_image_text?: string | undefined;
  readonly title_image_url?: string | undefined;
  readonly title_image_category?: string | undefined;
  readonly items?: readonly { readonly item?: string | undefined; readonly item_op?: string | undefined }[] | undefined;
  readonly sum?: string | undefined;
  readonly sum_op?: string | undefined;
}

export interface DrawnCommerce {
  readonly regular_price: number;
  readonly discount_price?: number | undefined;
  readonly discount_rate?: number | undefined;
  readonly fixed_discount_price?: number | undefined;
  readonly product_name?: string | undefined;
  readonly currency_unit?: string | undefined;
  readonly currency_unit_position?: number | undefined;
}

interface Buttons {
  readonly button_title?: string | undefined;
  readonly buttons?: readonly DrawnButton[] | undefined;
}

interface Card extends Buttons {
  readonly content: DrawnContent;
}

export type DrawnText = Buttons & {
  readonly object_type: 'text';
  readonly text: string;
  readonly link?: DrawnLink | undefined;
};

export type DrawnFeed = Card & {
  readonly object_type: 'feed';
  readonly item_content?: DrawnItemContent | undefined;
  readonly social?: DrawnSocial | undefined;
};

export type DrawnList = Buttons & {
  readonly object_type: 'list';
  readonly header_title: string;
  readonly header_link?: DrawnLink | undefined;
  readonly contents: readonly DrawnContent[];
};

export type DrawnLocation = Card & {
  readonly object_type: 'location';
  readonly address: string;
  readonly address_title?: string | undefined;
  readonly social?: DrawnSocial | undefined;
};

export type DrawnCommerceCard = Card & { readonly object_type: 'commerce'; readonly commerce: DrawnCommerce };

export interface DrawnCalendar {
  readonly object_type: 'calendar';
  readonly id_type: string;
  readonly id: string;
  readonly content: DrawnContent;
  readonly buttons?: readonly DrawnButton[] | undefined;
}

export type DrawnTemplate = DrawnText | DrawnFeed | DrawnList | DrawnLocation | DrawnCommerceCard | DrawnCalendar;

/** What one bubble shows: a default template, a template kept at Kakao, or a page that Kakao scrapes. */
export type Drawable =
  | { readonly kind: 'default'; readonly object: DrawnTemplate }
  | {
      readonly kind: 'custom';
      readonly template_id: number;
      readonly template_args?: Readonly<Record<string, string>> | undefined;
    }
  | { readonly kind: 'scrap'; readonly request_url: string; readonly template_id?: number | undefined };
