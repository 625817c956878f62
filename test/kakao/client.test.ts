import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openKakao } from '../../src/kakao/client.ts';
import { openHttp } from '../../src/kakao/http.ts';
import { sendJson, startScript } from './stage.ts';

const FIXTURES = join(import.meta.dirname, '../../../shared/kakao/fixtures');
const shared = existsSync(FIXTURES) ? {} : { skip: '../shared is absent' };

async function openAt(body: unknown, status = 200) {
  const script = await startScript((response) => sendJson(response, status, body));
  return { script, kakao: openKakao({ apiUrl: `${script.url}/kapi`, http: openHttp({ timeoutMs: 2000 }) }) };
}

const object = { object_type: 'text', text: '점심 & 저녁', link: {} } as const;

test('each kind of saying goes to its own address, with objects as JSON in the fields of a form', async () => {
  const { script, kakao } = await openAt({ result_code: 0 });
  await kakao.memo('t', { kind: 'default', object });
  await kakao.memo('t', { kind: 'custom', template_id: 7, template_args: { name: '밥' } });
  await kakao.memo('t', { kind: 'scrap', request_url: 'https://example.com/?a=1&b=2' });
  await kakao.friendsMessage('t', { uuids: ['a', 'b'], saying: { kind: 'default', object } });
  await kakao.friendsMessage('t', { uuids: ['a'], saying: { kind: 'custom', template_id: 7, template_args: {} } });
  await kakao.friendsMessage('t', { uuids: ['a'], saying: { kind: 'scrap', request_url: 'https://example.com' } });
  await script.close();

  const forms = script.asked.map(({ line, body }) => [line, Object.fromEntries(new URLSearchParams(body))]);
  const text = JSON.stringify(object);
  assert.deepEqual(forms, [
    ['POST /kapi/v2/api/talk/memo/default/send', { template_object: text }],
    ['POST /kapi/v2/api/talk/memo/send', { template_id: '7', template_args: '{"name":"밥"}' }],
    ['POST /kapi/v2/api/talk/memo/scrap/send', { request_url: 'https://example.com/?a=1&b=2' }],
    ['POST /kapi/v1/api/talk/friends/message/default/send', { receiver_uuids: '["a","b"]', template_object: text }],
    ['POST /kapi/v1/api/talk/friends/message/send', { receiver_uuids: '["a"]', template_id: '7', template_args: '{}' }],
    [
      'POST /kapi/v1/api/talk/friends/message/scrap/send',
      { receiver_uuids: '["a"]', request_url: 'https://example.com' },
    ],
  ]);
  assert.equal(script.asked[0]?.headers['authorization'], 'Bearer t');
  assert.equal(script.asked[0]?.headers['content-type'], 'application/x-www-form-urlencoded;charset=utf-8');
});

test('no call ever names more than five receivers, or none', async () => {
  const { script, kakao } = await openAt({});
  const saying = { kind: 'default', object } as const;
  assert.throws(() => kakao.friendsMessage('t', { uuids: ['1', '2', '3', '4', '5', '6'], saying }), RangeError);
  assert.throws(() => kakao.friendsMessage('t', { uuids: [], saying }), RangeError);
  assert.equal(script.asked.length, 0);
  await script.close();
});

test('ids beyond 2^53 keep every digit', async () => {
  const { script, kakao } = await openAt('{"id":1376016924426743837,"expires_in":7199,"app_id":1}');
  assert.deepEqual(await kakao.tokenInfo('t'), { kind: 'ok', value: { id: '1376016924426743837', expiresInS: 7199 } });
  assert.deepEqual(await kakao.unlink('t'), { kind: 'ok', value: '1376016924426743837' });
  assert.deepEqual(
    script.asked.map(({ line }) => line),
    ['GET /kapi/v1/user/access_token_info', 'POST /kapi/v1/user/unlink'],
  );
  await script.close();
});

test('consent items are read; what is neither in use nor agreed counts as not', async () => {
  const { script, kakao } = await openAt({
    id: 1,
    scopes: [
      { id: 'talk_message', using: true, agreed: true, new: 1 },
      { id: 'friends', using: 'yes' },
    ],
  });
  const scopes = await kakao.scopes('t');
  assert.deepEqual(scopes, {
    kind: 'ok',
    value: [
      { id: 'talk_message', using: true, agreed: true },
      { id: 'friends', using: false, agreed: false },
    ],
  });
  await script.close();
});

test('the next page is taken out of after_url, whatever host it names, and must lead onward', async () => {
  const urls: readonly [unknown, unknown][] = [
    ['http://evil.example/x?offset=3&limit=3&order=desc', { offset: 3, limit: 3, order: 'desc' }],
    ['/v1/api/talk/friends?offset=100', { offset: 100, limit: 100, order: 'asc' }],
    ['http://x/?offset=3&limit=100000', { offset: 3, limit: 100, order: 'asc' }],
    ['http://x/?offset=0&limit=3', undefined],
    ['http://x/?limit=3', undefined],
    ['nonsense', undefined],
    [42, undefined],
    [null, undefined],
    [undefined, undefined],
  ];
  for (const [after_url, next] of urls) {
    const { script, kakao } = await openAt({ elements: [], total_count: 0, after_url });
    const page = await kakao.friendsPage('t', { offset: 0, limit: 100, order: 'asc' });
    assert.ok(page.kind === 'ok');
    assert.deepEqual(page.value.next, next, String(after_url));
    assert.equal(script.asked[0]?.line, 'GET /kapi/v1/api/talk/friends?offset=0&limit=100&order=asc');
    await script.close();
  }
});

