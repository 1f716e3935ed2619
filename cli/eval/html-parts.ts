import { causeTerms } from '../../contracts/terms.js'
import type { Bilingual, Cause } from '../../contracts/terms.js'
import type { Interval } from './interval.js'
import { texts } from './texts.js'
import type { TextName } from './texts.js'

/** Text that cannot become markup. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
}

/** Both languages; the switch of the page hides one. */
export function both({ zh, en }: Bilingual): string {
  return `<span lang="zh-CN">${escaped(zh)}</span><span lang="en">${escaped(en)}</span>`
}

export function say(name: TextName): string {
  return both(texts[name])
}

/** Name of a cause; a list means that any of them counts. */
export function causeName(value: unknown): string {
  const names = (Array.isArray(value) ? value : [value]).map(String)
  const terms = names.map((name): Bilingual =>
    name in causeTerms ? causeTerms[name as Cause] : { zh: name, en: name },
  )
  return both({ zh: terms.map(({ zh }) => zh).join(' / '), en: terms.map(({ en }) => en).join(' / ') })
}

export function percentOf(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`
}

export function spanOf([low, high]: Interval, digits: number, times = 1): string {
  return `${(low * times).toFixed(digits)}–${(high * times).toFixed(digits)}`
}

/** The interval as a bar from 0 to 1 with the figure as a mark: how little a few clips show is seen at once. */
export function barOf([low, high]: Interval, value: number | null): string {
  const mark = value === null ? '' : `<i style="left:${(value * 100).toFixed(1)}%"></i>`
  return `<span class="bar" aria-hidden="true"><b style="left:${(low * 100).toFixed(1)}%;width:${((high - low) * 100).toFixed(1)}%"></b>${mark}</span>` // prettier-ignore
}

export interface Column {
  readonly head: Bilingual
  readonly numeric?: boolean
}

/** A table that becomes a list of cards on a narrow screen: each cell knows its heading in both languages. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const kind = ({ numeric }: Column): string => (numeric === true ? ' class="n"' : '')
  const head = columns.map((column) => `<th scope="col"${kind(column)}>${both(column.head)}</th>`).join('')
  const cell = (html: string, index: number): string => {
    const column = columns[index]
    if (column === undefined) return ''
    const data = `data-zh="${escaped(column.head.zh)}" data-en="${escaped(column.head.en)}"`
    return index === 0 ? `<th scope="row" ${data}>${html}</th>` : `<td${kind(column)} ${data}><div>${html}</div></td>`
  }
  const body = rows.map((cells) => `<tr>${cells.map(cell).join('')}</tr>`).join('\n')
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`
}

