/** Ground shapes to picture polygons (0..1, y down) and the four points of a calibration. */
import * as THREE from 'three'

const round = (v) => Math.round(v * 1e4) / 1e4

/** Projects a world point to picture coordinates [x, y]. */
export function toPicture(camera, x, y, z) {
  const v = new THREE.Vector3(x, y, z).project(camera)
  return [v.x * 0.5 + 0.5, 0.5 - v.y * 0.5]
}

function clip(poly) {
  const cut = (points, inside, cross) => {
    const out = []
    points.forEach((b, i) => {
      const a = points[(i + points.length - 1) % points.length]
      if (inside(b) !== inside(a)) out.push(cross(a, b))
      if (inside(b)) out.push(b)
    })
    return out
  }
  const at = (axis, v) => (a, b) => {
    const u = (v - a[axis]) / (b[axis] - a[axis])
    return [a[0] + (b[0] - a[0]) * u, a[1] + (b[1] - a[1]) * u]
  }
  let p = cut(poly, (q) => q[0] >= 0, at(0, 0))
  p = cut(p, (q) => q[0] <= 1, at(0, 1))
  p = cut(p, (q) => q[1] >= 0, at(1, 0))
  return cut(p, (q) => q[1] <= 1, at(1, 1)).map(([x, y]) => [round(x), round(y)])
}

/** A ground rectangle x0..x1, z0..z1 (z1 nearer, before the camera) at height y as a picture polygon. */
export function strip(camera, x0, x1, z0, z1, y = 0) {
  return clip(
    [
      [x0, z1],
      [x1, z1],
      [x1, z0],
      [x0, z0],
    ].map(([x, z]) => toPicture(camera, x, y, z)),
  )
}

/** Convex outline of a block of air over a ground rectangle, up to `h` metres. */
export function block(camera, x0, x1, z0, z1, h) {
  const pts = []
  for (const x of [x0, x1]) for (const z of [z0, z1]) for (const y of [0, h]) pts.push(toPicture(camera, x, y, z))
  pts.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const half = (list) => {
    const out = []
    for (const p of list) {
      while (out.length > 1) {
        const [a, b] = out.slice(-2)
        if ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0) break
        out.pop()
      }
      out.push(p)
    }
    return out.slice(0, -1)
  }
  return clip([...half(pts), ...half([...pts].reverse())])
}

/** Four ground points seen in the picture: [x, y, east m, north m], origin under the camera, north away from it. */
export function calibration(camera, street) {
  const e = street.edge - 0.4
  const near = camera.position.z
  const rows = []
  for (const [x, z] of [
    [-e, -26],
    [e, -26],
    [e, -60],
    [-e, -60],
  ])
    rows.push([x, z])
  const inside = ([x, z]) => {
    const [u, v] = toPicture(camera, x, 0, z)
    return u > 0.01 && u < 0.99 && v > 0.01 && v < 0.99
  }
  const pull = (x, z, step) => {
    let [a, b] = [x, z]
    for (let i = 0; i < 60 && !inside([a, b]); i++) [a, b] = [a * 0.96, b + step]
    return [a, b]
  }
  const nearRow = (x) => {
    for (let z = near - 3; z > -40; z -= 0.5)
      for (const f of [1, 0.8, 0.6, 0.4, 0.2]) if (inside([x * f, z])) return [x * f, z]
    return pull(x, -26, -1)
  }
  const farRow = (x) => {
    for (let z = -45; z < near - 8; z += 1)
      for (const f of [1, 0.7, 0.4, 0.1]) if (inside([x * f, z])) return [x * f, z]
    return pull(x, -60, 1)
  }
  const all = [nearRow(-e), nearRow(e), farRow(e), farRow(-e)]
  return {
    points: all.map(([x, z]) => [
      ...toPicture(camera, x, 0, z).map((v) => Math.round(v * 1e5) / 1e5),
      Math.round((x - camera.position.x) * 1e3) / 1e3,
      Math.round((near - z) * 1e3) / 1e3,
    ]),
  }
}
