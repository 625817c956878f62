// A notice board as benchmarks read it: the same rows and the same furniture around them for every number of bytes asked.
import { createHash } from 'node:crypto';

export interface Board {
  readonly body: Buffer;
  readonly etag: string;
}

/** What all boards of a round show. */
export interface Edition {
  /** The number of the newest post. */
  readonly newest: number;
  /** How often the price of a post has changed, by its number. */
  readonly changes: ReadonlyMap<number, number>;
}

/** How many posts a new edition brings, or changes. */
export const POSTS_A_ROUND = 5;

const NAV = Array.from({ length: 24 }, (_, at) => `<li class="menu-${at}"><a href="/menu/${at}">메뉴 ${at}</a></li>`);
const ROW_BYTES = 335;
const FRAME_BYTES = 1900;

/** A page of about so many bytes. Small ones differ from one job to the next, as pages do. */
export function makeBoard(job: number, { newest, changes }: Edition, bytes: number): Board {
  const count = Math.max(Math.round((bytes - FRAME_BYTES) / ROW_BYTES), 2 * POSTS_A_ROUND);
  const rows = Array.from({ length: count }, (_, at) => rowOf(job, newest - at, changes));
  const html = `<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><title>게시판 ${job}</title><link rel="stylesheet" href="/board.css"></head>
<body><header><h1>게시판 ${job}</h1><nav><ul>${NAV.join('')}</ul></nav></header>
<main><table id="board" class="list"><thead><tr><th>번호</th><th>제목</th><th>글쓴이</th><th>날짜</th><th>값</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></main><footer><p>바닥글 <a href="/rules">이용 약관</a></p></footer></body></html>`;
  const body = Buffer.from(html);
  return { body, etag: `"${createHash('sha1').update(body).digest('base64url')}"` };
}

function rowOf(job: number, post: number, changes: ReadonlyMap<number, number>): string {
  const day = String(1 + (Math.abs(post) % 28)).padStart(2, '0');
  const price = (10_000 + ((job * 31 + post * 17) % 9000) + (changes.get(post) ?? 0)).toLocaleString('en');
  return `<tr class="post ${post % 2 === 0 ? 'even' : 'odd'}"><td class="no">${post}</td>
<td class="title"><a href="/board/${job}/view?post=${post}" class="link"><span class="tag">[공지]</span> 게시판 ${job}의 알림 ${post}번입니다</a></td>
<td class="writer"><span>담당자 ${post % 7}</span></td><td class="date"><time>2026-11-${day}</time></td><td class="price">${price}원</td></tr>`;
}
