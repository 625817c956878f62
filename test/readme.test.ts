// Holds what the READMEs and .env.example say: commands run, examples work, tables are whole, both languages agree.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { DELIVERY_TABLE } from '../src/core/delivery.ts';
import { makePage, type Page } from '../src/core/page.ts';
import { readConfig } from '../src/io/config.ts';
import { type Checkout, type Ended, openCheckout, ROOT } from './readme-checkout.ts';
import { blocksIn, codeIn, commandsOf, readPage, type Section, sectionsOf, tableFrom } from './readme-parts.ts';

const ENGLISH = readPage('README.md');
const KOREAN = readPage('README.ko.md');
const BOTH = { 'README.md': ENGLISH, 'README.ko.md': KOREAN };

/** Commands that no test can run, and why. Every other one is run. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm ci': 'would take away the packages under the running tests; the lock file is compared with package.json instead',
  'npm test': 'is this very run',
  'npm run check': 'is no test; every change goes through it beside the tests',
  'git pull': 'a test has no remote to pull from',
  'npx pm2 startup': 'changes how the machine starts',
  'npx pm2 install pm2-logrotate': 'downloads a module',
  'sudo systemctl enable --now talkbell': 'changes the machine',
  'journalctl -u talkbell -n 50': 'needs systemd',
};

const PAGE = `<!doctype html><meta charset="utf-8"><p class="week">2026-11-20</p>
  <ul id="lunch"><li><b class="name">돼지고기 김치찜</b> <i class="price">5,500원</i></li>
  <li><b class="name">두부 비빔밥</b> <i class="price">6,500원</i></li></ul>`;

/** Has what the examples of the page's table ask for. */
const PAGE_SOURCE = {
  url: 'https://dorm.example.ac.kr/menu',
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: new Uint8Array(),
  charset: 'utf-8',
  text: `<h2>공지</h2><b class="price">4,500원</b><p class="closed">휴무</p>
    <ul id="lunch"><li><span class="name">김치찜</span></li></ul><dl><dt>가격</dt><dd>7,000원</dd></dl>
    <table><tr><th></th><th>11.20(금)</th></tr><tr><th>중식</th><td class="lunch">국밥</td></tr></table>`,
};

/** What the text around a command tells the reader to do before it. */
const FIRST: Readonly<Record<string, (checkout: Checkout) => void>> = {
  'npx talkbell friends': ({ sandbox: { users } }) => {
    users.setConsent(users.list()[2]?.name ?? '', ['friends', 'talk_message']);
  },
  'npx talkbell login': ({ fillEnv }) => fillEnv(),
  "npx talkbell run lunch --dry-run --at '2026-11-20 11:20' --page menu.html": ({ write }) => {
    write('jobs/lunch.ts', jobOf(ENGLISH));
    write('menu.html', PAGE);
  },
};

/** What a command must say, where its exit code does not tell enough. */
const SAYS: Readonly<Record<string, RegExp>> = {
  'npx talkbell send me "Hello, 안녕하세요"': /sent/,
  "npx talkbell run lunch --dry-run --at '2026-11-20 11:20' --page menu.html":
    /- 돼지고기 김치찜 5,500원\n.*- 두부 비빔밥/,
  "npx talkbell new dorm https://dorm.example.ac.kr/menu --text '두부 비빔밥' --page menu.html": /jobs\/dorm\.ts/,
  'node --test jobs/dorm.test.ts': /pass 1/,
  'npx talkbell recipients': /phone.*ntfy\.sh[\s\S]*team.*hooks\.slack\.com/,
  'npx talkbell friends': /\d{5,}/,
  'npx pm2 start ecosystem.config.cjs': /online/,
  'npx pm2 logs talkbell --nostream': /talkbell runs/,
  'npx pm2 reload talkbell': /✓/,
  'npx talkbell jobs': /lunch/,
};

function jobOf(page: string): string {
  return blocksIn(page, 'ts').find((text) => text.includes('defineJob')) ?? '';
}

function runCommand(checkout: Checkout, command: string): Promise<Ended> {
  FIRST[command]?.(checkout);
  if (command === 'npm run demo') return checkout.runUntil(command, /goes on as a daemon/);
  if (command.startsWith('npx talkbell login')) return checkout.logIn(command, command.includes('--as') ? 1 : 0);
  return checkout.run(command);
}

