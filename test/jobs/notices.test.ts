// A notice board in CP949, fetched over a real socket: what is new is told, with links that work.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import type { Item, JobDefinition, Look } from '../../src/core/job.ts';
import { lookOnce } from '../../src/core/look.ts';
import { openFetching } from '../../src/io/fetching.ts';
import { fetching, serve } from '../io/http-local.ts';
import { problemsOf, runOf } from './job-fixture.ts';

const board = { html: '' };
const rowOf = (title: string, href: string, more = ''): string =>
  `<tr ${more}><td>1</td><td class="title"><a href="${href}">${title}</a></td><td class="writer">학사팀</td><td class="date">2026-11-20</td></tr>`;
const boardOf = (...rows: string[]): string =>
  `<html><head><meta http-equiv="Content-Type" content="text/html; charset=euc-kr"></head><body>
   <table class="board"><thead><tr><th>번호<th>제목<th>글쓴이<th>날짜</tr></thead><tbody>${rows.join('')}</tbody></table></body></html>`;

const PINNED = rowOf('[공지] 수강신청 안내', '/board/view.do?no=7&amp;pinned=1', 'class="pinned"');
const OLD = rowOf('도서관 휴관', 'view.do?no=100');

/** What a look saw is what the next one knows. */
function knownAfter(look: Look | undefined): ReadonlyMap<string, Item> | undefined {
  return look?.kind === 'done' ? new Map(look.seen) : undefined;
}

test('the notice board, in CP949 over a real socket', async (t) => {
  const local = await serve(t, (response) => {
    response.setHeader('content-type', 'text/html');
    response.end(iconv.encode(board.html, 'cp949'));
  });
  process.env['NOTICES_URL'] = `${local.origin}/board/list.do`;
  const { default: notices } = await import('../../jobs/notices.ts');
  const { http } = fetching(t);
  const look = (before?: Look): Promise<Look> => {
    const signal = AbortSignal.timeout(10_000);
    const network = openFetching(http, { signal, validators: [], conditional: true, isSecret: () => false });
    const known = knownAfter(before);
    return lookOnce(notices as unknown as JobDefinition, runOf('main'), { fetching: network, known, onStep: () => {} });
  };
  await t.test('is learned first, then tells a new post once, though it stands among the pinned ones too', () =>
    tellNewPost(look, local.origin),
  );
  await t.test('is silent about a title that was edited, and without posts', () => staySilent(look));
});

type TakeLook = (before?: Look) => Promise<Look>;

async function tellNewPost(look: TakeLook, origin: string): Promise<void> {
  board.html = boardOf(PINNED, OLD);
  const first = await look();
  assert.ok(first.kind === 'done');
  assert.deepEqual([first.found, first.learned, first.sayings], [2, true, []]);

  const fresh = rowOf('똠양꿍 특식 &amp; 쿠폰', 'view.do?no=101');
  board.html = boardOf(PINNED, fresh.replace('<tr ', '<tr class="pinned" '), fresh, OLD);
  const second = await look(first);
  assert.ok(second.kind === 'done');
  const link = {
    web_url: `${origin}/board/view.do?no=101`,
    mobile_web_url: `${origin}/board/view.do?no=101`,
  };
  assert.deepEqual(second.sayings, [
    {
      kind: 'default',
      object: {
        object_type: 'feed',
        content: { title: '똠양꿍 특식 & 쿠폰', description: '학사팀 · 2026-11-20', link },
      },
    },
  ]);
  assert.deepEqual(problemsOf(second.sayings), []);
  assert.deepEqual(
    second.seen?.map(([key]) => key),
    ['/board/view.do?no=7&pinned=1', '/board/view.do?no=101', '/board/view.do?no=100'].map((path) => origin + path),
  );

  const third = await look(second);
  assert.deepEqual(third.kind === 'done' && third.sayings, []);
}

async function staySilent(look: TakeLook): Promise<void> {
  board.html = boardOf(OLD);
  const first = await look();
  board.html = boardOf(OLD.replace('휴관', '휴관 (정정)'));
  const edited = await look(first);
  assert.deepEqual(edited.kind === 'done' && edited.sayings, []);
  board.html = boardOf();
  const empty = await look(edited);
  assert.deepEqual(empty.kind === 'done' && [empty.found, empty.sayings], [0, []]);
}
