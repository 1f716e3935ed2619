/** Entry of the page: one renderer, one view, and the calls that the driver makes (window.kw). */
import * as THREE from 'three'
import { ClipPlayer } from './clips.js'
import { kit } from './mesher.js'
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
/** Picture as planar YUV 4:2:0 (BT.601, video range), rows from the top. */
function i420(px) {
  const { w, h } = view
  const out = new Uint8Array((w * h * 3) / 2)
  const [u0, v0] = [w * h, (w * h * 5) / 4]
  for (let y = 0; y < h; y++) {
    let p = (h - 1 - y) * w * 4
    let o = y * w
    for (let x = 0; x < w; x++, p += 4) out[o++] = (66 * px[p] + 129 * px[p + 1] + 25 * px[p + 2] + 4224) >> 8
  }
  for (let y = 0; y < h / 2; y++) {
    let p = (h - 1 - 2 * y) * w * 4
    let o = (y * w) / 2
    for (let x = 0; x < w / 2; x++, p += 8, o++) {
      const [r, g, b] = [(px[p] + px[p + 4]) >> 1, (px[p + 1] + px[p + 5]) >> 1, (px[p + 2] + px[p + 6]) >> 1]
      out[u0 + o] = (-38 * r - 74 * g + 112 * b + 32896) >> 8
      out[v0 + o] = (112 * r - 94 * g - 18 * b + 32896) >> 8
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
        const body = i420(clip.frame(i))
        await sent
        sent = send(name, body)
      } else clip.advance(i)
    await sent
  },
  endClip() {
    clip.release()
    clip = null
  },
  truth: () => clip.truth(),
}
window.ready = true