/** A whole page: nothing is fetched from anywhere, no script runs; the language is a choice of two buttons. */
export function pageOf(title: Bilingual, body: string): string {
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escaped(title.zh)} · ${escaped(title.en)} – kerbwatch</title>
<style>${style}</style></head><body>
<input type="radio" name="lang" id="zh" checked><input type="radio" name="lang" id="en">
<header><h1>${both(title)}</h1><nav aria-label="${texts.language.zh} ${texts.language.en}"><label for="zh" lang="zh-Hans">中文</label><label for="en" lang="en-GB">English</label></nav></header>
<main>
${body}
</main></body></html>
`
}

const style = `
:root { --ink: #1c2430; --dim: #5a6675; --line: #d5dbe3; --back: #fff; --soft: #f3f5f8; --truth: #007a5a; --alarm: #c8102e; --good: #1f5fbf; --open: #8a6100 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --dim: #a2adba; --line: #36414f; --back: #12171e; --soft: #1c242e; --truth: #3ecfa2; --alarm: #ff6b7d; --good: #78aeff; --open: #e6b450 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 84rem; padding: 1rem clamp(.75rem, 3vw, 2rem) 3rem; font: 15px/1.55 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: var(--ink); background: var(--back) }
body > input { position: absolute; opacity: 0; pointer-events: none }
#zh:checked ~ * [lang=en], #en:checked ~ * [lang=zh-CN] { display: none }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; justify-content: space-between; border-bottom: 2px solid var(--ink) }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem } p { max-width: 60rem }
nav label { display: inline-block; padding: .45rem .8rem; cursor: pointer; color: var(--dim); border-radius: .3rem .3rem 0 0 }
#zh:checked ~ header [for=zh], #en:checked ~ header [for=en] { background: var(--ink); color: var(--back) }
#zh:focus-visible ~ header [for=zh], #en:focus-visible ~ header [for=en] { outline: 3px solid var(--good); outline-offset: 2px }
.dim { color: var(--dim) } .warn { border-left: 4px solid var(--open); background: var(--soft); padding: .6rem .9rem }
.bad { border-left: 4px solid var(--alarm); background: var(--soft); padding: .6rem .9rem }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 9.2rem), 1fr)); gap: .7rem; margin: 1rem 0 0; padding: 0 }
.tiles > div { background: var(--soft); border-radius: .4rem; padding: .7rem .9rem }
.tiles dt { color: var(--dim); font-size: .87rem } .tiles dd { margin: 0; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums }
.tiles small, td small { display: block; font-size: .8rem; color: var(--dim) }
.bar { position: relative; display: block; height: 6px; margin: .4rem 0 .2rem; background: var(--line); border-radius: 3px; min-width: 6rem }
.bar b { position: absolute; top: 0; bottom: 0; background: var(--good); opacity: .55; border-radius: 3px } .bar i { position: absolute; top: -3px; width: 3px; height: 12px; margin-left: -1.5px; background: var(--ink) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums } thead th { font-size: .85rem; color: var(--dim); font-weight: 500; border-bottom: 1px solid var(--ink) }
th, td { text-align: left; padding: .4rem .7rem .4rem 0; vertical-align: top; border-bottom: 1px solid var(--line) } tbody th { font-weight: 600; overflow-wrap: anywhere } .n { text-align: right; padding-right: 1.4rem }
.pairs { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem } .pairs dt { color: var(--dim) } .pairs dd { margin: 0; overflow-wrap: anywhere }
tr.off th { color: var(--alarm) }
.time { width: 100%; min-width: 9rem; height: 26px; display: block; background: var(--soft) }
.time .t { fill: var(--truth); opacity: .85 } .time .o { fill: var(--open); opacity: .7 } .time .f { fill: var(--good) } .time .x { fill: var(--alarm) } .time .s { fill: var(--dim) } .time .m { fill: var(--ink) }
.key span.k { display: inline-block; width: 1.6em; height: .7em; margin: 0 .35em 0 1em } .key .k:first-child { margin-left: 0 }
.tag { display: inline-block; padding: 0 .4em; border-radius: .25em; font-size: .85rem; border: 1px solid currentColor } .tag.truth { color: var(--truth) } .tag.alarm { color: var(--alarm) } .tag.good { color: var(--good) }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1.4rem 1.2rem }
figure { margin: 0; min-width: 0 } figcaption { padding-top: .4rem; font-size: .92rem; overflow-wrap: anywhere } figcaption code { font-size: .85em }
.picture { position: relative; background: var(--soft); overflow: hidden; border-radius: .3rem } .picture img { display: block; width: 100% } .picture p { padding: 2rem 1rem; margin: 0; color: var(--dim) }
.closer { width: 45%; margin-top: .4rem } .closer small { position: absolute; left: 0; bottom: 0; padding: 0 .4em; background: #000a; color: #fff }
.box { position: absolute; border: 2px solid; box-shadow: 0 0 0 1px #fff9, inset 0 0 0 1px #fff9 } .box b { position: absolute; left: -2px; bottom: 100%; padding: 0 .35em; font-size: 11px; line-height: 1.4; color: #fff; white-space: nowrap; border-radius: 2px 2px 0 0 } .box.low b { bottom: auto; top: 0 } .box.right b { left: auto; right: -2px }
.box.truth { border: 2px dashed #00a37a } .box.truth b { background: #00664c } .box.alarm { border-color: #e5153a } .box.alarm b { background: #b30d2a } .box.found { border-color: #2f7bea } .box.found b { background: #1a4f9e } .box.open { border-color: #e0a010; border-style: dotted } .box.open b { background: #7a5600 }
@media (max-width: 44rem) {
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
  table, tbody, tr { display: block } tr { padding: .6rem 0; border-bottom: 1px solid var(--line) } tbody th { display: block; border: 0; padding: 0 0 .2rem }
  td, td.n { display: grid; grid-template-columns: minmax(6rem, 38%) 1fr; gap: .6rem; border: 0; padding: .12rem 0; text-align: left } td > div { min-width: 0 }
  td::before { color: var(--dim); font-size: .87rem } #zh:checked ~ main td::before { content: attr(data-zh) } #en:checked ~ main td::before { content: attr(data-en) }
  td:has(> div:empty) { display: none }
}
@media print { nav { display: none } figure { break-inside: avoid } }
`
