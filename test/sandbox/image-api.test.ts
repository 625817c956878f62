// The row I1 of Kakao's behaviour: images for messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { openSandbox, read, type TokenBody } from './visitor.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function upload(sandbox: Sandbox, bytes: Buffer, key = sandbox.restApiKey): Promise<Response> {
  const body = new FormData();
  body.set('file', new Blob([new Uint8Array(bytes)]), 'picture.png');
  const headers = { authorization: `KakaoAK ${key}` };
  return fetch(`${sandbox.apiUrl}/v2/api/talk/message/image/upload`, { method: 'POST', headers, body });
}

test('I1: an uploaded image is measured and can be fetched again', async (t) => {
  const sandbox = await openSandbox(t);

  const { status, body } = await read(upload(sandbox, PNG));

  assert.equal(status, 200);
  const { url, ...rest } = (body as { infos: { original: { url: string } } }).infos.original;
  assert.deepEqual(rest, { content_type: 'image/png', length: PNG.length, width: 1, height: 1 });
  assert.deepEqual(Buffer.from(await (await fetch(url)).arrayBuffer()), PNG);
});

test('I1: an image over 5 MB is -602, another format -911, a wrong key -401', async (t) => {
  const sandbox = await openSandbox(t);
  const codeOf = async (response: Promise<Response>) => {
    const { status, body } = await read(response);
    return [status, (body as TokenBody)['code']];
  };

  const big = Buffer.concat([PNG, Buffer.alloc(5 * 1024 * 1024)]);
  assert.deepEqual(await codeOf(upload(sandbox, big)), [400, -602]);
  assert.deepEqual(await codeOf(upload(sandbox, Buffer.from('<svg/>'))), [400, -911]);
  assert.deepEqual(await codeOf(upload(sandbox, PNG, 'wrong')), [401, -401]);
});
