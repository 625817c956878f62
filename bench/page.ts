// One page of 50 KB from its address to plain rows: the whole path of a look's get and page.rows, against the same
// libraries used plainly; and what `parser: 'fast'` saves of reading it.
import { deepEqual } from 'node:assert/strict';
import { load } from 'cheerio';
import { load as loadTree } from 'cheerio/slim';
import { parse } from 'parse5';
import { adapter } from 'parse5-htmlparser2-tree-adapter';
import { Agent, request } from 'undici';
import type { Page } from '../src/core/page.ts';
import { readPage } from '../src/core/page-of.ts';
import { openFetching } from '../src/io/fetching.ts';
import { type Http, openHttp } from '../src/io/http.ts';
import { openBoards } from './boards/scene.ts';
import type { Bench, BenchPorts, Row, Sample } from './measure.ts';
import { inTurn, ratioOf, spreadOf } from './measure.ts';

const PAGE_BYTES = 50_000;
const PAGES = Number(process.env['PAGES'] ?? 60);
const TIMES = Number(process.env['TIMES'] ?? 7);
const FIELDS = {
  post: '.no',
  title: '.title a',
  link: '.title a@href',
  writer: '.writer span',
  price: '.price',
} as const;
const ANSWERS = ['h1', '#board .title a', '#board .title a@href', '#board .price', 'nav .menu-7 a'];

export const page: Bench = { name: 'page', seconds: 40, run: measurePage };

async function measurePage({ signal }: BenchPorts): Promise<readonly Row[]> {
  using boards = await openBoards({ jobs: 1, bytes: PAGE_BYTES });
  const url = boards.urls[0] ?? '';
  const http = openHttp({ hostGapMs: 0 });
  const agent = new Agent({ connections: 1 });
  try {
    const body = await bodyOf(url, agent);
    const rows = await readPlainly(url, agent);
    deepEqual(await look(http, url, signal), rows);
    for (const parser of [undefined, 'fast'] as const) deepEqual(await readSaved({ url, body, parser }), rows);
    deepEqual(await readFew({ url, body, parser: 'fast' }), await readFew({ url, body, parser: undefined }));
    const sides = await inTurn(TIMES, {
      ours: () => rate(() => look(http, url, signal)),
      plain: () => rate(() => readPlainly(url, agent)),
      standard: () => rate(() => readFew({ url, body, parser: undefined })),
      fast: () => rate(() => readFew({ url, body, parser: 'fast' })),
      standardAlone: () => rate(async () => readAlone(body, undefined)),
      fastAlone: () => rate(async () => readAlone(body, 'fast')),
      standardRows: () => rate(() => readSaved({ url, body, parser: undefined })),
      fastRows: () => rate(() => readSaved({ url, body, parser: 'fast' })),
    });
    return [...rowsOf(sides, rows.length)];
  } finally {
    await http.close();
    await agent.destroy();
  }
}

/** Pages a second, one after another. */
async function rate(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  for (let done = 0; done < PAGES; done += 1) await work();
  return (PAGES * 1000) / (performance.now() - from);
}

function extract(from: Page): readonly Record<keyof typeof FIELDS, string>[] {
  return from.rows('#board', 'tbody tr', FIELDS);
}

async function look(http: Http, url: string, signal: AbortSignal): Promise<ReturnType<typeof extract>> {
  const fetching = openFetching(http, { signal, validators: [], conditional: true, isSecret: () => false });
  const fetched = await fetching.fetch((get) => get(url));
  if (fetched.kind === 'unchanged') throw new Error('A page nothing was known of was taken for unchanged.');
  return extract(fetched.raw as Page);
}

interface Saved {
  readonly url: string;
  readonly body: Uint8Array;
  readonly parser: 'fast' | undefined;
}

/** The least that cheerio takes with either parser. */
function readAlone(body: Uint8Array, parser: Saved['parser']): readonly string[] {
  const html = new TextDecoder().decode(body);
  const $ =
    parser === 'fast'
      ? loadTree(html, { xml: { xmlMode: false } })
      : loadTree(parse(html, { treeAdapter: adapter }) as unknown as Parameters<typeof loadTree>[0]);
  return ANSWERS.map((selector) => $(selector.split('@')[0]).first().text());
}

async function readSaved(saved: Saved): Promise<ReturnType<typeof extract>> {
  return extract(await open(saved));
}

/** What a job asks that wants no list: five answers of one page. */
async function readFew(saved: Saved): Promise<readonly string[]> {
  const from = await open(saved);
  return ANSWERS.map((selector) => from.one(selector).text);
}

async function open({ url, body, parser }: Saved): Promise<Page> {
  return readPage({ url, status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body, parser });
}

async function bodyOf(url: string, dispatcher: Agent): Promise<Uint8Array> {
  const { body } = await request(url, { dispatcher });
  return body.bytes();
}

/** As a script would that is written for this page alone. */
async function readPlainly(url: string, dispatcher: Agent): Promise<ReturnType<typeof extract>> {
  const { body } = await request(url, { dispatcher });
  const $ = load(await body.text());
  return $('#board tbody tr')
    .get()
    .map((row) => {
      const $row = $(row);
      const text = (selector: string): string => $row.find(selector).first().text().replace(/\s+/g, ' ').trim();
      const link = new URL($row.find('.title a').first().attr('href') ?? '', url).href;
      return { post: text('.no'), title: text('.title a'), link, writer: text('.writer span'), price: text('.price') };
    });
}

type Side = 'ours' | 'plain' | 'standard' | 'fast' | 'standardAlone' | 'fastAlone' | 'standardRows' | 'fastRows';
type Sides = Readonly<Record<Side, Sample>>;

function rowsOf(sides: Sides, count: number): readonly Row[] {
  const { ours, plain, standard, fast, standardAlone, fastAlone, standardRows, fastRows } = sides;
  const whole = ours.median / plain.median;
  const quick = fast.median / standard.median;
  return [
    {
      what: `page of ${PAGE_BYTES / 1000} KB from get to ${count} rows`,
      ...compare(ours, plain, 'undici and cheerio plainly'),
      goal: '≥ 0.85 ×',
      holds: whole >= 0.85,
      note: `${spreadOf(ours)}; the same rows`,
    },
    {
      what: "five answers of the same page with parser: 'fast'",
      ...compare(fast, standard, 'the default parser'),
      goal: '≥ 3 ×',
      holds: quick >= 3,
      note: `${spreadOf(fast)}; the same answers; cheerio by itself gains ${ratioOf(fastAlone.median, standardAlone.median)} from the parser`,
    },
    {
      what: `its ${count} rows with parser: 'fast'`,
      ...compare(fastRows, standardRows, 'the default parser'),
      note: `${spreadOf(fastRows)}; what is read of the tree costs the same with both`,
    },
  ];
}

function compare(own: Sample, peer: Sample, name: string): Pick<Row, 'ours' | 'peer' | 'ratio'> {
  const perSecond = ({ median }: Sample): string => `${median.toFixed(0)} pages a second`;
  return { ours: perSecond(own), peer: `${name} ${perSecond(peer)}`, ratio: ratioOf(own.median, peer.median) };
}
