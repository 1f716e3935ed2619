/** Vehicles, parametric: forward is +z, origin on the ground in the middle. Sizes in metres. */
import { Mesher } from './mesher.js'
import { makePerson } from './people.js'
import { addLoad } from './goods.js'

const CAR = [
  '#e9e9ea',
  '#dfe0e0',
  '#f2f2f0',
  '#17181a',
  '#101113',
  '#8e9296',
  '#b9bcc0',
  '#5c6064',
  '#7c1d20',
  '#a5191c',
  '#1d3a6b',
  '#2b4c7e',
  '#4f4439',
  '#c7b99e',
  '#2d4a3a',
  '#c96a1e',
]
const DARK = '#15181b'

function wheels(m, k, xs, zs, r, w = 0.2) {
  for (const z of zs)
    for (const x of xs) {
      m.tube(k.matte, '#141414', r, r, w, [x, r, z], [0, 0, Math.PI / 2], 12)
      m.tube(k.metal, '#8d9094', r * 0.58, r * 0.58, w + 0.02, [x, r, z], [0, 0, Math.PI / 2], 10)
    }
}

function lights(m, k, w, y, z0, z1, big = 0.2) {
  for (const s of [-1, 1]) {
    m.box(k.lamp, '#f6f4ea', [big * 1.3, big * 0.6, 0.06], [s * (w / 2 - big * 0.8), y, z1])
    m.box(k.tail, '#a3120f', [big * 1.1, big * 0.7, 0.06], [s * (w / 2 - big * 0.7), y + 0.1, z0])
  }
}

function plate(m, k, colour, y, z) {
  m.box(k.matte, colour, [0.44, 0.14, 0.02], [0, y, z])
  m.box(k.matte, '#e8e8e8', [0.34, 0.06, 0.024], [0, y, z])
}

/** Car, taxi, SUV or small van. */
export function makeCar(k, rng) {
  const kind = rng.pick(['sedan', 'sedan', 'suv', 'suv', 'hatch', 'van', 'mini'])
  const paint = rng.pick(CAR)
  const m = new Mesher()
  const size = {
    sedan: [4.65, 1.82, 1.46],
    suv: [4.6, 1.86, 1.7],
    hatch: [4.1, 1.75, 1.5],
    van: [4.5, 1.68, 1.92],
    mini: [3.4, 1.6, 1.6],
  }[kind]
  const [l, w, h] = size.map((s) => s * rng.range(0.96, 1.05))
  const [a, b] = [-l / 2, l / 2]
  const belt = h * 0.6
  const nose = kind === 'van' ? belt * 0.98 : belt * 0.86
  m.hull(
    k.paint,
    paint,
    [
      [a + 0.03, 0.26],
      [b - 0.06, 0.24],
      [b, 0.5],
      [b - 0.04, nose * 0.86],
      [b - (kind === 'van' ? 0.5 : 1.15), nose + 0.03],
      [b - (kind === 'van' ? 0.7 : 1.4), belt],
      [a + 0.12, belt],
      [a, belt * 0.75],
    ],
    w,
    0.06,
    0.09,
  )
  const front = kind === 'van' ? b - 0.35 : b - l * 0.27
  const roofF = kind === 'van' ? b - 1.1 : b - l * 0.42
  const back = kind === 'sedan' ? a + l * 0.13 : a + 0.12
  const roofB = kind === 'sedan' ? a + l * 0.3 : a + l * 0.1
  m.hull(
    k.glass,
    DARK,
    [
      [back, belt - 0.05],
      [front, belt - 0.05],
      [roofF, h - 0.05],
      [roofB, h - 0.05],
    ],
    w - 0.14,
    0.17,
    0.04,
  )
  m.hull(
    k.paint,
    paint,
    [
      [roofB - 0.06, h - 0.07],
      [roofF + 0.05, h - 0.07],
      [roofF - 0.12, h],
      [roofB + 0.15, h],
    ],
    w - 0.42,
    0.05,
    0.05,
  )
  for (const z of [roofF + 0.02, (roofF + roofB) / 2, roofB])
    m.box(
      k.paint,
      paint,
      [w - 0.26, h - belt, 0.07],
      [0, (h + belt) / 2 - 0.04, z],
      [z === roofF + 0.02 ? -0.35 : 0, 0, 0],
    )
  m.box(k.matte, '#1b1c1e', [w - 0.1, 0.2, l - 0.3], [0, 0.24, 0])
  m.box(k.matte, '#202225', [w * 0.62, 0.16, 0.05], [0, nose * 0.62, b - 0.02])
  m.box(k.matte, '#2a2c2e', [w * 0.9, 0.12, 0.05], [0, 0.33, b - 0.03])
  for (const s of [-1, 1]) m.box(k.paint, paint, [0.2, 0.12, 0.09], [s * (w / 2 + 0.05), belt + 0.06, front - 0.35])
  lights(m, k, w, nose * 0.8, a - 0.0, b - 0.03)
  const green = rng.chance(0.2)
  plate(m, k, green ? '#4fae6a' : '#1c4fa3', 0.42, b + 0.03)
  plate(m, k, green ? '#4fae6a' : '#1c4fa3', belt * 0.72, a - 0.04)
  wheels(m, k, [-(w / 2 - 0.1), w / 2 - 0.1], [a + l * 0.19, b - l * 0.19], h * 0.21)
  if (rng.chance(0.08)) m.box(k.lamp, '#f0c832', [0.5, 0.14, 0.2], [0, h + 0.08, 0])
  return done(m, k, 'car', { l, w, h })
}

