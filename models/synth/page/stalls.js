/** Stalls, parasols, handcarts and grills. Front (towards customers) is +z, origin on the ground. */
import * as THREE from 'three'
import { addBag, addCarton, addCrate, addLoad } from './goods.js'
import { Mesher } from './mesher.js'
import { surface } from './surface.js'
import { makeTricycle } from './vehicles.js'

const finish = (m, k, cat, size, group) => {
  m.contact(k, size.w * (cat === 'umbrella' ? 0.5 : 1.25), size.l * (cat === 'umbrella' ? 0.5 : 1.4))
  const g = m.build(group)
  g.userData.cat = cat
  g.userData.size = size
  return g
}

/** A parasol cloth: eight segments, drooping edge; radius r, edge height y. */
function parasol(m, tex, rng, r, y, p = [0, 0, 0]) {
  const square = rng.chance(0.25)
  const n = square ? 4 : 8
  const [a, b] = rng.pick([
    ['#b3262a', '#e6e0d2'],
    ['#1d5fa6', '#e9e5da'],
    ['#2c7a45', '#e4dfcc'],
    ['#b3262a', '#b3262a'],
    ['#2a5fa0', '#2a5fa0'],
    ['#d24a1e', '#e8b53a'],
    ['#c9b892', '#c9b892'],
    ['#3b6b50', '#3b6b50'],
    ['#d8b02a', '#c22a22'],
    ['#5b3d7a', '#e6e0ea'],
  ])
  const mat = surface(tex.cloth[0])
  const top = y + r * rng.range(0.28, 0.42)
  for (let i = 0; i < n; i++) {
    const [u, v] = [(i / n) * 6.2832 + 0.39, ((i + 1) / n) * 6.2832 + 0.39]
    const e0 = [Math.cos(u) * r, y, Math.sin(u) * r]
    const e1 = [Math.cos(v) * r, y, Math.sin(v) * r]
    const m0 = [e0[0] * 0.55, y + (top - y) * 0.62, e0[2] * 0.55]
    const m1 = [e1[0] * 0.55, y + (top - y) * 0.62, e1[2] * 0.55]
    const d0 = [e0[0], y - 0.16, e0[2]]
    const d1 = [e1[0], y - 0.16, e1[2]]
    const t = [0, top, 0]
    const g = new THREE.BufferGeometry()
    g.setAttribute(
      'position',
      new THREE.Float32BufferAttribute(
        [...t, ...m0, ...m1, ...m0, ...e0, ...e1, ...m0, ...e1, ...m1, ...e0, ...d0, ...d1, ...e0, ...d1, ...e1],
        3,
      ),
    )
    g.setAttribute('uv', new THREE.Float32BufferAttribute(new Float32Array(30), 2))
    g.computeVertexNormals()
    const nn = g.attributes.normal
    for (let j = 0; j < nn.count; j++) if (nn.getY(j) < -0.05) nn.setXYZ(j, -nn.getX(j), -nn.getY(j), -nn.getZ(j))
    m.add(mat, g, i % 2 ? a : b, p)
  }
}

/** A stall parasol with pole and foot. */
export function makeUmbrella(k, tex, rng) {
  const m = new Mesher()
  const r = rng.range(1.05, 1.6)
  const y = rng.range(1.95, 2.25)
  parasol(m, tex, rng, r, y)
  m.tube(k.metal, '#b9bcbe', 0.025, 0.025, y + 0.4, [0, (y + 0.4) / 2, 0], [0, 0, 0], 6)
  m.tube(k.dirty, '#6e6c68', 0.28, 0.24, 0.12, [0, 0.06, 0], [0, 0, 0], 10)
  return finish(m, k, 'umbrella', { w: r * 2, l: r * 2 })
}

