// New posts of a notice board, and only those. Set NOTICES_URL to the board's list.
import { defineJob, feed, isNew, setting } from 'talkbell';

const address = setting('NOTICES_URL');

export default defineJob({
  schedule: '*/30 8-20 * * *',
  to: 'me',

  fetch: (get) => get(address),

  extract: (page) =>
    page.rows('table.board', 'tbody tr', { title: '.title a', url: '.title a@href', writer: '.writer', date: '.date' }),

  // The address names a post for as long as it exists; a title may be edited.
  watch: { key: (notice) => notice.url, tell: isNew },

  render: (notices) =>
    notices.map(({ title, url, writer, date }) => feed({ title, description: `${writer} · ${date}`, link: url })),
});
