import { api, chip, clockTime, faultList, h, lang, mark, say, t, untilBack } from './parts.js'
import { zonesPage } from './zones.js'

const main = document.getElementById('main')
const [, page = '', id = ''] = window.location.pathname.split('/')
const tabs = [
  ['', 'cameras'],
  ['zones', 'zones'],
  ['health', 'health'],
  ['suspicions', 'suspicions'],
  ['settings', 'settings'],
]
let isUnsaved = () => false
window.addEventListener('beforeunload', (event) => {
  if (isUnsaved()) event.preventDefault()
})

document.getElementById('brand').textContent = t('brand')
document
  .getElementById('nav')
  .replaceChildren(
    ...tabs.map(([path, name]) =>
      h(
        'a',
        { href: `/${path}`, 'aria-current': path === page || (page === 'cameras' && path === '') ? 'page' : null },
        t(name),
      ),
    ),
  )
const other = document.getElementById('lang')
const query = new window.URLSearchParams(window.location.search)
query.set('lang', lang === 'zh' ? 'en' : 'zh')
other.href = `?${query}`

/** Shows the state of the uplink in the bar, on every page. */
function showLink({ advice }) {
  const { level, says, word } = advice.link
  const text = say(says).replace(/[。.].*$/s, '')
  document.getElementById('link').replaceChildren(chip(level, level === 'ok' ? say(word) : text))
}

/** Draws now and again every `everyMs`; while the box is away the last picture stays and a line says so. */
async function live(everyMs, draw) {
  try {
    await draw()
    document.querySelector('.lost')?.remove()
  } catch (problem) {
    if (document.querySelector('.lost') === null)
      main.prepend(h('p', { class: 'faults bad lost', role: 'alert' }, say(problem.body?.says) || t('lost')))
  }
  setTimeout(() => void live(everyMs, draw), everyMs)
}

const stillOf = (camera) =>
  camera.still_at === null
    ? h('div', { class: 'still none' }, t('noPicture'))
    : h('img', {
        class: 'still',
        src: `/v1/cameras/${camera.id}/still?at=${encodeURIComponent(camera.still_at)}`,
        alt: `${camera.id} ${camera.place?.name ?? ''}`,
        loading: 'lazy',
      })

function advised(advice) {
  return [h('p', { class: 'says' }, say(advice.says)), advice.todo && h('p', { class: 'todo' }, say(advice.todo))]
}

function tile(camera) {
  return h(
    'a',
    { class: `card tile ${camera.advice.level}`, href: `/cameras/${camera.id}` },
    stillOf(camera),
    h(
      'div',
      { class: 'tilehead' },
      h('h2', {}, `${camera.id} ${camera.place?.name ?? ''}`),
      chip(camera.advice.level, say(camera.advice.word)),
    ),
    ...advised(camera.advice),
    camera.zones === 0 && h('p', { class: 'todo' }, t('noZones')),
  )
}

const healthRows = [
  ['clock', 'clock'],
  ['disk', 'disk'],
  ['load', 'load'],
  ['ffmpeg', 'ffmpeg'],
  ['link', 'uplink'],
]

function healthCard({ advice }, long) {
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('health')),
    h(
      'dl',
      { class: long ? 'rows long' : 'rows' },
      healthRows.map(([name, title]) => [
        h('dt', {}, t(title)),
        h('dd', {}, chip(advice[name].level, say(advice[name].word)), long && advised(advice[name])),
      ]),
    ),
  )
}

async function camerasPage() {
  const [{ items }, health] = await Promise.all([api('GET', '/v1/cameras'), api('GET', '/v1/health')])
  showLink(health)
  main.replaceChildren(
    h(
      'div',
      { class: 'withside' },
      items.length === 0 ? h('p', { class: 'card' }, t('noCameras')) : h('div', { class: 'tiles' }, items.map(tile)),
      h('aside', {}, healthCard(health, false)),
    ),
  )
}

