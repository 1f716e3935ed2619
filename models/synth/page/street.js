/**
 * A street along z: carriageway in the middle (x = 0), kerbs, pavements, shop fronts, furniture, parked things, far end.
 * Everything that stands still; random by seed. Metres, y up, the camera looks towards -z.
 */
import * as THREE from 'three'
import { Mesher } from './mesher.js'
import { light, surface } from './surface.js'

export const KERB_M = 0.15

function ground(m, mat, x0, x1, y, z0, z1, uv, rng, dirt) {
  const nx = Math.max(2, Math.round((x1 - x0) / 1.5))
  const nz = Math.round((z1 - z0) / 1.5)
  const g = new THREE.PlaneGeometry(1, 1, nx, nz).toNonIndexed()
  g.rotateX(-Math.PI / 2)
  const part = m.parts.get(mat)
  const from = part ? part.col.length : 0
  m.add(mat, g, '#ffffff', [(x0 + x1) / 2, y, (z0 + z1) / 2], [0, 0, 0], [x1 - x0, 1, z1 - z0], uv)
  const done = m.parts.get(mat)
  const [a, b, c, d] = [rng.range(0, 9), rng.range(0, 9), rng.range(0.2, 0.6), rng.range(0.1, 0.4)]
  for (let i = from; i < done.col.length; i += 3) {
    const [x, z] = [done.pos[i], done.pos[i + 2]]
    const v =
      1 +
      dirt *
        (0.5 * Math.sin(x * c + a + 2 * Math.sin(z * d + b)) +
          0.5 * Math.sin(z * c * 0.7 + x * 1.1 + b) * Math.sin(z * 0.23 + a))
    done.col[i] = done.col[i + 1] = done.col[i + 2] = v
  }
}

function marks(m, tex, rng, road, spec) {
  const worn = surface(rng.pick(tex.dirty))
  const white = rng.pick(['#cfcfca', '#bdbdb8', '#d8d8d4'])
  const yellow = rng.pick(['#c79a2e', '#b58a2c'])
  const y = 0.012
  if (rng.chance(0.7)) {
    const two = rng.chance(0.5)
    for (const x of two ? [-0.12, 0.12] : [0])
      for (let z = spec.z0; z < 8; z += 3) m.box(worn, yellow, [0.13, 0.006, 3.02], [x, y, z])
  } else for (let z = spec.z0; z < 8; z += 6) m.box(worn, yellow, [0.14, 0.006, 3], [0, y, z])
  if (road > 9)
    for (const x of [-road / 4, road / 4])
      for (let z = spec.z0; z < 8; z += 6) m.box(worn, white, [0.13, 0.006, 2.4], [x, y, z])
  for (const s of [-1, 1])
    for (let z = spec.z0; z < 8; z += 4) m.box(worn, white, [0.13, 0.006, 4.02], [s * (road / 2 - 0.35), y, z])
  if (spec.zebra)
    for (let x = -road / 2 + 0.7; x < road / 2 - 0.4; x += 0.95)
      m.box(worn, white, [0.45, 0.007, 3.6], [x, y, spec.zebra], [0, 0, 0])
  for (let i = rng.int(8, 22); i > 0; i--) {
    const dark = rng.chance(0.7)
    m.card(
      stainMat(tex, rng),
      dark ? '#2a2826' : '#a8a296',
      rng.range(0.6, 3.4),
      rng.range(0.5, 5),
      [rng.range(-road / 2, road / 2), 0.008 + i * 0.0004, rng.range(-60, 4)],
      [-Math.PI / 2, 0, rng.range(0, 3)],
    )
  }
  for (let i = rng.int(1, 4); i > 0; i--)
    m.box(
      worn,
      rng.pick(['#4a4846', '#5d5b57', '#777570']),
      [rng.range(0.8, 3), 0.004, rng.range(1, 9)],
      [rng.range(-road / 2 + 1.5, road / 2 - 1.5), 0.006, rng.range(-45, 0)],
    )
  for (let i = 3; i > 0; i--)
    m.tube(
      worn,
      '#3f3d3b',
      0.36,
      0.36,
      0.01,
      [rng.range(-road / 2 + 1, road / 2 - 1), 0.012, rng.range(-40, -2)],
      [0, 0, 0],
      16,
    )
}

