// The least that the same libraries take for a round, in a process that does nothing else: undici, cheerio over parse5 and
// SQLite as safe as the daemon's. No schedule, no politeness, no retries, no worker to protect anything from.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { load } from 'cheerio/slim';
import { parse } from 'parse5';
import { adapter } from 'parse5-htmlparser2-tree-adapter';
import { request } from 'undici';
import type { FloorAnswer, FloorQuestion } from './boards/round-protocol.ts';

const AT_ONCE = 10;

interface Post {
  readonly post: string;
  readonly title: string;
  readonly link: string;
  readonly price: string;
}

const db = new Database(join(process.env['FLOOR_FOLDER'] ?? '', 'floor.db'));
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec('create table if not exists board (url text primary key, etag text, posts text, message text) strict');
const recall = db.prepare<[string], { etag: string; posts: string }>('select etag, posts from board where url = ?');
const keep = db.prepare('insert or replace into board values (?, ?, ?, ?)');
const settle = db.prepare('update board set message = null where url = ?');

process.on('disconnect', () => process.exit(0));
process.on('message', (question) => void round(question as FloorQuestion));

async function round({ boards, hook }: FloorQuestion): Promise<void> {
  const from = performance.now();
  const left = [...boards];
  const told = await Promise.all(Array.from({ length: AT_ONCE }, () => lookAtAll(left, hook)));
  const messages = told.reduce((sum, count) => sum + count, 0);
  process.send?.({ ms: performance.now() - from, messages } satisfies FloorAnswer);
}

async function lookAtAll(left: string[], hook: string): Promise<number> {
  let told = 0;
  for (let url = left.pop(); url !== undefined; url = left.pop()) told += (await lookAt(url, hook)) ? 1 : 0;
  return told;
}

async function lookAt(url: string, hook: string): Promise<boolean> {
  const known = recall.get(url);
  const headers = known === undefined ? {} : { 'if-none-match': known.etag };
  const { statusCode, headers: answered, body } = await request(url, { headers });
  if (statusCode === 304) {
    await body.dump();
    return false;
  }
  const posts = read(await body.text(), url);
  const before = new Map(
    (known === undefined ? [] : (JSON.parse(known.posts) as Post[])).map((one) => [one.post, one]),
  );
  const news = posts.filter(({ post, price }) => before.get(post)?.price !== price);
  const text = known === undefined ? null : news.map(({ title, price }) => `${title} ${price}`).join('\n');
  keep.run(url, String(answered['etag']), JSON.stringify(posts), text);
  if (text === null) return false;
  const sent = await request(hook, { method: 'POST', body: JSON.stringify({ text }) });
  await sent.body.dump();
  settle.run(url);
  return true;
}

function read(html: string, url: string): readonly Post[] {
  const $ = load(parse(html, { treeAdapter: adapter }) as unknown as Parameters<typeof load>[0]);
  return $('#board tbody tr')
    .get()
    .map((row) => {
      const title = $(row).find('.title a').first();
      return {
        post: $(row).find('.no').first().text().trim(),
        title: title.text().trim(),
        link: new URL(title.attr('href') ?? '', url).href,
        price: $(row).find('.price').first().text().trim(),
      };
    });
}