async function cameraPage() {
  const [{ items }, health] = await Promise.all([api('GET', '/v1/cameras'), api('GET', '/v1/health')])
  showLink(health)
  const camera = items.find((one) => one.id === id)
  if (camera === undefined) return main.replaceChildren(h('p', { class: 'card' }, t('noCameras')))
  const facts = [
    ['takenAt', camera.still_at && clockTime(camera.still_at, health.site.tz)],
    ['codec', camera.codec],
    ['size', camera.picture_px?.join('×')],
    ['keyFrame', camera.gop_ms && `${(camera.gop_ms / 1000).toFixed(1)} ${t('seconds')}`],
    ['rate', camera.bits_per_second && `${(camera.bits_per_second / 1e6).toFixed(2)} Mbit/s`],
    ['transport', camera.transport],
    ['restarts', camera.restarts],
    ['framesSeen', camera.frames_seen],
    ['framesDropped', camera.frames_dropped],
    ['framesDamaged', camera.frames_damaged],
    ['gaps', camera.gaps],
  ]
  main.replaceChildren(
    h(
      'div',
      { class: 'head' },
      h('h1', {}, `${camera.id} ${camera.place?.name ?? ''}`),
      chip(camera.advice.level, say(camera.advice.word)),
      h('a', { class: 'button', href: `/zones/${camera.id}` }, t('drawZones')),
    ),
    h(
      'div',
      { class: 'withside' },
      h('div', { class: 'card big' }, stillOf(camera), ...advised(camera.advice)),
      h(
        'aside',
        { class: 'card' },
        h(
          'dl',
          { class: 'rows' },
          facts.map(([name, value]) => [h('dt', {}, t(name)), h('dd', {}, String(value ?? '—'))]),
        ),
      ),
    ),
  )
}

async function healthPage() {
  const health = await api('GET', '/v1/health')
  showLink(health)
  const { ring, storage, ffmpeg, models } = health
  const mb = (bytes) => Math.round(bytes / 1e6)
  const facts = [
    ['device', health.device],
    ['ring', t('ringIs', { mb: mb(ring.bytes), n: ring.segments, max: mb(storage.ringBytesMax) })],
    ['held', `${mb(storage.heldBytes)} MB`],
    ['ffmpeg', `${ffmpeg.path} (${ffmpeg.version})`],
    [
      'models',
      Object.values(models)
        .filter(Boolean)
        .map((name) => name.split('/').at(-1))
        .join(', '),
    ],
  ]
  main.replaceChildren(
    h(
      'div',
      { class: 'narrow' },
      healthCard(health, true),
      h(
        'section',
        { class: 'card' },
        h(
          'dl',
          { class: 'rows' },
          facts.map(([name, value]) => [h('dt', {}, t(name)), h('dd', {}, String(value))]),
        ),
      ),
    ),
  )
}

async function suspicionsPage() {
  const asked = query.get('day')
  const list = await api('GET', `/v1/suspicions${asked ? `?day=${encodeURIComponent(asked)}` : ''}`)
  const shift = (days) => new Date(Date.parse(`${list.day}T00:00:00Z`) + days * 86400000).toISOString().slice(0, 10)
  const levels = { suspected: 'warn', refuted: 'plain', confirmed: 'ok', over: 'ok', reopened: 'ok' }
  main.replaceChildren(
    h(
      'div',
      { class: 'head' },
      h('h1', {}, `${t('suspicions')} ${list.items.length}`),
      h('a', { class: 'button', href: `?day=${shift(-1)}` }, `‹ ${t('previous')}`),
      h('input', {
        type: 'date',
        value: list.day,
        'aria-label': t('day'),
        onchange: (event) => event.target.value && (window.location.search = `?day=${event.target.value}`),
      }),
      h('a', { class: 'button', href: `?day=${shift(1)}` }, `${t('next')} ›`),
    ),
    h(
      'section',
      { class: 'card' },
      list.full && h('p', { class: 'faults warn' }, t('dayFull')),
      list.items.length === 0
        ? h('p', {}, t('noSuspicions'))
        : h(
            'ul',
            { class: 'list' },
            list.items.map((item) =>
              h(
                'li',
                {},
                h('span', { class: 'when' }, clockTime(item.first_at, list.tz)),
                mark(item.cause),
                h('span', { class: 'what' }, `${t(item.cause)} · ${item.cam} ${item.zone}`),
                chip(levels[item.state], t(item.state)),
                h('span', { class: 'why' }, item.reasons_text.map(say).join(lang === 'zh' ? '；' : '; ')),
              ),
            ),
          ),
      h('p', { class: 'note' }, t('permittedNote')),
    ),
  )
}

