import { texts } from './texts.js'

export const lang = document.documentElement.lang === 'en' ? 'en' : 'zh'

/** A text of ours by name, with `{name}` filled in. */
export function t(name, values = {}) {
  const text = texts[name]?.[lang] ?? name
  return text.replace(/\{(\w+)\}/g, (_all, key) => String(values[key] ?? ''))
}

/** A sentence of the box in this page's language. */
export const say = (bilingual) => bilingual?.[lang] ?? ''

const svgTags = new Set(['svg', 'polygon', 'polyline', 'circle', 'text', 'rect', 'path', 'g'])

/** One element; `on…` attributes are listeners, false and null ones are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = svgTags.has(tag)
    ? document.createElementNS('http://www.w3.org/2000/svg', tag)
    : document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false))
  return element
}

/** JSON of the box. Throws `{status, body}` for anything but a good answer; status 0 when it is away. */
export async function api(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => null)
  if (response === null) throw { status: 0, body: { says: texts.lost } }
  const answer = await response.json().catch(() => ({ says: texts.lost }))
  if (!response.ok) throw { status: response.status, body: answer }
  return answer
}

export const chip = (level, word) => h('span', { class: `chip ${level}` }, word)

const shapes = {
  vending: ['rect', { x: 2, y: 2, width: 20, height: 20 }, 12],
  grilling: ['polygon', { points: '12,1 23,22 1,22' }, 15],
  spillage: ['polygon', { points: '12,0 24,12 12,24 0,12' }, 12],
  dust: ['circle', { cx: 12, cy: 12, r: 11 }, 12],
}
const characters = { vending: '摊', grilling: '烤', spillage: '撒', dust: '尘' }

/** Shape and character of a cause: readable without colour. */
export function mark(cause) {
  const [tag, attributes, y] = shapes[cause] ?? shapes.vending
  return h(
    'svg',
    { class: `mark ${cause}`, viewBox: '0 0 24 24', role: 'img', 'aria-label': t(cause) },
    h(tag, attributes),
    h('text', { x: 12, y, 'text-anchor': 'middle', 'dominant-baseline': 'central' }, characters[cause] ?? '?'),
  )
}

/** `14:02:40` in the site's time zone. */
export function clockTime(at, timeZone) {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, timeStyle: 'medium' }).format(new Date(at))
}

/** Faults of edge.yaml with line and key; `onpick` is called with a fault when its place can be shown. */
export function faultList(faults, warnings, onpick = null) {
  const list = (title, level, items) =>
    items.length > 0 &&
    h(
      'section',
      { class: `faults ${level}` },
      h('strong', {}, t(title, { n: items.length })),
      h(
        'ul',
        {},
        items.map((fault) => {
          const where = `${fault.file} ${t('line', { n: fault.line })}${fault.key === '' ? '' : ` · ${fault.key}`}`
          return h(
            'li',
            {},
            onpick
              ? h('button', { type: 'button', class: 'link', onclick: () => onpick(fault) }, where)
              : h('code', {}, where),
            ' ',
            fault.message,
          )
        }),
      ),
    )
  return h(
    'div',
    { role: 'status' },
    list('faultsAre', 'bad', faults),
    list('warningsAre', 'warn', warnings),
    faults.length + warnings.length === 0 && h('p', { class: 'good' }, `✓ ${t('noFaults')}`),
  )
}

/** After a saved configuration: waits until the box answers again. */
export async function untilBack(show) {
  await new Promise((resolve) => setTimeout(resolve, 3000))
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const up = await fetch('/healthz').then(
      (response) => response.ok,
      () => false,
    )
    if (up) return show(t('back'), 'ok')
    await new Promise((resolve) => setTimeout(resolve, 2000))
  }
  show(t('notBack'), 'bad')
}