/** What each question makes of one body. */
async function askAll(body: unknown) {
  const { script, kakao } = await openAt(body);
  const friends = await kakao.friendsPage('t', { offset: 0, limit: 1, order: 'asc' });
  const info = await kakao.tokenInfo('t');
  const scopes = await kakao.scopes('t');
  await script.close();
  return { friends, info, scopes };
}

test('a friend without an id to write to is left out; other fields of a wrong type count as absent', async () => {
  const { friends } = await askAll(
    `{"elements":[
      {"uuid":"a","id":7,"profile_nickname":"나","allowed_msg":false,"favorite":true},
      {"uuid":"b","id":"9007199254740993","profile_nickname":5,"allowed_msg":"no"},
      {"uuid":"c","id":"","profile_nickname":null,"allowed_msg":null},
      {"uuid":"d","id":1e999},
      {"uuid":""},{"uuid":7},{},null,"e",["f"]
    ],"total_count":"10","more":1}`,
  );
  assert.deepEqual(friends, {
    kind: 'ok',
    value: {
      friends: [
        { id: '7', uuid: 'a', nickname: '나', allowed: false },
        { id: '9007199254740993', uuid: 'b', nickname: undefined, allowed: true },
        { id: undefined, uuid: 'c', nickname: undefined, allowed: true },
        { id: undefined, uuid: 'd', nickname: undefined, allowed: true },
      ],
      total: 0,
      next: undefined,
    },
  });
});

test('a friends list without elements is empty; elements that are no list make it unreadable', async () => {
  const empty = { kind: 'ok', value: { friends: [], total: 0, next: undefined } };
  for (const body of [{}, { elements: null }, '{"elements":[],"total_count":1e999}'])
    assert.deepEqual((await askAll(body)).friends, empty, JSON.stringify(body));
  for (const body of ['[]', 'null', { elements: {} }, { elements: 'a' }])
    assert.equal((await askAll(body)).friends.kind, 'retry', JSON.stringify(body));
});

test('what a token may do is read only with an id, and a life of another type counts as absent', async () => {
  for (const id of ['', 'null', '""', '1e999', 'true', '[1]']) {
    const { info } = await askAll(id === '' ? '{"expires_in":1}' : `{"id":${id},"expires_in":1}`);
    assert.equal(info.kind, 'retry', id);
  }
  for (const life of ['"7199"', 'null', '1e999', '{}']) {
    const { info } = await askAll(`{"id":5,"expires_in":${life}}`);
    assert.deepEqual(info, { kind: 'ok', value: { id: '5', expiresInS: undefined } }, life);
  }
});

test('consent items without a list, or with one that has no id, are unreadable', async () => {
  for (const scopes of [undefined, null, {}, [{ using: true }], [{ id: 5 }], ['friends']])
    assert.equal((await askAll({ scopes })).scopes.kind, 'retry', JSON.stringify(scopes));
  assert.deepEqual((await askAll({ scopes: [] })).scopes, { kind: 'ok', value: [] });
});

test('an unreadable answer to a question is asked again, never unclear', async () => {
  const { script, kakao } = await openAt('<html>', 502);
  assert.equal((await kakao.friendsPage('t', { offset: 0, limit: 1, order: 'asc' })).kind, 'retry');
  assert.equal((await kakao.tokenInfo('t')).kind, 'retry');
  await script.close();
});

test("Kakao's own friends list and token answers are read right", shared, async () => {
  const read = (path: string) => readFileSync(join(FIXTURES, path), 'utf8');
  const friends = await openAt(read('talk/friends/friends.json'));
  const page = await friends.kakao.friendsPage('t', { offset: 0, limit: 3, order: 'asc' });
  assert.deepEqual(page, {
    kind: 'ok',
    value: {
      friends: [
        { id: undefined, uuid: '1-bV49r2x_HD-szg0uDU49ruuA', nickname: 'gray', allowed: false },
        { id: '1376016924426743837', uuid: '1-XV5dzv2PTM-cr9y-fV59Pk3emA', nickname: 'mj_alpha_g2', allowed: true },
      ],
      total: 8,
      next: { offset: 3, limit: 3, order: 'asc' },
    },
  });
  await friends.script.close();
  const info = await openAt(read('users/token_info.json'));
  assert.deepEqual(await info.kakao.tokenInfo('t'), { kind: 'ok', value: { id: '123456789', expiresInS: 7199 } });
  await info.script.close();
  const id = await openAt(read('users/id.json'));
  assert.deepEqual(await id.kakao.logout('t'), { kind: 'ok', value: '312035036' });
  await id.script.close();
});
