/** Goods, loads, debris: heaps, crates, bags, cartons, sand. */
import * as THREE from 'three'
import { Mesher } from './mesher.js'
import { surface } from './surface.js'

const CARTON = ['#b58a5c', '#c49a6a', '#a67c50', '#bfa27a']

/** A heap with an irregular surface: radius (x, z), height. */
export function addHeap(m, material, colour, rng, [rx, rz], h, p, turn = rng.range(0, 6)) {
  const geo = new THREE.CircleGeometry(1, 22, 0, Math.PI * 2)
  const rings = 7
  const seg = 22
  const bumps = Array.from({ length: seg }, () => rng.range(0.75, 1.15))
  const pos = []
  const at = (i, j) => {
    const u = i / rings
    const a = ((j % seg) / seg) * Math.PI * 2
    const r = u * (0.85 + 0.15 * bumps[j % seg])
    const y = (1 - u) ** 1.15 * h * (1 + (i > 0 && i < rings ? (bumps[(j * 3 + i * 5) % seg] - 0.95) * 0.35 : 0))
    return [Math.cos(a) * r * rx, y, Math.sin(a) * r * rz]
  }
  for (let i = 0; i < rings; i++)
    for (let j = 0; j < seg; j++)
      pos.push(...at(i, j), ...at(i, j + 1), ...at(i + 1, j + 1), ...at(i, j), ...at(i + 1, j + 1), ...at(i + 1, j))
  const g = new THREE.BufferGeometry()
  g.setAttribute('position', new THREE.Float32BufferAttribute(pos, 3))
  g.setAttribute('uv', new THREE.Float32BufferAttribute(new Float32Array((pos.length / 3) * 2), 2))
  g.computeVertexNormals()
  geo.dispose()
  return m.add(material, g, colour, p, [0, turn, 0], [1, 1, 1], 0.7)
}

export function addCarton(m, k, rng, p, s = rng.range(0.25, 0.5), r = [0, rng.range(0, 3), 0]) {
  const c = rng.pick(CARTON)
  const [w, h, d] = [s * rng.range(0.8, 1.4), s * rng.range(0.6, 1.1), s]
  m.box(k.card, c, [w, h, d], [p[0], p[1] + h / 2, p[2]], r)
  m.box(k.matte, '#cbb48a', [w * 0.16, h + 0.01, d + 0.01], [p[0], p[1] + h / 2, p[2]], r)
  return h
}

export function addBag(m, k, rng, p, s = rng.range(0.3, 0.5)) {
  const c = rng.pick(['#d8d5cc', '#cfc9b8', '#3c6e4a', '#222326', '#e4e2dc', '#a4503a', '#2d5b8c'])
  const b = [rng.range(0, 6), rng.range(0, 6)]
  m.ball(
    k.dirty,
    c,
    [s * 0.8, s * 0.42, s * 0.5],
    [p[0], p[1] + s * 0.36, p[2]],
    [rng.range(-0.2, 0.2), rng.range(0, 3), rng.range(-0.2, 0.2)],
    (v) => {
      const t = 1 + 0.14 * Math.sin(v.x * 5 + b[0]) + 0.12 * Math.sin(v.z * 7 + v.y * 4 + b[1])
      v.multiplyScalar(t)
    },
  )
}

/** A crate of fruit or vegetables: w x d metres. */
export function addCrate(m, k, tex, rng, p, [w, d] = [0.5, 0.38]) {
  const c = rng.pick(['#2f6fae', '#3a8a55', '#b5382c', '#8a6a45', '#d8d4cc', '#c98a2a'])
  m.box(k.dirty, c, [w, 0.24, d], [p[0], p[1] + 0.12, p[2]])
  addHeap(
    m,
    surface(rng.pick(tex.heap)),
    '#ffffff',
    rng,
    [w * 0.52, d * 0.52],
    rng.range(0.1, 0.2),
    [p[0], p[1] + 0.22, p[2]],
    0,
  )
}

