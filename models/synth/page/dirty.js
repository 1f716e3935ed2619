/** Which parts of the picture can have changed: screen rectangles around moving things and their shadows. */
import * as THREE from 'three'
import { light } from './surface.js'

const v = new THREE.Vector3()
const MARGIN_PX = 5

class Rect {
  constructor() {
    this.box = [Infinity, Infinity, -Infinity, -Infinity]
    this.behind = false
  }
  add(view, x, y, z) {
    v.set(x, y, z).applyMatrix4(view.camera.matrixWorldInverse)
    if (v.z > -0.4) {
      this.behind = true
      return
    }
    v.applyMatrix4(view.camera.projectionMatrix)
    const [px, py] = [(v.x * 0.5 + 0.5) * view.w, (0.5 - v.y * 0.5) * view.h]
    const b = this.box
    b[0] = Math.min(b[0], px)
    b[1] = Math.min(b[1], py)
    b[2] = Math.max(b[2], px)
    b[3] = Math.max(b[3], py)
  }
  /** Pixels [x0, y0, x1, y1], the whole picture where a part is behind the camera and a part before it, or null. */
  done(view) {
    const b = this.box
    if (b[0] > b[2]) return null
    if (this.behind) return [0, 0, view.w, view.h]
    const r = [
      Math.max(0, Math.floor(b[0]) - MARGIN_PX),
      Math.max(0, Math.floor(b[1]) - MARGIN_PX),
      Math.min(view.w, Math.ceil(b[2]) + MARGIN_PX),
      Math.min(view.h, Math.ceil(b[3]) + MARGIN_PX),
    ]
    return r[0] < r[2] && r[1] < r[3] ? r : null
  }
}

/** Rectangles of all visible children of `moving` (with shadows while the sun shines) and of world boxes [[min], [max]]. */
export function changedRects(view, moving, boxes) {
  const out = []
  const sun = light.uSun.value.x > 0.2 ? light.uSunDir.value : null
  const p = new THREE.Vector3()
  for (const root of moving.children) {
    if (!root.visible) continue
    const rect = new Rect()
    root.traverseVisible((mesh) => {
      const g = mesh.geometry
      if (!g) return
      if (!g.boundingBox) g.computeBoundingBox()
      const { min, max } = g.boundingBox
      for (let i = 0; i < 8; i++) {
        p.set(i & 1 ? max.x : min.x, i & 2 ? max.y : min.y, i & 4 ? max.z : min.z).applyMatrix4(mesh.matrixWorld)
        rect.add(view, p.x, p.y, p.z)
        if (sun && p.y > 0) rect.add(view, p.x - (sun.x * p.y) / sun.y, 0, p.z - (sun.z * p.y) / sun.y)
      }
    })
    const r = rect.done(view)
    if (r) out.push(r)
  }
  for (const [min, max] of boxes) {
    const rect = new Rect()
    for (let i = 0; i < 8; i++)
      rect.add(view, i & 1 ? max[0] : min[0], i & 2 ? max[1] : min[1], i & 4 ? max[2] : min[2])
    const r = rect.done(view)
    if (r) out.push(r)
  }
  return out
}
