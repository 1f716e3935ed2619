/** People made of tapered limbs: walking, standing, sitting, riding. Forward is +z, origin between the feet. */
import * as THREE from 'three'
import { Mesher } from './mesher.js'

const SKIN = ['#c99a78', '#b9835f', '#d8ab8a', '#a87352']
const HAIR = ['#16130f', '#241a14', '#0e0e0e', '#4a4440', '#8b8680']
const TOPS = [
  '#20242c',
  '#3b4a63',
  '#6d6f72',
  '#8f2f2c',
  '#c9c6bf',
  '#2f4b3a',
  '#5c4632',
  '#b58a3a',
  '#e6e3da',
  '#39405a',
  '#7a2c46',
  '#4f7fa8',
  '#141414',
  '#d0552b',
  '#909a4a',
  '#b23a6a',
]
const LEGS = ['#1c2330', '#2f3a4f', '#14161a', '#4a463f', '#3d4b66', '#6b6457', '#262220', '#8d8574']

/** Limb from the joint downwards. */
function limb(k, colour, r0, r1, length, end, endSize) {
  const m = new Mesher().tube(k.cloth, colour, r1, r0, length, [0, -length / 2, 0], [0, 0, 0], 7)
  if (end) m.ball(k.skin, end, endSize, [0, -length - endSize[1] * 0.3, endSize[2] * 0.35])
  return m.build()
}

/**
 * @param {object} k materials @param {object} rng
 * @param {{ vest?: string, apron?: boolean, hat?: string, umbrella?: boolean }} wear
 * @returns group with `pose(kind, phase)`: 'walk' | 'stand' | 'sit' | 'ride' | 'work' | 'push'
 */
export function makePerson(k, rng, wear = {}) {
  const g = new THREE.Group()
  const tall = rng.range(0.9, 1.07)
  const girth = rng.range(0.9, 1.25)
  const top = wear.vest ?? rng.pick(TOPS)
  const leg = rng.pick(LEGS)
  const skin = rng.pick(SKIN)
  const hair = rng.pick(HAIR)
  const skirt = !wear.vest && rng.chance(0.14)
  const body = new Mesher()
  body.ball(k.cloth, top, [0.185 * girth, 0.3, 0.12 * girth], [0, 1.2, 0])
  body.ball(k.cloth, top, [0.215 * girth, 0.12, 0.115], [0, 1.38, -0.01])
  body.tube(k.cloth, skirt ? top : leg, skirt ? 0.26 : 0.155 * girth, 0.15 * girth, skirt ? 0.5 : 0.24, [
    0,
    skirt ? 0.78 : 0.93,
    0,
  ])
  body.tube(k.skin, skin, 0.055, 0.055, 0.12, [0, 1.48, 0])
  body.ball(k.skin, skin, [0.085, 0.115, 0.1], [0, 1.6, 0.015])
  body.ball(k.cloth, wear.hat ?? hair, [0.1, 0.105, 0.112], [0, 1.645, -0.022])
  if (wear.hat) body.tube(k.cloth, wear.hat, 0.14, 0.1, 0.03, [0, 1.66, 0.04])
  if (!wear.hat && rng.chance(0.35)) body.ball(k.skin, hair, [0.09, 0.2, 0.06], [0, 1.5, -0.085])
  if (wear.apron) body.box(k.cloth, rng.pick(['#c8c2b2', '#2c4d7a', '#8c1f22']), [0.34, 0.62, 0.03], [0, 1.0, 0.12])
  if (wear.vest) body.box(k.cloth, '#d9dadb', [0.4 * girth, 0.05, 0.25], [0, 1.16, 0])
  if (!wear.vest && rng.chance(0.3)) body.box(k.cloth, rng.pick(TOPS), [0.3, 0.4, 0.16], [0, 1.22, -0.19])
  const bag = !wear.vest && !wear.apron && rng.chance(0.25)
  const trunk = new THREE.Group()
  body.build(trunk)
  g.add(trunk)
  const parts = { trunk, thigh: [], shin: [], arm: [], fore: [] }
  for (const side of [-1, 1]) {
    const thigh = new THREE.Group()
    thigh.add(limb(k, leg, 0.095 * girth, 0.07, 0.44))
    thigh.position.set(side * 0.09, 0.9, 0)
    const shin = new THREE.Group()
    shin.add(
      limb(k, skirt ? skin : leg, 0.068, 0.048, 0.42, rng.pick(['#1a1a1a', '#e8e6e0', '#4a3526']), [0.05, 0.045, 0.12]),
    )
    shin.position.y = -0.43
    thigh.add(shin)
    const arm = new THREE.Group()
    arm.add(limb(k, top, 0.058, 0.045, 0.29))
    arm.position.set(side * 0.225 * girth, 1.42, 0)
    const fore = new THREE.Group()
    fore.add(limb(k, rng.chance(0.6) ? top : skin, 0.043, 0.033, 0.25, skin, [0.04, 0.06, 0.035]))
    fore.position.y = -0.28
    if (bag && side > 0)
      fore.add(
        new Mesher()
          .box(k.cloth, rng.pick(['#d8d3c6', '#a8262a', '#22415f', '#e9e9ec']), [0.1, 0.3, 0.24], [0, -0.45, 0])
          .build(),
      )
    arm.add(fore)
    trunk.add(arm)
    g.add(thigh)
    parts.thigh.push(thigh)
    parts.shin.push(shin)
    parts.arm.push(arm)
    parts.fore.push(fore)
  }
  if (!wear.riding) new Mesher().contact(k, 0.75, 0.75).build(g)
  g.scale.setScalar(tall)
  g.userData.pose = (kind, phase) => pose(g, parts, kind, phase)
  g.userData.pose('stand', rng.range(0, 9))
  return g
}

