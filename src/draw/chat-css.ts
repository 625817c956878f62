// The looks of the chat room: KakaoTalk's colours and measures. Every class begins with kt-, so that any page may use it.

export const CHAT_CSS = `
.kt-room{padding:14px 12px 28px;background:#b2c7d9;color:#191919;font:15px/1.45 'Apple SD Gothic Neo','Pretendard','Malgun Gothic','Noto Sans KR','Noto Sans CJK KR',sans-serif;word-break:keep-all;overflow-wrap:anywhere;-webkit-font-smoothing:antialiased}
.kt-room *{box-sizing:border-box}
.kt-room a{color:inherit;text-decoration:none}
.kt-day{display:flex;justify-content:center;margin:10px 0 16px}
.kt-day span{padding:5px 14px;border-radius:14px;background:rgba(0,0,0,.1);color:#fff;font-size:12px}
.kt-said{display:flex;gap:9px;margin:0 0 8px}
.kt-said>div{min-width:0}
.kt-mine{justify-content:flex-end}
.kt-mine .kt-line{flex-direction:row-reverse}
.kt-avatar{flex:none;display:grid;place-items:center;width:40px;height:40px;border-radius:16px;background:#8fb3d9;color:#fff;font-size:17px;font-weight:600;line-height:1}
.kt-avatar-1{background:#7fb7a6}.kt-avatar-2{background:#e3a468}.kt-avatar-3{background:#a08fc9}.kt-avatar-4{background:#d98c9f}.kt-avatar-5{background:#6f9fc4}
.kt-none{visibility:hidden;height:0}
.kt-name{margin:1px 0 5px;font-size:12.5px;color:#4b5563}
.kt-line{display:flex;align-items:flex-end;gap:6px}
.kt-time{flex:none;padding-bottom:2px;font-size:11px;color:#5c6b79;white-space:nowrap}
.kt-note{margin:5px 2px 4px;max-width:270px;font-size:11.5px;color:#8a3b2a}
.kt-card{width:270px;max-width:calc(100vw - 140px);min-width:0;border-radius:16px;overflow:hidden;background:#fff;box-shadow:0 1px 1px rgba(0,0,0,.07)}
.kt-saying{display:block;padding:14px 16px 4px;white-space:pre-wrap;overflow-wrap:anywhere}
.kt-face,.kt-row,.kt-header{display:block}
.kt-image{display:block;aspect-ratio:2/1;background:#eef1f4;overflow:hidden}
.kt-tall{aspect-ratio:3/4}
.kt-image img,.kt-thumb img,.kt-item-image img,.kt-profile-image img{display:block;width:100%;height:100%;object-fit:cover}
.kt-words{display:block;padding:13px 16px 2px}
.kt-title{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden;font-size:15px;font-weight:600;line-height:1.4;white-space:pre-line}
.kt-description{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden;margin-top:3px;font-size:13px;line-height:1.45;color:#767676;white-space:pre-line}
.kt-social{display:flex;gap:12px;padding:8px 16px 0;font-size:12px;color:#8a8a8a}
.kt-social b{font-weight:500;color:#555}
.kt-buttons{display:grid;gap:7px;padding:12px 12px 12px}
.kt-button{display:block;padding:10px 8px;border-radius:7px;background:#f2f3f5;font-size:13.5px;font-weight:500;line-height:1.35;text-align:center}
a.kt-button:hover{background:#e7e9ec}
a:focus-visible{outline:2px solid #3a6ea5;outline-offset:-2px}
.kt-foot{display:flex;align-items:center;gap:6px;padding:8px 16px;border-top:1px solid #f0f0f0;font-size:11.5px;color:#8a8a8a}
.kt-foot i{width:14px;height:14px;border-radius:5px;background:#fee500}
.kt-foot::after{content:'\\203a';margin-left:auto;font-size:15px;line-height:1;color:#b5b5b5}
.kt-header{padding:12px 16px;border-bottom:1px solid #f0f0f0;background:#fff}
.kt-header strong{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden;font-size:14.5px;font-weight:600}
.kt-rows{padding:4px 0 0}
.kt-row{display:flex;align-items:center;gap:12px;padding:9px 16px}
.kt-row .kt-words{flex:1;min-width:0;padding:0}
.kt-row .kt-title{font-size:14px;font-weight:500}
.kt-row .kt-description{-webkit-line-clamp:2;font-size:12px}
.kt-thumb{flex:none;width:48px;height:48px;border-radius:7px;background:#eef1f4;overflow:hidden}
.kt-profile{display:flex;align-items:center;gap:8px;padding:11px 16px;font-size:13px;font-weight:600}
.kt-profile-image{flex:none;width:24px;height:24px;border-radius:9px;background:#eef1f4;overflow:hidden}
.kt-item-head{display:flex;justify-content:space-between;gap:12px;padding:14px 16px 0}
.kt-item-head>span:first-child{min-width:0}
.kt-item-title{display:block;font-size:15.5px;font-weight:600;line-height:1.35}
.kt-item-category{display:block;margin-top:3px;font-size:12.5px;color:#8a8a8a}
.kt-item-image{flex:none;width:54px;height:54px;border-radius:8px;background:#eef1f4;overflow:hidden}
.kt-items{display:grid;gap:5px;margin:12px 16px 0;padding:0;font-size:13px}
.kt-items>div{display:flex;justify-content:space-between;gap:12px}
.kt-items dt{flex:none;max-width:45%;color:#8a8a8a}
.kt-items dd{margin:0;min-width:0;text-align:right;overflow-wrap:anywhere;white-space:pre-line}
.kt-items .kt-sum{margin-top:5px;padding-top:9px;border-top:1px solid #ececec}
.kt-sum dt{color:#191919;font-weight:600}
.kt-sum dd{font-size:15px;font-weight:700}
.kt-place{display:grid;gap:1px;margin:8px 16px 0;font-size:12.5px;color:#767676}
.kt-place-title{font-weight:600;color:#333}
.kt-goods{padding:13px 16px 0}
.kt-product{display:block;margin-bottom:2px;font-size:13px;color:#555}
.kt-goods+.kt-words{padding-top:5px}
.kt-goods+.kt-words .kt-title{font-weight:400;font-size:13.5px;color:#555}
.kt-price{display:flex;flex-wrap:wrap;align-items:baseline;gap:5px}
.kt-price b{font-size:18px;font-weight:700}
.kt-price em{font-size:18px;font-style:normal;font-weight:700;color:#f0443a}
.kt-price s{font-size:12.5px;color:#9a9a9a}
.kt-event{display:flex;align-items:center;gap:11px;padding:14px 16px 0}
.kt-event i{position:relative;flex:none;width:36px;height:36px;border-radius:11px;background:#ffe9e6}
.kt-event i::before{content:'';position:absolute;inset:9px;border:2px solid #f0564a;border-top-width:6px;border-radius:4px}
.kt-made i{background:#fff6b8}
.kt-made i::before{border-color:#5b4a00;border-top-width:2px;border-style:dashed}
.kt-event strong{display:block;font-size:13.5px;font-weight:600}
.kt-event small{display:block;font-size:11.5px;color:#9a9a9a;overflow-wrap:anywhere}
@media(min-width:720px){.kt-room{padding:22px 26px 36px}.kt-card{width:286px}}
`;
