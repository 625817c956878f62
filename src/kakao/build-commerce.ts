// Builder of the commerce card: a thing with its price, and perhaps a lower one.
import { type ButtonsInput, type ContentInput, toButtons, toContent } from './build-parts.ts';
import type { Commerce, Saying } from './template.ts';

/** What a commerce card is made of. Prices are whole numbers of the currency. */
export interface CommerceInput extends ContentInput, ButtonsInput {
  /** The price without a discount, from 0. */
  readonly regularPrice: number;
  /** The price now, if it is lower. */
  readonly discountPrice?: number;
  /** Percent off: a whole number from 0 to 100. Not together with `fixedDiscount`. */
  readonly discountRate?: number;
  /** The discount as a fixed price. Not together with `discountRate` (Kakao's SDKs). */
  readonly fixedDiscount?: number;
  /** The product's name. Kakao documents no limit. */
  readonly product?: string;
  /** Default: 원. */
  readonly currency?: string;
  /** True puts the currency before the number: `$12`. */
  readonly currencyFirst?: boolean;
}

/**
 * A thing with its price.
 *
 * The message is refused, with the job and field named, when there is neither title, description nor image, when a price
 * is not a whole number from 0, when the discount is given both ways, when there are more than 2 buttons, or when a link
 * or picture is not http or https.
 *
 * @example
 * render: (teas) =>
 *   teas.map(({ name, photo }) =>
 *     commerce({ title: name, image: photo, regularPrice: 12900, discountPrice: 9900, discountRate: 23 }),
 *   )
 */
export function commerce(input: CommerceInput): Saying {
  return {
    kind: 'default',
    object: {
      object_type: 'commerce',
      content: toContent(input),
      commerce: toCommerce(input),
      ...toButtons(input),
    },
  };
}

function toCommerce(input: CommerceInput): Commerce {
  const { regularPrice, discountPrice, discountRate, fixedDiscount, product, currency, currencyFirst } = input;
  return {
    regular_price: regularPrice,
    ...(discountPrice !== undefined && { discount_price: discountPrice }),
    ...(discountRate !== undefined && { discount_rate: discountRate }),
    ...(fixedDiscount !== undefined && { fixed_discount_price: fixedDiscount }),
    ...(product !== undefined && { product_name: product }),
    ...(currency !== undefined && { currency_unit: currency }),
    ...(currencyFirst !== undefined && { currency_unit_position: currencyFirst ? 1 : 0 }),
  };
}
