// The filter cases of urlwatch, a program of the same kind: what its filters take from a page, our page takes too.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Page } from '../../src/core/page.ts';
import { pageOf } from '../../src/core/page-of.ts';
import { type Case, readCases } from './yaml-cases.ts';

const SUITE = join(import.meta.dirname, '../../../shared/pages/suites/urlwatch');
const shared = existsSync(SUITE) ? {} : { skip: '../shared is absent' };

type Take = (page: Page) => string;

function elements(selector: string): Take {
  return (page) =>
    page
      .all(selector)
      .map(({ $ }) => page.$.html($))
      .join('\n');
}

function without(excluded: string, take: Take): Take {
  return (page) => {
    page.$(excluded).remove();
    return take(page);
  };
}

function texts(selector: string): Take {
  return (page) => page.all(selector).join('\n');
}

/** In XML a prefix is part of the name; cheerio's own selectors want it escaped. */
const XML_ITEMS = without('f\\:year, author', elements('item, f:item'));

/** How a job takes what each case's filter takes. XPath is written as the CSS that finds the same. */
const OURS: Readonly<Record<string, Take>> = {
  element_by_tag: elements('body'),
  element_by_tag_nested: elements('div'),
  element_by_id: elements('#bar'),
  element_by_class: elements('.foo'),
  xpath_elements: elements('div, #bar'),
  xpath_text: (page) => `${page.one('div')}\n${page.one('div:nth-of-type(2)@id')}`,
  xpath_exclude: without('.excl', (page) =>
    page
      .all('div')
      .map(({ text, $ }) => `<div${$.is('#bar') ? ' id="bar"' : ''}>${text}</div>`)
      .join('\n'),
  ),
  xpath_xml_namespaces: XML_ITEMS,
  css: elements('div'),
  css_exclude: without('.excl, #bar', elements('div')),
  css_xml_namespaces: XML_ITEMS,
  json_format: (page) => JSON.stringify(page.json(), undefined, 4),
  json_format_subfilter: (page) => JSON.stringify(page.json(), undefined, 2),

  'http://example.org/idtest.html': elements('#something'),
  'http://example.net/id2text.html': texts('#something'),
  'https://example.net/version.html': (page) =>
    page.one('body').lines.find((line) => /Current version/.test(line)) ?? '',
  'https://example.org/bodytag.html': elements('body'),
  'https://example.net/xpath.html': elements('body > marquee'),
  'https://example.net/css.html': elements('#groceries > .unchecked'),
  'https://example.com/blog/xpath-index.rss': texts('item > title, item > pubDate'),
  'http://example.com/blog/css-index.rss': texts('item > title, item > pubDate'),
  'https://example.net/feed/xpath-namespace.xml': texts('item media:keywords'),
  'http://example.org/feed/css-namespace.xml': texts('media:keywords'),
  'https://example.org/css-exclude.html': without('a', elements('body')),
  'https://example.net/pdf-test.pdf': (page) => page.text,
  'https://github.com/tulir/gomuks/releases': texts('span.f1 a'),
  'https://github.com/thp/urlwatch/tags': texts('h2 a'),
  'https://gitlab.com/chinstrap/gammastep/-/tags': texts('a.gl-font-bold'),
  'https://example.net/css-skip-maxitems.html': (page) =>
    page
      .all('.cpu')
      .slice(1, 3)
      .map(({ $ }) => page.$.html($))
      .join('\n'),
  'https://example.org/items-random-order.html': (page) =>
    page
      .all('.item')
      .map(({ $ }) => page.$.html($))
      .toSorted()
      .join('\n'),
  'https://example.net/jobs.json': (page) => titles(page, 'title'),
  'https://api.github.com/repos/voxpupuli/puppet-rundeck/tags': (page) => titles(page, 'name').split('\n')[0] ?? '',
};

function titles(page: Page, name: string): string {
  const list = page.json({ parse: (value) => value as readonly Readonly<Record<string, string>>[] });
  return list.map((entry) => JSON.stringify(entry[name])).join('\n');
}

/** What a page does not do, and why. */
const NOT_OURS: readonly { readonly why: string; readonly cases: RegExp }[] = [
  {
    why: 'lines are chosen, sorted, turned and stripped by the job itself, in JavaScript',
    cases: /^(?:grep|sort|reverse|strip)|\/(?:sort|paragraphs|reverse|leading-spaces)/,
  },
  { why: 'regular expressions are JavaScript', cases: /^re_|regex-/ },
  { why: 'sums and dumps are Node', cases: /^(?:sha1|hexdump)$/ },
  { why: 'no job runs a shell', cases: /shellpipe/ },
  {
    why: 'the case has no file with it: a locked PDF and pictures have tests of their own',
    cases: /password\.pdf|ocr-test\.png/,
  },
];

function readAll(): ReadonlyMap<string, Case> {
  if (!existsSync(SUITE)) return new Map();
  const files = ['filter_tests.yaml', 'filter_documentation_testdata.yaml'];
  return new Map(files.flatMap((file) => [...readCases(readFileSync(join(SUITE, file), 'utf8'))]));
}

function open(name: string, { data, input, filename }: Case): Promise<Page> {
  const isXml = /xml|\.rss$/.test(name);
  const url = name.startsWith('http') ? name : 'https://example.org/';
  const source = filename === undefined ? (data ?? input ?? '') : readFileSync(join(SUITE, filename));
  return pageOf(source, { url, ...(isXml ? { contentType: 'application/xml' } : {}) });
}

/** White space between tags, and the namespaces that its parser writes into every element, are not what was taken. */
function comparable(text: string): string {
  return text
    .replace(/ xmlns:f="foo"/g, '')
    .replace(/\s*\n\s*/g, '\n')
    .replace(/>\s+/g, '>')
    .replace(/\s+</g, '<')
    .trim();
}

describe("urlwatch's filter cases", shared, () => {
  const all = readAll();
  const ours = [...all].filter(([name]) => name in OURS);
  let passed = 0;

  for (const [name, given] of ours) {
    test(name, async () => {
      const expected = given['expected_result'] ?? given['output'] ?? '';
      assert.notEqual(expected, '');
      assert.equal(comparable(OURS[name]?.(await open(name, given)) ?? ''), comparable(expected));
      passed += 1;
    });
  }

  test("32 of urlwatch's 63 filter cases are ours, and all 32 pass; each of the others has its reason", () => {
    assert.deepEqual([passed, ours.length, all.size], [32, 32, 63]);
    const rest = [...all.keys()].filter((name) => !(name in OURS));
    const reasons = rest.map((name) => NOT_OURS.filter(({ cases }) => cases.test(name)).length);
    assert.deepEqual(
      rest.filter((_, index) => reasons[index] !== 1),
      [],
    );
  });
});
