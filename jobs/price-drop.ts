// Speaks when a price falls, and is silent when it rises. Set PRICE_URL to the product's page.
import { commerce, defineJob, setting } from 'talkbell';

const address = setting('PRICE_URL');

export default defineJob({
  schedule: '0 * * * *',
  freshFor: '3h',
  to: 'me',

  fetch: (get) => get(address),

  extract: (page) => [
    {
      name: page.one('.product h1').text,
      price: toPrice(page.one('.price').text),
      url: page.url,
    },
  ],

  watch: {
    key: ({ url }) => url,
    tell: ({ price, before }) => before !== undefined && price < before.price,
  },

  render: (products) =>
    products.map(({ name, price, url, before }) =>
      commerce({
        title: `${name} 가격이 내렸어요`,
        product: name,
        regularPrice: before?.price ?? price,
        discountPrice: price,
        link: url,
      }),
    ),
});

/** `12,900원` as 12900. A thing that is sold out shows no price, which must not count as a fall to nothing. */
function toPrice(text: string): number {
  const digits = text.replaceAll(/\D/g, '');
  if (digits === '') throw new Error(`There is no price in "${text}".`);
  return Number(digits);
}
