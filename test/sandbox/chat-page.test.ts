// The page that shows what arrived: rooms by user, hostile text harmless, a version that changes with it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LINK, logIn, openSandbox, sendMemo, TEXT } from './visitor.ts';

test('a message is shown in the room of who got it, below what KakaoTalk does not show', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '서연');
  await sendMemo(sandbox, token, { ...TEXT, link: { web_url: 'https://other.test/1' } });

  const page = await (await fetch(sandbox.url)).text();
  const other = await (await fetch(`${sandbox.url}/?user=${encodeURIComponent('민지')}`)).text();

  assert.match(page, /<title>서연 ·/);
  assert.match(page, /kt-saying">안녕하세요</);
  assert.match(page, /등록되지 않은 도메인/);
  assert.ok(!page.includes('href="https://other.test'));
  assert.match(other, /아직 도착한 메시지가 없습니다/);
});

test('hostile text and addresses are drawn harmlessly, under a policy that allows no inline script', async (t) => {
  const sandbox = await openSandbox(t, { app: { unregisteredLink: 'keep' } });
  const { access_token: token } = await logIn(sandbox, '민지');
  const evil = '"><img src=x onerror=alert(1)><script>alert(1)</script>';
  await sendMemo(sandbox, token, { ...TEXT, text: evil, link: { web_url: 'javascript:alert(1)' } });
  await sendMemo(sandbox, token, {
    object_type: 'feed',
    content: { title: evil, image_url: `http://x/${evil}`, link: LINK },
  });

  const response = await fetch(sandbox.url);
  const page = await response.text();

  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'.*script-src 'self';/);
  assert.equal(page.match(/<script/g)?.length, 1, 'only the page has a script');
  assert.ok(!page.includes('<img src=x') && !page.includes('javascript:'));
});

test('the version changes when a message arrives', async (t) => {
  const sandbox = await openSandbox(t);
  const { access_token: token } = await logIn(sandbox, '민지');
  const version = async () => (await fetch(`${sandbox.url}/version`)).text();
  const before = await version();

  assert.equal(await version(), before);
  await sendMemo(sandbox, token);
  assert.notEqual(await version(), before);
});
