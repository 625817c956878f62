// The sandbox's page in a real browser: every kind of message at the width of a phone and of a desk, and nothing runs
// that came in a message.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { serve } from '../io/http-local.ts';
import { logIn, openSandbox, post, sendMemo } from './visitor.ts';

const CHROMIUM = '/usr/bin/chromium';
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'];
const skip = !existsSync(CHROMIUM) && `${CHROMIUM} is absent`;
const WIDTHS = [390, 1280];
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
const LONG = '띄어쓰기없이길게이어지는말'.repeat(8);

let browser: Browser | undefined;
before(async () => {
  if (skip === false) browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
});
after(() => browser?.close());

async function open(t: TestContext, url: string, width = 390): Promise<Page> {
  assert.ok(browser);
  const context = await browser.newContext({ viewport: { width, height: 844 }, locale: 'ko-KR' });
  t.after(() => context.close());
  const page = await context.newPage();
  page.on('dialog', () => assert.fail('a dialog opened'));
  page.on('pageerror', (error) => assert.fail(error));
  await page.goto(url);
  return page;
}

/** One message of each default kind, and every text of it that a reader must see. */
function templatesOf(image: string): readonly { readonly template: object; readonly texts: readonly string[] }[] {
  const link = { web_url: 'http://localhost/a', mobile_web_url: 'http://localhost/a' };
  const button = (title: string) => ({ title, link });
  return [
    {
      template: { object_type: 'text', text: `오늘의 점심\n- 김치찌개\n${LONG}`, link, button_title: '식단 보기' },
      texts: ['오늘의 점심', '- 김치찌개', LONG, '식단 보기'],
    },
    {
      template: {
        object_type: 'feed',
        content: { title: '학사 공지', description: '수강신청 안내', image_url: image, link },
        item_content: {
          profile_text: '학사팀',
          items: [{ item: '기간', item_op: '11월 20일부터' }],
          sum: '합계',
          sum_op: '3과목',
        },
        social: { like_count: 12, view_count: 3456 },
        buttons: [button('신청하기'), button('자세히')],
      },
      texts: [
        '학사 공지',
        '수강신청 안내',
        '학사팀',
        '기간',
        '11월 20일부터',
        '합계',
        '3과목',
        '3,456',
        '신청하기',
        '자세히',
      ],
    },
    {
      template: {
        object_type: 'list',
        header_title: '새 글 세 개',
        header_link: link,
        contents: ['하나', '둘', '셋'].map((name) => ({
          title: `${name}째 글`,
          description: `${name}째 설명`,
          image_url: image,
          link,
        })),
      },
      texts: ['새 글 세 개', '하나째 글', '둘째 설명', '셋째 글'],
    },
    {
      template: {
        object_type: 'location',
        address: '경기 성남시 분당구 판교역로 166',
        address_title: '판교 아지트',
        content: { title: '모임 장소', description: '저녁 일곱 시', link },
        buttons: [button('길 찾기')],
      },
      texts: ['판교 아지트', '경기 성남시 분당구 판교역로 166', '모임 장소', '저녁 일곱 시', '길 찾기', '위치 보기'],
    },
    {
      template: {
        object_type: 'commerce',
        content: { title: '가격이 내렸어요', image_url: image, link },
        commerce: { product_name: '녹차 100g', regular_price: 12_900, discount_price: 9900, discount_rate: 23 },
      },
      texts: ['가격이 내렸어요', '녹차 100g', '12,900', '9,900', '23%'],
    },
    {
      template: {
        object_type: 'calendar',
        id_type: 'event',
        id: 'event-1234',
        content: { title: '개교기념일 행사', description: '운동장에서', link },
      },
      texts: ['개교기념일 행사', '운동장에서', 'event-1234', '일정 등록'],
    },
  ];
}

interface Sent {
  readonly sandbox: Sandbox;
  readonly token: string;
  readonly texts: readonly string[];
}

async function sendEveryKind(t: TestContext): Promise<Sent> {
  const sandbox = await openSandbox(t);
  const { origin } = await serve(t, (response) => response.end(PIXEL));
  const { access_token: token } = await logIn(sandbox, '서연');
  const templates = templatesOf(`${origin}/photo.gif`);
  const sent = await Promise.all(templates.map(({ template }) => sendMemo(sandbox, token, template)));
  const custom = { template_id: '4321', template_args: JSON.stringify({ 메뉴: '비빔밥' }) };
  sent.push(await post(sandbox, '/v2/api/talk/memo/send', { token, form: custom }));
  const scrap = { request_url: 'http://localhost/notice/view?no=7' };
  sent.push(await post(sandbox, '/v2/api/talk/memo/scrap/send', { token, form: scrap }));
  assert.deepEqual(
    sent.map(({ status }) => status),
    sent.map(() => 200),
  );
  return {
    sandbox,
    token,
    texts: [...templates.flatMap(({ texts }) => texts), '#4321', '메뉴', '비빔밥', 'localhost', '/notice/view?no=7'],
  };
}