const stainMat = (tex, rng) => surface(rng.pick(tex.stain), { blend: rng.pick([0.2, 0.35, 0.5]) })

function building(m, k, tex, rng, s, x, z0, z1, dusk) {
  const storeys = rng.pick([1, 2, 2, 3, 4, 5, 6, 6])
  const shop = rng.range(3.2, 4.0)
  const h = shop + storeys * 3.1
  const d = 10
  const w = z1 - z0
  const zc = (z0 + z1) / 2
  const out = x + (s * d) / 2
  const fac = surface(rng.pick(tex.facade), {
    tint: [rng.range(0.8, 1.12), rng.range(0.8, 1.08), rng.range(0.78, 1.05)],
  })
  m.card(
    fac,
    '#fff',
    w,
    h - shop,
    [x, shop + (h - shop) / 2, zc],
    [0, (-s * Math.PI) / 2, 0],
    [Math.max(1, Math.round(w / 7)), storeys / 2],
  )
  m.box(k.dirty, rng.pick(['#a39a8e', '#8f8982', '#b6ab9a']), [d - 0.02, h, w], [out, h / 2 - 0.02, zc])
  m.box(k.dirty, '#8b857c', [0.5, 0.35, w], [x - s * 0.1, h, zc])
  const bays = Math.max(1, Math.round(w / rng.range(3.6, 5.2)))
  for (let i = 0; i < bays; i++) {
    const bw = w / bays
    const z = z0 + (i + 0.5) * bw
    const lit = dusk && rng.chance(0.75) ? rng.range(0.6, 1.8) : 0
    m.card(
      surface(rng.pick(tex.shop), { lit: lit ? (lit > 1.2 ? 1.5 : 0.8) : 0 }),
      '#fff',
      bw - 0.25,
      shop - 1.0,
      [x - s * 0.03, (shop - 1.0) / 2 + 0.12, z],
      [0, (-s * Math.PI) / 2, 0],
    )
    m.box(k.dirty, rng.pick(['#9c948a', '#7f7a74', '#b3aca0']), [0.5, shop, 0.28], [x, shop / 2, z - bw / 2])
    const sh = rng.range(0.8, 1.15)
    m.box(k.matte, '#6a6560', [0.35, sh, bw - 0.12], [x - s * 0.05, shop - sh / 2 + 0.1, z])
    m.card(
      surface(rng.pick(tex.sign), { lit: dusk && rng.chance(0.8) ? 1.6 : 0 }),
      '#fff',
      bw - 0.16,
      sh - 0.04,
      [x - s * 0.24, shop - sh / 2 + 0.1, z],
      [0, (-s * Math.PI) / 2, 0],
    )
    if (rng.chance(0.3))
      m.box(
        surface(rng.pick(tex.stripes)),
        '#fff',
        [1.3, 0.04, bw - 0.4],
        [x - s * 0.75, shop - 1.1, z],
        [0, 0, s * 0.35],
        0,
      )
    if (rng.chance(0.18))
      m.card(
        surface(rng.pick(tex.sign), { lit: dusk ? 1.2 : 0 }),
        '#fff',
        1.9,
        0.6,
        [x - s * 0.7, shop + 1.2, z - bw / 2],
        [0, 0, Math.PI / 2],
      )
    if (rng.chance(0.35)) clutter(m, k, tex, rng, x - s * rng.range(0.4, 0.8), z + rng.range(-1, 1))
  }
  if (dusk)
    for (let i = 0; i < storeys * 4; i++)
      if (rng.chance(0.3))
        m.card(
          k.tail,
          rng.pick(['#6b4a26', '#7a6242', '#55606b', '#80561f']),
          1.5,
          1.4,
          [x - s * 0.02, shop + 1.7 + 3.1 * rng.int(0, storeys - 1), z0 + rng.range(1.2, w - 1.2)],
          [0, (-s * Math.PI) / 2, 0],
        )
  for (let i = rng.int(0, 3); i > 0; i--)
    m.box(
      k.metal,
      '#c9c8c4',
      [0.5, 0.6, 0.8],
      [x - s * 0.28, shop + rng.range(0.4, h - shop - 1), z0 + rng.range(1, w - 1)],
    )
}

