// The rows M1 to M9 of Kakao's behaviour: messages to oneself, and what of them is seen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LINK, logIn, openSandbox, post, read, sendMemo, setKoreanTime, TEXT, type TokenBody } from './visitor.ts';

const CONTENT = { title: '제목', link: LINK };
const ACCEPTED = [
  TEXT,
  {
    object_type: 'feed',
    content: CONTENT,
    social: { like_count: 1 },
    item_content: { items: [{ item: 'a', item_op: 'b' }] },
  },
  { object_type: 'list', header_title: '목록', header_link: LINK, contents: [CONTENT, CONTENT] },
  { object_type: 'location', address: '서울', content: CONTENT },
  { object_type: 'commerce', content: CONTENT, commerce: { regular_price: 1000 } },
  { object_type: 'calendar', id_type: 'event', id: '1', content: CONTENT },
];

for (const template of ACCEPTED) {
  test(`M1: a ${template.object_type} template is accepted with result_code 0 and recorded as it was sent`, async (t) => {
    const sandbox = await openSandbox(t);
    const { access_token: token } = await logIn(sandbox, '민지');

    assert.deepEqual(await read(sendMemo(sandbox, token, template)), { status: 200, body: { result_code: 0 } });

    const [message] = sandbox.received();
    assert.deepEqual(message?.object, template);
    assert.equal(message.kind, template.object_type);
    assert.equal(message.sender, '민지');
    assert.equal(message.receiver, '민지');
    assert.equal(message.at, sandbox.clock.now());
    assert.deepEqual(message.warnings, []);
  });
}

test('M1: a custom and a scrap message are accepted with their fields', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  const custom = { template_id: '3135', template_args: '{"name":"민지"}' };
  const scrap = { request_url: 'http://localhost/page' };

  assert.deepEqual(await read(post(sandbox, '/v2/api/talk/memo/send', { token, form: custom })), {
    status: 200,
    body: { result_code: 0 },
  });
  assert.equal((await post(sandbox, '/v2/api/talk/memo/scrap/send', { token, form: scrap })).status, 200);
  assert.deepEqual(
    sandbox.received().map(({ kind }) => kind),
    ['custom', 'scrap'],
  );
  assert.deepEqual(sandbox.received()[0]?.object, { template_id: 3135, template_args: { name: '민지' } });
});

const REFUSED: readonly (readonly [string, unknown])[] = [
  ['that is not JSON', '{text'],
  ['of an unknown type', { ...TEXT, object_type: 'poem' }],
  ['of text without a link', { object_type: 'text', text: '안녕' }],
  ['whose link names no address', { ...TEXT, link: {} }],
  ['of a feed without content', { object_type: 'feed' }],
  ['whose content says nothing', { object_type: 'feed', content: { link: LINK } }],
  ['of a list without rows', { object_type: 'list', header_title: 'a', header_link: LINK }],
  ['of a commerce without a price', { object_type: 'commerce', content: CONTENT, commerce: {} }],
  ['whose button has no link', { ...TEXT, buttons: [{ title: '가기' }] }],
];

for (const [what, template] of REFUSED) {
  test(`M2: a template ${what} is refused with -2, and nothing arrives`, async (t) => {
    const sandbox = await openSandbox(t);
    const { access_token: token } = await logIn(sandbox, '민지');

    const { status, body } = await read(sendMemo(sandbox, token, template));

    assert.equal(status, 400);
    assert.equal((body as TokenBody)['code'], -2);
    assert.match(String((body as TokenBody)['msg']), /^failed to parse parameter\. name=template_object/);
    assert.equal(sandbox.received().length, 0);
  });
}

test('M2: a JSON body instead of a form is a missing template_object', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  const response = fetch(`${sandbox.apiUrl}/v2/api/talk/memo/default/send`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ template_object: TEXT }),
  });

  assert.equal((await response).status, 400);
});

test('M3: of a text over 200 the first 200 characters are displayed, or it is refused if so set', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  const long = '🍚'.repeat(201);

  assert.equal((await sendMemo(sandbox, token, { ...TEXT, text: long })).status, 200);
  const [message] = sandbox.received();
  assert.equal(message?.text, long);
  assert.equal(message.displayed, '🍚'.repeat(200));
  assert.equal(message.warnings.length, 1);

  sandbox.app.longText = 'refuse';
  assert.equal((await sendMemo(sandbox, token, { ...TEXT, text: long })).status, 400);
});