/** Fills a bed or table of [w, l] metres at p (its top middle), up to `h` metres. */
export function addLoad(m, k, tex, rng, kind, [w, l], p, h) {
  const [x0, y0, z0] = p
  if (kind === 'sand') {
    addHeap(m, rng.chance(0.6) ? k.sand : k.soil, '#ffffff', rng, [w * 0.53, l * 0.5], h, p, 0)
  } else if (kind === 'fruit') {
    const nx = Math.max(1, Math.round(w / 0.52))
    const nz = Math.max(1, Math.round(l / 0.42))
    for (let i = 0; i < nx; i++)
      for (let j = 0; j < nz; j++)
        addCrate(
          m,
          k,
          tex,
          rng,
          [x0 + ((i + 0.5) / nx - 0.5) * w, y0 + rng.range(0, 0.05), z0 + ((j + 0.5) / nz - 0.5) * l],
          [w / nx - 0.03, l / nz - 0.03],
        )
  } else if (kind === 'boxes') {
    const n = rng.int(5, 12)
    for (let i = 0; i < n; i++) {
      let y = y0
      const [x, z] = [x0 + rng.range(-0.36, 0.36) * w, z0 + rng.range(-0.4, 0.4) * l]
      for (let s = rng.int(1, Math.max(1, Math.floor(h / 0.38))); s > 0; s--)
        y += addCarton(m, k, rng, [x, y, z], rng.range(0.32, 0.5), [0, rng.range(-0.2, 0.2), 0])
    }
  } else if (kind === 'bags') {
    for (let i = 0; i < 9; i++)
      addBag(
        m,
        k,
        rng,
        [x0 + rng.range(-0.32, 0.32) * w, y0 + (i > 5 ? 0.3 : 0), z0 + rng.range(-0.38, 0.38) * l],
        rng.range(0.38, 0.55),
      )
  } else if (kind === 'cabinet') {
    m.box(k.metal, rng.pick(['#c9cbcc', '#a8221f', '#e2dccb', '#2b5f8f']), [w, 0.5, l], [x0, y0 + 0.25, z0])
    m.box(k.glass, '#4a5256', [w, 0.45, l], [x0, y0 + 0.72, z0])
    m.card(
      surface(rng.pick(tex.menu), { lit: 1.2 }),
      '#fff',
      l * 0.9,
      0.42,
      [x0 + w / 2 + 0.02, y0 + 0.26, z0],
      [0, Math.PI / 2, 0],
    )
    m.card(
      surface(rng.pick(tex.menu), { lit: 1.2 }),
      '#fff',
      l * 0.9,
      0.42,
      [x0 - w / 2 - 0.02, y0 + 0.26, z0],
      [0, -Math.PI / 2, 0],
    )
    m.box(k.metal, '#d9d4c6', [w + 0.1, 0.05, l + 0.1], [x0, y0 + 0.97, z0])
  } else if (kind === 'wares') {
    m.box(surface(rng.pick(tex.wares)), '#fff', [w, 0.08, l], [x0, y0 + 0.05, z0])
    for (let i = 0; i < 12; i++)
      m.box(
        k.cloth,
        `hsl(${rng.int(0, 359)},${rng.int(10, 60)}%,${rng.int(25, 70)}%)`,
        [rng.range(0.1, 0.25), rng.range(0.05, 0.22), rng.range(0.1, 0.25)],
        [x0 + rng.range(-0.42, 0.42) * w, y0 + 0.14, z0 + rng.range(-0.42, 0.42) * l],
        [0, rng.range(0, 3), 0],
      )
  }
}

const labelled = (m, k, cat, size) => {
  if (cat === 'goods') m.contact(k, size.w * 1.2, size.l * 1.4)
  const g = m.build()
  g.userData.cat = cat
  g.userData.size = size
  return g
}

