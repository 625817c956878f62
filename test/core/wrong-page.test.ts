// Pages that came in the place of the one meant, as Korean boards and walls really send them; and real pages that hold
// the same words and are the page.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decodeText } from '../../src/core/charset.ts';
import { findWrongPage } from '../../src/core/wrong-page.ts';

const PAGES = join(import.meta.dirname, '..', '..', '..', 'shared', 'pages');
const url = 'https://board.example.ac.kr/menu';

function judge(text: string, led: string = url): string | undefined {
  const wrong = findWrongPage([{ url: led, requestedUrl: url, text }]);
  return wrong && `${wrong.what}${wrong.isSure ? ', surely' : ''}: ${wrong.evidence}`;
}

const words = '오늘의 메뉴는 김치찌개와 밥입니다. '.repeat(100);

describe('a log-in page', () => {
  test('is one that the request was led to', () => {
    const page = '<!doctype html><title>통합인증</title><p>아이디를 넣으세요';
    assert.equal(
      judge(page, 'https://sso.example.ac.kr/auth/login?to=menu'),
      'a log-in page, surely: the request was led to /auth/login',
    );
  });

  test('is one whose script sends the visitor to log in', () => {
    assert.equal(
      judge(`<script>alert("로그인이 필요합니다.\\n회원만 볼 수 있습니다."); location.href = '/login.php';</script>`),
      "a log-in page, surely: it says '로그인이 필요합니다. 회원만 볼 수 있습니다.'",
    );
  });

  test('is one with a password field and such a title', () => {
    const page = '<title>로그인 | 학사</title><form><input name=id><input type="password" name=pw></form>';
    assert.equal(judge(page), "a log-in page, surely: it has a password field and the title '로그인 | 학사'");
  });

  test('may be one that says little beside its password field', () => {
    const page = '<title>기숙사</title><form><input name=id><input type=password name=pw></form>';
    assert.equal(judge(page), 'a log-in page: it has a password field and says little');
  });

  test('is none with the menu beside a form for logging in', () => {
    assert.equal(judge(`<title>식단</title><form><input type=password></form><p>${words}`), undefined);
  });

  test('is none when the job asked for that address itself', () => {
    const login = 'https://board.example.ac.kr/login/menu';
    assert.equal(findWrongPage([{ url: login, requestedUrl: login, text: `<html><body>${words}` }]), undefined);
  });
});

describe('an error page that says 200', () => {
  test('is known by its title, its heading, or what its script says', () => {
    assert.equal(
      judge('<title>404 Not Found</title><h1>Not Found</h1>'),
      "an error page, surely: its title is '404 Not Found'",
    );
    assert.equal(
      judge('<html><title>대학</title><h1>페이지를 찾을 수 없습니다</h1>'),
      "an error page, surely: its heading is '페이지를 찾을 수 없습니다'",
    );
    assert.equal(
      judge('<script>alert("존재하지 않는 게시물입니다.");history.back();</script>'),
      "an error page, surely: it says '존재하지 않는 게시물입니다.'",
    );
    assert.equal(
      judge('<title>서비스 점검 중</title><p>잠시 후'),
      "an error page, surely: its title is '서비스 점검 중'",
    );
  });

  test('is known by a title of one word in Korean', () => {
    assert.equal(
      judge('<title>오류</title><p>페이지를 찾을 수 없습니다.'),
      "an error page, surely: its title is '오류'",
    );
    assert.equal(judge('<title>오류신고</title><p>오늘의 글'), undefined);
  });

  test('is none when it says a lot, or when the number is a price', () => {
    assert.equal(judge(`<title>오류 신고 게시판</title><p>${words}`), undefined);
    assert.equal(judge('<title>404호 세미나실 식단</title><h1>500원 할인</h1>'), undefined);
  });
});

describe('a question whether one is a robot', () => {
  test('is known by its title or its marks', () => {
    assert.equal(
      judge('<title>Just a moment...</title><script src="/cdn-cgi/challenge-platform/x.js"></script>'),
      "a question whether one is a robot, surely: its title is 'Just a moment...'",
    );
    assert.equal(
      judge('<html><body><div class="g-recaptcha"></div>자동입력 방지'),
      "a question whether one is a robot, surely: it says little and holds 'g-recaptcha'",
    );
  });

  test('is none where a long page has such a form at its end', () => {
    assert.equal(judge(`<html><p>${words}<form><div class="g-recaptcha"></div></form>`), undefined);
  });
});

test('a page without anything on it is empty, and one with a picture or a script is not', () => {
  assert.equal(judge(''), 'an empty page, surely: it holds nothing');
  assert.equal(judge('<html><title>식단</title><body> </body>'), 'an empty page, surely: it shows nothing');
  assert.equal(judge('<html><body><img src="menu.jpg"></body>'), undefined);
  assert.equal(judge('<html><body><div id="app"></div><script src="app.js"></script>'), undefined);
});

test('data is no page for people, and nothing is too odd to be read', () => {
  assert.equal(judge('{"title":"404 Not Found"}'), undefined);
  for (const odd of [
    '<html><title>',
    '<script>alert("',
    `<script>${'alert("'.repeat(50_000)}`,
    '<!--'.repeat(100_000),
    `<p>${'<'.repeat(300_000)}`,
    `<html>${'<title'.repeat(50_000)}`,
    `<html><input ${'type '.repeat(60_000)}`,
  ]) {
    const before = performance.now();
    judge(odd);
    assert.ok(performance.now() - before < 5_000, `${odd.slice(0, 20)} took ${performance.now() - before} ms`);
  }
});

test('no real menu or board is taken for another page', {
  skip: readable(PAGES) ? false : '../shared/pages is absent',
}, () => {
  const taken = ['menu', 'notice', 'hard/table', 'hard/article'].flatMap((folder) =>
    (readable(join(PAGES, folder)) ? readdirSync(join(PAGES, folder), { withFileTypes: true }) : [])
      .filter((entry) => entry.isFile() && /\.html?$/.test(entry.name))
      .flatMap((entry) => {
        const { text } = decodeText(readFileSync(join(PAGES, folder, entry.name)), {});
        const wrong = findWrongPage([{ url, requestedUrl: url, text }]);
        return wrong?.isSure === true ? [`${entry.name}: ${wrong.what}, ${wrong.evidence}`] : [];
      }),
  );
  assert.deepEqual(taken, []);
});

function readable(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    // Absent from a user's clone.
    return false;
  }
}