test('M4: a link to a domain that is not registered is accepted, dropped and noted', async (t) => {
  const sandbox = await openSandbox(t, { app: { linkDomains: ['example.com'] } });
  const { access_token: token } = await logIn(sandbox, '민지');
  const link = { web_url: 'https://news.example.com/1', mobile_web_url: 'https://notexample.com/1' };

  assert.equal((await sendMemo(sandbox, token, { ...TEXT, link })).status, 200);

  const [message] = sandbox.received();
  assert.deepEqual(message?.shown.kind === 'default' ? message.shown.object : undefined, {
    ...TEXT,
    link: { web_url: 'https://news.example.com/1' },
  });
  assert.match(message?.warnings.join() ?? '', /notexample\.com/);
});

test('M5: without the consent the answer is -402 with what is needed and what is allowed', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지', { sandbox_scopes: 'friends' });
  const body = (api: string) => ({
    msg: 'insufficient scopes.',
    code: -402,
    api_type: api,
    required_scopes: ['talk_message'],
    allowed_scopes: ['profile_nickname', 'friends'],
  });

  assert.deepEqual(await read(sendMemo(sandbox, token)), { status: 403, body: body('TALK_MEMO_DEFAULT_SEND') });
});

test('M5: an old token gains nothing by a later consent, a new one does', async (t) => {
  const sandbox = await openSandbox(t);
  const old = await logIn(sandbox, '민지', { sandbox_scopes: 'friends' });
  const fresh = await logIn(sandbox, '민지', { scope: 'talk_message' });

  assert.equal((await sendMemo(sandbox, old.access_token)).status, 403);
  assert.equal((await sendMemo(sandbox, fresh.access_token)).status, 200);
});

test('M6: a consent item that the app has switched off is -3, whatever the user agreed to', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  sandbox.app.consentItems = sandbox.app.consentItems.map((item) => ({ ...item, using: item.id !== 'talk_message' }));

  assert.deepEqual(await read(sendMemo(sandbox, token)), {
    status: 403,
    body: {
      msg: `[${sandbox.app.name}] App disabled [talk_message] scopes for [TALK_MEMO_DEFAULT_SEND] API on developers.kakao.com. Enable it first.`,
      code: -3,
    },
  });
});

test('M7: over the app quota, of a day or a month, the answer is -10 with status 400', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  const refused = { status: 400, body: { msg: 'API limit has been exceeded.', code: -10 } };
  sandbox.app.quotas = { ...sandbox.app.quotas, appDaily: 1 };
  await sendMemo(sandbox, token);

  assert.deepEqual(await read(sendMemo(sandbox, token)), refused);
  sandbox.app.quotas = { ...sandbox.app.quotas, appDaily: 9, appMonthly: 2 };
  assert.deepEqual(await read(sendMemo(sandbox, token)), refused);
});

test('M8, M9: maintenance and internal faults are answered as Kakao answers them', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  const answerTo = async (code: number) => {
    sandbox.fault({ path: /memo/, kind: 'kakao-code', code });
    const { status, body } = await read(sendMemo(sandbox, token));
    return [status, (body as TokenBody)['code']];
  };

  assert.deepEqual(await answerTo(-9798), [503, -9798]);
  assert.deepEqual(await answerTo(-1), [400, -1]);
  assert.deepEqual(await answerTo(-603), [400, -603]);
  assert.equal(sandbox.received().length, 0);
});

test('memos count twenty a day towards oneself, until Korean midnight, unless the setting says otherwise', async (t) => {
  const sandbox = await openSandbox(t);
  setKoreanTime(sandbox, '2026-11-20T20:00');
  const { access_token: token } = await logIn(sandbox, '민지');
  for (let count = 0; count < 20; count += 1) assert.equal((await sendMemo(sandbox, token)).status, 200);

  const { body } = await read(sendMemo(sandbox, token));
  assert.equal((body as TokenBody)['code'], -536);
  setKoreanTime(sandbox, '2026-11-20T23:59:59');
  assert.equal((await sendMemo(sandbox, token)).status, 400);
  setKoreanTime(sandbox, '2026-11-21T00:00');
  assert.equal((await sendMemo(sandbox, token)).status, 200);
  setKoreanTime(sandbox, '2026-11-20T20:00');
  sandbox.app.memoCountsAgainstQuota = false;
  for (let count = 0; count < 25; count += 1) assert.equal((await sendMemo(sandbox, token)).status, 200);
});

test('an app without the permission is -5, a user without KakaoTalk -501', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');

  sandbox.users.add('민지', { usesTalk: false });
  assert.equal(((await read(sendMemo(sandbox, token))).body as TokenBody)['code'], -501);
  sandbox.app.messagePermission = false;
  assert.deepEqual(await read(sendMemo(sandbox, token)), { status: 403, body: { msg: 'permission denied', code: -5 } });
});
