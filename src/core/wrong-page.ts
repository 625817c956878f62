// Whether what came is another page than the one meant: a log-in page, an error page that says 200, a question whether
// one is a robot. Read off the source, not the tree, so that it works on whatever came.

/** What of a fetched page it is read from. */
export interface Suspect {
  /** Without secrets. */
  readonly url: string;
  readonly requestedUrl: string;
  readonly text: string;
}

export interface WrongPage {
  readonly what: 'a log-in page' | 'an error page' | 'a question whether one is a robot' | 'an empty page';
  /** What shows it, as the end of a sentence. */
  readonly evidence: string;
  /** Whether it holds for a page that lacks nothing the job asked for, too. */
  readonly isSure: boolean;
  /** Whether it holds whatever the job has found on it: it must not be told to anybody. */
  readonly isCertain: boolean;
}

/** An interstitial says little: a page with more than this is some real page. */
const LITTLE_TEXT = 1500;
/** A script that speaks to the visitor and leaves is the whole page. */
const HARDLY_ANY_TEXT = 200;
/** Of a huge page the beginning tells enough. */
const MOST_READ = 300_000;

const ROBOT =
  /cf-chl|cf_chl_opt|challenge-platform|hcaptcha\.com|g-recaptcha|recaptcha\/api|turnstile\/v0|자동\s?(입력|등록)\s?방지|보안\s?문자|captcha/i;