function pose(g, p, kind, t) {
  const lean = { ride: 0.14, push: 0.3, work: 0.14 }[kind] ?? 0
  const down = { sit: 0.42, ride: 0 }[kind] ?? 0
  p.trunk.rotation.x = lean
  p.trunk.position.y =
    -down + (kind === 'walk' || kind === 'push' ? 0.022 * Math.cos(2 * t) : 0.004 * Math.sin(t * 0.8))
  p.trunk.rotation.y = kind === 'work' ? 0.25 * Math.sin(t * 0.9) : 0
  for (const i of [0, 1]) {
    const s = i ? 1 : -1
    const w = t + (i ? Math.PI : 0)
    const walking = kind === 'walk' || kind === 'push'
    const swing = walking ? 0.52 * Math.sin(w) : 0
    p.thigh[i].position.y = 0.9 - down
    p.thigh[i].rotation.x = walking ? -swing : kind === 'sit' ? -1.5 : kind === 'ride' ? -1.25 : s * 0.04
    p.shin[i].rotation.x = walking
      ? Math.max(0, 0.85 * Math.sin(w - 1.2)) + 0.06
      : kind === 'sit'
        ? 1.5
        : kind === 'ride'
          ? 1.15
          : 0.03
    p.thigh[i].rotation.z = kind === 'ride' || kind === 'sit' ? s * 0.16 : 0
    const work = kind === 'work' ? 0.35 * Math.sin(t * 2.1 + i * 2.0) : 0
    p.arm[i].rotation.x =
      walking && kind === 'walk'
        ? 0.45 * Math.sin(w)
        : kind === 'ride'
          ? -1.05
          : kind === 'push'
            ? -0.9
            : kind === 'work'
              ? -0.7 + work
              : kind === 'sit'
                ? -0.5
                : 0.05
    p.fore[i].rotation.x =
      kind === 'walk'
        ? -0.3 - 0.15 * Math.sin(w)
        : kind === 'ride'
          ? -0.35
          : kind === 'push'
            ? -0.3
            : kind === 'work'
              ? -0.9 - work * 0.6
              : kind === 'sit'
                ? -0.6
                : -0.15
    p.arm[i].rotation.z = s * (kind === 'ride' ? 0.1 : 0.09)
  }
}
