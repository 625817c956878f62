// The page at /: what has arrived, as KakaoTalk shows it. It looks by itself whether something new has come.
import { CHAT_CSS } from '../draw/chat-css.ts';
import { drawAvatar, drawRoom } from '../draw/draw-room.ts';
import { escapeHtml } from '../draw/html.ts';
import { type Answer, html } from './answers.ts';
import type { Received } from './inbox.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

const MOST_SHOWN = 200;

const CHAT_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data: http: https:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function answerChatPage(world: World, query: URLSearchParams): Answer {
  const all = world.inbox.list();
  const chosen = world.users.find(query.get('user') ?? '') ?? latestReader(world, all);
  const page = drawPage(world, { all, chosen });
  return html(200, page, { 'content-security-policy': CHAT_POLICY, 'cache-control': 'no-store' });
}

/** Changes whenever the page would look different. */
export function chatVersion({ inbox, users }: World): string {
  return `${inbox.count()}-${users.list().length}`;
}

function latestReader({ users }: World, all: readonly Received[]): User | undefined {
  const last = all.at(-1);
  return (last === undefined ? undefined : users.byId(last.userId)) ?? users.list()[0];
}

interface Shown {
  readonly all: readonly Received[];
  readonly chosen: User | undefined;
}

function drawPage(world: World, { all, chosen }: Shown): string {
  const name = chosen?.name ?? '';
  const messages = all.filter((message) => message.userId === chosen?.id);
  const rooms = world.users.list().map((user) => drawRoomLink(user, all, user === chosen));
  const count = messages.length === 0 ? '' : `<span>${messages.length}</span>`;
  return `<!doctype html><html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(name)} · 카카오톡 샌드박스</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/chat.css"><script src="/chat.js" defer></script></head>
<body data-version="${chatVersion(world)}"><div class="window">
<aside><header><h1>채팅</h1><span class="badge">샌드박스</span></header><nav>${rooms.join('')}</nav></aside>
<main><header>${drawAvatar(name)}<h2>${escapeHtml(name)}${count}</h2><small>${escapeHtml(world.app.name)}</small></header>
<div class="scroll" tabindex="0">${drawMessages(world, messages)}</div>
<footer><span>이 방에는 앱이 보낸 메시지만 도착합니다</span><i>전송</i></footer></main></div></body></html>`;
}

function drawMessages(world: World, messages: readonly Received[]): string {
  if (messages.length === 0) {
    return '<div class="kt-room empty"><p>아직 도착한 메시지가 없습니다.<br>메시지가 오면 이곳에 나타납니다.</p></div>';
  }
  const shown = messages.slice(-MOST_SHOWN).map(({ shown, sender, at, warnings }) => ({
    message: shown,
    sender,
    at,
    note: warnings.length === 0 ? undefined : warnings.join(' '),
  }));
  return drawRoom(shown, { appName: world.app.name });
}

function drawRoomLink(user: User, all: readonly Received[], chosen: boolean): string {
  const last = all.findLast((message) => message.userId === user.id);
  const time = last === undefined ? '' : `<time>${TIME.format(last.at)}</time>`;
  const preview = last === undefined ? '메시지 없음' : previewOf(last);
  return `<a href="/?user=${encodeURIComponent(user.name)}"${chosen ? ' aria-current="page"' : ''}>${drawAvatar(user.name)}<span><b>${escapeHtml(user.name)}</b><small>${escapeHtml(preview)}</small></span>${time}</a>`;
}

const TIME = new Intl.DateTimeFormat('ko-KR', { timeStyle: 'short', timeZone: 'Asia/Seoul' });

function previewOf({ shown, displayed }: Received): string {
  if (displayed !== undefined) return displayed;
  if (shown.kind === 'custom') return `사용자 정의 템플릿 #${shown.template_id}`;
  if (shown.kind === 'scrap') return shown.request_url;
  const { object } = shown;
  if (object.object_type === 'list') return object.header_title;
  if (object.object_type === 'text') return object.text;
  return object.content.title ?? object.content.description ?? '사진';
}