/** Elements of the room that are cut off at the side or have no size, and how far the page scrolls sideways. */
const FIND_CUT = `(() => {
  const cut = [];
  const walker = document.createTreeWalker(document.querySelector('.kt-room'), NodeFilter.SHOW_TEXT);
  const box = document.querySelector('.scroll').getBoundingClientRect();
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.data.trim() === '') continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const { left, right, width, height } = range.getBoundingClientRect();
    const card = node.parentElement.closest('.kt-card')?.getBoundingClientRect() ?? box;
    const isIn = left >= card.left - 1 && right <= card.right + 1 && left >= box.left - 1 && right <= box.right + 1;
    const style = getComputedStyle(node.parentElement);
    const isSeen = width > 0 && height > 0 && style.visibility === 'visible' && Number(style.opacity) > 0.3;
    if (!isIn || !isSeen) cut.push(node.data);
  }
  const sideways = [document.documentElement, document.body, document.querySelector('.scroll')]
    .map((element) => element.scrollWidth - element.clientWidth);
  return { cut, sideways };
})()`;

for (const width of WIDTHS) {
  test(`every kind of message is whole at ${width} pixels, and nothing scrolls sideways`, { skip }, async (t) => {
    const { sandbox, texts } = await sendEveryKind(t);
    const page = await open(t, sandbox.url, width);
    assert.equal(await page.locator('.kt-card').count(), 8);
    const { cut, sideways } = (await page.evaluate(FIND_CUT)) as { cut: string[]; sideways: number[] };
    assert.deepEqual([cut, sideways], [[], [0, 0, 0]]);
    const shown = (await page.locator('.kt-room').innerText()).replace(/\s+/g, ' ');
    assert.deepEqual(
      texts.filter((text) => !shown.includes(text)),
      [],
    );
    for (const picture of await page.locator('.kt-room img').all()) {
      const box = await picture.boundingBox();
      assert.ok(box !== null && box.width > 20 && box.height > 20 && box.x + box.width <= width);
    }
    assert.ok((await page.locator('.kt-room img').count()) >= 3);
  });
}

const RUNS = 'window.hacked = true; alert(1)';
const HOSTILE = `</p><script>${RUNS}</script><img src=x onerror="${RUNS}">"'><svg onload='${RUNS}'>`;

test('hostile text is shown as text wherever it stands, and nothing of it runs', { skip }, async (t) => {
  const sandbox = await openSandbox(t, { app: { name: HOSTILE, unregisteredLink: 'keep', emptyLink: 'accept' } });
  sandbox.users.add(HOSTILE);
  const { access_token: token } = await logIn(sandbox, HOSTILE);
  const link = { web_url: `javascript:${RUNS}`, mobile_web_url: `javascript:${RUNS}` };
  const content = { title: HOSTILE, description: HOSTILE, image_url: `javascript:${RUNS}`, link };
  const item_content = { profile_text: HOSTILE, items: [{ item: HOSTILE, item_op: HOSTILE }] };
  const buttons = [{ title: HOSTILE, link }];
  for (const template of [
    { object_type: 'text', text: HOSTILE, link, buttons },
    { object_type: 'feed', content, item_content, buttons },
    { object_type: 'list', header_title: HOSTILE, header_link: link, contents: [content, content] },
    { object_type: 'location', address: HOSTILE, address_title: HOSTILE, content },
    { object_type: 'commerce', content, commerce: { regular_price: 1, product_name: HOSTILE, currency_unit: HOSTILE } },
    { object_type: 'calendar', id_type: 'event', id: HOSTILE, content },
  ])
    assert.equal((await sendMemo(sandbox, token, template)).status, 200);
  const form = { template_id: '1', template_args: JSON.stringify({ [HOSTILE]: HOSTILE }) };
  assert.equal((await post(sandbox, '/v2/api/talk/memo/send', { token, form })).status, 200);

  const page = await open(t, sandbox.url);
  assert.equal(await page.locator('.kt-card').count(), 7);
  const cards = await page.locator('.kt-card').allInnerTexts();
  for (const card of cards) assert.ok(card.includes(HOSTILE), card);
  const foreign = '.window :is(script, svg, iframe, [onerror], [onload], [src="x"], [href^="javascript"])';
  assert.equal(await page.locator(foreign).count(), 0);
  for (const place of await page.locator('.kt-button').all()) await place.click();
  assert.equal(await page.evaluate('window.hacked'), undefined);
});

test('a new message appears by itself, without a reload', { skip }, async (t) => {
  const { sandbox, token } = await sendEveryKind(t);
  const page = await open(t, sandbox.url, 1280);
  await page.evaluate('window.mark = 1');
  await sendMemo(sandbox, token, { object_type: 'text', text: '방금 온 소식', link: { web_url: 'http://localhost/' } });
  await page.locator('.kt-saying', { hasText: '방금 온 소식' }).waitFor({ state: 'visible', timeout: 10_000 });
  assert.equal(await page.locator('.kt-card').count(), 9);
  assert.equal(await page.evaluate('window.mark'), 1);
  const last = await page.locator('.kt-card').last().boundingBox();
  assert.ok(last !== null && last.y + last.height <= 844, 'the newest message is in sight');
});