function done(m, k, cat, size) {
  m.contact(k, size.w * 1.35, size.l * 1.12)
  const g = m.build()
  g.userData.cat = cat
  g.userData.size = size
  return g
}

/** Box, dump or flatbed truck; `kind` and `load` may be forced. */
export function makeTruck(
  k,
  tex,
  rng,
  { kind = rng.pick(['box', 'box', 'dump', 'flat', 'light']), load = rng.chance(0.7) } = {},
) {
  const m = new Mesher()
  const paint = rng.pick(['#2b5a9c', '#e6e6e4', '#b3241f', '#2c6e4a', '#d8a51d', '#8fa3b0', '#e6e6e4'])
  const light = kind === 'light'
  const l = light ? rng.range(4.9, 5.8) : rng.range(6.4, 8.8)
  const w = light ? 1.9 : 2.35
  const cabH = light ? 2.1 : 2.75
  const cab = light ? 1.6 : 2.0
  const [a, b] = [-l / 2, l / 2]
  const deck = light ? 0.85 : 1.15
  m.hull(
    k.paint,
    paint,
    [
      [b - cab, 0.5],
      [b - 0.05, 0.45],
      [b, 0.9],
      [b - 0.04, cabH * 0.55],
      [b - 0.3, cabH - 0.05],
      [b - cab, cabH],
    ],
    w,
    0.07,
    0.08,
  )
  m.hull(
    k.glass,
    DARK,
    [
      [b - 0.16, cabH * 0.56],
      [b + 0.01, cabH * 0.56],
      [b - 0.2, cabH * 0.9],
      [b - 0.42, cabH * 0.9],
    ],
    w - 0.22,
    0.05,
    0.02,
  )
  for (const s of [-1, 1]) {
    m.box(k.glass, DARK, [0.04, cabH * 0.28, cab * 0.5], [s * (w / 2 - 0.02), cabH * 0.72, b - cab * 0.5])
    m.box(k.matte, '#1a1a1a', [0.1, 0.4, 0.18], [s * (w / 2 + 0.16), cabH * 0.75, b - 0.2])
  }
  m.box(k.matte, '#26282a', [w * 0.9, 0.25, 0.08], [0, 0.6, b])
  lights(m, k, w, 0.8, a, b + 0.01, 0.26)
  plate(m, k, '#d9b021', 0.5, b + 0.05)
  plate(m, k, '#d9b021', 0.7, a - 0.05)
  m.box(k.matte, '#232323', [w * 0.5, 0.22, l - 0.6], [0, deck - 0.22, -0.1])
  const [d0, d1] = [a, b - cab - 0.12]
  const dl = d1 - d0
  const dz = (d0 + d1) / 2
  if (kind === 'box' || light) {
    const bh = light ? 1.75 : 2.3
    const c = rng.pick(['#dcdcd8', '#e6e6e2', '#c4c8cc', '#37679a', '#b9352c'])
    m.box(k.metal, c, [w + 0.06, bh, dl], [0, deck + bh / 2, dz])
    for (let z = d0 + 0.5; z < d1; z += 0.9)
      for (const s of [-1, 1]) m.box(k.metal, '#b4b6b6', [0.03, bh - 0.1, 0.06], [s * (w / 2 + 0.04), deck + bh / 2, z])
    m.box(k.metal, '#8f9294', [0.04, bh - 0.2, 0.04], [0, deck + bh / 2, a - 0.02])
  } else {
    const side = kind === 'dump' ? rng.range(0.9, 1.4) : 0.5
    const c = kind === 'dump' ? paint : '#6c7276'
    m.box(k.metal, '#5a5448', [w, 0.1, dl], [0, deck, dz])
    for (const s of [-1, 1]) {
      m.box(k.metal, c, [0.08, side, dl], [s * (w / 2 - 0.04), deck + side / 2, dz])
      for (let z = d0 + 0.3; z < d1; z += 0.8)
        m.box(k.metal, c, [0.08, side, 0.1], [s * (w / 2 + 0.04), deck + side / 2, z])
    }
    for (const z of [d0, d1])
      m.box(k.metal, c, [w, side + (z === d1 && kind === 'dump' ? 0.35 : 0), 0.08], [0, deck + side / 2, z])
    if (load)
      addLoad(
        m,
        k,
        tex,
        rng,
        kind === 'dump' ? 'sand' : rng.pick(['boxes', 'bags', 'boxes']),
        [w - 0.2, dl - 0.2],
        [0, deck + (kind === 'dump' ? side * 0.75 : 0.06), dz],
        kind === 'dump' ? 0.75 : 1.1,
      )
  }
  wheels(
    m,
    k,
    [-(w / 2 - 0.16), w / 2 - 0.16],
    light ? [b - 0.9, a + 1.1] : [b - 1.0, a + 1.1, a + 2.2],
    light ? 0.36 : 0.48,
    0.3,
  )
  return done(m, k, 'truck', { l, w, h: 3 })
}

