// `talkbell new` as a person uses it: the real command against a real server, and what it writes is loaded, checked, run and
// tested as any job is.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openAsker } from '../../src/cli/ask.ts';
import { type CliStage, type Ended, openCliStage } from './stage.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TITLES = ['휴관 안내', '수강신청 안내', '장학금 신청'];
const BOARD = `<!doctype html><title>학사 공지</title><nav><ul><li><a href="/">장학금 신청</a></li><li><a href="/b">안내</a></li></ul></nav>
  <table class="board"><thead><tr><th>번호<th>제목<th>날짜</tr></thead><tbody>${TITLES.map(
    (title, at) =>
      `<tr><td>${at}<td class="subject"><a href="/view?no=${at}">${title}</a><td class="date">2026-11-2${at}</tr>`,
  ).join('')}</tbody></table>`;
const WEEK = `<!doctype html><title>식단</title><table id="week"><thead><tr><th>구분<th>2026-11-20 (금)<th>2026-11-21 (토)</tr></thead>
  <tbody><tr><th>중식<td>김치찌개<br>쌀밥<td>카레</tr><tr><th>석식<td>국수<td>만두</tr></tbody></table>`;
const SHOP = `<!doctype html><title>차</title><h1>녹차 100g</h1><p class="price">12,900원</p>`;

let stage: CliStage;
const jobs = (): string => join(stage.folder, 'jobs');
const read = (file: string): string => readFileSync(join(jobs(), file), 'utf8');
const written = (name: string): readonly string[] => readdirSync(jobs()).filter((file) => file.startsWith(name));

before(async () => {
  stage = await openCliStage();
  stage.pages.set('/board', BOARD);
  stage.pages.set('/week', WEEK);
  stage.pages.set('/shop', SHOP);
  stage.pages.set('/app', '<!doctype html><title>앱</title><div id="app"></div><script>start()</script>');
  stage.pages.set(
    '/login',
    '<!doctype html><title>로그인</title><form><input name="id"><input type="password" name="pw"></form>',
  );
});

after(() => stage.close());

function run(command: string, args: readonly string[], env = stage.env): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { env, cwd: stage.folder }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, out, err });
    });
  });
}

/** By the very words of the command's output. */
async function runTestSaidIn(out: string): Promise<Ended> {
  const [, command = ''] = /^Test it: +node (.*)$/m.exec(out) ?? [];
  return run(process.execPath, command.split(' '));
}