/** Unlabelled things before shops: bins, plant pots, boards, air-conditioner boxes, meter cabinets, benches. */
function clutter(m, k, tex, rng, x, z) {
  const kind = rng.pick(['pot', 'board', 'ac', 'cabinet', 'bench', 'pot', 'crateless'])
  const y = KERB_M
  if (kind === 'pot') {
    m.tube(k.dirty, rng.pick(['#8a4a34', '#d6d2c8', '#55524e']), 0.22, 0.3, 0.45, [x, y + 0.22, z])
    m.ball(surface(tex.leaves[0], { cut: 0.4 }), '#fff', [0.5, 0.55, 0.5], [x, y + 0.85, z])
  } else if (kind === 'board')
    m.card(surface(rng.pick(tex.menu)), '#fff', 0.6, 0.9, [x, y + 0.5, z], [-0.15, rng.range(-0.6, 0.6), 0])
  else if (kind === 'ac') m.box(k.metal, '#c8c8c4', [0.4, 0.7, 0.85], [x, y + 0.35, z])
  else if (kind === 'cabinet')
    m.box(k.metal, rng.pick(['#8d958f', '#a9aca6', '#58705f']), [0.5, 1.3, 0.9], [x, y + 0.65, z])
  else if (kind === 'bench') {
    m.box(k.dirty, '#7a5a3c', [0.42, 0.06, 1.5], [x, y + 0.44, z])
    for (const e of [-0.6, 0.6]) m.box(k.metal, '#3a3a3a', [0.38, 0.42, 0.06], [x, y + 0.21, z + e])
  } else m.box(k.dirty, '#9aa0a4', [0.5, 0.5, 0.5], [x, y + 0.25, z])
}

function bin(m, k, rng, x, z) {
  if (rng.chance(0.5)) {
    const c = rng.pick(['#2f7a45', '#3a5f9a', '#6d6f70', '#a8302a'])
    m.box(k.dirty, c, [0.55, 0.9, 0.6], [x, KERB_M + 0.5, z])
    m.box(k.dirty, c, [0.6, 0.08, 0.66], [x, KERB_M + 1.0, z], [0, 0, 0.06])
  } else
    for (const s of [-0.26, 0.26]) m.tube(k.metal, '#8d9296', 0.21, 0.21, 0.75, [x, KERB_M + 0.5, z + s], [0, 0, 0], 10)
}

/** Trunk into `m`; the crown is its own mesh (it sways). */
export function makeTree(m, k, tex, rng, x, z, h = rng.range(4.6, 8)) {
  m.tube(
    k.bark,
    '#ffffff',
    0.16,
    0.09,
    h * 0.6,
    [x, KERB_M + h * 0.3, z],
    [rng.gauss() * 0.03, 0, rng.gauss() * 0.03],
    8,
  )
  m.tube(k.matte, '#e3e0d8', 0.17, 0.16, 1.1, [x, KERB_M + 0.55, z], [0, 0, 0], 8)
  const crown = new Mesher()
  const mat = surface(rng.pick(tex.leaves), { cut: 0.45, sway: 0.03 })
  const r = h * rng.range(0.24, 0.36)
  for (let b = 0; b < 4; b++)
    m.tube(
      k.bark,
      '#fff',
      0.06,
      0.02,
      r * 1.3,
      [x + Math.cos(b * 1.7) * r * 0.3, KERB_M + h * 0.68, z + Math.sin(b * 1.7) * r * 0.3],
      [Math.sin(b * 1.7) * 0.6, 0, -Math.cos(b * 1.7) * 0.6],
      5,
    )
  for (let i = 0; i < 150; i++) {
    const a = rng.range(0, 6.3)
    const u = rng.range(-1, 1)
    const q = Math.cbrt(rng.range(0.25, 1)) * r
    const s = rng.range(0.5, 1.0)
    const y = KERB_M + h * 0.78 + u * q * 0.8
    const dark = 0.55 + 0.45 * ((u + 1) / 2)
    crown.card(
      mat,
      new THREE.Color(dark, dark, dark),
      s * r * 0.55,
      s * r * 0.55,
      [x + Math.cos(a) * Math.sqrt(1 - u * u) * q, y, z + Math.sin(a) * Math.sqrt(1 - u * u) * q],
      [rng.range(-1.2, 1.2), rng.range(0, 6.3), rng.range(0, 3)],
    )
  }
  return crown.build()
}