export function makeBus(k, rng) {
  const m = new Mesher()
  const c = rng.pick(['#2a7a4b', '#e8e8e6', '#2f66a8', '#c8322c', '#e0a21e', '#4aa0b8'])
  const c2 = rng.pick(['#e9e9e7', '#d8d8d4', '#3f9d6a'])
  const [l, w, h] = [rng.range(8.5, 11.8), 2.5, 3.05]
  const [a, b] = [-l / 2, l / 2]
  m.hull(
    k.paint,
    c2,
    [
      [a, 0.4],
      [b - 0.05, 0.35],
      [b, 1.0],
      [b - 0.08, 2.5],
      [b - 0.25, h],
      [a + 0.1, h],
      [a, h - 0.2],
    ],
    w,
    0.05,
    0.09,
  )
  m.box(k.paint, c, [w + 0.03, 0.65, l - 0.1], [0, 0.75, 0])
  m.box(k.glass, DARK, [w + 0.04, 0.95, l - 0.9], [0, 1.85, -0.2])
  for (let z = a + 1; z < b - 1; z += 1.45) m.box(k.paint, c2, [w + 0.06, 0.95, 0.1], [0, 1.85, z])
  m.box(k.glass, DARK, [w - 0.25, 1.35, 0.08], [0, 1.75, b - 0.02])
  m.box(k.glass, DARK, [w - 0.5, 0.8, 0.08], [0, 2.0, a - 0.0])
  m.box(k.lamp, '#3a1c08', [1.6, 0.26, 0.08], [0, 2.72, b - 0.08])
  m.box(k.matte, '#c9cacb', [1.6, 0.3, 2.2], [0, h + 0.1, 0.5])
  m.box(k.matte, '#1a1b1c', [w - 0.06, 0.2, l - 0.2], [0, 0.35, 0])
  lights(m, k, w, 0.75, a - 0.02, b + 0.02, 0.28)
  plate(m, k, '#d9b021', 0.5, b + 0.05)
  wheels(m, k, [-(w / 2 - 0.14), w / 2 - 0.14], [b - 2.3, a + 2.6], 0.48, 0.3)
  return done(m, k, 'bus', { l, w, h })
}