function awning(m, k, tex, rng, w, d, h) {
  const mat = surface(rng.pick(tex.stripes))
  for (const x of [-1, 1])
    for (const z of [-1, 1])
      m.tube(k.metal, '#a9acae', 0.018, 0.018, h, [(x * w) / 2, h / 2, (z * d) / 2], [0, 0, 0], 6)
  const rise = rng.range(0.15, 0.4)
  const a = Math.atan2(rise, d / 2)
  const s = Math.hypot(rise, d / 2) + 0.12
  for (const z of [-1, 1]) m.box(mat, '#fff', [w + 0.25, 0.02, s], [0, h + rise / 2, (z * d) / 4], [z * a, 0, 0], 0)
  for (const z of [-1, 1]) m.card(mat, '#fff', w + 0.25, 0.2, [0, h - 0.1, z * (d / 2 + 0.06)], [0, 0, 0])
}

/**
 * A stall: 'cart' (with awning and menu board), 'table', 'tricycle' (parked, open for trade) or 'cloth' (wares on the ground).
 * @returns group of category vendor_stall
 */
export function makeStall(k, tex, rng, kind = rng.pick(['cart', 'cart', 'table', 'table', 'tricycle', 'cloth'])) {
  const m = new Mesher()
  const menu = () => surface(rng.pick(tex.menu), { lit: 1.1 })
  if (kind === 'cart') {
    const [w, d, h] = [rng.range(1.3, 2.0), rng.range(0.7, 0.95), 0.85]
    const c = rng.pick(['#c9ccce', '#b3262a', '#d8d3c4', '#2d619c', '#d8a520', '#2f7a4a'])
    m.box(k.metal, c, [w, h - 0.2, d], [0, 0.2 + (h - 0.2) / 2, 0])
    m.box(k.metal, '#c6c8ca', [w + 0.1, 0.04, d + 0.14], [0, h + 0.02, 0])
    for (const s of [-1, 1])
      m.tube(k.matte, '#171717', 0.2, 0.2, 0.07, [(s * w) / 2 - s * 0.2, 0.2, d / 2 - 0.1], [0, 0, Math.PI / 2], 10)
    for (const s of [-1, 1])
      m.tube(k.matte, '#171717', 0.2, 0.2, 0.07, [(s * w) / 2 - s * 0.2, 0.2, -d / 2 + 0.1], [0, 0, Math.PI / 2], 10)
    m.card(menu(), '#fff', w * 0.96, 0.52, [0, 0.55, d / 2 + 0.012])
    m.card(menu(), '#fff', w * 0.96, 0.52, [0, 0.55, -d / 2 - 0.012], [0, Math.PI, 0])
    if (rng.chance(0.6)) {
      m.box(k.glass, '#6d777b', [w * 0.95, 0.4, 0.03], [0, h + 0.22, d / 2])
      m.box(k.metal, '#4a4a4a', [w * 0.4, 0.14, d * 0.6], [-w * 0.2, h + 0.1, 0])
      addLoad(m, k, tex, rng, 'fruit', [w * 0.4, d * 0.7], [w * 0.24, h, 0], 0.3)
    } else addLoad(m, k, tex, rng, rng.pick(['fruit', 'wares', 'fruit']), [w * 0.92, d * 0.92], [0, h + 0.02, 0], 0.3)
    if (rng.chance(0.8)) {
      const top = rng.range(1.85, 2.15)
      awning(m, k, tex, rng, w, d, top)
      if (rng.chance(0.6)) m.card(menu(), '#fff', w, 0.34, [0, top - 0.1, d / 2 + 0.1])
    }
    if (rng.chance(0.5)) m.tube(k.metal, '#3a6a9a', 0.16, 0.16, 0.6, [w * 0.3, 0.3, -d / 2 - 0.3], [0, 0, 0], 10)
  } else if (kind === 'table') {
    const [w, d] = [rng.range(1.4, 3.0), rng.range(0.7, 1.1)]
    const h = rng.range(0.62, 0.82)
    m.box(
      rng.chance(0.5) ? surface(rng.pick(tex.wares)) : k.cloth,
      rng.pick(['#a3262a', '#2d5b94', '#d8d4c8', '#6f7a55']),
      [w, rng.range(0.1, h - 0.05), d],
      [0, h - 0.2, 0],
    )
    m.box(k.dirty, '#b3aa98', [w + 0.04, 0.04, d + 0.04], [0, h, 0])
    for (const x of [-1, 1])
      for (const z of [-1, 1]) m.tube(k.metal, '#777', 0.02, 0.02, h, [x * w * 0.45, h / 2, z * d * 0.42], [0, 0, 0], 5)
    addLoad(m, k, tex, rng, rng.pick(['fruit', 'wares', 'fruit', 'fruit']), [w * 0.96, d * 0.96], [0, h + 0.02, 0], 0.3)
    for (let i = rng.int(0, 3); i > 0; i--)
      addCrate(m, k, tex, rng, [rng.range(-w / 2, w / 2), 0, d / 2 + 0.25], [0.46, 0.36])
    if (rng.chance(0.3)) awning(m, k, tex, rng, w, d + 0.4, rng.range(1.9, 2.2))
    if (rng.chance(0.4)) m.card(menu(), '#fff', 0.7, 0.4, [rng.range(-0.5, 0.5), h + 0.4, -d / 2])
  } else if (kind === 'cloth') {
    const [w, d] = [rng.range(1.4, 2.6), rng.range(0.9, 1.5)]
    m.box(surface(rng.pick(tex.wares)), '#fff', [w, 0.03, d], [0, 0.02, 0], [0, 0, 0], 0.9)
    for (let i = 0; i < 34; i++)
      m.box(
        k.cloth,
        `hsl(${rng.int(0, 359)},${rng.int(5, 70)}%,${rng.int(20, 75)}%)`,
        [rng.range(0.08, 0.26), rng.range(0.04, 0.24), rng.range(0.08, 0.26)],
        [rng.range(-0.46, 0.46) * w, 0.08, rng.range(-0.44, 0.44) * d],
        [0, rng.range(0, 3), 0],
      )
    if (rng.chance(0.5)) addBag(m, k, rng, [w / 2 + 0.2, 0, -d / 2])
  } else {
    const t = makeTricycle(k, tex, rng, { load: rng.pick(['fruit', 'cabinet', 'boxes', 'fruit']), driver: false })
    t.rotation.y = Math.PI / 2
    t.position.z = -0.1
    for (let i = rng.int(0, 3); i > 0; i--) addCrate(m, k, tex, rng, [rng.range(-1.2, 0.4), 0, 0.85], [0.5, 0.4])
    if (rng.chance(0.6)) m.card(menu(), '#fff', 0.8, 0.5, [-0.5, 0.85, 0.62], [-0.1, 0, 0])
    if (rng.chance(0.4)) awning(m, k, tex, rng, 1.7, 1.2, 2.0)
    const g = new THREE.Group()
    g.add(t)
    return finish(m, k, 'vendor_stall', { w: 2.8, l: 1.4 }, g)
  }
  if (rng.chance(0.3)) addCarton(m, k, rng, [rng.range(-0.8, 0.8), 0, -0.7])
  if (rng.chance(0.3))
    m.tube(
      k.dirty,
      rng.pick(['#b5262a', '#2d64a8', '#d8d4cc']),
      0.2,
      0.17,
      0.34,
      [rng.range(-1, 1), 0.17, -0.75],
      [0, 0, 0],
      10,
    )
  return finish(m, k, 'vendor_stall', { w: 2, l: 1.2 })
}