export const CHAT_PAGE_CSS = `${CHAT_CSS}
*{box-sizing:border-box}
html,body{height:100%}
body{margin:0;background:#dfe6ec;color:#191919;font:15px/1.45 'Apple SD Gothic Neo','Pretendard','Malgun Gothic','Noto Sans KR','Noto Sans CJK KR',sans-serif}
h1,h2{margin:0;font-size:18px}
.window{display:grid;grid-template-rows:auto minmax(0,1fr);height:100dvh;background:#b2c7d9}
aside{min-width:0;background:#fff}
aside header{display:none}
.badge{padding:2px 9px;border-radius:10px;background:#fee500;font-size:11.5px;font-weight:600}
nav{display:flex;gap:4px;overflow-x:auto;padding:8px 10px;scrollbar-width:none}
nav a{flex:none;display:flex;align-items:center;gap:11px;padding:4px 10px 4px 4px;border-radius:16px;color:inherit;text-decoration:none}
nav .kt-avatar{width:30px;height:30px;border-radius:12px;font-size:13px}
nav a>span:not(.kt-avatar){min-width:0}
nav b{display:block;font-size:13.5px;font-weight:600}
nav small,nav time{display:none}
nav a[aria-current]{background:#f2f3f5}
main{display:grid;grid-template-rows:auto minmax(0,1fr) auto;min-height:0;min-width:0}
main header{display:flex;align-items:center;gap:10px;padding:10px 14px;background:rgba(178,199,217,.96);border-bottom:1px solid rgba(0,0,0,.05)}
main header .kt-avatar{width:36px;height:36px;border-radius:14px;font-size:15px}
main h2{font-size:16px;font-weight:600}
main h2 span{margin-left:7px;color:#6b7c8c;font-weight:400;font-size:14px}
main header small{margin-left:auto;min-width:0;overflow:hidden;color:#4f6070;font-size:12px;white-space:nowrap;text-overflow:ellipsis}
.scroll{overflow-y:auto;background:#b2c7d9}
.scroll:focus-visible{outline:2px solid #3a6ea5;outline-offset:-2px}
.empty{display:grid;place-items:center;min-height:100%;text-align:center;color:#526577}
.empty p{padding:14px 22px;border-radius:16px;background:rgba(255,255,255,.35)}
footer{display:flex;align-items:center;gap:10px;padding:10px 14px;background:#fff;color:#767676;font-size:13.5px}
footer span{flex:1}
footer i{padding:6px 15px;border-radius:5px;background:#f2f2f2;color:#9a9a9a;font-size:13px;font-style:normal}
@media(min-width:720px){
.window{grid-template:minmax(0,1fr)/320px minmax(0,1fr);max-width:1120px;height:calc(100dvh - 48px);margin:24px auto;border-radius:14px;overflow:hidden;box-shadow:0 18px 60px rgba(30,50,70,.22)}
aside{display:flex;flex-direction:column;border-right:1px solid #e6e9ec}
aside header{display:flex;align-items:center;gap:9px;padding:20px 20px 12px}
nav{flex-direction:column;gap:0;padding:0 8px 12px;overflow-y:auto}
nav a{padding:10px 12px;border-radius:12px}
nav a:hover{background:#f7f8f9}
nav .kt-avatar{width:46px;height:46px;border-radius:18px;font-size:18px}
nav a>span:not(.kt-avatar){flex:1}
nav small{display:block;overflow:hidden;color:#767676;font-size:12.5px;white-space:nowrap;text-overflow:ellipsis}
nav time{display:block;align-self:flex-start;margin-top:4px;color:#8a8a8a;font-size:11px;white-space:nowrap}
main header{padding:13px 20px}
footer{min-height:64px;padding:14px 20px}
}
`;

export const CHAT_PAGE_JS = `
const bottom = () => { const box = document.querySelector('.scroll'); box.scrollTop = box.scrollHeight; };
const look = async () => {
  try {
    const version = await (await fetch('/version', { cache: 'no-store' })).text();
    if (version === document.body.dataset.version) return;
    const text = await (await fetch(location.href, { cache: 'no-store' })).text();
    const fresh = new DOMParser().parseFromString(text, 'text/html');
    const box = document.querySelector('.scroll');
    const above = box.scrollHeight - box.scrollTop - box.clientHeight;
    const kept = box.scrollTop;
    document.querySelector('.window').replaceWith(fresh.querySelector('.window'));
    document.body.dataset.version = fresh.body.dataset.version;
    document.title = fresh.title;
    if (above < 120) bottom(); else document.querySelector('.scroll').scrollTop = kept;
  } catch {
    document.title = '샌드박스가 꺼져 있습니다';
  }
};
bottom();
setInterval(look, 1500);
`;
