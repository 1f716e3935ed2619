/** Boxes from geometry: what of each labelled object the camera sees, and full projected boxes for the truth of clips. */
import * as THREE from 'three'
import { flatMaterial } from './surface.js'

const TILE = 64
const v = new THREE.Vector3()

/** Full projected box of an object in pixels [x0, y0, x1, y1] (not clipped); null if any of it is behind the camera. */
export function projectedBox(object, camera, w, h) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity]
  let behind = false
  object.updateWorldMatrix(true, true)
  object.traverse((o) => {
    const p = o.geometry?.attributes.position
    if (!p || behind || (o.material.userData.cut ?? 0) >= 2) return
    const step = Math.max(1, Math.floor(p.count / 400))
    for (let i = 0; i < p.count; i += step) {
      v.fromBufferAttribute(p, i).applyMatrix4(o.matrixWorld).applyMatrix4(camera.matrixWorldInverse)
      if (v.z > -0.3) return void (behind = true)
      v.applyMatrix4(camera.projectionMatrix)
      const [x, y] = [(v.x * 0.5 + 0.5) * w, (0.5 - v.y * 0.5) * h]
      x0 = Math.min(x0, x)
      y0 = Math.min(y0, y)
      x1 = Math.max(x1, x)
      y1 = Math.max(y1, y)
    }
  })
  return behind || x0 > x1 ? null : [x0, y0, x1, y1]
}

/** Gives the objects identities 1, 2, ... on all their meshes. */
export function number(objects) {
  objects.forEach((o, i) => o.traverse((c) => (c.userData.id = i + 1)))
}

/**
 * Visible boxes of `objects` (numbered, children of `moving`): [{ cat, box: [x, y, w, h], visible: share }].
 * The share is seen pixels over the pixels of the object drawn alone, parts outside the picture included.
 */
export function visibleBoxes(view, moving, objects) {
  const { w, h } = view
  const ids = view.identities(moving)
  const seen = objects.map(() => ({ n: 0, x0: w, y0: h, x1: -1, y1: -1 }))
  for (let y = 0, i = 0; y < h; y++)
    for (let x = 0; x < w; x++, i += 4) {
      const id = ids[i] | (ids[i + 1] << 8)
      const s = id > 0 ? seen[id - 1] : undefined
      if (!s) continue
      const top = h - 1 - y
      s.n++
      s.x0 = Math.min(s.x0, x)
      s.x1 = Math.max(s.x1, x)
      s.y0 = Math.min(s.y0, top)
      s.y1 = Math.max(s.y1, top)
    }
  const full = alonePixels(
    view,
    objects.filter((_, i) => seen[i].n > 0),
  )
  const out = []
  objects.forEach((o, i) => {
    const s = seen[i]
    if (s.n === 0) return
    const whole = full.get(o) ?? Infinity
    out.push({
      cat: o.userData.cat,
      box: [s.x0, s.y0, s.x1 - s.x0 + 1, s.y1 - s.y0 + 1],
      visible: Math.min(1, s.n / whole),
    })
  })
  return out
}

/** Pixels an object would cover with nothing before it, drawn alone in a tile of the atlas. */
function alonePixels(view, objects) {
  const { r, camera, w, h } = view
  const out = new Map()
  const scene = new THREE.Scene()
  scene.overrideMaterial = flatMaterial
  const perRow = 1024 / TILE
  const batch = objects.slice(0, perRow * perRow)
  const areas = []
  r.setRenderTarget(view.alone)
  view.alone.scissorTest = false
  r.clear()
  batch.forEach((o, i) => {
    const b = projectedBox(o, camera, w, h)
    areas.push(b)
    if (!b) return
    const [bw, bh] = [Math.max(1, b[2] - b[0]), Math.max(1, b[3] - b[1])]
    const cam = camera.clone()
    cam.setViewOffset(w, h, b[0], b[1], bw, bh)
    cam.updateProjectionMatrix()
    view.alone.viewport.set((i % perRow) * TILE, Math.floor(i / perRow) * TILE, TILE, TILE)
    r.setRenderTarget(view.alone)
    const parent = o.parent
    scene.add(o)
    r.render(scene, cam)
    parent.add(o)
  })
  view.alone.viewport.set(0, 0, 1024, 1024)
  const px = new Uint8Array(1024 * 1024 * 4)
  r.readRenderTargetPixels(view.alone, 0, 0, 1024, 1024, px)
  batch.forEach((o, i) => {
    const b = areas[i]
    if (!b) return
    let n = 0
    for (let y = 0; y < TILE; y++)
      for (let x = 0; x < TILE; x++)
        if (
          px[((Math.floor(i / perRow) * TILE + y) * 1024 + (i % perRow) * TILE + x) * 4] ||
          px[((Math.floor(i / perRow) * TILE + y) * 1024 + (i % perRow) * TILE + x) * 4 + 1]
        )
          n++
    out.set(o, Math.max(1, (n / TILE / TILE) * (b[2] - b[0]) * (b[3] - b[1])))
  })
  return out
}
