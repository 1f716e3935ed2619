/** Random labelled pictures: one street and camera per `setup`, then many arrangements of things in it. */
import * as THREE from 'three'
import { makeDebris, makeGoods } from './goods.js'
import { number, visibleBoxes } from './label.js'
import { makePerson } from './people.js'
import { makePlume } from './plume.js'
import { makeRng } from './rng.js'
import { makeGrill, makeHandcart, makeStall, makeUmbrella } from './stalls.js'
import { KERB_M, makeStreet, setLight } from './street.js'
import { light } from './surface.js'
import { makeBus, makeCar, makeTricycle, makeTruck, makeTwoWheeler } from './vehicles.js'
import { drawOsd } from './osd.js'

/** A camera on a mast beside or over the road. Returns the camera and the ground point in its middle distance. */
export function mastCamera(rng, street, aspect, fixed = {}) {
  const side = fixed.side ?? rng.pick([-1, 1])
  const h = fixed.height ?? rng.range(4.2, 8.2)
  const x = fixed.x ?? side * rng.range(street.edge * 0.2, street.edge + 1.6)
  const hfov = fixed.hfov ?? rng.range(48, 84)
  const tilt = fixed.tilt ?? rng.range(14, 34)
  const yaw = fixed.yaw ?? (rng.chance(0.75) ? side * rng.range(-4, 34) : -side * rng.range(0, 18))
  const vfov = (2 * Math.atan(Math.tan((hfov * Math.PI) / 360) / aspect) * 180) / Math.PI
  const camera = new THREE.PerspectiveCamera(vfov, aspect, 0.3, 500)
  camera.position.set(x, h, fixed.z ?? 6)
  camera.rotation.set(
    (-tilt * Math.PI) / 180,
    (yaw * Math.PI) / 180,
    ((fixed.roll ?? rng.gauss() * 0.7) * Math.PI) / 180,
    'YXZ',
  )
  camera.updateMatrixWorld()
  camera.updateProjectionMatrix()
  const far = Math.min(16, h / Math.tan((tilt * Math.PI) / 180))
  const focus = new THREE.Vector3(x - Math.sin((yaw * Math.PI) / 180) * far, 0, camera.position.z - far - 5)
  return { camera, focus, hfov, tilt, height: h }
}

/** Exposure and tone for a light, with the small differences between cameras. */
export function setCamera(view, rng, kind) {
  const u = view.post.uniforms
  const dusk = kind === 'dusk'
  const e = { clear: 0.8, cloudy: 0.95, overcast: 1.1, haze: 0.95, dusk: 1.7 }[kind]
  u.uCam.value.set(
    e * rng.range(0.86, 1.15),
    dusk ? rng.range(0.035, 0.065) : rng.range(0.012, 0.032),
    rng.range(0.55, 1.05),
    dusk ? rng.range(0.75, 1.0) : rng.range(0.78, 1.08),
  )
  u.uTone.value.set(rng.range(0.95, 1.12), rng.range(0.25, 0.8), rng.range(0.1, 0.55), rng.range(-0.05, 0.06))
  u.uFog.value.set(0, 0, 0, 0)
  u.uRain.value.set(0, 0, 0, 0)
  return { exposure: u.uCam.value.x, dusk }
}

export class StillMaker {
  constructor(view, k, tex) {
    Object.assign(this, { view, k, tex })
  }

  setup(seed) {
    const rng = (this.rng = makeRng(seed))
    this.kind = rng.pick(['clear', 'clear', 'clear', 'cloudy', 'cloudy', 'overcast', 'haze', 'dusk'])
    setLight(rng, this.kind)
    const side = rng.pick([-1, 1])
    this.street = makeStreet(this.k, this.tex, rng, this.kind, { cameraSide: side })
    for (const c of this.street.crowns) this.street.scene.add(c)
    const cam = mastCamera(rng, this.street, this.view.w / this.view.h, { side })
    this.cam = cam
    this.view.bake(this.street.scene, cam.camera, cam.focus)
    this.tuning = setCamera(this.view, rng, this.kind)
    this.name = `${rng.pick(['人民路', '建设路', '中山路', '学府街', '解放路', '和平里'])}${rng.int(1, 99)}号`
  }

