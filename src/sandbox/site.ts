// A small sample site to point jobs at: a cafeteria, a notice board (in CP949, as old boards are), a product, a
// school meal API. What can change on it changes by hand.
import { createHash } from 'node:crypto';
import iconv from 'iconv-lite';
import { escapeHtml } from '../draw/html.ts';
import { type Answer, type Asked, html } from './answers.ts';
import { type Clock, koreanDate } from './clock.ts';
import { type Meal, menuOf } from './site-menu.ts';
import { answerMeals, makeSchool, type School } from './site-neis.ts';

interface Notice {
  readonly number: number;
  readonly title: string;
  readonly writer: string;
  readonly date: string;
  readonly views: number;
  readonly pinned: boolean;
}

export interface Site {
  /** Adds a notice on top of the board, below the pinned ones. */
  readonly postNotice: (title: string, options?: { writer?: string; pinned?: boolean }) => Notice;
  readonly notices: () => readonly Notice[];
  readonly setPrice: (won: number) => void;
  readonly price: () => number;
  readonly school: School;
  readonly answer: (asked: Asked) => Answer | undefined;
}

const DAY_MS = 86_400_000;
const FIRST_PRICE = 12_900;
const CHARSET = 'cp949';

export function makeSite(clock: Clock): Site {
  const school = makeSchool();
  let notices = firstNotices(clock.now());
  let price = FIRST_PRICE;

  const today = () => koreanDate(clock.now());
  const pages: Readonly<Record<string, (asked: Asked) => Answer>> = {
    '/site': () => html(200, drawHome()),
    '/site/menu': ({ query }) => answerMenu(query.get('date') ?? today()),
    '/site/notices': (asked) => answerBoard(asked, drawBoard(notices)),
    '/site/product': () => html(200, drawProduct(price)),
    '/site/hub/mealServiceDietInfo': ({ query }) => answerMeals(school, query, today()),
  };

  return {
    school,
    notices: () => notices,
    price: () => price,
    setPrice: (won) => {
      price = won;
    },
    postNotice: (title, { writer = '행정실', pinned = false } = {}) => {
      const number = Math.max(...notices.map((notice) => notice.number)) + 1;
      const notice = { number, title, writer, date: today(), views: 1, pinned };
      notices = [notice, ...notices];
      return notice;
    },
    answer: (asked) => {
      const number = /^\/site\/notices\/(\d+)$/.exec(asked.path)?.[1];
      const notice = notices.find((one) => one.number === Number(number));
      if (notice !== undefined) return answerBoard(asked, drawNotice(notice));
      return pages[asked.path.length > 1 ? asked.path.replace(/\/$/, '') : asked.path]?.(asked);
    },
  };
}

function answerMenu(date: string): Answer {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(Date.parse(date))) {
    return html(400, page('잘못된 날짜', '<h1>날짜는 2026-11-20처럼 적어 주세요</h1>'));
  }
  return html(200, drawMenu(date));
}

/** The board answers in CP949 and says so only inside the page. */
function answerBoard({ headers }: Asked, source: string): Answer {
  const body = iconv.encode(source, CHARSET);
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 20)}"`;
  if (headers['if-none-match'] === etag) return { status: 304, headers: { etag }, body: '' };
  return { status: 200, headers: { 'content-type': 'text/html', etag, 'cache-control': 'no-cache' }, body };
}

const MEALS: readonly (readonly [Meal, string, string])[] = [
  ['breakfast', '아침', '07:30 - 09:00'],
  ['lunch', '점심', '11:30 - 13:30'],
  ['dinner', '저녁', '17:30 - 19:00'],
];

function drawMenu(date: string): string {
  const shift = (days: number) => new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
  const weekday = new Intl.DateTimeFormat('ko-KR', { weekday: 'long', timeZone: 'UTC' }).format(Date.parse(date));
  const sections = MEALS.map(([meal, name, hours]) => {
    const dishes = menuOf(date, meal).map(
      (dish) =>
        `<li><span class="name">${escapeHtml(dish.name)}</span><span class="price">${won(dish.price)}</span></li>`,
    );
    return `<section class="meal"><h2>${name} <small>${hours}</small></h2><ul id="${meal}">${dishes.join('')}</ul></section>`;
  });
  return page(
    '생활관 식당 오늘의 식단',
    `<h1>생활관 식당</h1><nav class="days"><a href="?date=${shift(-1)}">‹ 어제</a><p class="week"><time class="date" datetime="${date}">${date}</time></p><span class="weekday">${weekday}</span><a href="?date=${shift(1)}">내일 ›</a></nav>${sections.join('')}<p class="foot">식단은 식자재 사정에 따라 바뀔 수 있습니다.</p>`,
  );
}

function drawBoard(notices: readonly Notice[]): string {
  const sorted = notices.toSorted((a, b) => Number(b.pinned) - Number(a.pinned) || b.number - a.number);
  const rows = sorted.map(
    ({ number, title, writer, date, views, pinned }) =>
      `<tr${pinned ? ' class="pinned"' : ''}><td class="number">${pinned ? '공지' : number}</td><td class="title"><a href="/site/notices/${number}">${escapeHtml(title)}</a></td><td class="writer">${escapeHtml(writer)}</td><td class="date">${date}</td><td class="views">${views}</td></tr>`,
  );
  const head = '<thead><tr><th>번호</th><th>제목</th><th>작성자</th><th>등록일</th><th>조회</th></tr></thead>';
  return oldPage(
    '공지사항',
    `<h1>공지사항</h1><table class="board">${head}<tbody>${rows.join('\n')}</tbody></table><p class="foot">한빛생활관 행정실 02-000-0000</p>`,
  );
}