function lampPost(m, k, s, x, z, h) {
  m.tube(k.metal, '#7d8286', 0.09, 0.05, h, [x, h / 2, z], [0, 0, 0], 8)
  m.tube(k.metal, '#7d8286', 0.035, 0.03, 1.8, [x - s * 0.85, h - 0.05, z], [0, 0, Math.PI / 2 + s * 0.12], 6)
  m.box(k.metal, '#9a9da0', [0.6, 0.1, 0.24], [x - s * 1.75, h + 0.05, z])
  m.box(k.lamp, '#f2ede0', [0.5, 0.04, 0.2], [x - s * 1.75, h - 0.02, z])
}

function sky(tex, rng, kind) {
  const g = new THREE.SphereGeometry(380, 24, 12)
  const [top, low] = {
    clear: [
      [0.2, 0.36, 0.68],
      [0.72, 0.78, 0.82],
    ],
    cloudy: [
      [0.5, 0.56, 0.64],
      [0.85, 0.86, 0.86],
    ],
    overcast: [
      [0.62, 0.64, 0.66],
      [0.8, 0.8, 0.79],
    ],
    haze: [
      [0.6, 0.62, 0.62],
      [0.82, 0.8, 0.76],
    ],
    dusk: [
      [0.045, 0.06, 0.11],
      [0.2, 0.15, 0.15],
    ],
  }[kind]
  const mesh = new THREE.Mesh(
    g,
    new THREE.ShaderMaterial({
      side: THREE.BackSide,
      depthWrite: false,
      uniforms: {
        uMode: light.uMode,
        uTop: { value: new THREE.Vector3(...top) },
        uLow: { value: new THREE.Vector3(...low) },
        uMap: { value: rng.pick(tex.sky) },
        uAmount: { value: { clear: 0.35, cloudy: 0.9, overcast: 0.35, haze: 0.15, dusk: 0.25 }[kind] },
      },
      vertexShader:
        'varying vec3 vD; void main() { vD = normalize(position); gl_Position = projectionMatrix * viewMatrix * vec4(position + cameraPosition, 1.0); }',
      fragmentShader: `varying vec3 vD; uniform sampler2D uMap; uniform vec3 uTop, uLow; uniform float uAmount; uniform int uMode;
      void main() { vec3 d = normalize(vD); float u = pow(clamp(d.y, 0., 1.), 0.45); vec3 c = mix(uLow, uTop, u);
      float n = texture(uMap, d.xz / (d.y + 0.18) * 0.12).r; c = mix(c, uLow * 1.12, uAmount * smoothstep(0.42, 0.62, n)); gl_FragColor = vec4(uMode > 1 ? vec3(0.) : c * 1.15, 1.); }`,
    }),
  )
  mesh.frustumCulled = false
  mesh.renderOrder = -1
  mesh.material.userData = { cut: 0, sway: 0, map: tex.white, sky: true }
  return mesh
}

