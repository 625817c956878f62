// A job behind a log-in, from end to end: the real engine and worker, a site of its own on this machine. It logs in, goes on
// with its cookies after a restart, and logs in again when the session has ended.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import iconv from 'iconv-lite';
import { setStage } from './stage.ts';

const USER = '김밥';
const PASSWORD = '비밀 번호+5eb63bbbe01e';

/** A site in EUC-KR that shows its grades to who is logged in, and else its log-in form in their place. */
interface Site {
  readonly origin: string;
  /** `METHOD path status`, in order. */
  readonly seen: string[];
  readonly endSessions: () => void;
  readonly sessions: ReadonlySet<string>;
}

async function serveSite(t: TestContext): Promise<Site> {
  const sessions = new Set<string>();
  const all = new Set<string>();
  const token = 'csrf "1"';
  const site = { origin: '', seen: [] as string[], endSessions: () => sessions.clear(), sessions: all };
  const say = (response: ServerResponse, html: string) =>
    response.setHeader('content-type', 'text/html; charset=euc-kr').end(iconv.encode(html, 'euc-kr'));
  const form = `<form name=login method=post action=/in><table><input type=hidden name=t value="${token.replaceAll('"', '&quot;')}">
    <tr><td><input name=id><td><input type=password name=pw></table><input type=submit name=go value="로그인"></form>`;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray()).toString('latin1');
    const id = /\bsid=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    if (request.method === 'POST') {
      const given = Object.fromEntries(
        body.split('&').map((pair) => pair.split('=').map(readWord) as [string, string]),
      );
      assert.deepEqual(given, { t: token, id: USER, pw: PASSWORD, go: '로그인' });
      const fresh = `s${all.size}x5eb63bbbe01eeed0`;
      sessions.add(fresh);
      all.add(fresh);
      response.writeHead(303, { location: '/grades', 'set-cookie': `sid=${fresh}; HttpOnly; Path=/` }).end();
    } else say(response, sessions.has(id) ? '<h1>성적</h1><p class=grade>A+</p>' : form);
    site.seen.push(`${request.method} ${request.url} ${response.statusCode}`);
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  site.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return site;
}

/** A word of a form in EUC-KR. */
function readWord(word: string): string {
  const bytes = word
    .replaceAll('+', ' ')
    .replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return iconv.decode(Buffer.from(bytes, 'latin1'), 'euc-kr');
}

const jobOf = (more: string) => `import { defineJob, secret, setting } from 'talkbell';
  const site = setting('SITE');
  const password = secret('SITE_PASSWORD');
  export default defineJob({
    schedule: '20 * * * *', to: 'owner', ${more}
    fetch: async (get) => {
      const page = await get(site + '/grades');
      if (page.maybe('form[name=login]') === undefined) return page;
      return get.form(page, { fields: { id: '${USER}', pw: password } });
    },
    extract: (page) => [{ grade: page.one('.grade').text }],
    render: ([first]) => '성적 ' + first?.grade,
  });`;

test('a job logs in, keeps its session over a restart, and logs in again when that has ended', async (t) => {
  const site = await serveSite(t);
  await using stage = await setStage({ env: { SITE: site.origin, SITE_PASSWORD: PASSWORD } });
  await stage.writeJob('grades.ts', jobOf("cookies: 'keep',"));
  const logIn = ['GET /grades 200', 'POST /in 303', 'GET /grades 200'];

  await stage.at('2026-11-20 11:20');
  assert.deepEqual(site.seen.splice(0), logIn);
  await stage.restart();
  await stage.at('2026-11-20 12:20');
  assert.deepEqual(site.seen.splice(0), ['GET /grades 200']);
  site.endSessions();
  await stage.at('2026-11-20 13:20');
  assert.deepEqual(site.seen.splice(0), logIn);
  await stage.at('2026-11-20 14:20');
  assert.deepEqual(site.seen.splice(0), ['GET /grades 200']);
  assert.deepEqual(stage.ownerHeard, Array(4).fill('성적 A+'));

  const written = globSync('**/*', { cwd: stage.config.dataDir, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1'));
  const everything = [...written, ...stage.logged].join('\n');
  for (const session of site.sessions) assert.ok(!everything.includes(session), 'a session is readable somewhere');
  assert.ok(!everything.includes('5eb63bbbe01e'), 'the password is readable somewhere');
});
