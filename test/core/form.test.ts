// A form of a page, filled in and sent as a browser would send it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import { readForm } from '../../src/core/form.ts';
import type { FormOptions } from '../../src/core/job.ts';
import type { Page } from '../../src/core/page.ts';
import { pageOf } from '../../src/core/page-of.ts';

const URL_OF_PAGE = 'https://site.example/member/login?next=1#top';

function page(html: string, charset = 'utf-8'): Promise<Page> {
  const type = `text/html; charset=${charset}`;
  return pageOf(new Uint8Array(iconv.encode(html, charset)), { url: URL_OF_PAGE, headers: { 'content-type': type } });
}

async function send(html: string, options: FormOptions = {}, charset?: string) {
  const { url, options: sent } = readForm(await page(html, charset), options);
  const body = sent.body instanceof Uint8Array ? Buffer.from(sent.body).toString('latin1') : sent.body;
  return { url, method: sent.method, headers: sent.headers, body };
}

async function entries(html: string, options: FormOptions = {}): Promise<readonly (readonly [string, string])[]> {
  const { body } = await send(html.replace('<form', '<form method=post'), options);
  return [...new URLSearchParams(body)];
}

const LOGIN = `<form method="POST" action="do.php?step=2">
  <input type=hidden name=_token value="a&amp;b"><input name=id><input type=password name=pw>
  <input type=checkbox name=stay value=Y checked><input type=submit name=go value="로그인"><button name=other>찾기</button>
</form>`;

test('a log-in form keeps its hidden fields, boxes and first button, and goes to its own address', async () => {
  const { url, method, headers, body } = await send(LOGIN, { fields: { id: '나', pw: 'p w&=' } });
  assert.equal(url, 'https://site.example/member/do.php?step=2');
  assert.equal(method, 'POST');
  assert.equal(body, '_token=a%26b&id=%EB%82%98&pw=p+w%26%3D&stay=Y&go=%EB%A1%9C%EA%B7%B8%EC%9D%B8');
  assert.deepEqual(headers, {
    referer: 'https://site.example/member/login?next=1',
    origin: 'https://site.example',
    'content-type': 'application/x-www-form-urlencoded',
  });
});

test('the form of an EUC-KR page goes in EUC-KR, and what that lacks as a browser sends it', async () => {
  const fields = { id: '밥 똠', pw: '😀' };
  const { body } = await send(LOGIN.replace('POST', 'post'), { fields }, 'cp949');
  assert.equal(body, '_token=a%26b&id=%B9%E4+%8Cc&pw=%26%23128512%3B&stay=Y&go=%B7%CE%B1%D7%C0%CE');
});

test('accept-charset goes before the charset of the page, and _charset_ tells it', async () => {
  const html = '<form method=post accept-charset="euc-kr"><input name=q><input type=hidden name=_charset_></form>';
  assert.equal((await send(html, { fields: { q: '밥' } })).body, 'q=%B9%E4&_charset_=cp949');
  const odd = html.replace('euc-kr', 'no-such utf-8');
  assert.equal((await send(odd, { fields: { q: '밥' } })).body, 'q=%EB%B0%A5&_charset_=utf-8');
});

test('a form without a method asks by GET, its fields in the place of the query of its address', async () => {
  const { url, method, body } = await send('<form action="/find?old=1#x"><input name=q value="a b"></form>');
  assert.deepEqual([url, method, body], ['https://site.example/find?q=a+b', undefined, undefined]);
});

test('a form without an address goes to the page itself, and one to another site says only where it comes from', async () => {
  assert.equal((await send('<form method=post></form>')).url, 'https://site.example/member/login?next=1');
  const away = await send('<form method=post action="https://sso.example/in"></form>');
  assert.equal(away.headers?.['referer'], 'https://site.example/');
});

test('what a browser does not send is not sent', async () => {
  const html = `<form><input value=nameless><input name=off disabled value=1><input type=checkbox name=box>
    <input type=button name=b value=1><input type=reset name=r><button type=button name=bb></button>
    <fieldset disabled><input name=set value=1></fieldset><template><input name=t value=1></template>
    <textarea name=text>\nline\nline</textarea><input type=submit></form><input name=outside value=1>`;
  assert.deepEqual(await entries(html), [['text', 'line\r\nline']]);
});

test('selects send what is chosen there, else what is shown', async () => {
  const html = `<form><select name=a><option value=1>one<option value=2 selected>two</select>
    <select name=b><option disabled>none<option> first </select>
    <select name=c multiple><option selected>x<option>y<option selected>z</select><select name=d></select></form>`;
  assert.deepEqual(await entries(html), [
    ['a', '2'],
    ['b', 'first'],
    ['c', 'x'],
    ['c', 'z'],
  ]);
});

const CHOICES = `<form><label><input type=radio name=who value=s checked> 학생</label>
  <input type=radio name=who value=t id=t><label for=t>교직원</label>
  <input type=checkbox name=stay value=Y><select name=hall><option value=1>1식당<option value=2>2식당</select></form>`;

test('choices are filled by their value or by what a person reads', async () => {
  const fields = { who: '교직원', stay: true, hall: '2' };
  assert.deepEqual(await entries(CHOICES, { fields }), [
    ['who', 't'],
    ['stay', 'Y'],
    ['hall', '2'],
  ]);
  assert.deepEqual(await entries(CHOICES, { fields: { who: 's', stay: 'Y', hall: '2식당' } }), [
    ['who', 's'],
    ['stay', 'Y'],
    ['hall', '2'],
  ]);
  assert.deepEqual(await entries(CHOICES.replace('Y>', 'Y checked>'), { fields: { stay: false } }), [
    ['who', 's'],
    ['hall', '1'],
  ]);
});