  /** A free place on the ground: [x, z, y, yaw towards the road] within view and at most `reach` metres away. */
  #spot(where, reach = 42) {
    const { rng, street, cam } = this
    for (let tries = 0; tries < 60; tries++) {
      const s = rng.pick([-1, 1])
      const z = cam.camera.position.z - 3 - reach * rng.f() ** 1.25
      const x =
        where === 'road'
          ? rng.range(-street.edge + 1.2, street.edge - 1.2)
          : where === 'kerb'
            ? s * (street.edge - rng.range(0.5, 1.2))
            : s * rng.range(street.edge + 0.9, street.wall - 0.7)
      const y = where === 'walk' ? KERB_M : 0
      const p = new THREE.Vector3(x, y + 0.8, z).project(cam.camera)
      if (Math.abs(p.x) < 1.02 && p.y > -1.02 && p.y < 1 && p.z < 1) return [x, z, y, -Math.sign(x) * (Math.PI / 2)]
    }
    return null
  }

  #put(object, spot, yaw, gap) {
    if (!spot) return null
    const r = gap ?? Math.max(object.userData.size?.w ?? 0.5, (object.userData.size?.l ?? 0.5) * 0.8) / 2
    for (const t of this.taken) if (Math.hypot(t[0] - spot[0], t[1] - spot[1]) < t[2] + r) return null
    this.taken.push([spot[0], spot[1], r])
    object.position.set(spot[0], spot[2], spot[1])
    object.rotation.y = yaw
    this.moving.add(object)
    this.objects.push(object)
    return object
  }

  #person(spot, yaw, pose, wear) {
    const p = makePerson(this.k, this.rng, wear)
    p.userData.cat = 'person'
    p.userData.size = { w: 0.5, l: 0.5 }
    p.userData.pose(pose, this.rng.range(0, 6.3))
    return this.#put(p, spot, yaw, 0.25)
  }

  #trade() {
    const { rng, k, tex } = this
    const spot = this.#spot(rng.chance(0.8) ? 'walk' : 'kerb', 30)
    if (!spot) return
    const yaw = spot[3] + (rng.chance(0.75) ? 0 : Math.PI) + rng.gauss() * 0.25
    const grill = rng.chance(0.22)
    const o = grill ? makeGrill(k, tex, rng) : makeStall(k, tex, rng)
    if (!this.#put(o, spot, yaw, 1.0)) return
    const at = (f, s) => [
      spot[0] + Math.sin(yaw) * f + Math.cos(yaw) * s,
      spot[1] + Math.cos(yaw) * f - Math.sin(yaw) * s,
      spot[2],
    ]
    if (rng.chance(0.8))
      this.#person(at(-rng.range(0.85, 1.1), rng.range(-0.5, 0.5)), yaw, rng.pick(['work', 'work', 'stand', 'sit']), {
        apron: rng.chance(0.5),
        hat: rng.chance(0.3) ? '#d9c48a' : undefined,
      })
    for (let i = rng.int(0, 3); i > 0; i--)
      this.#person(at(rng.range(1.1, 1.7), rng.range(-1, 1)), yaw + Math.PI, 'stand')
    if (rng.chance(0.4)) {
      const u = makeUmbrella(k, tex, rng)
      const p = at(rng.range(-0.6, -0.2), rng.range(-0.9, 0.9))
      u.position.set(p[0], p[2], p[1])
      this.moving.add(u)
      this.objects.push(u)
    }
    if (rng.chance(0.35))
      this.#put(makeGoods(k, tex, rng), at(rng.range(-0.3, 0.5), rng.pick([-1, 1]) * rng.range(1.8, 2.6)), yaw, 0.5)
    if (rng.chance(0.25))
      this.#put(
        makeHandcart(k, tex, rng),
        at(rng.range(-0.6, 0.6), rng.pick([-1, 1]) * rng.range(2.2, 3)),
        rng.range(0, 6.3),
        0.6,
      )
    if (grill && rng.chance(0.5))
      this.plumes.push(
        makePlume(tex, rng, {
          kind: 'smoke',
          at: [spot[0], spot[2] + o.userData.top, spot[1]],
          rate: rng.range(5, 14),
          warm: 8,
        }),
      )
  }

  #traffic() {
    const { rng, k, tex, street } = this
    const lane =
      street.road > 9
        ? [-street.road * 0.375, -street.road * 0.125, street.road * 0.125, street.road * 0.375]
        : [-street.road / 4, street.road / 4]
    for (let i = rng.int(0, 6); i > 0; i--) {
      const spot = this.#spot('road', 60)
      if (!spot) continue
      const x = rng.pick(lane) + rng.gauss() * 0.25
      const made = rng.pick([
        makeCar,
        makeCar,
        makeCar,
        makeCar,
        (a, b) => makeTruck(a, tex, b),
        (a, b) => makeTruck(a, tex, b),
        makeBus,
      ])
      this.#put(
        made(k, rng),
        [x, spot[1], 0],
        (x < 0 ? 0 : Math.PI) + rng.gauss() * 0.04 + (rng.chance(0.05) ? rng.range(-1, 1) : 0),
        2.6,
      )
    }
    for (let i = rng.int(0, 4); i > 0; i--) {
      const spot = this.#spot(rng.chance(0.7) ? 'kerb' : 'road', 40)
      if (spot)
        this.#put(
          rng.chance(0.75) ? makeTwoWheeler(k, rng) : makeTricycle(k, tex, rng),
          [spot[0] * 0.92, spot[1], 0],
          (spot[0] < 0 ? 0 : Math.PI) + rng.gauss() * 0.2,
          0.9,
        )
    }
  }

  /** Renders one arrangement; returns { pixels (bottom row first), annotations, meta }. */
  shot() {
    const { rng, k, tex, street, view } = this
    this.moving = new THREE.Scene()
    this.veils = new THREE.Scene()
    this.objects = []
    this.plumes = []
    this.taken = []
    this.#traffic()
    for (let i = rng.pick([0, 1, 1, 2, 2, 3, 4]); i > 0; i--) this.#trade()
    for (let i = rng.int(0, 4); i > 0; i--) {
      const spot = this.#spot('walk', 40)
      if (spot)
        this.#person(
          spot,
          rng.chance(0.75) ? rng.pick([0, Math.PI]) + rng.gauss() * 0.3 : rng.range(0, 6.3),
          rng.pick(['walk', 'walk', 'walk', 'stand']),
        )
    }
    if (rng.chance(0.2))
      for (let i = rng.int(1, 2); i > 0; i--) this.#person(this.#spot('road', 30), rng.range(0, 6.3), 'walk')
    if (rng.chance(0.15)) this.#person(this.#spot('walk', 25), rng.range(0, 6.3), 'sit')
    for (let i = rng.pick([0, 0, 1, 2, 5]); i > 0; i--) {
      const spot = this.#spot('walk', 30)
      if (spot)
        this.#put(
          makeTwoWheeler(k, rng, false),
          [Math.sign(spot[0]) * (street.edge + rng.range(0.9, 1.6)), spot[1], KERB_M],
          rng.pick([1.57, -1.57]) + rng.gauss() * 0.2,
          0.35,
        )
    }
    if (rng.chance(0.3))
      for (let i = rng.int(1, 3); i > 0; i--) {
        const spot = this.#spot('kerb', 45)
        if (spot)
          this.#put(
            rng.chance(0.85) ? makeCar(k, rng) : makeTruck(k, tex, rng, { kind: 'light' }),
            [Math.sign(spot[0]) * (street.edge - 1.1), spot[1], 0],
            spot[0] < 0 ? 0 : Math.PI,
            2.5,
          )
      }
    for (let i = rng.pick([0, 0, 1, 1, 2]); i > 0; i--)
      this.#put(makeDebris(k, tex, rng), this.#spot(rng.chance(0.85) ? 'road' : 'walk', 26), rng.range(0, 6))
    if (rng.chance(0.25))
      this.#put(makeHandcart(k, tex, rng), this.#spot(rng.pick(['walk', 'kerb']), 26), rng.range(0, 6))
    if (rng.chance(0.25)) this.#put(makeGoods(k, tex, rng), this.#spot('walk', 28), rng.range(0, 6))
    if (rng.chance(0.15)) this.#put(makeUmbrella(k, tex, rng), this.#spot('walk', 28), 0)
    if (rng.chance(0.12)) this.#put(makeGrill(k, tex, rng), this.#spot('walk', 22), rng.range(0, 6))
    if (rng.chance(0.15))
      this.#put(
        makeTricycle(k, tex, rng, { driver: rng.chance(0.3) }),
        this.#spot(rng.pick(['walk', 'kerb']), 30),
        rng.range(0, 6),
      )
    this.#headlights()
    for (const p of this.plumes) {
      p.warmUp(view, 6)
      this.veils.add(p.mesh)
    }
    const t0 = performance.now()
    light.uTime.value = rng.range(0, 100)
    view.post.uniforms.uCam.value.x = this.tuning.exposure * rng.range(0.88, 1.14)
    view.post.uniforms.uSeed.value = rng.range(0, 30)
    drawOsd(view, {
      at: Date.UTC(
        2026,
        2,
        rng.int(1, 28),
        this.kind === 'dusk' ? rng.int(18, 21) : rng.int(7, 17),
        rng.int(0, 59),
        rng.int(0, 59),
      ),
      name: this.name,
    })
    const pixels = view.frame(this.moving, this.veils, [
      rng.range(0.9, 1.1),
      rng.range(0.75, 1.1),
      this.tuning.dusk ? 1 : 0,
    ])
    const t1 = performance.now()
    number(this.objects)
    const boxes = visibleBoxes(view, this.moving, this.objects)
    const t2 = performance.now()
    const kept = boxes.filter((b) => b.visible >= 0.25 && Math.min(b.box[2], b.box[3]) >= 6)
    this.#free()
    return {
      ms: [t1 - t0, t2 - t1].map(Math.round),
      pixels,
      kept,
      dropped: boxes.length - kept.length,
      kind: this.kind,
    }
  }

  #headlights() {
    light.uHeadPos.value.forEach((v) => (v.w = 0))
    if (!this.tuning.dusk) return
    const cars = this.objects
      .filter((o) => ['car', 'truck', 'bus', 'two_wheeler'].includes(o.userData.cat))
      .slice(0, light.uHeadPos.value.length)
    cars.forEach((o, i) => aimHeadlight(i, o))
  }

  #free() {
    const geometries = new Set()
    this.moving.traverse((o) => o.geometry && geometries.add(o.geometry))
    this.veils.traverse((o) => o.geometry && geometries.add(o.geometry))
    for (const g of geometries) g.dispose()
  }

  /** Frees the street's geometry before the next one. */
  release() {
    this.street.scene.traverse((o) => o.geometry?.dispose())
  }
}

/** Points headlight `i` along the object's way. */
export function aimHeadlight(i, o, power = 3) {
  const yaw = o.rotation.y
  const l = (o.userData.size?.l ?? 4) / 2
  light.uHeadPos.value[i].set(o.position.x + Math.sin(yaw) * l, 0.75, o.position.z + Math.cos(yaw) * l, power)
  light.uHeadDir.value[i].set(Math.sin(yaw), -0.06, Math.cos(yaw), 0)
}