/** Two-wheeled barrow or platform trolley; handles towards -z. */
export function makeHandcart(k, tex, rng, load = rng.pick(['boxes', 'fruit', 'bags', 'boxes', null])) {
  const m = new Mesher()
  const platform = rng.chance(0.4)
  const [w, l, h] = platform ? [0.62, 0.95, 0.22] : [0.9, 1.5, 0.5]
  const c = rng.pick(['#2d62a0', '#7d6a50', '#8a8d90', '#3a7a4c', '#a33'])
  m.box(platform ? k.metal : k.dirty, c, [w, 0.06, l], [0, h, 0])
  if (platform) {
    for (const x of [-1, 1])
      for (const z of [-1, 1])
        m.tube(
          k.matte,
          '#1a1a1a',
          0.09,
          0.09,
          0.05,
          [x * (w / 2 - 0.08), 0.09, z * (l / 2 - 0.1)],
          [0, 0, Math.PI / 2],
          10,
        )
    for (const s of [-1, 1])
      m.tube(k.metal, '#aaa', 0.016, 0.016, 0.75, [s * (w / 2 - 0.05), h + 0.37, -l / 2], [0, 0, 0], 6)
    m.tube(k.metal, '#aaa', 0.016, 0.016, w - 0.1, [0, h + 0.75, -l / 2], [0, 0, Math.PI / 2], 6)
  } else {
    for (const s of [-1, 1])
      m.tube(k.matte, '#1a1a1a', 0.3, 0.3, 0.06, [s * (w / 2 + 0.04), 0.3, 0.1], [0, 0, Math.PI / 2], 14)
    for (const s of [-1, 1])
      m.tube(k.dirty, c, 0.025, 0.025, 1.0, [s * w * 0.4, h + 0.18, -l / 2 - 0.35], [-1.2, 0, 0], 6)
    for (const s of [-1, 1]) m.box(k.dirty, c, [0.04, 0.2, l], [s * w * 0.5, h + 0.1, 0])
    m.tube(k.metal, '#555', 0.02, 0.02, 0.42, [0, 0.22, -l / 2 + 0.1], [0, 0, 0], 5)
  }
  if (load) addLoad(m, k, tex, rng, load, [w - 0.06, l - 0.06], [0, h + 0.03, 0], 0.8)
  return finish(m, k, 'handcart', { w, l: l + 0.6 })
}

