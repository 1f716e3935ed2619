/** Things that move in clips: vehicles in lanes, people on paths. All positions are functions of time. */
import { aimHeadlight } from './stills.js'
import { clamp, smooth } from './rng.js'
import { makePerson } from './people.js'
import { KERB_M } from './street.js'
import { light } from './surface.js'
import { makeBus, makeCar, makeTricycle, makeTruck, makeTwoWheeler } from './vehicles.js'

const FAR = -100
const NEAR = 16

/** Traffic of one street: vehicles right of the middle, all of one direction at one speed so that none runs into another. */
export class Traffic {
  constructor(moving, k, tex, rng, street, seconds, { busy = 1, only = null } = {}) {
    this.moving = moving
    this.items = []
    this.evade = []
    const lanes = street.road > 9 ? [street.road * 0.125, street.road * 0.37] : [street.road * 0.25]
    for (const dir of [1, -1]) {
      const speed = rng.range(7.5, 10.5)
      for (let t = -18 + rng.range(0, 4); t < seconds; t += rng.range(2.8, 8.5) / busy) {
        const kind = rng.f()
        const make =
          only ??
          (kind < 0.68
            ? makeCar
            : kind < 0.78
              ? (a, b) => makeTruck(a, tex, b, { kind: 'light' })
              : kind < 0.86
                ? (a, b) => makeTruck(a, tex, b)
                : kind < 0.93
                  ? makeBus
                  : makeCar)
        const o = make(k, rng)
        this.#add(o, { dir, speed, t0: t, x: -dir * (rng.pick(lanes) + rng.gauss() * 0.15) })
      }
      for (let t = -20 + rng.range(0, 6); t < seconds; t += rng.range(4, 13) / busy) {
        const o = rng.chance(0.84)
          ? makeTwoWheeler(k, rng)
          : makeTricycle(k, tex, rng, { load: rng.pick(['boxes', 'bags', null]) })
        this.#add(o, {
          dir,
          speed: rng.range(4.2, 6.2),
          t0: t,
          x: -dir * (street.edge - rng.range(0.6, 1.3)),
          small: true,
        })
      }
    }
  }
  #add(object, item) {
    object.rotation.y = item.dir > 0 ? 0 : Math.PI
    object.visible = false
    this.moving.add(object)
    this.items.push({ object, ...item })
  }
  /** Vehicles on this side swing by `shift` metres around `z` while `from` <= t <= `to`. */
  avoid(z, shift, side, from, to = 1e9) {
    this.evade.push({ z, shift, side, from, to })
  }
  step(t) {
    for (const it of this.items) {
      const z = it.dir > 0 ? FAR + (t - it.t0) * it.speed : NEAR - (t - it.t0) * it.speed
      it.object.visible = z > FAR && z < NEAR
      if (!it.object.visible) continue
      let x = it.x
      for (const e of this.evade)
        if (t > e.from && t < e.to && Math.sign(x) === e.side && Math.abs(x - e.side * 100) < 100) {
          const near = smooth(18, 7, Math.abs(z - e.z))
          x += e.shift * near * (it.small ? 0.9 : 1)
        }
      it.object.rotation.y = (it.dir > 0 ? 0 : Math.PI) + clamp((x - (it.lastX ?? x)) * it.dir, -0.12, 0.12) * 1.5
      it.lastX = x
      it.object.position.set(x, 0.01 * Math.sin(t * 9 + it.t0), z)
    }
  }
  /** The headlights of the nearest vehicles into the light uniforms (dusk). */
  headlights(extra = []) {
    const on = [
      ...extra,
      ...this.items.filter((i) => i.object.visible && i.object.position.z > -45).map((i) => i.object),
    ]
    light.uHeadPos.value.forEach((v) => (v.w = 0))
    on.sort((a, b) => b.position.z - a.position.z)
      .slice(0, 5)
      .forEach((o, i) => aimHeadlight(i, o, o.userData.cat === 'two_wheeler' ? 1.4 : 3))
  }
}

/** A person on a path: keys [t, x, z, pose?, yaw?]; walks between keys, takes the last key's pose while still. */
export class Walker {
  constructor(moving, k, rng, keys, wear = {}, ground = KERB_M) {
    this.o = makePerson(k, rng, wear)
    this.keys = keys
    this.ground = ground
    this.phase = rng.range(0, 6)
    this.still = rng.range(0, 9)
    this.o.userData.cat = 'person'
    moving.add(this.o)
    this.o.visible = false
  }
  at(t) {
    const ks = this.keys
    let i = 0
    while (i < ks.length - 1 && ks[i + 1][0] <= t) i++
    const a = ks[i]
    const b = ks[Math.min(i + 1, ks.length - 1)]
    const u = b[0] > a[0] ? clamp((t - a[0]) / (b[0] - a[0]), 0, 1) : 0
    return {
      a,
      b,
      u,
      x: a[1] + (b[1] - a[1]) * u,
      z: a[2] + (b[2] - a[2]) * u,
      moves: Math.hypot(b[1] - a[1], b[2] - a[2]) > 0.05 && u < 1,
    }
  }
  step(t, dt) {
    const ks = this.keys
    this.o.visible = t >= ks[0][0] && (t < ks[ks.length - 1][0] || ks[ks.length - 1][3] !== 'gone')
    if (!this.o.visible) return
    const s = this.at(t)
    this.o.position.set(s.x, this.ground, s.z)
    let yaw = this.o.rotation.y
    if (s.moves) {
      const speed = Math.hypot(s.b[1] - s.a[1], s.b[2] - s.a[2]) / (s.b[0] - s.a[0])
      this.phase += (dt * speed * 2 * Math.PI) / 1.42
      yaw = Math.atan2(s.b[1] - s.a[1], s.b[2] - s.a[2])
      this.o.userData.pose(s.a[3] === 'push' ? 'push' : 'walk', this.phase)
    } else {
      this.still += dt
      yaw = s.a[4] ?? yaw
      this.o.userData.pose(s.a[3] === 'gone' || s.a[3] === 'push' || !s.a[3] ? 'stand' : s.a[3], this.still)
    }
    let d = yaw - this.o.rotation.y
    d = Math.atan2(Math.sin(d), Math.cos(d))
    this.o.rotation.y += dt > 0 ? clamp(d, -dt * 5, dt * 5) : d
  }
}

/** Passers-by on both pavements: steady walkers at a distance from the kerb that keeps clear of stalls. */
export function passersBy(moving, k, rng, street, seconds, { busy = 1, off = [0.45, 0.9] } = {}) {
  const out = []
  for (const side of [-1, 1])
    for (let t = -50 + rng.range(0, 8); t < seconds; t += rng.range(5, 15) / busy) {
      const dir = rng.pick([-1, 1])
      const speed = rng.range(0.95, 1.5)
      const x = side * (street.edge + street.walk * rng.range(off[0], off[1]))
      const z0 = dir > 0 ? -48 : 8
      const z1 = dir > 0 ? 8 : -48
      const span = 56 / speed
      const mid = t + span * 0.5
      out.push(
        new Walker(moving, k, rng, [
          [t, x + rng.gauss() * 0.2, z0],
          [mid, x + rng.gauss() * 0.3, (z0 + z1) / 2],
          [t + span, x, z1, 'gone'],
        ]),
      )
    }
  return out
}