describe('commands', { concurrency: true }, () => {
  const commands = commandsOf(ENGLISH);

  test('each runs, in the order a reader meets them, in a fresh checkout', async () => {
    await using checkout = await openCheckout();
    for (const command of commands.filter((one) => !(one in NOT_RUN) && one !== 'npm run demo')) {
      const { code, output } = await runCommand(checkout, command);
      assert.equal(code, 0, `${command} ended with ${code}:\n${output}`);
      assert.match(output, SAYS[command] ?? /^/, command);
    }
    assert.deepEqual(
      checkout.sandbox.received().map(({ text }) => text),
      ['Hello, 안녕하세요'],
    );
  });

  test('the demo shows its messages and goes on until Ctrl-C', async () => {
    await using checkout = await openCheckout();
    const { output } = await runCommand(checkout, 'npm run demo');
    assert.match(output, /to me: sent/);
    assert.doesNotMatch(output, /failed|expired|unclear/);
  });

  test('those that no test can run are named with a reason, and stand in the README', () => {
    assert.deepEqual(
      Object.keys(NOT_RUN).filter((command) => !commands.includes(command)),
      [],
    );
    const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
    for (const name of ['demo', 'test', 'check']) assert.ok(scripts[name], `npm run ${name}`);
  });

  test('npm ci has a lock file in step with package.json', () => {
    const { dependencies, devDependencies } = JSON.parse(readPage('package.json')) as Record<string, unknown>;
    const lock = JSON.parse(readPage('package-lock.json')) as { packages: Record<string, Record<string, unknown>> };
    assert.deepEqual(lock.packages['']?.['dependencies'], dependencies);
    assert.deepEqual(lock.packages['']?.['devDependencies'], devDependencies);
  });
});

test('the job of each README is loaded and run by talkbell', async () => {
  await using checkout = await openCheckout();
  checkout.write('menu.html', PAGE);
  for (const [file, page] of Object.entries(BOTH)) {
    checkout.write('jobs/lunch.ts', jobOf(page));
    const { code, output } = await checkout.run(
      "npx talkbell run lunch --slot lunch --dry-run --at '2026-11-20 11:20' --page menu.html",
    );
    assert.equal(code, 0, `${file}:\n${output}`);
    assert.match(output, /(Lunch|점심) 2026-11-20\n.*- 돼지고기 김치찜 5,500원\n.*- 두부 비빔밥/);
  }
});

test('the service of systemd starts a file that is there, and leaves exit code 78 alone', () => {
  const [unit = ''] = blocksIn(ENGLISH, 'ini');
  const [, node = '', script = ''] = /^ExecStart=\/opt\/talkbell\/(\S+) (\S+) start$/m.exec(unit) ?? [];
  assert.ok(existsSync(join(ROOT, node)) && existsSync(join(ROOT, script)), unit);
  assert.match(unit, /^Restart=always$[\s\S]*^RestartPreventExitStatus=78$/m);
  assert.match(unit, /^StartLimitIntervalSec=0$/m);
});

describe('both languages', () => {
  const english = sectionsOf(ENGLISH);
  const korean = sectionsOf(KOREAN);

  test('have the same commands', () => {
    assert.deepEqual(commandsOf(KOREAN), commandsOf(ENGLISH));
  });

  test('have the same sections in the same order, with as many blocks and table rows', () => {
    const shape = ({ level, blocks, tables }: Section) => ({
      level,
      blocks: blocks.map(({ language }) => language),
      codes: tables.map((rows) => rows.map(([first = '']) => codeIn(first))),
    });
    assert.deepEqual(korean.map(shape), english.map(shape));
  });

  test('quote the same tests, links and pictures', () => {
    const targets = (page: string) =>
      Array.from(page.matchAll(/\]\(([^)]+)\)|src="([^"]+)"/g), (match) => match[1] ?? match[2]);
    const others = (page: string) => targets(page).filter((target) => !/^README/.test(target ?? ''));
    assert.deepEqual(others(KOREAN), others(ENGLISH));
    for (const target of [...targets(ENGLISH), ...targets(KOREAN)])
      if (target?.includes('://') === false) assert.ok(existsSync(join(ROOT, target)), target);
  });

  test('can be read in a sitting', () => {
    for (const page of Object.values(BOTH)) assert.ok(page.split('\n').length < 400);
    assert.ok(statSync(join(ROOT, 'docs/message.png')).size < 200_000);
  });

  test('Korean speaks in one tone', () => {
    const prose = KOREAN.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`]*`/g, '');
    assert.deepEqual(prose.match(/\S*(?:니다|니까|십시오|시오)(?=[.?!,)\s])/g), null);
  });
});

