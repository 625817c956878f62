// The pages of kauth: log in and agree, and the page that names an error. Plain HTML without a script.

import { CHAT_CSS } from '../draw/chat-css.ts';
import { drawAvatar } from '../draw/draw-room.ts';
import { escapeHtml } from '../draw/html.ts';
import type { ConsentItem } from './app.ts';

export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

interface LoginPage {
  readonly appName: string;
  readonly query: string;
  readonly people: readonly {
    readonly name: string;
    readonly items: readonly ConsentItem[];
    readonly chosen: boolean;
  }[];
  readonly items: readonly ConsentItem[];
}

export function drawLoginPage({ appName, query, people, items }: LoginPage): string {
  const choices = people.map(
    ({ name, items: open, chosen }) =>
      `<label class="who"><input type="radio" name="user" value="${escapeHtml(name)}"${chosen ? ' checked' : ''}>${drawAvatar(name)}<span>${escapeHtml(name)}<small>${open.length === 0 ? '이미 동의함' : `동의할 항목 ${open.length}개`}</small></span></label>`,
  );
  const body = `
<header><b>kakao</b><span>샌드박스</span></header>
<h1>${escapeHtml(appName)}</h1>
<p class="lead">이 컴퓨터 안에서만 도는 연습용 로그인입니다.<br>실제 카카오계정은 쓰이지 않습니다.</p>
<form method="post" action="/kauth/oauth/authorize">
<input type="hidden" name="query" value="${escapeHtml(query)}">
<h2>누구로 로그인할까요?</h2>
<div class="people">${choices.join('')}</div>
<label class="new">또는 새 사용자 <input name="new_user" maxlength="20" placeholder="이름" autocomplete="off"></label>
<h2>동의 항목</h2>
<div class="items">${items.map(drawItem).join('')}</div>
<label class="stay"><input type="checkbox" name="stay"> 로그인 상태 유지</label>
<button class="agree" name="answer" value="agree">동의하고 계속하기</button>
<button class="cancel" name="answer" value="cancel">취소</button>
</form>`;
  return page(`${appName} 로그인`, body);
}

export function drawErrorPage(code: string, text: string): string {
  const body = `<header><b>kakao</b><span>샌드박스</span></header><h1>문제가 발생했습니다</h1>
<p class="lead">${escapeHtml(text)}</p><p class="code">에러 코드: <b>${escapeHtml(code)}</b></p>`;
  return page(`${code} 오류`, body);
}

function drawItem({ id, displayName, required }: ConsentItem): string {
  const fixed = required ? ' disabled' : '';
  return `<label><input type="checkbox" name="scope" value="${escapeHtml(id)}" checked${fixed}><span>${required ? '[필수]' : '[선택]'} ${escapeHtml(displayName)}<small>${escapeHtml(id)}</small></span></label>`;
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${CHAT_CSS}${CSS}</style></head><body><main>${body}</main></body></html>`;
}

const CSS = `
body{margin:0;background:#f4f5f7;color:#191919;font:15px/1.55 'Apple SD Gothic Neo','Pretendard','Malgun Gothic','Noto Sans KR','Noto Sans CJK KR',sans-serif}
main{box-sizing:border-box;max-width:430px;min-height:100vh;margin:0 auto;padding:26px 26px 44px;background:#fff}
@media(min-width:720px){main{min-height:0;margin:48px auto;border-radius:18px;box-shadow:0 10px 40px rgba(0,0,0,.08)}}
header{display:flex;align-items:center;gap:8px;margin-bottom:26px}
header b{font-size:21px;letter-spacing:-.5px}
header span{padding:1px 8px;border-radius:9px;background:#fee500;font-size:11.5px;font-weight:600}
h1{margin:0;font-size:22px;line-height:1.35}
h2{margin:26px 0 10px;font-size:14px}
.lead{margin:8px 0 0;color:#6b7280;font-size:13.5px;overflow-wrap:anywhere}
.code{margin-top:20px;padding:14px 16px;border-radius:10px;background:#f6f7f9;font-size:14px}
.people{display:grid;grid-template-columns:1fr 1fr;gap:8px}
.who{display:flex;align-items:center;gap:9px;padding:9px 11px;border:1px solid #e5e7eb;border-radius:13px;cursor:pointer}
.who:has(:checked){border-color:#191919;box-shadow:0 0 0 1px #191919 inset}
.who:focus-within,.items label:focus-within,.stay:focus-within{outline:2px solid #3a6ea5;outline-offset:2px}
.who input{position:absolute;opacity:0}
.who .kt-avatar{width:34px;height:34px;border-radius:13px;font-size:14px}
small{display:block;color:#6b7280;font-size:11.5px}
.new{display:flex;align-items:center;gap:9px;margin-top:10px;font-size:13px;color:#4b5563}
.new input{flex:1;min-width:0;padding:9px 12px;border:1px solid #d1d5db;border-radius:9px;font:inherit}
.items{display:grid;gap:11px;padding:15px 16px;border-radius:13px;background:#f6f7f9}
.items label,.stay{display:flex;gap:10px;align-items:flex-start;font-size:13.5px}
input[type=checkbox]{flex:none;width:17px;height:17px;margin:2px 0 0;accent-color:#191919}
.stay{margin:18px 2px}
button{display:block;width:100%;padding:14px;border:0;border-radius:11px;font:inherit;font-weight:600;cursor:pointer}
.agree{background:#fee500;color:#191919}
.cancel{margin-top:6px;background:none;color:#6b7280;font-weight:400}
`;
