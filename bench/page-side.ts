// One side of the page measurement, in a process of its own: what one side leaves to the collector of garbage, and what V8
// learns from it, would slow the other. Told a number, it reads that many pages and tells how many a second.
import process from 'node:process';
import type { Page } from '../src/core/page.ts';

const FIELDS = {
  post: '.no',
  title: '.title a',
  link: '.title a@href',
  writer: '.writer span',
  price: '.price',
} as const;
const ANSWERS = ['h1', '#board .title a', '#board .title a@href', '#board .price', 'nav .menu-7 a'];

type Read = () => Promise<unknown>;

const [side = '', wanted = '', url = ''] = process.argv.slice(2);
const read = await (side === 'plain' ? openPlain() : side === 'alone' ? openAlone() : openOurs(side));

process.on('message', async (pages: number) => {
  const from = performance.now();
  let last: unknown;
  for (let done = 0; done < pages; done += 1) last = await read();
  process.send?.({ perSecond: (pages * 1000) / (performance.now() - from), last });
});

async function openOurs(parser: string): Promise<Read> {
  const [{ openFetching }, { openHttp }] = await Promise.all([
    import('../src/io/fetching.ts'),
    import('../src/io/http.ts'),
  ]);
  const http = openHttp({ hostGapMs: 0 });
  const { signal } = new AbortController();
  const take = (page: Page): unknown =>
    wanted === 'rows' ? page.rows('#board', 'tbody tr', FIELDS) : ANSWERS.map((selector) => page.one(selector).text);
  return async () => {
    const fetching = openFetching(http, { signal, validators: [], conditional: true, isSecret: () => false });
    const fetched = await fetching.fetch((get) => get(url, parser === 'fast' ? { parser } : {}));
    if (fetched.kind === 'unchanged') throw new Error('A page nothing was known of was taken for unchanged.');
    return take(fetched.raw as Page);
  };
}

/** As a script would that is written for this page alone. */
async function openPlain(): Promise<Read> {
  const [{ load }, { Agent, request }] = await Promise.all([import('cheerio'), import('undici')]);
  const dispatcher = new Agent({ connections: 1 });
  const take = wanted === 'rows' ? rowsOf : answersOf;
  return async () => {
    const { body } = await request(url, { dispatcher });
    return take(load(await body.text()));
  };
}

type Dom = ReturnType<typeof import('cheerio').load>;

function rowsOf($: Dom): unknown {
  return $('#board tbody tr')
    .get()
    .map((row) => {
      const $row = $(row);
      const text = (selector: string): string => $row.find(selector).first().text().replace(/\s+/g, ' ').trim();
      const link = new URL($row.find('.title a').first().attr('href') ?? '', url).href;
      return { post: text('.no'), title: text('.title a'), link, writer: text('.writer span'), price: text('.price') };
    });
}

function answersOf($: Dom): unknown {
  return ANSWERS.map((asked) => {
    const [selector, attribute] = asked.split('@');
    const $first = $(selector).first();
    if (attribute !== undefined) return new URL($first.attr(attribute) ?? '', url).href;
    return $first.text().replace(/\s+/g, ' ').trim();
  });
}

/** What the other parser gives cheerio itself. */
async function openAlone(): Promise<Read> {
  const [{ load }, { Agent, request }] = await Promise.all([import('cheerio/slim'), import('undici')]);
  const dispatcher = new Agent({ connections: 1 });
  return async () => {
    const { body } = await request(url, { dispatcher });
    return answersOf(load(await body.text(), { xml: { xmlMode: false } }));
  };
}
