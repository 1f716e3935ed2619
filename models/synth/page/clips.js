/** Plays one scripted clip frame by frame and keeps its truth. The scripts stand in `acts.js`. */
import * as THREE from 'three'
import { passersBy, Traffic } from './actors.js'
import { ACTS } from './acts.js'
import { changedRects } from './dirty.js'
import { projectedBox } from './label.js'
import { drawOsd } from './osd.js'
import { makeRng } from './rng.js'
import { mastCamera, setCamera } from './stills.js'
import { makeStreet, setLight } from './street.js'
import { light } from './surface.js'
import { calibration, toPicture } from './zones.js'

export const FPS = 10

export class ClipPlayer {
  /** spec: { name, act, seed, light, seconds, starts_at, camera_name, twin, ... } as in clips.ts. */
  constructor(view, k, tex, spec) {
    Object.assign(this, { view, k, tex, spec })
    const base = makeRng(spec.seed)
    const rng = {
      street: base.fork(),
      people: base.fork(),
      traffic: base.fork(),
      act: base.fork(),
      camera: base.fork(),
    }
    setLight(rng.street, spec.light, spec.sun?.[0], spec.sun?.[1])
    light.uTime.value = 0
    this.street = makeStreet(k, tex, rng.street, spec.light, spec.street)
    const cam = mastCamera(rng.camera, this.street, view.w / view.h, {
      side: 1,
      x: this.street.edge + 0.9,
      roll: 0.4,
      ...spec.camera,
    })
    this.camera = cam.camera
    this.moving = new THREE.Scene()
    this.veils = new THREE.Scene()
    for (const c of this.street.crowns) {
      const near = c.userData.z > -26 && spec.light !== 'dusk'
      ;(near ? this.moving : this.street.scene).add(c)
    }
    this.boxes = null
    this.extraHeads = []
    this.gain = () => 1
    this.rng = rng
    this.act = ACTS[spec.act](this)
    view.bake(this.street.scene, this.camera, cam.focus, 30)
    this.tuning = setCamera(view, rng.camera, spec.light)
    view.post.uniforms.uCam.value.y = 0
    this.noise = spec.noise ?? (spec.light === 'dusk' ? 3.4 : 1.7)
    const length = spec.script_seconds ?? spec.seconds
    const t = { busy: 0.9, ...spec.traffic }
    this.traffic = new Traffic(this.moving, k, tex, rng.traffic, this.street, length, t)
    for (const a of this.act.avoid ?? []) if (!spec.twin) this.traffic.avoid(...a)
    this.people = passersBy(this.moving, k, rng.people, this.street, length, { busy: 0.7, ...spec.people })
    this.jitter = base.fork()
    this.last = -1 / FPS
  }

  meta() {
    return { frames: Math.round(this.spec.seconds * FPS), fps: FPS, width: this.view.w, height: this.view.h }
  }

  /** Adds to the act's box (pixels) what `objects` and world `points` cover now. */
  cover(objects, points = []) {
    const { w, h } = this.view
    const boxes = objects.map((o) => projectedBox(o, this.camera, w, h)).filter(Boolean)
    for (const p of points) {
      const [x, y] = toPicture(this.camera, ...p)
      boxes.push([x * w, y * h, x * w, y * h])
    }
    for (const b of boxes) {
      const c = [Math.max(0, b[0]), Math.max(0, b[1]), Math.min(w, b[2]), Math.min(h, b[3])]
      this.boxes = this.boxes
        ? [
            Math.min(this.boxes[0], c[0]),
            Math.min(this.boxes[1], c[1]),
            Math.max(this.boxes[2], c[2]),
            Math.max(this.boxes[3], c[3]),
          ]
        : c
    }
  }

  /** Moves everything to frame i without drawing. */
  advance(i) {
    const { spec } = this
    const t = i / FPS
    const dt = t - this.last
    this.last = t
    light.uTime.value = t
    this.traffic.step(t)
    for (const p of this.people) p.step(t, dt)
    this.act.step?.(t, dt)
    const dusk = spec.light === 'dusk'
    if (dusk) this.traffic.headlights(this.extraHeads.filter((o) => o.visible))
    return t
  }

  /** Draws frame i; returns RGBA rows, the bottom one first. */
  frame(i) {
    const { view, spec } = this
    const t = this.advance(i)
    const dusk = spec.light === 'dusk'
    const s = spec.seed
    // Light drift and the exposure's wobble act on the whole picture, after the lens (see `sensor` in main.js).
    const drift = 1 + 0.6 * (spec.drift ?? 0.08) * Math.sin(t * 0.21 + s) + 0.02 * Math.sin(t * 0.9 + s * 2)
    const wobble = 1 + 0.015 * Math.sin(t * 1.1 + s) + 0.008 * Math.sin(t * 3.7)
    this.sensor = {
      gain: (drift * wobble * this.gain(t)) ** 0.6,
      noise: this.noise,
      seed: Math.floor(this.jitter.f() * 65536),
    }
    drawOsd(view, { at: Date.parse(`${spec.starts_at.slice(0, 19)}Z`) + Math.floor(t) * 1000, name: spec.camera_name })
    return view.frame(this.moving, this.veils, [1, light.uSun.value.x > 0 ? 1 : 0, dusk ? 1 : 0], this.#changed(i))
  }

  /** Parts to draw anew; null (all) by night, in moving shade or weather, and every 2.5 s against errors that stay. */
  #changed(i) {
    const { view } = this
    const u = view.post.uniforms
    this.moving.updateMatrixWorld()
    const boxes = this.veils.children.map((m) => m.userData.plume?.bounds).filter(Boolean)
    const now = changedRects(view, this.moving, boxes)
    if (view.osdTexture.needsUpdate || view.osdShown !== this.osdDrawn)
      now.push([0, 0, view.w, Math.ceil(view.h * 0.1)], [0, Math.floor(view.h * 0.9), view.w, view.h])
    this.osdDrawn = view.osdShown
    const both = [...now, ...(this.rectsBefore ?? [])]
    this.rectsBefore = now
    const all =
      i % 25 === 0 ||
      this.spec.light === 'dusk' ||
      light.uCloud.value.w > 0 ||
      u.uFog.value.w > 0 ||
      u.uRain.value.x > 0
    return all ? null : both
  }

  /** Zones, calibration and events in the form of the truth files. */
  truth() {
    const { w, h } = this.view
    const e = this.spec.twin ? null : this.act.event
    const b = this.boxes
    const r4 = (v) => Math.round(v * 1e4) / 1e4
    return {
      ground_plane: calibration(this.camera, this.street),
      zones: this.act.zones,
      events:
        e && b
          ? [
              {
                cause: e.cause,
                from_s: e.from_s,
                to_s: e.to_s ?? this.spec.seconds,
                box: [r4(b[0] / w), r4(b[1] / h), r4((b[2] - b[0]) / w), r4((b[3] - b[1]) / h)],
              },
            ]
          : [],
    }
  }

  release() {
    for (const s of [this.street.scene, this.moving, this.veils]) s.traverse((o) => o.geometry?.dispose())
  }
}
