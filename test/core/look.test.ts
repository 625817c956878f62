// One look, from fetch to render, with pages handed in: the order of the steps and what their errors become.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeOf } from '../../src/core/cause.ts';
import { closed, defineJob, notYet, stale } from '../../src/core/define-job.ts';
import { ExtractError, FetchError, SettingError } from '../../src/core/errors.ts';
import { getOf } from '../../src/core/form.ts';
import type { Item, JobDefinition, Look } from '../../src/core/job.ts';
import { type Fetching, lookOnce } from '../../src/core/look.ts';
import { makeRun } from '../../src/core/run.ts';
import { isNew } from '../../src/core/watch.ts';
import { feed } from '../../src/kakao/build-feed.ts';
import { list } from '../../src/kakao/build-list.ts';
import { text } from '../../src/kakao/build-text.ts';

const run = makeRun({
  job: 'lunch',
  slot: 'main',
  due: Date.UTC(2026, 10, 20, 2, 20),
  at: Date.UTC(2026, 10, 20, 2, 21),
  timezone: 'Asia/Seoul',
  manual: false,
  look: 1,
});

const online: Fetching = {
  fetch: async (step) => ({ kind: 'raw', raw: await step(getOf(() => Promise.reject(new Error('no network here')))) }),
  validators: () => [],
  link: () => 'https://dorm.example/menu',
  suspects: () => [],
};

interface Setting {
  readonly known?: ReadonlyMap<string, Item>;
  readonly fetching?: Fetching;
}

function lookAt(job: unknown, { known, fetching = online }: Setting = {}): Promise<Look> {
  return lookOnce(job as JobDefinition, run, { fetching, known, onStep: () => {} });
}

const dishes = (names: readonly string[]) =>
  defineJob({
    schedule: '20 11 * * *',
    to: 'me',
    fetch: () => names,
    extract: (raw) => raw.map((dish) => ({ dish })),
    render: (items, { date, time }) => [`${date} ${time}`, ...items.map(({ dish }) => dish)].join('\n'),
  });

test('a run tells its day and time in the zone of the job', async () => {
  const look = await lookAt(dishes(['밥']));
  assert.deepEqual(look.kind === 'done' && look.sayings, [
    {
      kind: 'text',
      text: '2026-11-20 11:20\n밥',
      link: { web_url: 'https://dorm.example/menu', mobile_web_url: 'https://dorm.example/menu' },
    },
  ]);
});

test('no items, no message: render is not even asked', async () => {
  const look = await lookAt({ ...dishes([]), render: () => assert.fail('asked') });
  assert.deepEqual(look.kind === 'done' && [look.found, look.told, look.sayings], [0, 0, []]);
});

test('a link that a script of the page opens reaches nobody: the look fails and names the field, for every kind of link', async () => {
  const href = "javascript:view('12')";
  const board = (render: () => unknown) => lookAt({ ...dishes(['밥']), render });
  const post = { title: '공지', link: href };
  const rendered = {
    'text.link.web_url': () => text('공지', { link: href }),
    'text.buttons[0].link.web_url': () => text('공지', { buttons: [{ title: '보기', link: href }] }),
    'list.contents[0].link.web_url': () => list({ title: '공지', items: [post, post] }),
    'feed.content.link.web_url': () => feed(post),
  };
  for (const [field, render] of Object.entries(rendered)) {
    const look = await board(render);
    assert.ok(look.kind === 'failed' && look.failure.kind === 'message', field);
    assert.ok(
      look.failure.message.includes(
        `${field} is "${href}"; it must be a whole http or https address. Build the address from what stands in it`,
      ),
      look.failure.message,
    );
  }
});

test('a page that has not changed ends the look in silence', async () => {
  const fetching: Fetching = { ...online, fetch: async () => ({ kind: 'unchanged' }) };
  assert.deepEqual(await lookAt(dishes(['밥']), { fetching }), { kind: 'unchanged' });
});

test('notYet is no failure', async () => {
  const job = { ...dishes(['밥']), extract: () => notYet('the page still shows another day') };
  assert.deepEqual(await lookAt(job), { kind: 'notYet', reason: 'the page still shows another day' });
});

test('an error keeps what a person needs: kind, step, page, selector, status', async () => {
  const unreachable = () => {
    throw new FetchError('https://dorm.example/ answered 503.', { url: 'https://dorm.example/', status: 503 });
  };
  const reshaped = () => {
    throw new ExtractError('no element matches .menu.', { url: 'https://dorm.example/', selector: '.menu' });
  };
  assert.deepEqual(await lookAt({ ...dishes([]), fetch: unreachable }), {
    kind: 'failed',
    failure: {
      kind: 'fetch',
      step: 'fetch',
      message: 'https://dorm.example/ answered 503.',
      url: 'https://dorm.example/',
      status: 503,
    },
  });
  assert.deepEqual(await lookAt({ ...dishes([]), extract: reshaped }), {
    kind: 'failed',
    failure: {
      kind: 'extract',
      step: 'extract',
      message: 'no element matches .menu.',
      url: 'https://dorm.example/',
      selector: '.menu',
    },
  });
});

test('a page that is known to be old is a failure of its own cause', async () => {
  const waiting = () => {
    throw new ExtractError('no column "2026-11-23".', { url: 'https://dorm.example/', isOld: true });
  };
  const look = await lookAt({ ...dishes([]), extract: waiting });
  assert.ok(look.kind === 'failed');
  assert.deepEqual([look.failure.kind, look.failure.cause, causeOf(look)], ['extract', 'stale', 'stale']);
});