/** Charcoal grill: long open box on legs, coals, skewers; sometimes with a hood or on a cart. */
export function makeGrill(k, tex, rng) {
  const m = new Mesher()
  const [w, d] = [rng.range(0.9, 1.7), rng.range(0.24, 0.42)]
  const h = rng.range(0.68, 0.84)
  const c = rng.pick(['#2b2a29', '#3a3836', '#6d6f70', '#4a3328', '#8b8e90'])
  m.box(k.metal, c, [w, 0.16, d], [0, h - 0.08, 0])
  m.box(k.coals, '#fff', [w - 0.06, 0.02, d - 0.05], [0, h + 0.004, 0], [0, 0, 0], 0.4)
  for (const z of [-1, 1]) m.box(k.metal, c, [w, 0.06, 0.015], [0, h + 0.02, (z * d) / 2])
  if (rng.chance(0.35))
    m.box(k.metal, rng.pick(['#b9bcbe', '#a8221f', '#3a3836']), [w * 0.96, h - 0.24, d * 1.1], [0, (h - 0.2) / 2, 0])
  else
    for (const x of [-1, 1])
      for (const z of [-1, 1])
        m.tube(k.metal, c, 0.016, 0.016, h - 0.1, [x * (w / 2 - 0.06), (h - 0.1) / 2, z * (d / 2 - 0.03)], [0, 0, 0], 5)
  for (let x = -w / 2 + 0.08; x < w / 2 - 0.05; x += rng.range(0.05, 0.09)) {
    m.box(k.matte, '#b99a6a', [0.01, 0.01, d + 0.26], [x, h + 0.05, 0.06])
    m.box(k.matte, rng.pick(['#6a3a22', '#7c4a2a', '#8c5a3a', '#5a2a1c']), [0.03, 0.03, d * 0.75], [x, h + 0.06, -0.01])
  }
  if (rng.chance(0.4))
    m.card(surface(rng.pick(tex.bbq), { lit: 1.6 }), '#fff', w * 0.9, 0.36, [0, h - 0.28, d / 2 + 0.04])
  const g = finish(m, k, 'grill', { w, l: d })
  g.userData.top = h
  return g
}