async function settingsPage() {
  const config = await api('GET', '/v1/config')
  const area = h('textarea', {
    spellcheck: 'false',
    wrap: 'off',
    autocapitalize: 'off',
    autocomplete: 'off',
    'aria-label': config.file,
  })
  area.value = config.yaml
  const result = h('div', {})
  const button = h('button', { type: 'button', class: 'primary', disabled: true }, t('save'))
  isUnsaved = () => area.value !== config.yaml
  const pick = ({ line, column }) => {
    const start =
      area.value
        .split('\n')
        .slice(0, line - 1)
        .reduce((sum, text) => sum + text.length + 1, 0) +
      column -
      1
    area.focus()
    area.setSelectionRange(start, Math.max(start + 1, area.value.indexOf('\n', start)))
    area.scrollTop = Math.max(0, line - 5) * 20
  }
  const show = ({ faults, warnings }) => {
    result.replaceChildren(faultList(faults, warnings, pick))
    button.disabled = faults.length > 0 || !isUnsaved()
  }
  const fail = (problem) =>
    result.replaceChildren(
      h('p', { class: 'faults bad', role: 'alert' }, say(problem.body?.says)),
      ...(problem.body?.faults ? [faultList(problem.body.faults, [], pick)] : []),
    )
  let timer = null
  area.addEventListener('input', () => {
    window.clearTimeout(timer)
    button.disabled = true
    timer = setTimeout(() => api('PUT', '/v1/config', { yaml: area.value, check_only: true }).then(show, fail), 400)
  })
  button.addEventListener('click', async () => {
    button.disabled = true
    try {
      const answer = await api('PUT', '/v1/config', { yaml: area.value, sha256: config.sha256 })
      isUnsaved = () => false
      const line = (text, level) => result.replaceChildren(h('p', { class: `faults ${level}`, role: 'status' }, text))
      line(say(answer.says), 'ok')
      await untilBack(line)
      window.location.reload()
    } catch (problem) {
      fail(problem)
    }
  })
  main.replaceChildren(
    h('div', { class: 'head' }, h('h1', {}, config.file), button),
    h('p', { class: 'note' }, t('settingsNote')),
    result,
    area,
  )
  show(config)
}

async function zonesOf() {
  const { items } = await api('GET', '/v1/cameras')
  const camera = items.find((one) => one.id === id)
  if (camera === undefined)
    return main.replaceChildren(
      items.length === 0
        ? h('p', { class: 'card' }, t('noCameras'))
        : h(
            'div',
            { class: 'tiles' },
            items.map((one) =>
              h(
                'a',
                { class: 'card tile', href: `/zones/${one.id}` },
                stillOf(one),
                h(
                  'div',
                  { class: 'tilehead' },
                  h('h2', {}, `${one.id} ${one.place?.name ?? ''}`),
                  chip('plain', `${t('zones')} ${one.zones}`),
                ),
              ),
            ),
          ),
    )
  isUnsaved = await zonesPage(main, camera)
}

/** A page that is drawn once: what a person types must not be drawn over. */
async function once(draw) {
  try {
    await draw()
    showLink(await api('GET', '/v1/health'))
  } catch (problem) {
    main.replaceChildren(h('p', { class: 'faults bad', role: 'alert' }, say(problem.body?.says) || t('lost')))
  }
}

main.replaceChildren(h('p', { class: 'note' }, t('loading')))
if (page === '') void live(10000, camerasPage)
else if (page === 'cameras') void live(10000, cameraPage)
else if (page === 'health') void live(10000, healthPage)
else if (page === 'suspicions') void once(suspicionsPage)
else if (page === 'settings') void once(settingsPage)
else void once(zonesOf)