test('a fault in the job names step, error and place', async () => {
  const look = await lookAt({
    ...dishes(['밥']),
    render: (items: readonly Item[]) => (items[5] as { dish: string }).dish,
  });
  const message = look.kind === 'failed' ? look.failure.message : '';
  assert.match(message, /^render threw TypeError: .*look\.test\.ts:\d+:\d+\)$/);
});

test('what talkbell refuses of a job is not blamed on a line of talkbell', async () => {
  const look = await lookAt({ ...dishes(['밥']), extract: () => ['밥'] });
  assert.match(look.kind === 'failed' ? look.failure.message : '', /An item is a plain record/);
  assert.doesNotMatch(look.kind === 'failed' ? look.failure.message : '', /src\/core/);
});

test('a message beyond a limit of Kakao is refused before the outbox, with field, limit and size', async () => {
  const job = {
    ...dishes(['밥']),
    render: () => ({ kind: 'default', object: { object_type: 'text', text: 'x'.repeat(201), link: {} } }),
  };
  const look = await lookAt(job);
  assert.equal(look.kind === 'failed' && look.failure.kind, 'message');
  assert.match(look.kind === 'failed' ? look.failure.message : '', /200.*201|201.*200/);
});

test('a watching job tells ten items and counts the rest in one line', async () => {
  const names = Array.from({ length: 13 }, (_, index) => `글 ${index}`);
  const job = { ...dishes(names), watch: { key: ({ dish }: { dish: string }) => dish, tell: isNew } };
  const look = await lookAt(job, { known: new Map() });
  const text = look.kind === 'done' && look.sayings[0]?.kind === 'text' ? look.sayings[0].text : '';
  assert.match(text, /글 9\n외 3건$/);
  assert.equal(look.kind === 'done' && look.toldKeys.length, 13);
});

test('a menu of many dishes is told whole', async () => {
  const look = await lookAt(dishes(Array.from({ length: 30 }, (_, index) => `반찬 ${index}`)));
  assert.match(look.kind === 'done' && look.sayings[0]?.kind === 'text' ? look.sayings[0].text : '', /반찬 29$/);
});

test('items a watching job renders nothing for do not count as told', async () => {
  const job = {
    ...dishes(['a']),
    watch: { key: ({ dish }: { dish: string }) => dish, tell: isNew },
    render: () => undefined,
  };
  const look = await lookAt(job, { known: new Map() });
  assert.deepEqual(look.kind === 'done' && [look.told, look.toldKeys, look.seen?.length], [0, [], 1]);
});

test('what render gives must be something that can be said', async () => {
  const look = await lookAt({ ...dishes(['밥']), render: () => 42 });
  assert.match(look.kind === 'failed' ? look.failure.message : '', /render must give text, a template/);
});

test('nothing found on a log-in page is a failed look, and on the page itself it is silence', async () => {
  const at = 'https://dorm.example/menu';
  const showing = (text: string): Fetching => ({ ...online, suspects: () => [{ url: at, requestedUrl: at, text }] });
  const login = "<script>alert('로그인이 필요합니다'); location.href = '/login'</script>";
  const wrong = await lookAt(dishes([]), { fetching: showing(login) });
  assert.ok(wrong.kind === 'failed');
  assert.equal(wrong.failure.cause, 'wrong-page');
  assert.match(wrong.failure.message, /is a log-in page, not the page that is meant: it says '로그인이 필요합니다'/);
  const quiet = await lookAt(dishes([]), { fetching: showing('<title>식단</title><p>오늘은 쉽니다') });
  assert.equal(quiet.kind, 'done');
});

test('a closed day and an old page are told apart from what is not posted', async () => {
  assert.deepEqual(await lookAt({ ...dishes([]), extract: () => closed('방학') }), { kind: 'closed', reason: '방학' });
  assert.deepEqual(await lookAt({ ...dishes([]), extract: () => stale('11.19') }), {
    kind: 'notYet',
    reason: '11.19',
    stale: true,
  });
});

test('what a robot check says is told to nobody, whatever the job finds on it; a board about errors is told', async () => {
  const at = 'https://dorm.example/menu';
  const showing = (text: string): Fetching => ({ ...online, suspects: () => [{ url: at, requestedUrl: at, text }] });
  const check = await lookAt(dishes(['Checking if the site connection is secure']), {
    fetching: showing('<title>Just a moment...</title><body>Checking if the site connection is secure'),
  });
  assert.ok(check.kind === 'failed');
  assert.match(check.failure.message, /question whether one is a robot.* What was found on it is not told\./);
  const board = await lookAt(dishes(['서버 점검 11.20']), {
    fetching: showing('<title>시스템 점검 공지</title><body><li>서버 점검 11.20'),
  });
  assert.equal(board.kind, 'done');
});

test('what is wrong with the job in its fetch step is no matter of the page, and no host is unreachable for it', async () => {
  const at = 'https://dorm.example/login';
  const login = '<title>로그인</title><form><input type="password"></form>';
  const fetching: Fetching = { ...online, suspects: () => [{ url: at, requestedUrl: at, text: login }] };
  const unset = () => {
    throw new SettingError('BOARD_PW');
  };
  const look = await lookAt({ ...dishes([]), fetch: unset }, { fetching });
  assert.ok(look.kind === 'failed');
  assert.equal(causeOf(look), 'job-error');
  assert.match(look.failure.message, /^fetch threw SettingError/);
  const noAddress = () => {
    throw new FetchError("'/price' is not an address.", { url: '/price', isOfJob: true });
  };
  assert.equal(causeOf(await lookAt({ ...dishes([]), fetch: noAddress })), 'job-error');
});
