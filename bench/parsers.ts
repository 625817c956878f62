// The parsers that were considered, by what they make of difficult real pages and by how fast they are. The page that
// the standard says is parse5's.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { load } from 'cheerio/slim';
import { decodeText } from '../src/core/charset.ts';
import { loadParser } from '../src/core/html.ts';
import { type Bench, inTurn, type Row, ratioOf, type Sample, spreadOf } from './measure.ts';
import { findPeer, type Peer } from './peers.ts';

const PAGES = join(import.meta.dirname, '../../shared/pages');
const TIMES = 5;
const PEERS = ['node-html-parser', 'linkedom'];

interface Parser {
  readonly name: string;
  /** What a person reads of the body, without scripts and styles, with single spaces. */
  readonly read: (html: string) => string;
}

interface Sheet {
  readonly file: string;
  readonly html: string;
}

export const parsers: Bench = { name: 'parsers', seconds: 90, run: measureParsers };

async function measureParsers(): Promise<readonly Row[]> {
  const sheets = readSheets();
  if (sheets.length === 0)
    return [{ what: 'parsers on difficult pages', ours: 'skipped', note: '../shared/pages is absent' }];
  const all = await collectParsers();
  const [standard] = all;
  if (standard === undefined) return [];
  const truth = new Map(sheets.map(({ file, html }) => [file, standard.read(html)]));
  const megabytes = sheets.reduce((sum, { html }) => sum + html.length, 0) / 1e6;
  const speeds = await inTurn(
    TIMES,
    Object.fromEntries(
      all.map(({ name, read }) => [
        name,
        async () => {
          const from = performance.now();
          for (const { html } of sheets) read(html);
          return (megabytes * 1000) / (performance.now() - from);
        },
      ]),
    ),
  );
  const base = speeds[standard.name]?.median ?? Number.NaN;
  const results = all.map(({ name, read }) => {
    const same = sheets.filter(({ file, html }) => read(html) === truth.get(file)).length;
    return { name, same, speed: speeds[name] };
  });
  const rows = results.map(({ name, same, speed }) => {
    return {
      what: `parser ${name}`,
      ours: `${speed?.median.toFixed(1)} MB a second`,
      ratio: ratioOf(speed?.median ?? Number.NaN, base),
      note: `text as the standard has it on ${same} of ${sheets.length} pages; ${speed === undefined ? '' : spreadOf(speed)}`,
    };
  });
  const missing = PEERS.filter((name) => !all.some((parser) => parser.name.startsWith(name)));
  return [
    ...rows,
    choiceOf(results, sheets.length),
    ...missing.map((name) => ({ what: `parser ${name}`, ours: 'skipped', note: 'npm does not have it' })),
  ];
}

interface Result {
  readonly name: string;
  /** On how many pages its text is that of the standard. */
  readonly same: number;
  readonly speed: Sample | undefined;
}

/** By default what reads every page right, the quickest of them; where a job says that speed counts, the quickest. */
function choiceOf(results: readonly Result[], pages: number): Row {
  const bySpeed = results.toSorted((one, other) => (other.speed?.median ?? 0) - (one.speed?.median ?? 0));
  const right = bySpeed.find(({ same }) => same === pages);
  const [quickest] = bySpeed;
  return {
    what: 'the choice that follows',
    ours: `${right?.name} reads all ${pages} pages right, the quickest to do so`,
    peer: `${quickest?.name} is the quickest`,
    note: `the quickest reads ${quickest?.same} of ${pages} as the standard does: it is for a job to choose`,
  };
}

async function collectParsers(): Promise<readonly Parser[]> {
  const parse = await loadParser();
  const readBy = ($: ReturnType<typeof load>): string => {
    $('script, style, noscript, template').remove();
    return oneLine($('body').text());
  };
  const own: Parser[] = [
    { name: "parse5, talkbell's default", read: (html) => readBy(parse(html, 'html')) },
    { name: "htmlparser2, talkbell's parser: 'fast'", read: (html) => readBy(parse(html, 'fast')) },
  ];
  const cheerio = await import('cheerio');
  own.push({ name: 'cheerio.load', read: (html) => readBy(cheerio.load(html)) });
  return [...own, ...(await peersOf())];
}

interface Dom {
  readonly querySelectorAll: (selector: string) => Iterable<{ remove: () => void }>;
  readonly querySelector: (selector: string) => { readonly textContent: string | null } | null;
}

async function peersOf(): Promise<readonly Parser[]> {
  const openers: readonly [string, (module: never) => (html: string) => Dom][] = [
    ['node-html-parser', ({ parse }: { parse: (html: string) => Dom }) => parse],
    [
      'linkedom',
      ({ parseHTML }: { parseHTML: (html: string) => { document: Dom } }) =>
        (html) =>
          parseHTML(html).document,
    ],
  ];
  const found = await Promise.all(openers.map(async ([name, open]) => openPeer(await findPeer(name), name, open)));
  return found.flatMap((parser) => parser ?? []);
}

async function openPeer(
  peer: Peer | undefined,
  name: string,
  open: (module: never) => (html: string) => Dom,
): Promise<Parser | undefined> {
  if (peer === undefined) return undefined;
  const parse = open((await import(peer.url)) as never);
  return {
    name: `${name} ${peer.version}`,
    read: (html) => {
      const dom = parse(html);
      for (const element of dom.querySelectorAll('script, style, noscript, template')) element.remove();
      return oneLine(dom.querySelector('body')?.textContent ?? '');
    },
  };
}

function readSheets(): readonly Sheet[] {
  if (!existsSync(PAGES)) return [];
  return globSync('{hard,menu,notice}/**/*.html', { cwd: PAGES })
    .toSorted()
    .map((file) => ({
      file,
      html: decodeText(readFileSync(join(PAGES, file))).text,
    }));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
