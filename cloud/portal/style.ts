import { createHash } from 'node:crypto'

/**
 * The one style sheet of the party's pages: tokens of EXPERIENCE.md §3, works in browsers of eight years (no nesting, no
 * `:has`, no subgrid), 320 px upwards, 400 % zoom, forced colours, print.
 */
export const portalCss = `
:root{--text:#1b2129;--text2:#434d5b;--text3:#5d6878;--line:#d5dbe3;--edge:#7c8798;--layout:#f3f5f8;--sunken:#eaeef3;--primary:#0958d9;--pale:#e8effc;--tap:50px}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--layout);color:var(--text);font:16px/26px -apple-system,BlinkMacSystemFont,"Segoe UI","PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.sheet{max-width:640px;min-height:100vh;margin:0 auto;background:#fff;display:flex;flex-direction:column}
.bar{display:flex;align-items:center;justify-content:space-between;padding:12px 16px;border-bottom:1px solid var(--line);font-weight:600}
.mark{flex:none;margin-left:12px;padding:0 8px;border-radius:4px;background:var(--sunken);color:var(--text2);font-size:15px;font-weight:400}
.demo{margin:0;padding:8px 16px;background:var(--sunken);color:var(--text2);font-size:15px;line-height:24px}
main{flex:1;padding:16px 16px 32px}
h1{margin:8px 0 12px;font-size:24px;line-height:34px;font-weight:600}
h2{margin:28px 0 8px;font-size:18px;line-height:28px;font-weight:600}
p{margin:0 0 12px}
a{color:var(--primary);text-underline-offset:3px}
.back{display:inline-block;min-height:44px;line-height:44px}
.alone{display:inline-block;padding:9px 0}
.note{margin:16px 0;padding:12px 16px;border-left:4px solid var(--primary);background:var(--pale)}
.box{margin:16px 0;padding:12px 16px;border-radius:8px;background:var(--sunken)}
.box p:last-child,.note p:last-child{margin-bottom:0}
.small,.hint,figcaption{color:var(--text3);font-size:15px;line-height:24px}
.hint{margin:4px 0 8px}
.button,button{display:block;width:100%;min-height:var(--tap);margin:0 0 12px;padding:10px 16px;border:1px solid var(--edge);border-radius:6px;background:#fff;color:var(--text);font:inherit;font-size:18px;line-height:28px;text-align:center;text-decoration:none;cursor:pointer}
.main{border-color:var(--primary);background:var(--primary);color:#fff;font-weight:600}
label{display:block;font-weight:600}
input[type=text],textarea{display:block;width:100%;min-height:var(--tap);margin:4px 0 8px;padding:8px 12px;border:2px solid var(--edge);border-radius:6px;background:#fff;color:var(--text);font:inherit}
textarea{min-height:180px}
.code{font-family:ui-monospace,Consolas,"DejaVu Sans Mono",monospace;font-size:24px;text-transform:uppercase}
fieldset{margin:0 0 16px;padding:0;border:0;min-width:0}
legend{margin:20px 0 4px;padding:0;font-size:18px;line-height:28px;font-weight:600}
.tick{display:flex;align-items:flex-start;min-height:var(--tap);padding:11px 0;font-weight:400;cursor:pointer}
.tick input{flex:none;width:26px;height:26px;margin:0 12px 0 0;accent-color:var(--primary)}
.tick .hint{display:block;margin:0}
figure{margin:16px 0}
img,video{display:block;width:100%;height:auto;border-radius:6px;background:var(--sunken)}
video{aspect-ratio:16/9}
ol,ul{margin:0 0 12px;padding-left:1.4em}
.plain{padding:0;list-style:none}
.plain li{padding:6px 0;border-bottom:1px solid var(--line)}
.break{color:var(--text2);border-bottom:1px dashed var(--edge)!important}
.rows{margin:0 0 16px}
.rows dt{color:var(--text2);font-size:15px}
.rows dd{margin:0 0 10px;white-space:pre-wrap}
.big{font-size:24px;line-height:34px;font-weight:600}
.digest{font:13px/20px ui-monospace,Consolas,"DejaVu Sans Mono",monospace;word-break:break-all}
summary{min-height:44px;line-height:44px;color:var(--primary);cursor:pointer}
.wrong{margin:0 0 16px;padding:12px 16px;border:2px solid var(--text);border-radius:6px}
.paper p{text-indent:2em}
html[lang=en] .paper p,.paper .plainly{text-indent:0}
.paper .sign{margin-top:24px;text-align:right}
footer{display:flex;flex-wrap:wrap;justify-content:space-between;padding:8px 16px;border-top:1px solid var(--line)}
footer a{min-width:44px;min-height:44px;margin-right:12px;line-height:44px}
:focus-visible{outline:3px solid var(--primary);outline-offset:2px}
.large{--tap:64px}
.large body{font-size:22px;line-height:36px}
.large h1{font-size:30px;line-height:44px}
.large h2,.large legend,.large .button,.large button{font-size:24px;line-height:38px}
.large .small,.large .hint,.large figcaption,.large .mark,.large .demo,.large .rows dt,.large .digest{font-size:22px;line-height:36px}
.large .big,.large .code{font-size:28px;line-height:42px}
.large .back,.large summary,.large footer a{display:inline-block;min-width:64px;min-height:64px;line-height:64px}
.large .alone{padding:14px 0}
.large .tick{padding:14px 0}
.large .tick input{width:36px;height:36px}
@media print{body,.sheet{background:#fff}.sheet{max-width:none}footer,.back,.button,button,video,.noprint{display:none}.demo{border:2px solid #000;font-size:18px}img{max-height:7cm;width:auto}.note,.box{border:1px solid #000;background:#fff}figure,.paper p{break-inside:avoid}}
@media (prefers-reduced-motion:reduce){*{transition:none!important;animation:none!important}}
`.trim()

/** Changes with the sheet, so that it may be kept for ever. */
export const portalCssVersion = createHash('sha256').update(portalCss).digest('hex').slice(0, 12)