test('a board becomes a job, its page and its test, and all three work', async () => {
  const made = await stage.cli('new', 'school-notices', `${stage.origin}/board`, '--text', '장학금 신청');
  assert.equal(made.code, 0, made.err);
  assert.match(made.out, /3 found:\n {2}\{"title":"휴관 안내"/);
  assert.equal(
    read('school-notices.ts'),
    `// New posts of 학사 공지 (${new URL(stage.origin).host}), and only those.
import { defineJob, feed, isNew } from 'talkbell';

export default defineJob({
  schedule: '*/30 8-20 * * *',
  to: 'me',

  fetch: (get) => get('${stage.origin}/board'),

  extract: (page) => page.rows('table.board', 'tbody tr', { title: 'a', url: 'a@href', date: '.date' }),

  // The address names a post for as long as it exists; a title may be edited.
  watch: { key: (notice) => notice.url, tell: isNew },

  render: (notices) => notices.map(({ title, url, date }) => feed({ title, description: date, link: url })),
});
`,
  );
  const [tested, tried, checked] = await Promise.all([
    runTestSaidIn(made.out),
    stage.cli('run', 'school-notices', '--dry-run'),
    stage.json('check'),
  ]);
  assert.equal(tested.code, 0, tested.out);
  assert.match(tested.out, /the saved page gives its 3 notices/);
  assert.match(tried.out, /found 3, would tell 0/);
  const failed = (checked as { level: string; text: string }[]).filter(
    ({ level, text }) => level === 'FAIL' && /school-notices/.test(text),
  );
  assert.deepEqual(failed, []);
  const replayed = await stage.cli(
    'run',
    'school-notices',
    '--dry-run',
    '--page',
    join(jobs(), 'fixtures/school-notices'),
  );
  assert.match(replayed.out, /found 3/);
});

test('its test fails when the page is no longer read as it was', async () => {
  const made = await stage.cli('new', 'changed', `${stage.origin}/board`, '--text', '장학금 신청');
  writeFileSync(join(jobs(), 'changed.ts'), read('changed.ts').replace("'.date'", "'.subject'"));
  assert.notEqual((await runTestSaidIn(made.out)).code, 0);
});

test('a day of a week, a price and a choice of one own type-check and pass their tests', async () => {
  const made = await Promise.all([
    stage.cli('new', 'lunch', `${stage.origin}/week`, '--text', '쌀밥'),
    stage.cli('new', 'tea', `${stage.origin}/shop`, '--text', '12,900원', '--timezone', 'Europe/Berlin'),
    stage.cli(
      'new',
      'titles',
      `${stage.origin}/board`,
      '--selector',
      '.subject',
      '--kind',
      'custom',
      '--to',
      'team',
      '--schedule',
      '0 9 * * 1',
    ),
  ]);
  for (const { code, err } of made) assert.equal(code, 0, err);
  assert.match(read('lunch.ts'), /\.table\('#week'\)\n {6}\.dishes\(\{ row: '중식', column: run\.date \}\)/);
  assert.match(read('lunch.test.ts'), /date: '2026-11-20'[\s\S]*\[\{ dish: '김치찌개' \}, \{ dish: '쌀밥' \}\]/);
  assert.match(read('tea.ts'), /timezone: 'Europe\/Berlin'[\s\S]*tell: fell\('price'\)/);
  assert.match(read('titles.ts'), /schedule: '0 9 \* \* 1',\n {2}to: 'team'/);
  const [types, ...ended] = await Promise.all([typeCheck(), ...made.map(({ out }) => runTestSaidIn(out))]);
  for (const { code, out } of ended) assert.equal(code, 0, out);
  assert.ok(types.code === 0 || types.out.includes('error TS'), types.err);
  assert.doesNotMatch(types.out, /^jobs\//m);
});

test('a job by the day is tried at the day of its page, and what is bound to one day says so', async () => {
  const cells = (dish: string): string => [16, 17, 20].map((day) => `<td>${dish} ${day}</td>`).join('');
  const days = ['11.16(월)', '11.17(화)', '11.20(금)'].map((day) => `<th>${day}</th>`).join('');
  stage.pages.set(
    '/corners',
    `<!doctype html><title>식단</title><table class="menu"><tr><th>구분</th><th>코너</th>${days}</tr>
    <tr><th rowspan="2">중식</th><th>A코너</th>${cells('두부')}</tr><tr><th>B코너</th>${cells('라면')}</tr></table>`,
  );
  const made = await stage.cli('new', 'corners', `${stage.origin}/corners`, '--text', '라면 20');
  assert.equal(made.code, 0, made.err);
  assert.match(read('corners.ts'), /\.dishes\(\{ row: \['중식', 'B코너'\], column: run\.date \}\)/);
  const [, at = ''] = /^Try it: +talkbell run corners --dry-run --at '(\d{4}-11-20) 11:20'$/m.exec(made.out) ?? [];
  assert.ok(read('corners.test.ts').includes(`date: '${at}'`), made.out);
  assert.match(made.out, / {2}2 {2}.*always under '11\.20\(금\)', whatever the day/);
  assert.equal((await runTestSaidIn(made.out)).code, 0);
  const tried = await stage.cli('run', 'corners', '--dry-run', '--at', `${at} 11:20`);
  assert.match(tried.out, /found 1/);
  assert.doesNotMatch(made.out, /This one day only/);
  const page = `${stage.origin}/corners`;
  const second = await stage.cli('new', 'corners', page, '--text', '라면 20', '--pick', '2', '--force');
  assert.match(second.out, /This one day only: it always reads under '11\.20\(금\)'/);
  const board = await stage.cli('new', 'undated', `${stage.origin}/board`, '--text', '장학금 신청');
  assert.match(board.out, /^Try it: +talkbell run undated --dry-run$/m);
});

test('the help tells how a job runs the scripts of a page', async () => {
  const { out } = await stage.cli('new', '--help');
  assert.match(out, /get\(url, \{ render: true \}\)/);
});

/** As a jobs folder of the checkout is: with its settings, and 'talkbell' the checkout's. */
function typeCheck(): Promise<Ended> {
  const modules = join(ROOT, 'node_modules');
  const compilerOptions = {
    paths: { talkbell: [join(ROOT, 'src/index.ts')], zod: [join(modules, 'zod/index.d.ts')] },
    typeRoots: [join(modules, '@types')],
  };
  const settings = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: ['jobs'] };
  writeFileSync(join(stage.folder, 'tsconfig.json'), JSON.stringify(settings));
  writeFileSync(join(stage.folder, 'package.json'), '{"type":"module"}');
  return run(process.execPath, [join(modules, 'typescript/bin/tsc'), '-p', stage.folder]);
}

test('a dry run prints the files and writes none', async () => {
  const { out, code } = await stage.cli('new', 'dry', `${stage.origin}/board`, '--text', '휴관 안내', '--dry-run');
  assert.equal(code, 0);
  assert.match(out, /defineJob\([\s\S]*--- dry\.test\.ts ---[\s\S]*Nothing was written\./);
  assert.deepEqual(written('dry'), []);
});

test('another of the ways is picked by its number', async () => {
  const args = ['new', 'picked', `${stage.origin}/board`, '--text', '휴관 안내'] as const;
  const made = await stage.cli(...args);
  assert.match(made.out, /Other ways \(take one with --force --pick NUMBER\):\n {2}2 {2}page\.table\(/);
  const second = await stage.cli(...args, '--pick', '2', '--force');
  assert.equal(second.code, 0, second.err);
  assert.match(read('picked.ts'), /\.records\(\)/);
  assert.equal((await runTestSaidIn(second.out)).code, 0);
  assert.match((await stage.cli(...args, '--pick', '6', '--force')).err, /There is no way 6/);
});

test('a saved page that is too large to be kept is refused, and nothing is written', async () => {
  const file = join(stage.folder, 'huge.html');
  writeFileSync(file, `<ul>${'<li><b>글 1</b></li>'.repeat(300_000)}</ul>`);
  const { code, err } = await stage.cli('new', 'huge', 'https://a.example/', '--text', '글 1', '--page', file);
  assert.equal(code, 1);
  assert.match(err, /huge\.html is larger than 5 MB/);
  assert.equal(existsSync(join(stage.folder, 'jobs', 'huge.ts')), false);
});

test('a key in the address is pointed out', async () => {
  stage.pages.set('/board?serviceKey=abcdefghijklmnop', BOARD);
  const { out } = await stage.cli(
    'new',
    'keyed',
    `${stage.origin}/board?serviceKey=abcdefghijklmnop`,
    '--text',
    '휴관 안내',
  );
  assert.match(out, /looks like a key \(serviceKey\)\. Put it into \.env/);
  assert.doesNotMatch(readFileSync(join(jobs(), 'fixtures/keyed/pages.json'), 'utf8'), /abcdefghijklmnop/);
});

test('a feed that the page names is pointed out, and becomes a job of its own', async () => {
  const origin = stage.origin;
  stage.pages.set('/fed', BOARD.replace('<nav>', '<link rel="alternate" type="application/rss+xml" href="/rss"><nav>'));
  stage.pages.set(
    '/rss',
    `<rss version="2.0"><channel><title>소식</title><item><title>휴관</title><link>${origin}/1</link></item></channel></rss>`,
  );
  const { out } = await stage.cli('new', 'fed', `${origin}/fed`, '--text', '휴관 안내');
  const [, said = ''] = /: talkbell (new fed .*)$/m.exec(out) ?? [];
  assert.equal(said, `new fed ${origin}/rss --force`);
  const made = await stage.cli(...said.split(' '));
  assert.equal(made.code, 0, made.err);
  assert.match(read('fed.ts'), /page\.feed\(\)\.items[\s\S]*key: \(post\) => post\.id, tell: isNew/);
  assert.equal((await runTestSaidIn(made.out)).code, 0);
});

test('what is there stays, unless it is to be replaced', async () => {
  stage.writeJob('mine.ts', '// mine\n');
  stage.writeJob('other.mjs', '// mine\n');
  const args = ['new', 'mine', `${stage.origin}/board`, '--text', '휴관 안내'] as const;
  const refused = await stage.cli(...args);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /mine\.ts is there already\. .*--force/);
  assert.equal(read('mine.ts'), '// mine\n');
  assert.deepEqual(written('mine'), ['mine.ts']);
  assert.equal((await stage.cli(...args, '--force')).code, 0);
  assert.match(read('mine.ts'), /defineJob/);
  const twin = await stage.cli('new', 'other', `${stage.origin}/board`, '--text', '휴관 안내', '--force');
  assert.match(twin.err, /other\.mjs is a job of that name already/);
});

test('what cannot become a job is told in a sentence with what to do, and writes nothing', async () => {
  const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [
      ['Big Name', '/board', '--text', '휴관 안내'],
      /'Big Name' is no name for a job\. Write it in small letters with dashes/,
    ],
    [['bad', '/board', '--text', '김밥 안내'], /does not hold '김밥 안내'\. Did you mean '.*안내'/],
    [
      ['bad', '/app', '--text', '휴관'],
      /empty until its scripts have run\. Write the job by hand with get\(url, \{ render: true \}\).*network tools/,
    ],
    [['bad', '/login', '--text', '휴관'], /is a log-in page.*--page FILE/],
    [['bad', '/none', '--text', '휴관'], /404.*save it there and add --page FILE/],
    [['bad', '/board'], /Say what you want of the page: --text/],
    [['bad', '/board', '--selector', '.none'], /\.none/],
    [['bad', '/board', '--text', '휴관 안내', '--schedule', '61 * * * *'], /--schedule '61 \* \* \* \*'/],
    [['bad', '/board', '--text', '휴관 안내', '--timezone', 'Korea'], /--timezone 'Korea' is not a time zone/],
  ];
  const ended = await Promise.all(
    cases.map(([[name = '', path = '', ...rest]]) => stage.cli('new', name, `${stage.origin}${path}`, ...rest)),
  );
  for (const [at, { code, err }] of ended.entries()) {
    assert.notEqual(code, 0, cases[at]?.[0].join(' '));
    assert.match(err, cases[at]?.[1] ?? /^$/);
    assert.doesNotMatch(err, /\n {4}at /, 'no stack');
  }
  const address = await stage.cli('new', 'bad', 'ftp://example.com', '--text', 'a');
  assert.match(address.err, /only http: and https:/);
  const secret = await stage.cli('new', 'bad', 'https://me:geheim@example.com/', '--text', 'a');
  assert.match(secret.err, /holds a log-in/);
  assert.doesNotMatch(secret.err, /geheim/);
  assert.deepEqual(written('bad'), []);
});

test('a saved page takes the place of the network, and an address with the day asks for the day of the run', async () => {
  const file = join(stage.folder, 'week.html');
  writeFileSync(file, WEEK);
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Seoul' }).format(new Date());
  const made = await stage.cli(
    'new',
    'saved',
    `https://absent.example.com/menu?day=${day}`,
    '--page',
    file,
    '--text',
    '카레',
  );
  assert.equal(made.code, 0, made.err);
  assert.match(
    read('saved.ts'),
    /fetch: \(get, run\) => get\(`https:\/\/absent\.example\.com\/menu\?day=\$\{run\.date\}`\)/,
  );
  assert.ok(existsSync(join(jobs(), 'fixtures/saved/1.html')));
  assert.equal((await runTestSaidIn(made.out)).code, 0);
});

test('the tests of jobs outside the package import talkbell by one flag', async () => {
  const flag = pathToFileURL(join(ROOT, 'src/io/job-tests.ts')).href;
  writeFileSync(join(jobs(), 'own.test.ts'), "import { pageOf } from 'talkbell';\nawait pageOf('<p>a');\n");
  const file = join(jobs(), 'own.test.ts');
  const [taught, untaught] = await Promise.all([
    run(process.execPath, ['--import', flag, '--test', file]),
    run(process.execPath, ['--test', file]),
  ]);
  assert.deepEqual([taught.code, untaught.code], [0, 1]);
});

function openTerminal() {
  const input = new PassThrough();
  const output = new PassThrough();
  let isCancelled = false;
  const asker = openAsker({
    input,
    output,
    onCancel: () => {
      isCancelled = true;
    },
  });
  return { input, asker, said: () => String(output.read() ?? ''), isCancelled: () => isCancelled };
}

test('a question is asked until it is answered, and a choice is a number of those there are', async () => {
  const { input, asker, said } = openTerminal();
  const schedule = asker.ask('When', '0 8 * * *');
  input.write('\n');
  assert.equal(await schedule, '0 8 * * *');
  const text = asker.ask('Words');
  input.write('\n');
  setImmediate(() => input.write('밥\n'));
  assert.equal(await text, '밥');
  const choice = asker.choose('Which', ['one', 'two']);
  input.write('7\n');
  setImmediate(() => input.write('2\n'));
  assert.equal(await choice, 1);
  assert.match(said(), /When \(0 8 \* \* \*\): [\s\S]*1 {2}one\n {2}2 {2}two\n[\s\S]*There is no 7\./);
  asker.close();
});

test('giving up ends the questions', async () => {
  const { input, asker, isCancelled } = openTerminal();
  const answer = asker.ask('Words');
  input.end();
  await assert.rejects(answer, /Nothing was written/);
  assert.ok(isCancelled());
  await assert.rejects(asker.ask('More'), /Nothing was written/);
});
