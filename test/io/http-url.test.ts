import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUrl, resolveLocation, safeUrl } from '../../src/io/http-url.ts';

test('an address is shown without user, password, fragment and keys', () => {
  const shown = [
    ['https://kim:pw@example.com/menu#x', 'https://example.com/menu'],
    ['https://a.kr/?serviceKey=abc%3D&pageNo=1', 'https://a.kr/?serviceKey=***&pageNo=1'],
    ['https://a.kr/?KEY=1&access_token=2&apikey=3&day=4', 'https://a.kr/?KEY=***&access_token=***&apikey=***&day=4'],
    ['https://a.kr/?code=1&menu_code=2&password=3&sid=4', 'https://a.kr/?code=***&menu_code=2&password=***&sid=***'],
    ['http://user:hush@bad host/?key=1', 'http://bad host/'],
  ] as const;
  for (const [url, expected] of shown) assert.equal(safeUrl(url), expected);
});

test('an address is read without its fragment, and anything but http and https is refused', () => {
  assert.equal(readUrl(' http://example.com/식단#today ').href, 'http://example.com/%EC%8B%9D%EB%8B%A8');
  for (const wrong of ['', 'example.com', '/menu', 'file:///etc/passwd', 'javascript:1', 'http://']) {
    assert.throws(() => readUrl(wrong), { name: 'FetchError' }, wrong);
  }
});

test('a Location is read against the page it came from', () => {
  const base = new URL('https://example.com/a/b');
  assert.equal(resolveLocation('../c#d', base)?.href, 'https://example.com/c');
  assert.equal(resolveLocation('//other.kr/x', base)?.href, 'https://other.kr/x');
  assert.equal(resolveLocation('http://[', base), undefined);
});
