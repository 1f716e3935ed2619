/** Collects coloured primitives and joins them into one mesh per material. */
import * as THREE from 'three'
import { flatReady, surface } from './surface.js'

const shapes = new Map()
const shape = (key, make) => {
  if (!shapes.has(key)) {
    const g = make()
    shapes.set(key, g.index ? g.toNonIndexed() : g)
  }
  return shapes.get(key)
}
const m4 = new THREE.Matrix4()
const nm = new THREE.Matrix3()
const q = new THREE.Quaternion()
const e = new THREE.Euler()
const v = new THREE.Vector3()
const n = new THREE.Vector3()
const col = new THREE.Color()

export class Mesher {
  parts = new Map()

  /** Adds `geometry` with position p, rotation r (Euler, radians) and scale s; texture size `uv` metres, 0 keeps the shape's own. */
  add(material, geometry, colour, p = [0, 0, 0], r = [0, 0, 0], s = [1, 1, 1], uv = 1.3, warp = null) {
    let part = this.parts.get(material)
    if (!part) this.parts.set(material, (part = { pos: [], nor: [], uv: [], col: [] }))
    m4.compose(new THREE.Vector3(...p), q.setFromEuler(e.set(...r)), new THREE.Vector3(...s))
    nm.getNormalMatrix(m4)
    col.set(colour)
    const gp = geometry.attributes.position
    const gn = geometry.attributes.normal
    const gu = geometry.attributes.uv
    for (let i = 0; i < gp.count; i++) {
      v.fromBufferAttribute(gp, i)
      if (warp) warp(v)
      v.applyMatrix4(m4)
      n.fromBufferAttribute(gn, i).applyMatrix3(nm).normalize()
      part.pos.push(v.x, v.y, v.z)
      part.nor.push(n.x, n.y, n.z)
      if (uv === 0) part.uv.push(gu.getX(i), gu.getY(i))
      else if (Math.abs(n.y) > 0.7) part.uv.push(v.x / uv, v.z / uv)
      else if (Math.abs(n.x) > 0.7) part.uv.push(v.z / uv, v.y / uv)
      else part.uv.push(v.x / uv, v.y / uv)
      part.col.push(col.r, col.g, col.b)
    }
    return this
  }
  box(mat, c, [w, h, d], p, r, uv) {
    return this.add(
      mat,
      shape('box', () => new THREE.BoxGeometry(1, 1, 1)),
      c,
      p,
      r,
      [w, h, d],
      uv,
    )
  }
  /** Upright cylinder or cone: radii at bottom and top, height; p is its middle. */
  tube(mat, c, r0, r1, h, p, r, seg = 8) {
    const k = `t${(r1 / Math.max(r0, 1e-3)).toFixed(2)}_${seg}`
    return this.add(
      mat,
      shape(k, () => new THREE.CylinderGeometry(r1 / Math.max(r0, 1e-3), 1, 1, seg)),
      c,
      p,
      r,
      [r0, h, r0],
    )
  }
  ball(mat, c, [x, y, z], p, r, warp) {
    return this.add(
      mat,
      shape('ball', () => new THREE.IcosahedronGeometry(1, 1)),
      c,
      p,
      r,
      [x, y, z],
      1.3,
      warp,
    )
  }
  /** Flat rectangle w x h facing +z, texture once over it (or `rep` times). */
  card(mat, c, w, h, p, r, rep = null) {
    const g = rep
      ? shape(`card${rep}`, () => {
          const k = new THREE.PlaneGeometry(1, 1)
          for (let i = 0; i < 4; i++)
            k.attributes.uv.setXY(i, k.attributes.uv.getX(i) * rep[0], k.attributes.uv.getY(i) * rep[1])
          return k
        })
      : shape('card', () => new THREE.PlaneGeometry(1, 1))
    return this.add(mat, g, c, p, r, [w, h, 1], 0)
  }
  /** Soft darkness on the ground under a thing of w x l metres. */
  contact(k, w, l, z = 0) {
    return this.card(k.contact, '#000000', w, l, [0, 0.02, z], [-Math.PI / 2, 0, 0])
  }
  /** Side outline [[z, y], ...] extruded over width w (along x), narrowed towards the top by `taper` metres a side. */
  hull(mat, c, outline, w, taper = 0, bevel = 0.06) {
    const s = new THREE.Shape(outline.map(([z, y]) => new THREE.Vector2(z, y)))
    const g = new THREE.ExtrudeGeometry(s, {
      depth: w - 2 * bevel,
      bevelEnabled: true,
      bevelSize: bevel,
      bevelOffset: -bevel,
      bevelThickness: bevel,
      bevelSegments: 2,
      curveSegments: 4,
    })
    g.translate(0, 0, -(w - 2 * bevel) / 2)
    g.rotateY(-Math.PI / 2)
    const ys = outline.map((o) => o[1])
    const [lo, hi] = [Math.min(...ys), Math.max(...ys)]
    const p = g.attributes.position
    for (let i = 0; taper && i < p.count; i++)
      p.setX(i, p.getX(i) * (1 - (taper * 2 * Math.max(0, p.getY(i) - lo)) / (hi - lo) / w))
    g.computeVertexNormals()
    return this.add(mat, g.index ? g.toNonIndexed() : g, c)
  }
  /** The joined object as a group; `id` is set later by the labeller. */
  build(group = new THREE.Group()) {
    for (const [material, part] of this.parts) {
      const g = new THREE.BufferGeometry()
      g.setAttribute('position', new THREE.Float32BufferAttribute(part.pos, 3))
      g.setAttribute('normal', new THREE.Float32BufferAttribute(part.nor, 3))
      g.setAttribute('uv', new THREE.Float32BufferAttribute(part.uv, 2))
      g.setAttribute('color', new THREE.Float32BufferAttribute(part.col, 3))
      group.add(flatReady(new THREE.Mesh(g, material)))
    }
    return group
  }
}

/** The materials that most things share. */
export function kit(tex) {
  return {
    contact: surface(tex.blob, { blend: 0.62 }),
    matte: surface(tex.grain[0]),
    dirty: surface(tex.dirty[0]),
    cloth: surface(tex.cloth[0]),
    skin: surface(tex.cloth[1]),
    paint: surface(tex.grain[1], { gloss: 0.55 }),
    glass: surface(tex.grain[2], { gloss: 1 }),
    metal: surface(tex.grain[2], { gloss: 0.2 }),
    lamp: surface(tex.white, { lit: 6 }),
    tail: surface(tex.white, { lit: 3 }),
    card: surface(tex.card[0]),
    sand: surface(tex.sand[0]),
    soil: surface(tex.soil[0]),
    rubble: surface(tex.rubble[0]),
    bark: surface(tex.bark[0]),
    coals: surface(tex.coals[0], { lit: 1.5 }),
  }
}
