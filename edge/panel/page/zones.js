import { api, faultList, h, say, t, untilBack } from './parts.js'
import { faultOf, labelAt, moved, tidy, withPointAfter } from './polygon.js'

const kinds = ['no_vending', 'permitted_stall', 'no_grilling', 'carriageway', 'work_site', 'ignore', 'private']
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const undoMax = 100

/** Draws the editor into `main`; answers a function that tells whether something is unsaved. */
export async function zonesPage(main, camera) {
  const { zones: loaded, sha256 } = await api('GET', `/v1/cameras/${camera.id}/zones`)
  let zones = JSON.parse(JSON.stringify(loaded))
  let zone = zones.length > 0 ? 0 : -1
  let point = -1
  let drawing = false
  let saved = JSON.stringify(zones)
  let checkTimer = null
  const undo = []

  const image = h('img', { src: stillUrl(), alt: t('noPicture'), draggable: 'false' })
  const svg = h('svg', { viewBox: '0 0 1280 720', tabindex: 0, 'aria-label': t('helpDraw') })
  const hint = h('p', { class: 'note', role: 'status' })
  const side = h('aside', { class: 'card side' })
  const tools = h('div', { class: 'tools' })
  const yaml = h('pre', { class: 'yaml', tabindex: 0 })
  const result = h('div', {})
  const status = h('span', { class: 'note' })
  const saveButton = h('button', { type: 'button', class: 'primary', onclick: () => void save() }, t('save'))

  main.replaceChildren(
    h(
      'div',
      { class: 'head' },
      h('h1', {}, `${camera.place?.name ?? ''} ${camera.id} · ${t('zones')}`),
      status,
      h('button', { type: 'button', onclick: discard }, t('discard')),
      saveButton,
    ),
    h(
      'div',
      { class: 'editor' },
      h(
        'div',
        {},
        h('div', { class: 'stage' }, image, svg),
        tools,
        hint,
        h(
          'section',
          { class: 'card' },
          h('h2', {}, t('willWrite')),
          result,
          yaml,
          h('p', { class: 'note' }, t('zoneRestart')),
        ),
      ),
      side,
    ),
  )
  image.addEventListener('load', () => {
    image.parentElement.classList.add('ready')
    svg.setAttribute('viewBox', `0 0 ${image.naturalWidth} ${image.naturalHeight}`)
    drawPicture()
  })
  image.addEventListener('error', () => {
    image.parentElement.classList.remove('ready')
    drawPicture()
  })
  svg.addEventListener('pointerdown', (event) => {
    if (!drawing || event.target.closest('circle')) return
    event.preventDefault()
    change(() => {
      zones[zone].polygon.push(at(event))
      point = zones[zone].polygon.length - 1
    })
  })
  main.addEventListener('keydown', onKey)
  drawAll()
  check()

  function stillUrl() {
    return `/v1/cameras/${camera.id}/still?t=${Math.round(performance.now())}`
  }
  function size() {
    return [image.naturalWidth || 1280, image.naturalHeight || 720]
  }
  function at(event) {
    const box = svg.getBoundingClientRect()
    return [tidy((event.clientX - box.left) / box.width), tidy((event.clientY - box.top) / box.height)]
  }
  /** Every change goes through here: remembered, drawn, checked. */
  function change(act, redrawSide = true) {
    undo.push(JSON.stringify({ zones, zone, point, drawing }))
    if (undo.length > undoMax) undo.shift()
    act()
    if (redrawSide) drawAll()
    else drawPicture()
    check()
  }
  function takeBack() {
    const last = undo.pop()
    if (last === undefined) return
    ;({ zones, zone, point, drawing } = JSON.parse(last))
    drawAll()
    check()
  }
  function discard() {
    zones = JSON.parse(saved)
    zone = zones.length > 0 ? 0 : -1
    point = -1
    drawing = false
    undo.length = 0
    drawAll()
    check()
  }
  function addZone() {
    let number = 1
    while (zones.some(({ id }) => id === `z${number}`)) number += 1
    change(() => {
      zones.push({ id: `z${number}`, kind: 'no_vending', polygon: [], schedule: null, rules: {} })
      zone = zones.length - 1
      point = -1
      drawing = true
    })
    svg.focus()
  }
  function addPoint() {
    if (zone < 0) return addZone()
    change(() => {
      const next = withPointAfter(zones[zone].polygon, point < 0 ? zones[zone].polygon.length - 1 : point)
      zones[zone].polygon = next.points
      point = next.index
    })
    focusPoint()
  }
  function deletePoint() {
    if (zone < 0 || point < 0) return
    change(() => {
      zones[zone].polygon.splice(point, 1)
      point = Math.min(point, zones[zone].polygon.length - 1)
    })
    focusPoint()
  }
  function deleteZone() {
    change(() => {
      zones.splice(zone, 1)
      zone = zones.length > 0 ? 0 : -1
      point = -1
      drawing = false
    })
  }
  function finish() {
    drawing = false
    point = -1
    drawAll()
  }
  function focusPoint() {
    svg.querySelector(`circle[data-point="${point}"]`)?.focus()
  }

  function onKey(event) {
    if (event.target.matches('input, select, textarea')) return
    const step = event.shiftKey ? 10 : 1
    const arrows = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }
    const arrow = arrows[event.key]
    if (arrow && point >= 0 && svg.contains(event.target)) {
      event.preventDefault()
      change(() => (zones[zone].polygon = moved(zones[zone].polygon, point, ...arrow, ...size())), false)
      focusPoint()
    } else if ((event.key === 'Delete' || event.key === 'Backspace') && svg.contains(event.target)) {
      event.preventDefault()
      deletePoint()
    } else if (event.key === 'z' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      takeBack()
    } else if (event.ctrlKey || event.metaKey || event.altKey) return
    else if (event.key === 'a') addPoint()
    else if (event.key === 'p') addZone()
    else if (event.key === 'Enter' && drawing && !event.target.matches('button')) finish()
  }

  function drawAll() {
    drawPicture()
    drawTools()
    drawSide()
  }
  function drawPicture() {
    const [width, height] = size()
    const radius = Math.max(6, width / 110)
    const px = ([x, y]) => [x * width, y * height]
    svg.classList.toggle('drawing', drawing)
    svg.replaceChildren(
      ...zones.map((each, index) => {
        const points = each.polygon
          .map((one) =>
            px(one)
              .map((value) => value.toFixed(1))
              .join(','),
          )
          .join(' ')
        const chosen = index === zone ? ' chosen' : ''
        const [x, y] = px(labelAt(each.polygon))
        return h(
          'g',
          { class: `zone ${each.kind}${chosen}`, onpointerdown: (event) => pickZone(event, index) },
          h('polygon', { points, class: 'under' }),
          h('polygon', { points, class: 'over' }),
          each.polygon.length > 0 && h('text', { x, y, 'font-size': width / 52 }, `${each.id} ${t(each.kind)}`),
        )
      }),
      ...(zones[zone]?.polygon ?? []).map((one, index) => {
        const [cx, cy] = px(one)
        return h('circle', {
          cx,
          cy,
          r: radius,
          tabindex: 0,
          role: 'button',
          'data-point': index,
          class: index === point ? 'chosen' : null,
          'aria-label': t('selectedIs', { zone: zones[zone].id, n: index + 1 }),
          onfocus: () => pickPoint(index),
          onpointerdown: (event) => drag(event, index),
        })
      }),
    )
    const fault = firstFault()
    hint.textContent = drawing
      ? t('drawing')
      : point >= 0 && zones[zone]
        ? `${t('selectedIs', { zone: zones[zone].id, n: point + 1 })} · ${t('helpDraw')}`
        : t('helpDraw')
    if (fault) hint.prepend(h('strong', { class: 'warn-text' }, `${fault} `))
    const unsaved = JSON.stringify(zones) !== saved
    status.textContent = unsaved ? t('unsaved') : ''
    saveButton.disabled = !unsaved || fault !== null
  }
  function firstFault() {
    for (const { id, polygon } of zones) {
      const fault = faultOf(polygon)
      if (fault) return t(fault, { zone: id })
    }
    return null
  }
  function pickZone(event, index) {
    if (drawing || index === zone) return
    event.stopPropagation()
    zone = index
    point = -1
    drawAll()
  }
  function pickPoint(index) {
    if (point === index) return
    point = index
    for (const circle of svg.querySelectorAll('circle'))
      circle.classList.toggle('chosen', Number(circle.dataset.point) === index)
    hint.textContent = `${t('selectedIs', { zone: zones[zone].id, n: index + 1 })} · ${t('helpDraw')}`
    drawTools()
  }
  /** Mouse and finger alike; the whole drag is one step of undo. */
  function drag(event, index) {
    event.preventDefault()
    event.stopPropagation()
    if (drawing && index === 0 && zones[zone].polygon.length >= 3) return finish()
    point = index
    let before = JSON.stringify({ zones, zone, point, drawing })
    const move = (moveEvent) => {
      if (before !== null) undo.push(before)
      before = null
      zones[zone].polygon[index] = at(moveEvent)
      drawPicture()
    }
    const end = () => {
      window.removeEventListener('pointermove', move)
      window.removeEventListener('pointerup', end)
      window.removeEventListener('pointercancel', end)
      drawAll()
      focusPoint()
      check()
    }
    window.addEventListener('pointermove', move)
    window.addEventListener('pointerup', end)
    window.addEventListener('pointercancel', end)
  }

  function drawTools() {
    const button = (name, key, act, disabled = false) =>
      h('button', { type: 'button', onclick: act, disabled }, t(name), key && h('kbd', {}, key))
    tools.replaceChildren(
      ...[
        drawing ? button('finish', 'Enter', finish) : button('addZone', 'P', addZone),
        button('addPoint', 'A', addPoint, zone < 0),
        button('delPoint', 'Del', deletePoint, zone < 0 || point < 0),
        button('undo', 'Ctrl Z', takeBack),
        button('newPicture', null, () => (image.src = stillUrl())),
      ],
    )
  }
  function drawSide() {
    const each = zones[zone]
    side.replaceChildren(
      h(
        'div',
        { class: 'zonelist' },
        zones.map((one, index) =>
          h(
            'button',
            {
              type: 'button',
              class: `pick ${one.kind}${index === zone ? ' chosen' : ''}`,
              onclick: () => ((zone = index), (point = -1), (drawing = false), drawAll()),
            },
            `${one.id} ${t(one.kind)}`,
          ),
        ),
      ),
      ...(each === undefined ? [h('p', {}, t('noZones'))] : zoneForm(each)),
    )
  }
  function zoneForm(each) {
    const set = (key) => (event) => change(() => (each[key] = event.target.value))
    const schedule = each.schedule
    const setSchedule = (patch) => change(() => (each.schedule = { ...each.schedule, ...patch }), false)
    const date = (key, label) =>
      h(
        'label',
        {},
        t(label),
        h('input', {
          type: 'date',
          value: schedule[key] ?? '',
          onchange: (event) =>
            event.target.value === ''
              ? change(() => delete each.schedule[key])
              : setSchedule({ [key]: event.target.value }),
        }),
      )
    return [
      h(
        'label',
        {},
        t('name'),
        h('input', { value: each.id, maxlength: 20, pattern: '[a-z0-9\\-]{1,20}', onchange: set('id') }),
      ),
      h(
        'label',
        {},
        t('kind'),
        h(
          'select',
          { onchange: set('kind') },
          kinds.map((kind) => h('option', { value: kind, selected: kind === each.kind }, t(kind))),
        ),
      ),
      each.kind === 'permitted_stall' &&
        h(
          'label',
          {},
          t('holder'),
          h('input', {
            value: each.holder_ref ?? '',
            maxlength: 80,
            onchange: (event) =>
              change(() =>
                event.target.value === '' ? delete each.holder_ref : (each.holder_ref = event.target.value),
              ),
          }),
        ),
      h(
        'label',
        {},
        t('schedule'),
        h(
          'select',
          {
            onchange: (event) =>
              change(
                () =>
                  (each.schedule =
                    event.target.value === 'always' ? null : { days: [...days], hours: ['06:00-09:00'], except: [] }),
              ),
          },
          h('option', { value: 'always', selected: schedule === null }, t('always')),
          h('option', { value: 'hours', selected: schedule !== null }, t('someHours')),
        ),
      ),
      ...(schedule === null || schedule === undefined
        ? []
        : [
            h(
              'fieldset',
              {},
              h('legend', {}, t('days')),
              days.map((day) =>
                h(
                  'label',
                  { class: 'day' },
                  h('input', {
                    type: 'checkbox',
                    checked: schedule.days.includes(day),
                    onchange: (event) =>
                      setSchedule({
                        days: days.filter((one) =>
                          one === day ? event.target.checked : each.schedule.days.includes(one),
                        ),
                      }),
                  }),
                  t(day),
                ),
              ),
            ),
            h(
              'label',
              {},
              t('hours'),
              h('input', {
                value: schedule.hours.join(', '),
                onchange: (event) => setSchedule({ hours: event.target.value.split(/[,，\s]+/).filter(Boolean) }),
              }),
            ),
            h('p', { class: 'note' }, t('hoursHelp')),
            h('div', { class: 'pair' }, date('from', 'fromDay'), date('to', 'toDay')),
          ]),
      h('p', {}, h('strong', {}, t('meaning')), t(`mean_${each.kind}`)),
      h('button', { type: 'button', class: 'link bad-text', onclick: deleteZone }, t('delZone')),
    ].filter(Boolean)
  }

  /** The box says what it would write, and what is wrong with it. */
  function check() {
    if (checkTimer !== null) window.clearTimeout(checkTimer)
    checkTimer = setTimeout(async () => {
      try {
        const answer = await api('PUT', `/v1/cameras/${camera.id}/zones`, { zones, sha256: null, check_only: true })
        yaml.textContent = answer.yaml
        result.replaceChildren(faultList(answer.faults, answer.warnings))
      } catch (problem) {
        result.replaceChildren(h('p', { class: 'faults bad' }, say(problem.body?.says)))
      }
    }, 500)
  }
  async function save() {
    saveButton.disabled = true
    status.textContent = t('saving')
    const show = (text, level) => result.replaceChildren(h('p', { class: `faults ${level}`, role: 'status' }, text))
    try {
      const answer = await api('PUT', `/v1/cameras/${camera.id}/zones`, { zones, sha256 })
      saved = JSON.stringify(zones)
      show(say(answer.says), 'ok')
      await untilBack(show)
      window.location.reload()
    } catch (problem) {
      drawPicture()
      result.replaceChildren(
        h('p', { class: 'faults bad' }, say(problem.body?.says)),
        ...(problem.body?.faults ? [faultList(problem.body.faults, [])] : []),
      )
    }
  }
  return () => JSON.stringify(zones) !== saved
}