test('a choice that is not there is an error with those there, and without the one given', async () => {
  const fields = { hall: 'very secret' };
  const error = await entries(CHOICES, { fields }).catch((thrown: Error) => thrown);
  assert.ok(error instanceof Error);
  assert.match(
    error.message,
    /the field 'hall' cannot have the value given\. Its values are '1 \(1식당\)', '2 \(2식당\)'/,
  );
  assert.doesNotMatch(error.message, /very secret/);
  await assert.rejects(entries(CHOICES, { fields: { hall: true } }), /'hall' is no box to check/);
});

test('several values of a name stand where the first of its fields does', async () => {
  const html = '<form><input name=a value=1><input name=b value=2><input name=a value=3></form>';
  assert.deepEqual(await entries(html, { fields: { a: ['x', 'y', 'z'] } }), [
    ['a', 'x'],
    ['a', 'y'],
    ['a', 'z'],
    ['b', '2'],
  ]);
});

test('a field that is not there is an error naming those there', async () => {
  const named = send(LOGIN, { selector: 'form', fields: { userid: 'me', pw: 'secret' } });
  await assert.rejects(named, {
    name: 'ExtractError',
    message:
      "https://site.example/member/login?next=1#top: the form has no field 'userid'. It has '_token', 'id', 'pw', 'stay'.",
  });
  const found = send(LOGIN, { fields: { userid: 'me' } });
  await assert.rejects(
    found,
    /there is no form with the field 'userid'\. 'form\[action="do\.php"\]' has '_token', 'id'/,
  );
  await assert.rejects(send('<p>nothing', { fields: { id: 'me' } }), /There is no form at all; a script may make it/);
});

test('of several forms the one with the fields is taken, and two of them must be told apart', async () => {
  const search = '<form id=search><input name=q></form>';
  assert.match((await send(search + LOGIN, { fields: { id: 'me', pw: 'x' } })).url, /do\.php/);
  const two = send(`<form name=a><input name=id></form><form name=b><input name=id></form>`, { fields: { id: 'me' } });
  await assert.rejects(two, /there are 2 forms with the field 'id'\. Name one: selector: 'form\[name="a"\]'/);
  for (const selector of ['#search', 'input[name=q]', 'section']) {
    const { url } = await send(`<section>${search}</section>${LOGIN}`, { selector });
    assert.equal(url, 'https://site.example/member/login?q=', selector);
  }
  await assert.rejects(send(search, { selector: '#login' }), /no element matches `#login`/);
  await assert.rejects(send('<p id=x>', { selector: '#x' }), /neither a form nor in or around one/);
  await assert.rejects(send(search, { selector: '##' }), /is not a CSS selector/);
});

test('the named button is pressed, and may lead elsewhere', async () => {
  const html = `<form method=post action=/a><input name=id><button name=do value=1></button>
    <button class=b name=do value=2 formaction=/b formmethod=get></button><input type=image name=map src=x></form>`;
  assert.equal((await send(html)).body, 'id=&do=1');
  assert.equal((await send(html, { submit: '.b' })).url, 'https://site.example/b?id=&do=2');
  assert.equal((await send(html, { submit: 'input[type=image]' })).body, 'id=&map.x=0&map.y=0');
  await assert.rejects(send(html, { submit: '[name=id]' }), /is no button that sends the form/);
});

test('fields beside a form that a table tore apart are its own, up to the next form', async () => {
  const html = `<table><form name=login method=post action=in.asp><tr><td><input name=id><td><input type=hidden name=t value=7>
    <tr><td><input type=submit></form><form name=find action=find.asp><tr><td><input name=q></form></table>`;
  assert.equal((await send(html, { fields: { id: 'me' } })).body, 'id=me&t=7');
  assert.equal((await send(html, { fields: { q: '1' } })).url, 'https://site.example/member/find.asp?q=1');
});

test('fields that name their form from elsewhere are its own', async () => {
  const html = '<form id=f method=post><input name=a form=other value=1></form><input name=b form=f value=2>';
  assert.equal((await send(html)).body, 'b=2');
});

test('multipart goes with text fields in the charset of the page, and with an empty file', async () => {
  const html = `<form method=post enctype="multipart/form-data"><input name='한"글'><input type=file name=up></form>`;
  const { headers, body } = await send(html, { fields: { '한"글': '밥\n----talkbell-form-0' } }, 'cp949');
  const boundary = '----talkbell-form-1';
  assert.equal(headers?.['content-type'], `multipart/form-data; boundary=${boundary}`);
  const bap = Buffer.from([0xb9, 0xe4]).toString('latin1');
  const name = iconv.encode('한%22글', 'cp949').toString('latin1');
  assert.equal(
    body,
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${bap}\r\n----talkbell-form-0\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="up"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n` +
      `--${boundary}--\r\n`,
  );
  await assert.rejects(send(html, { fields: { up: 'x' } }), /takes a file, which cannot be sent/);
});

test('a form that a script sends says so, and what to do', async () => {
  const sent = send('<form method=post action="javascript:go()"><input name=id></form>', { fields: { id: 'me' } });
  await assert.rejects(sent, /a script sends the form, as its action is "javascript:go\(\)"\. Find the address/);
});