/** E-bike, scooter or bicycle; with a rider unless parked. */
export function makeTwoWheeler(k, rng, ridden = true) {
  const m = new Mesher()
  const kind = rng.pick(['ebike', 'ebike', 'ebike', 'bicycle', 'courier'])
  const c = rng.pick(['#a81f22', '#20364f', '#e2e2df', '#181818', '#2f6b8c', '#c6b23a', '#3f6f4c', '#d77a9a'])
  const big = kind === 'bicycle' ? 0.33 : 0.24
  const half = kind === 'bicycle' ? 0.53 : 0.62
  for (const z of [-half, half])
    m.tube(k.matte, '#171717', big, big, kind === 'bicycle' ? 0.045 : 0.09, [0, big, z], [0, 0, Math.PI / 2], 14)
  for (const z of [-half, half])
    m.tube(
      k.metal,
      kind === 'bicycle' ? '#a9a9a9' : '#6f7276',
      big * 0.7,
      big * 0.7,
      0.06,
      [0, big, z],
      [0, 0, Math.PI / 2],
      12,
    )
  if (kind === 'bicycle') {
    m.tube(k.metal, c, 0.02, 0.02, 1.0, [0, 0.55, 0.05], [1.35, 0, 0], 6)
    m.tube(k.metal, c, 0.02, 0.02, 0.62, [0, 0.55, -0.2], [-0.3, 0, 0], 6)
    m.box(k.matte, '#1a1a1a', [0.3, 0.22, 0.26], [0, 0.85, half])
  } else {
    m.box(k.paint, c, [0.26, 0.12, 0.62], [0, 0.36, 0.02])
    m.box(k.paint, c, [0.3, 0.36, 0.62], [0, 0.58, -0.42], [0.1, 0, 0])
    m.box(k.paint, c, [0.34, 0.62, 0.1], [0, 0.66, 0.46], [-0.2, 0, 0])
    m.box(k.matte, c, [0.2, 0.06, 0.34], [0, 0.5, half])
    m.box(k.lamp, '#eeeadc', [0.14, 0.1, 0.06], [0, 0.92, half - 0.02])
    m.box(k.tail, '#a3120f', [0.16, 0.07, 0.05], [0, 0.66, -half - 0.14])
    if (rng.chance(0.3)) m.box(k.glass, '#9aa6ac', [0.5, 0.5, 0.03], [0, 1.15, 0.55], [-0.3, 0, 0])
  }
  m.tube(k.metal, '#2a2a2a', 0.022, 0.022, 0.6, [0, 0.85, half - 0.1], [-0.25, 0, 0], 6)
  m.tube(k.metal, '#1b1b1b', 0.02, 0.02, 0.62, [0, 1.05, half - 0.2], [0, 0, Math.PI / 2], 6)
  m.box(k.cloth, '#141414', [0.24, 0.09, 0.55], [0, 0.79, -0.3])
  const courier = kind === 'courier'
  m.contact(k, 0.8, 1.9)
  if (courier) m.box(k.paint, rng.pick(['#e8b81c', '#1f7fd0', '#e0521d']), [0.5, 0.48, 0.48], [0, 1.08, -0.62])
  else if (rng.chance(0.25)) m.box(k.matte, '#33302c', [0.34, 0.3, 0.32], [0, 0.98, -0.72])
  const g = m.build()
  if (ridden) {
    for (let i = 0; i < (!courier && rng.chance(0.18) ? 2 : 1); i++) {
      const p = makePerson(k, rng, {
        riding: true,
        hat: rng.chance(0.6) ? rng.pick(['#e8e8e6', '#b02a2a', '#1d3d6d', '#e0c020', '#222']) : undefined,
        vest: courier ? rng.pick(['#e8b81c', '#1f7fd0']) : undefined,
      })
      p.userData.pose('ride', 0)
      p.position.set(0, -0.05, -0.28 - i * 0.42)
      g.add(p)
    }
  }
  g.userData.cat = 'two_wheeler'
  g.userData.size = { l: 1.8, w: 0.7, h: 1.7 }
  return g
}