/** Light of the day: 'clear', 'cloudy', 'overcast', 'haze' or 'dusk'; sun direction by seed. */
export function setLight(rng, kind, azimuthDeg = rng.range(0, 360), heightDeg = rng.range(28, 62)) {
  const a = (azimuthDeg * Math.PI) / 180
  const h = (heightDeg * Math.PI) / 180
  light.uSunDir.value.set(Math.cos(h) * Math.sin(a), Math.sin(h), Math.cos(h) * Math.cos(a))
  const set = {
    clear: [
      [2.3, 2.1, 1.82],
      [0.54, 0.59, 0.69],
      [0.26, 0.23, 0.19],
      [0.7, 0.76, 0.82, 0.0022],
    ],
    cloudy: [
      [1.5, 1.4, 1.25],
      [0.6, 0.66, 0.74],
      [0.3, 0.28, 0.25],
      [0.75, 0.78, 0.8, 0.003],
    ],
    overcast: [
      [0.12, 0.12, 0.12],
      [0.95, 0.98, 1.02],
      [0.42, 0.4, 0.37],
      [0.74, 0.75, 0.76, 0.004],
    ],
    haze: [
      [0.75, 0.68, 0.55],
      [0.8, 0.8, 0.78],
      [0.4, 0.37, 0.32],
      [0.78, 0.76, 0.71, 0.008],
    ],
    dusk: [
      [0.0, 0.0, 0.0],
      [0.105, 0.12, 0.175],
      [0.06, 0.05, 0.05],
      [0.13, 0.11, 0.12, 0.004],
    ],
  }[kind]
  light.uSun.value.set(...set[0])
  light.uSky.value.set(...set[1])
  light.uGround.value.set(...set[2])
  light.uHaze.value.set(...set[3])
  light.uGlow.value = kind === 'dusk' ? 1 : 0.12
  light.uLampCol.value.set(...(rng.chance(0.6) ? [1.0, 0.66, 0.34] : [0.95, 0.93, 0.85]))
  light.uCloud.value.set(0, 0, 0, 0)
  for (const v of light.uHeadPos.value) v.w = 0
}

/**
 * @param {object} options kind of light, `site` for a fenced work site on the right (from x, z0, z1)
 * @returns scene, crowns (swaying), lamp heads, and the numbers others need
 */