const ROBOT_TITLE = /^(just a moment|attention required|are you (a )?(robot|human)|access denied|보안 확인|로봇)/i;
const LOGIN_PATH = /(^|[/_.-])(log-?in|sign-?in|sso|auth|member_?login|loginform)([/_.?-]|$)/i;
const LOGIN_TITLE = /로그인|log[ -]?in|sign[ -]?in/i;
const PASSWORD_FIELD = /<input\b[^<>]*\btype\s*=\s*["']?password/i;
const LOGIN_WORDS = /로그인|로그 인|log ?in|sign ?in|회원만|권한이 없/i;
const ERROR_TITLE =
  /\b(40[0-9]|41[0-9]|50[0-4])\b.*(not found|error|forbidden|unavailable|gateway|오류|에러|찾을 수)|^\s*(404|403|500|502|503)\s*$|not found|페이지를 찾을 수|존재하지 않는|서비스 (점검|일시)|시스템 (점검|오류)|점검 ?중|접근이? ?(제한|거부)|^(error|오류|에러)(?![\p{L}\p{N}])|internal server error|bad gateway|service unavailable/iu;
/** A board that lists such news is no error itself. */
const ABOUT_ERRORS = /공지|안내|목록|게시|알림|notice|list|news|status/i;
const ERROR_WORDS =
  /존재하지 않|찾을 수 없|잘못된 (접근|경로|요청)|삭제된|오류가 발생|점검|권한이 없|not found|does not exist/i;

export function findWrongPage(suspects: readonly Suspect[]): (WrongPage & { readonly url: string }) | undefined {
  for (const suspect of suspects) {
    const wrong = judge(suspect);
    if (wrong !== undefined) return { ...wrong, url: suspect.url };
  }
  return undefined;
}

function judge({ url, requestedUrl, text }: Suspect): WrongPage | undefined {
  const source = text.slice(0, MOST_READ);
  if (source.trim() === '')
    return { what: 'an empty page', evidence: 'it holds nothing', isSure: true, isCertain: false };
  if (!/<(html|head|title|body|script|form|meta|h1)\b/i.test(source)) return undefined;
  const page = { url, requestedUrl, source, title: titleOf(source), visible: visibleText(source) };
  return robotQuestion(page) ?? loginPage(page) ?? errorPage(page) ?? emptyPage(page);
}

interface Seen {
  readonly url: string;
  readonly requestedUrl: string;
  readonly source: string;
  readonly title: string;
  readonly visible: string;
}

function robotQuestion({ source, title, visible }: Seen): WrongPage | undefined {
  const what = 'a question whether one is a robot';
  if (visible.length > LITTLE_TEXT) return undefined;
  if (ROBOT_TITLE.test(title)) return { what, evidence: `its title is '${title}'`, isSure: true, isCertain: true };
  const mark = ROBOT.exec(source)?.[0];
  if (mark === undefined) return undefined;
  return {
    what,
    evidence: `it says little and holds '${mark}'`,
    isSure: !PASSWORD_FIELD.test(source),
    isCertain: false,
  };
}

function loginPage({ url, requestedUrl, source, title, visible }: Seen): WrongPage | undefined {
  const what = 'a log-in page';
  const path = pathOf(url);
  if (path !== pathOf(requestedUrl) && LOGIN_PATH.test(path) && !LOGIN_PATH.test(pathOf(requestedUrl)))
    return { what, evidence: `the request was led to ${path}`, isSure: true, isCertain: true };
  const spoken = spokenByScript(source, visible);
  if (spoken !== undefined && LOGIN_WORDS.test(spoken))
    return { what, evidence: `it says '${spoken}'`, isSure: true, isCertain: true };
  if (!PASSWORD_FIELD.test(source)) return undefined;
  if (LOGIN_TITLE.test(title))
    return {
      what,
      evidence: `it has a password field and the title '${title}'`,
      isSure: true,
      isCertain: visible.length <= LITTLE_TEXT,
    };
  if (visible.length > LITTLE_TEXT) return undefined;
  return { what, evidence: 'it has a password field and says little', isSure: false, isCertain: false };
}

function errorPage({ source, title, visible }: Seen): WrongPage | undefined {
  const what = 'an error page';
  const spoken = spokenByScript(source, visible);
  if (spoken !== undefined)
    return {
      what,
      evidence: `it says '${spoken}'`,
      isSure: ERROR_WORDS.test(spoken),
      isCertain: ERROR_WORDS.test(spoken),
    };
  if (visible.length > LITTLE_TEXT) return undefined;
  if (ERROR_TITLE.test(title))
    return { what, evidence: `its title is '${title}'`, isSure: true, isCertain: !ABOUT_ERRORS.test(title) };
  const heading = headingOf(source);
  if (!ERROR_TITLE.test(heading)) return undefined;
  return { what, evidence: `its heading is '${heading}'`, isSure: true, isCertain: false };
}

/** What is drawn by scripts, or shows pictures, is not empty. */
function emptyPage({ source, visible }: Seen): WrongPage | undefined {
  if (visible !== '' || /<(script|img|i?frame|object|embed|svg|input|video)\b/i.test(source)) return undefined;
  return { what: 'an empty page', evidence: 'it shows nothing', isSure: true, isCertain: false };
}

/** `<script>alert('로그인이 필요합니다'); location.href='/login'</script>` is a whole page on many Korean boards. */
function spokenByScript(source: string, visible: string): string | undefined {
  if (visible.length > HARDLY_ANY_TEXT) return undefined;
  const words = /\balert\s*\(\s*(["'`])((?:\\.|(?!\1)[^\\]){1,300})\1/.exec(source)?.[2];
  return words
    ?.replaceAll(/\\[nrt]/g, ' ')
    .replaceAll('\\', '')
    .trim();
}

function titleOf(source: string): string {
  return oneLine(/<title\b[^<>]*>([^<]{0,300})/i.exec(source)?.[1] ?? '');
}

function headingOf(source: string): string {
  return oneLine((/<h[12]\b[^<>]*>([\s\S]{0,300}?)<\/h[12]/i.exec(source)?.[1] ?? '').replaceAll(/<[^<>]*>/g, ' '));
}

function visibleText(source: string): string {
  const withoutCode = source.replaceAll(
    /<(script|style|noscript|template)\b[\s\S]*?(<\/\1\s*>|$)|<!--[\s\S]*?(-->|$)/gi,
    ' ',
  );
  const body = withoutCode.slice(Math.max(withoutCode.search(/<body\b/i), 0));
  return oneLine(
    body
      .replaceAll(/<title\b[^<>]*>[^<]*/gi, ' ')
      .replaceAll(/<[^<>]*>/g, ' ')
      .replaceAll(/&[a-z]+;|&#\d+;/gi, ' '),
  );
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}
