// Today's menu of the cafeteria, before each meal. Set CAFETERIA_URL to a page that takes ?date=2026-11-20.
import { defineJob, notYet, setting } from 'talkbell';

const address = setting('CAFETERIA_URL');
const TITLE = { breakfast: '아침', lunch: '점심', dinner: '저녁' };

export default defineJob({
  schedule: { breakfast: '30 7 * * 1-5', lunch: '20 11 * * 1-5', dinner: '0 17 * * 1-5' },
  freshFor: '90m',
  skip: 'holidays',
  to: 'me',

  fetch: (get, run) => {
    const url = new URL(address);
    url.searchParams.set('date', run.date);
    return get(url);
  },

  extract: (page, run) => {
    if (page.one('.date').text !== run.date) notYet('the page still shows another day');
    return page.rows(`#${run.slot}`, 'li', { dish: '.name', price: '.price?' });
  },

  render: (dishes, run) =>
    [
      `🍚 ${TITLE[run.slot]} ${run.date}`,
      ...dishes.map(({ dish, price }) => `- ${dish} ${price ?? ''}`.trimEnd()),
    ].join('\n'),
});