describe('tables', () => {
  const inBoth = (check: (page: string) => void): void => {
    for (const page of Object.values(BOTH)) check(page);
  };
  const firstCodes = (page: string, begins: string): readonly string[] =>
    tableFrom(page, begins).flatMap(([first = '']) => codeIn(first));

  test('every promise quotes tests that exist in the files it names', () => {
    inBoth((page) => {
      const rows = sectionsOf(page).flatMap(({ tables }) => tables.flat());
      const promises = rows.filter((row) => row.join(' ').includes('(test/'));
      assert.ok(promises.length >= 10);
      for (const row of promises) assertQuotes(row.at(-1) ?? '');
    });
  });

  test('every outcome of delivery has its row', () => {
    inBoth((page) => {
      const outcomes = tableFrom(page, 'sent').map(([first = '']) => codeIn(first)[0]);
      assert.deepEqual(outcomes, Object.keys(DELIVERY_TABLE));
    });
  });

  test('every command of talkbell has its place, and no other', () => {
    const commands = Array.from(
      readPage('src/cli/program.ts').matchAll(/^ {2}(\w+): \(\) => import/gm),
      ([, name]) => name,
    );
    assert.ok(commands.length > 10);
    inBoth((page) => {
      assert.deepEqual(firstCodes(page, 'start').map(firstWord).toSorted(), commands.toSorted());
    });
  });

  test('every field of a job has its place', () => {
    const source = readPage('src/core/read-job.ts');
    const [, shape = ''] = /const definition = v\.object\(\{([\s\S]*?)\n\}\);/.exec(source) ?? [];
    const fields = Array.from(shape.matchAll(/^ {2}(\w+):/gm), ([, name]) => name);
    assert.ok(fields.length > 10);
    inBoth((page) => {
      assert.deepEqual(firstCodes(page, 'schedule').toSorted(), fields.toSorted());
    });
  });

  test('what is said of a page is true of a page', async () => {
    const page = await makePage(PAGE_SOURCE);
    inBoth((readme) => {
      const examples = tableFrom(readme, 'one(selector)').map(([, , example = '']) => codeIn(example)[0] ?? '');
      assert.deepEqual(JSON.parse(JSON.stringify(examples.map((example) => tryExample(example, page)))), [
        '4,500원',
        [],
        [{ title: '공지' }],
        [{ dish: '김치찜' }],
        [{ dish: '김치찜' }],
        '국밥',
        [{ name: '국밥', allergens: [] }],
        null,
        '7,000원',
        ['국밥'],
      ]);
    });
  });
});

/** A statement as it stands, anything else for its value; the JSON example is about another page. */
function tryExample(example: string, page: Page): unknown {
  if (example.includes('page.json(')) return undefined;
  return runInNewContext(`(() => { ${example.startsWith('if') ? example : `return ${example}`} })()`, {
    page,
    run: { date: '2026-11-20' },
  });
}

function firstWord(text: string): string {
  return /\w+/.exec(text)?.[0] ?? '';
}

/** `name of a test`, `another` ([file](test/file.test.ts)), ... */
function assertQuotes(cell: string): void {
  const parts = Array.from(cell.matchAll(/((?:`[^`]+`(?:, )?)+) \(\[[^\]]+\]\(([^)]+)\)\)/g));
  assert.ok(parts.length > 0, cell);
  for (const [, names = '', file = ''] of parts) {
    const source = readPage(file);
    for (const name of codeIn(names)) assert.ok(source.includes(`test('${name}'`), `${file} has no test '${name}'`);
  }
}

describe('.env.example', () => {
  const example = readPage('.env.example');
  const named = Array.from(example.matchAll(/^#?([A-Z][A-Z_]+)=/gm), ([, name = '']) => name);
  const sampleJobs = globSync('jobs/*.ts', { cwd: ROOT }).map(readPage).join('\n');

  test('names exactly the settings that talkbell and the sample jobs read, each once', () => {
    const read = readPage('src/io/config.ts').match(/\b(?:KAKAO|TALKBELL)_[A-Z_]+\b/g) ?? [];
    const asked = Array.from(sampleJobs.matchAll(/\b(?:setting|secret)\('([A-Z_]+)'/g), ([, name = '']) => name);
    // TALKBELL_ENV_FILE says where the settings are, so that it cannot stand among them.
    const expected = new Set([...read, ...asked].filter((name) => name !== 'TALKBELL_ENV_FILE'));
    assert.deepEqual(named.toSorted(), [...expected].toSorted());
  });

  test('is accepted as it stands, and the defaults it shows are the defaults', () => {
    const { env: _asItIs, ...asItIs } = readConfig(envOf(example));
    const { env: _shown, ...shown } = readConfig(envOf(example.replaceAll(/^#(?=[A-Z][A-Z_]+=)/gm, '')));
    const { env: _bare, ...bare } = readConfig({ TALKBELL_ENV_FILE: 'no-such-file' });
    assert.deepEqual(asItIs, bare);
    assert.deepEqual(shown, bare);
  });
});

function envOf(text: string): NodeJS.ProcessEnv {
  const lines = text.matchAll(/^([A-Z][A-Z_]+)=(.*)$/gm);
  return {
    TALKBELL_ENV_FILE: 'no-such-file',
    ...Object.fromEntries(Array.from(lines, ([, name, value]) => [name, value])),
  };
}

test('nothing a user reads is about anything but talkbell', () => {
  for (const page of [ENGLISH, KOREAN, readPage('.env.example'), readFileSync(join(ROOT, 'data/README.md'), 'utf8')])
    assert.doesNotMatch(page, /\b(?:agent|workplace|\/work\/)\b/i);
});