function drawNotice({ title, writer, date, views }: Notice): string {
  return oldPage(
    title,
    `<h1>${escapeHtml(title)}</h1><p class="foot">${escapeHtml(writer)} · ${date} · 조회 ${views}</p><article><p>자세한 내용은 행정실로 문의해 주시기 바랍니다.</p></article><p><a href="/site/notices">목록</a></p>`,
  );
}

function drawProduct(price: number): string {
  return page(
    '무선 미니 가습기 - 한빛몰',
    `<div class="product"><div class="photo" role="img" aria-label="가습기 사진"></div><div><p class="brand">한빛전자</p><h1>무선 미니 가습기 H-20</h1><p class="price">${won(price)}</p><ul class="spec"><li>용량 380ml</li><li>연속 분무 7시간</li><li>무료배송</li></ul></div></div>`,
  );
}

function drawHome(): string {
  return page(
    '한빛생활관',
    '<h1>한빛생활관</h1><ul class="links"><li><a href="/site/menu">식당 식단</a></li><li><a href="/site/notices">공지사항</a></li><li><a href="/site/product">상품: 무선 미니 가습기</a></li></ul>',
  );
}

function won(amount: number): string {
  return `${amount.toLocaleString('en-US')}원`;
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,"><title>${escapeHtml(title)}</title><style>${CSS}</style></head><body><main>${body}</main></body></html>`;
}

function oldPage(title: string, body: string): string {
  return `<html><head><meta http-equiv="Content-Type" content="text/html; charset=euc-kr"><link rel="icon" href="data:,"><title>${escapeHtml(title)}</title><style>${CSS}</style></head><body><main>${body}</main></body></html>`;
}

const TITLES = [
  '2학기 생활관 퇴사 일정 안내',
  '동계방학 잔류 신청 안내 (12월 5일까지)',
  '식당 세계 음식 주간: 똠얌꿍과 분짜',
  '엘리베이터 정기 점검에 따른 운행 중지',
  '온수 공급 일시 중단 안내',
  '분실물 보관 안내 (11월)',
  '생활관 소방 훈련 실시',
  '야간 출입 통제 시간 변경',
  '택배 보관함 교체 공사',
  '독서실 좌석 배정 방식 변경 안내',
];

function firstNotices(now: number): readonly Notice[] {
  const first = 412;
  return TITLES.map((title, index) => ({
    number: first + TITLES.length - index,
    title,
    writer: index % 3 === 0 ? '행정실' : '생활지원팀',
    date: koreanDate(now - index * 2 * DAY_MS),
    views: 31 + index * 47,
    pinned: index < 2,
  }));
}

const CSS = `
body{margin:0;background:#f6f7f9;color:#1f2933;font:16px/1.6 'Apple SD Gothic Neo','Malgun Gothic','Noto Sans KR','Noto Sans CJK KR',sans-serif}
main{max-width:760px;margin:0 auto;padding:32px 20px 56px}
h1{margin:0 0 18px;font-size:26px}
a{color:#1d5fa8;text-decoration:none}
.days{display:flex;align-items:baseline;gap:12px;margin-bottom:18px}
.days p{margin:0 0 0 auto;font-weight:700;font-size:18px}.days .weekday{margin-right:auto;color:#5b6875}
.meal{margin-bottom:14px;padding:18px 20px;border-radius:14px;background:#fff;box-shadow:0 1px 3px rgba(0,0,0,.06)}
.meal h2{margin:0 0 8px;font-size:17px}.meal small{color:#7b8794;font-weight:400;font-size:13px}
.meal ul{margin:0;padding:0;list-style:none}
.meal li{display:flex;justify-content:space-between;padding:6px 0;border-top:1px solid #eef1f4}
.meal .price{color:#5b6875}
.board{width:100%;border-collapse:collapse;background:#fff;font-size:14.5px}
.board th,.board td{padding:10px 8px;border-bottom:1px solid #e5e9ee;text-align:center}
.board td.title{text-align:left}.pinned{background:#fdf8e7;font-weight:600}
.foot{color:#7b8794;font-size:13px}
.product{display:grid;gap:26px;grid-template-columns:minmax(120px,260px) 1fr;padding:24px;border-radius:16px;background:#fff}
.photo{aspect-ratio:1;border-radius:12px;background:linear-gradient(160deg,#dfe9f3,#b6cbe0)}
.spec{margin:0;padding-left:20px;color:#5b6875;font-size:14.5px}.brand{margin:0;color:#7b8794;font-size:14px}.product h1{margin:4px 0 10px;font-size:22px}
.product .price{margin:0 0 12px;font-size:24px;font-weight:700}
@media(max-width:520px){.writer,.views,.board th:nth-child(3),.board th:nth-child(5){display:none}.product{grid-template-columns:1fr}}
`;