/** Cargo tricycle: `load` is a kind of goods.js or null; `driver` adds the rider; `top` a canopy over the bed. */
export function makeTricycle(
  k,
  tex,
  rng,
  { load = rng.pick(['boxes', 'fruit', 'bags', 'cabinet', null]), driver = true } = {},
) {
  const m = new Mesher()
  const c = rng.pick(['#2a5f9a', '#a82323', '#2f7048', '#3c6f9e', '#d07a1e'])
  const [bw, bl] = [rng.range(1.0, 1.15), rng.range(1.4, 1.75)]
  const bz = -0.55
  m.tube(k.matte, '#161616', 0.29, 0.29, 0.09, [0, 0.29, 1.15], [0, 0, Math.PI / 2], 12)
  for (const s of [-1, 1])
    m.tube(k.matte, '#161616', 0.29, 0.29, 0.11, [s * (bw / 2 - 0.08), 0.29, bz - 0.15], [0, 0, Math.PI / 2], 12)
  m.box(k.metal, c, [0.12, 0.1, 1.4], [0, 0.5, 0.4])
  m.box(k.paint, c, [0.4, 0.7, 0.08], [0, 0.72, 0.92], [-0.2, 0, 0])
  m.tube(k.metal, '#222', 0.025, 0.025, 0.85, [0, 0.75, 1.02], [-0.25, 0, 0], 6)
  m.tube(k.metal, '#1c1c1c', 0.022, 0.022, 0.72, [0, 1.1, 0.9], [0, 0, Math.PI / 2], 6)
  m.box(k.lamp, '#eeeadc', [0.14, 0.12, 0.06], [0, 0.9, 1.1])
  m.box(k.cloth, '#161616', [0.42, 0.16, 0.4], [0, 0.76, 0.32])
  m.box(k.metal, c, [bw, 0.08, bl], [0, 0.58, bz])
  const side = rng.range(0.28, 0.45)
  for (const s of [-1, 1]) m.box(k.metal, c, [0.05, side, bl], [s * bw * 0.5, 0.58 + side / 2, bz])
  for (const s of [-1, 1]) m.box(k.metal, c, [bw, side, 0.05], [0, 0.58 + side / 2, bz + s * bl * 0.5])
  m.box(k.tail, '#a3120f', [0.12, 0.08, 0.04], [0.4, 0.62, bz - bl / 2 - 0.03])
  m.contact(k, 1.5, 2.9)
  if (load) addLoad(m, k, tex, rng, load, [bw - 0.1, bl - 0.1], [0, 0.62, bz], load === 'cabinet' ? 1.25 : 0.85)
  const g = m.build()
  if (driver) {
    const p = makePerson(k, rng, {
      riding: true,
      hat: rng.chance(0.4) ? rng.pick(['#d9c48a', '#333', '#e8e8e6']) : undefined,
    })
    p.userData.pose('ride', 0)
    p.position.set(0, -0.08, 0.26)
    g.add(p)
    g.userData.driver = p
  }
  g.userData.cat = 'tricycle'
  g.userData.size = { l: 2.8, w: 1.15, h: 1.7 }
  return g
}