export function makeStreet(k, tex, rng, kind, options = {}) {
  const scene = new THREE.Scene()
  const crowns = []
  const road = options.road ?? rng.pick([7, 8, 9, 12, 14])
  const walk = options.walk ?? rng.range(3.6, 6.5)
  const z0 = -150
  const m = new Mesher()
  const asphalt = surface(rng.pick(tex.asphalt), {
    tint: [rng.range(0.7, 1.1), rng.range(0.72, 1.08), rng.range(0.7, 1.08)].map((v, _i, all) => (v + all[0] * 3) / 4),
  })
  ground(m, asphalt, -road / 2 - 0.3, road / 2 + 0.3, 0, z0, 30, rng.range(3.5, 6), rng, 0.1)
  ground(m, surface(tex.grain[0]), -200, 200, -0.03, -380, z0, 12, rng, 0.1)
  marks(m, tex, rng, road, {
    z0,
    zebra: options.zebra === undefined ? (rng.chance(0.5) ? rng.range(-28, -12) : 0) : options.zebra,
  })
  const dusk = kind === 'dusk'
  const lampHeads = []
  for (const s of [-1, 1]) {
    const pave = surface(rng.pick(tex.paving), {
      tint: [rng.range(0.8, 1.05), rng.range(0.8, 1.02), rng.range(0.8, 1.0)],
    })
    const [a, b] = [s * (road / 2), s * (road / 2 + walk)]
    ground(
      m,
      pave,
      Math.min(a, b) + (s > 0 ? 0.2 : 0),
      Math.max(a, b) - (s < 0 ? 0.2 : 0),
      KERB_M,
      z0,
      30,
      rng.range(1.6, 3),
      rng,
      0.13,
    )
    for (let z = z0; z < 30; z += 1) {
      const g = 1 + rng.gauss() * 0.05
      m.box(
        k.dirty,
        new THREE.Color(0.45 * g, 0.44 * g, 0.42 * g),
        [0.22, KERB_M + 0.06, 0.985],
        [s * (road / 2 + 0.08), KERB_M / 2 - 0.02, z + 0.5],
      )
    }
    if (rng.chance(0.6))
      m.box(
        surface(tex.paving[0], { tint: [1.15, 0.85, 0.3] }),
        '#d9b448',
        [0.5, 0.012, 165],
        [s * (road / 2 + walk * 0.55), KERB_M + 0.003, z0 + 82],
        [0, 0, 0],
        0.6,
      )
    for (let i = rng.int(4, 12); i > 0; i--)
      m.card(
        stainMat(tex, rng),
        '#4a443c',
        rng.range(0.4, 1.8),
        rng.range(0.4, 1.8),
        [s * (road / 2 + rng.range(0.6, walk - 0.4)), KERB_M + 0.006, rng.range(-50, 4)],
        [-Math.PI / 2, 0, 0],
      )
    let z = 24
    while (z > -140) {
      const w = rng.range(8, 20)
      const skip = options.site && s > 0 && z > options.site.z0 && z - w < options.site.z1
      if (!skip && rng.chance(0.9)) building(m, k, tex, rng, s, s * (road / 2 + walk), z - w + 0.05, z, dusk)
      else if (!skip) m.box(k.dirty, '#a59d90', [0.3, 2.4, w], [s * (road / 2 + walk), 1.2, z - w / 2])
      z -= w
    }
    const spacing = rng.range(6, 11)
    const treed = rng.chance(0.75)
    const clear = options.clear ?? []
    for (let t = 6 - rng.range(0, 5); t > -110; t -= spacing) {
      const x = s * (road / 2 + 0.75)
      if (clear.some((c) => c.side === s && t > c.z0 && t < c.z1)) continue
      const nearCamera = options.cameraSide === s ? t > -20 : t > -9
      if (treed && nearCamera && (rng.chance(0.9) || t > -4)) continue
      if (treed && rng.chance(0.8)) {
        const crown = makeTree(m, k, tex, rng, x, t)
        crown.userData.z = t
        crowns.push(crown)
      } else if (rng.chance(0.4)) bin(m, k, rng, x, t)
    }
    for (let t = -4 - rng.range(0, 10); t > -130; t -= rng.range(22, 28)) {
      const x = s * (road / 2 + 0.45)
      lampPost(m, k, s, x, t, 8.4)
      lampHeads.push(new THREE.Vector3(x - s * 1.75, 8.3, t))
    }
    if (rng.chance(0.3))
      for (let t = 2; t > -60; t -= 1.6)
        m.tube(k.metal, '#c9cacb', 0.06, 0.06, 0.7, [s * (road / 2 + 0.35), 0.5, t], [0, 0, 0], 7)
    if (rng.chance(0.25))
      for (let t = 0; t > -70; t -= 2) {
        m.tube(k.metal, '#e2e2e0', 0.03, 0.03, 1.0, [s * (road / 2 + 0.3), 0.6, t], [0, 0, 0], 6)
        for (const y of [0.5, 0.95]) m.box(k.metal, '#dcdcda', [0.03, 0.05, 2], [s * (road / 2 + 0.3), y, t - 1])
      }
    if (rng.chance(0.6)) bin(m, k, rng, s * (road / 2 + rng.range(1.2, walk - 1.5)), rng.range(-30, -6))
  }
  for (let i = 0; i < 9; i++)
    m.box(
      surface(rng.pick(tex.facade)),
      '#9aa0a8',
      [rng.range(14, 30), rng.range(15, 60), 14],
      [rng.range(-90, 90), 12, -175 - rng.range(0, 90)],
      [0, 0, 0],
      7,
    )
  if (rng.chance(0.5))
    for (const y of [6.8, 7.1, 7.4])
      m.tube(k.matte, '#222', 0.012, 0.012, 160, [road / 2 + 0.4, y, -60], [Math.PI / 2, 0, 0], 4)
  m.build(scene)
  scene.add(sky(tex, rng, kind))
  for (const v of light.uLampPos.value) v.w = 0
  if (dusk)
    lampHeads
      .sort((p, q) => Math.hypot(p.z + 14, p.x * 0.3) - Math.hypot(q.z + 14, q.x * 0.3))
      .slice(0, light.uLampPos.value.length)
      .forEach((p, i) => light.uLampPos.value[i].set(p.x, p.y, p.z, rng.range(1.0, 1.5)))
  return { scene, crowns, lampHeads, road, walk, kind, edge: road / 2, wall: road / 2 + walk }
}