/** Goods standing or lying on the ground without a stall's furniture. */
export function makeGoods(k, tex, rng) {
  const m = new Mesher()
  const kind = rng.pick(['crates', 'crates', 'boxes', 'bags', 'rack'])
  const w = rng.range(0.9, 2.2)
  if (kind === 'crates') {
    const n = Math.round(w / 0.5)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < rng.int(1, 2); j++)
        addCrate(m, k, tex, rng, [(i - (n - 1) / 2) * 0.53, 0, j * 0.42], [0.5, 0.4])
  } else if (kind === 'boxes') addLoad(m, k, tex, rng, 'boxes', [w, 0.8], [0, 0, 0], 1.1)
  else if (kind === 'bags')
    for (let i = 0; i < rng.int(3, 6); i++) addBag(m, k, rng, [rng.range(-0.6, 0.6), 0, rng.range(-0.3, 0.3)])
  else {
    for (const s of [-1, 1]) m.tube(k.metal, '#8a8d90', 0.02, 0.02, 1.6, [(s * w) / 2, 0.8, 0], [0, 0, 0], 6)
    m.tube(k.metal, '#8a8d90', 0.02, 0.02, w, [0, 1.55, 0], [0, 0, Math.PI / 2], 6)
    for (let x = -w / 2 + 0.1; x < w / 2; x += 0.11)
      m.box(
        k.cloth,
        `hsl(${rng.int(0, 359)},${rng.int(5, 60)}%,${rng.int(15, 70)}%)`,
        [0.07, rng.range(0.6, 1.0), 0.42],
        [x, 1.05, 0],
        [0, rng.range(-0.2, 0.2), 0],
      )
  }
  return labelled(m, k, 'goods', { w, l: 0.9 })
}

/** Things lost or dumped on a road: sand, cartons, rubble, bags. */
export function makeDebris(
  k,
  tex,
  rng,
  kind = rng.pick(['sand', 'sand', 'boxes', 'rubble', 'bags']),
  size = rng.range(0.6, 1.6),
) {
  const m = new Mesher()
  if (kind === 'sand') {
    const mat = rng.pick([k.sand, k.sand, k.soil, k.rubble])
    addHeap(
      m,
      mat,
      '#fff',
      rng,
      [size * rng.range(0.6, 1.2), size * rng.range(0.5, 0.9)],
      size * rng.range(0.16, 0.36),
      [0, -0.01, 0],
    )
    for (let i = 0; i < 26; i++) {
      const a = rng.range(0, 6.3)
      const r = size * rng.range(0.7, 1.9)
      addHeap(m, mat, '#fff', rng, [rng.range(0.04, 0.2), rng.range(0.04, 0.16)], rng.range(0.01, 0.05), [
        Math.cos(a) * r,
        -0.002,
        Math.sin(a) * r,
      ])
    }
  } else if (kind === 'boxes')
    for (let i = 0; i < rng.int(2, 5); i++)
      addCarton(m, k, rng, [rng.range(-0.8, 0.8) * size, 0, rng.range(-0.6, 0.6) * size], rng.range(0.3, 0.55), [
        rng.chance(0.3) ? 0.5 : 0,
        rng.range(0, 3),
        0,
      ])
  else if (kind === 'bags')
    for (let i = 0; i < rng.int(2, 5); i++)
      addBag(m, k, rng, [rng.range(-0.6, 0.6) * size, 0, rng.range(-0.5, 0.5) * size])
  else
    for (let i = 0; i < 40; i++) {
      const r = size * Math.abs(rng.gauss()) * 0.45
      const a = rng.range(0, 6.3)
      const s = rng.range(0.05, 0.26)
      m.box(
        k.rubble,
        rng.pick(['#b9b2a8', '#a05a44', '#cfc8bd', '#8d867e']),
        [s * rng.range(0.7, 1.6), s * rng.range(0.5, 1), s],
        [Math.cos(a) * r, s * 0.3 + Math.max(0, 0.2 - r * 0.3) * rng.f(), Math.sin(a) * r],
        [rng.range(0, 3), rng.range(0, 3), rng.range(0, 3)],
      )
    }
  return labelled(m, k, 'debris', { w: size * 2, l: size * 2 })
}
