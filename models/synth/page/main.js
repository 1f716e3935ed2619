/* global URLSearchParams, OffscreenCanvas */
/** Entry of the page: one renderer, one view, and the calls that the driver makes (window.kw). */
import * as THREE from 'three'
import { ClipPlayer } from './clips.js'
import { kit } from './mesher.js'
import { makeRng } from './rng.js'
import { StillMaker } from './stills.js'
import { makeTextures } from './textures.js'
import { View } from './view.js'

const size = new URLSearchParams(window.location.search)
const renderer = new THREE.WebGLRenderer({ antialias: false, preserveDrawingBuffer: false })
renderer.autoClear = false
renderer.setSize(16, 16)
renderer.outputColorSpace = THREE.LinearSRGBColorSpace
document.body.append(renderer.domElement)
const view = new View(renderer, Number(size.get('w')), Number(size.get('h')), Number(size.get('samples')))
const tex = makeTextures(7)
const k = kit(tex)
const stills = new StillMaker(view, k, tex)
let clip = null

function upright(pixels) {
  const row = view.w * 4
  const out = new Uint8Array(pixels.length)
  for (let y = 0; y < view.h; y++) out.set(pixels.subarray((view.h - 1 - y) * row, (view.h - y) * row), y * row)
  return out
}
const NOISE = (() => {
  const rng = makeRng(99)
  return Int8Array.from({ length: 1 << 17 }, () => Math.round((rng.f() + rng.f() + rng.f() - 1.5) * 64))
})()

/**
 * What the sensor makes of the picture: gain and noise (standard deviation in grey levels), as planar YUV 4:2:0
 * (BT.601, video range), rows from the top.
 */
function i420(px, { gain, noise, seed }) {
  const { w, h } = view
  const out = new Uint8ClampedArray((w * h * 3) / 2)
  const [u0, v0] = [w * h, (w * h * 5) / 4]
  const g = Math.round(gain * 256)
  const amp = noise / 32
  let k = seed
  for (let y = 0; y < h; y++) {
    let p = (h - 1 - y) * w * 4
    let o = y * w
    k = (k * 1103515 + 12345 + y * 7919) & 0x1ffff
    for (let x = 0; x < w; x++, p += 4) {
      const luma = (66 * px[p] + 129 * px[p + 1] + 25 * px[p + 2]) >> 8
      out[o++] = 16 + ((luma * g) >> 8) + NOISE[(k + x) & 0x1ffff] * amp * (1.2 - luma * 0.0025)
    }
  }
  for (let y = 0; y < h / 2; y++) {
    let p = (h - 1 - 2 * y) * w * 4
    let o = (y * w) / 2
    k = (k * 1103515 + 12345 + y * 104729) & 0x1ffff
    for (let x = 0; x < w / 2; x++, p += 8, o++) {
      const r = (px[p] + px[p + 4]) >> 1
      const q = (px[p + 1] + px[p + 5]) >> 1
      const b = (px[p + 2] + px[p + 6]) >> 1
      out[u0 + o] = 128 + (((-38 * r - 74 * q + 112 * b) * g) >> 16) + NOISE[(k + x) & 0x1ffff] * amp * 0.35
      out[v0 + o] = 128 + (((112 * r - 94 * q - 18 * b) * g) >> 16) + NOISE[(k + x + 30011) & 0x1ffff] * amp * 0.35
    }
  }
  return out
}
let sent = Promise.resolve()

const paper = new OffscreenCanvas(view.w, view.h)
function jpeg(rows, quality) {
  paper.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(rows.buffer), view.w, view.h), 0, 0)
  return paper.convertToBlob({ type: 'image/jpeg', quality })
}
const send = (name, body) => fetch(`/out/${name}`, { method: 'POST', body })

window.kw = {
  street: (seed) => stills.setup(seed),
  release: () => stills.release(),
  async still(name) {
    const s = stills.shot()
    await send(name, await jpeg(upright(s.pixels), 0.75 + 0.1 * ((Number(name) * 0.618) % 1)))
    return { ms: s.ms, kept: s.kept, dropped: s.dropped, kind: s.kind }
  },
  clip(spec) {
    clip = new ClipPlayer(view, k, tex, spec)
    return clip.meta()
  },
  /** Renders frames from..to; only each `every`th is sent (the others still advance the scene). */
  async frames(from, to, name, every = 1) {
    for (let i = from; i < to; i++)
      if (i % every === 0) {
        const body = i420(clip.frame(i), clip.sensor)
        await sent
        sent = send(name, body)
      } else clip.advance(i)
    await sent
  },
  /** Plays to the end without drawing, for the truth alone. */
  advance(to) {
    for (let i = 0; i < to; i++) clip.advance(i)
  },
  endClip() {
    clip.release()
    clip = null
  },
  truth: () => clip.truth(),
}
window.ready = true
