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
      price: Number(page.one('.price').text.replaceAll(/\D/g, '')),
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
