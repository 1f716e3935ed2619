/**
 * Smoke, steam and dust as hundreds of ragged soft puffs carried by wind, buoyancy and swirling air.
 * Each puff is a camera-facing square with a noise texture that dissolves as it ages; drawn as one instanced mesh.
 */
import * as THREE from 'three'
import { light, TONE_GLSL } from './surface.js'

const KINDS = {
  smoke: {
    life: [3.2, 6.5],
    size: [0.1, 0.17],
    grow: [0.2, 0.34],
    rise: [0.75, 1.25],
    slow: 0.35,
    wind: [0.18, 0.55],
    swirl: 0.6,
    alpha: [0.14, 0.3],
    colour: [0.66, 0.67, 0.7],
    spread: 0.3,
    count: 420,
  },
  steam: {
    life: [1.0, 2.1],
    size: [0.12, 0.2],
    grow: [0.3, 0.45],
    rise: [0.9, 1.4],
    slow: 0.5,
    wind: [0.1, 0.3],
    swirl: 0.5,
    alpha: [0.3, 0.5],
    colour: [0.92, 0.93, 0.95],
    spread: 0.22,
    erode: 0.8,
    count: 200,
  },
  dust: {
    life: [6, 10],
    size: [0.6, 1.0],
    grow: [0.3, 0.5],
    rise: [0.16, 0.42],
    slow: 0.3,
    wind: [0.5, 0.9],
    swirl: 0.6,
    alpha: [0.55, 0.85],
    colour: [0.6, 0.46, 0.3],
    spread: 1.2,
    erode: 0.6,
    count: 480,
  },
}

const VERT = /* glsl */ `
attribute vec4 aPuff;   // x, y, z, size
attribute vec4 aLook;   // alpha, turn, erosion, texture row
varying vec2 vUv, vAt;
varying vec4 vLook;
varying vec3 vP;
void main() {
  float c = cos(aLook.y), s = sin(aLook.y);
  vec2 q = position.xy;
  vec4 v = viewMatrix * vec4(aPuff.xyz, 1.0);
  v.xy += mat2(c, s, -s, c) * q * aPuff.w;
  vUv = q + 0.5; vAt = q; vLook = aLook; vP = aPuff.xyz + vec3(0., q.y * aPuff.w, 0.);
  gl_Position = projectionMatrix * v;
}`

const FRAG = /* glsl */ `
varying vec2 vUv, vAt;
varying vec4 vLook;
varying vec3 vP;
uniform sampler2D uPuff, uDepth;
uniform vec3 uColour, uSky, uSun, uLampCol;
uniform vec4 uGlowAt, uLampPos[8];
uniform int uLampN;
${TONE_GLSL}
uniform vec2 uPx, uNearFar;
float metres(float z) { return uNearFar.x * uNearFar.y / (uNearFar.y - z * (uNearFar.y - uNearFar.x)); }
void main() {
  vec4 t = texture(uPuff, vUv);
  float d = smoothstep(vLook.z * 0.5, vLook.z * 0.5 + 0.55, t.r) * smoothstep(0.5, 0.33, length(vAt));
  float behind = metres(texture(uDepth, gl_FragCoord.xy * uPx).r) - metres(gl_FragCoord.z);
  float a = vLook.x * d * clamp(behind / 0.35, 0., 1.);
  vec3 lit = uSky * 0.75 + uSun * (0.16 + 0.26 * t.g);
  for (int i = 0; i < uLampN; i++) {
    vec3 l = uLampPos[i].xyz - vP;
    lit += uLampCol * uLampPos[i].w * 0.75 / (1.0 + dot(l, l) * 0.06);
  }
  vec3 g = uGlowAt.xyz - vP;
  lit += vec3(1.0, 0.42, 0.12) * uGlowAt.w / (1.0 + dot(g, g) * 9.0);
  gl_FragColor = vec4(tone(uColour * lit) * a, a);
}`

const rnd = (rng, [a, b]) => rng.range(a, b)

/**
 * @param {object} o kind, `at` [x, y, z] of the source, `rate` puffs a second, `wind` [x, z] m/s, `thick` factor of opacity
 */
export function makePlume(tex, rng, { kind, at, rate = 10, wind = null, thick = 1, area = null }) {
  const spec = KINDS[kind]
  const n = spec.count
  const g = new THREE.InstancedBufferGeometry()
  g.setAttribute(
    'position',
    new THREE.Float32BufferAttribute([-0.5, -0.5, 0, 0.5, -0.5, 0, 0.5, 0.5, 0, -0.5, 0.5, 0], 3),
  )
  g.setIndex([0, 1, 2, 0, 2, 3])
  const puff = new THREE.InstancedBufferAttribute(new Float32Array(n * 4), 4)
  const look = new THREE.InstancedBufferAttribute(new Float32Array(n * 4), 4)
  puff.setUsage(THREE.DynamicDrawUsage)
  look.setUsage(THREE.DynamicDrawUsage)
  g.setAttribute('aPuff', puff)
  g.setAttribute('aLook', look)
  const material = new THREE.ShaderMaterial({
    vertexShader: VERT,
    fragmentShader: FRAG,
    transparent: true,
    depthWrite: false,
    blending: THREE.CustomBlending,
    blendSrc: THREE.OneFactor,
    blendDst: THREE.OneMinusSrcAlphaFactor,
    uniforms: {
      uPuff: { value: rng.pick(tex.puff) },
      uDepth: { value: null },
      uColour: { value: new THREE.Vector3(...spec.colour) },
      uSky: light.uSky,
      uSun: light.uSun,
      uLampCol: light.uLampCol,
      uLampPos: light.uLampPos,
      uLampN: light.uLampN,
      uExpose: light.uExpose,
      uGlowAt: { value: new THREE.Vector4() },
      uPx: { value: new THREE.Vector2() },
      uNearFar: { value: new THREE.Vector2(0.3, 500) },
    },
  })
  const mesh = new THREE.Mesh(g, material)
  mesh.frustumCulled = false
  const drift = wind ?? [rng.pick([-1, 1]) * rnd(rng, spec.wind), rng.gauss() * 0.15]
  const puffs = []
  const ph = [rng.range(0, 9), rng.range(0, 9), rng.range(0, 9)]
  let now = 0
  let owed = 0
  const swirl = (p, t) => [
    Math.sin(p[1] * 1.9 - t * 1.3 + ph[0]) + 0.6 * Math.sin(p[2] * 3.1 + p[1] * 2.7 - t * 2.2 + ph[1]),
    0.45 * Math.sin(p[0] * 2.3 + t * 1.1 + ph[2]) + 0.35 * Math.sin(p[2] * 2.9 - t * 1.7),
    Math.cos(p[1] * 1.7 - t * 1.1 + ph[2]) + 0.5 * Math.sin(p[0] * 2.9 + p[1] * 3.3 - t * 2.0 + ph[0]),
  ]
  const self = {
    bounds: null,
    mesh,
    puffs,
    drift,
    source: [...at],
    rate,
    /** Advances by dt seconds; `emit` 0..1 scales the rate. */
    step(dt, emit = 1) {
      now += dt
      const gust = 0.75 + 0.35 * Math.sin(now * 0.9 + ph[0]) + 0.3 * Math.sin(now * 2.3 + ph[1])
      owed += dt * self.rate * emit * Math.max(0.1, gust)
      while (owed >= 1) {
        owed -= 1
        const s = area ?? [spec.spread, spec.spread * 0.35]
        puffs.push({
          p: [
            self.source[0] + rng.range(-s[0], s[0]),
            self.source[1] + rng.range(0, 0.06),
            self.source[2] + rng.range(-s[1], s[1]),
          ],
          age: rng.range(0, dt),
          life: rnd(rng, spec.life),
          size: rnd(rng, spec.size),
          grow: rnd(rng, spec.grow),
          rise: rnd(rng, spec.rise),
          a: rnd(rng, spec.alpha) * thick,
          turn: rng.range(0, 6.3),
          spin: rng.gauss() * 0.35,
        })
        if (puffs.length > n) puffs.shift()
      }
      for (const q of puffs) {
        q.age += dt
        const u = q.age / q.life
        const s = swirl(q.p, now)
        const w = Math.min(1, 0.25 + q.age * 0.5) * (0.7 + 0.45 * gust)
        const k = spec.swirl * Math.min(1, 0.3 + q.age * 0.45)
        q.p[0] += dt * (drift[0] * w + s[0] * k * 0.42)
        q.p[1] += dt * (q.rise * (1 - spec.slow * u) + s[1] * k * 0.35)
        q.p[2] += dt * (drift[1] * w + s[2] * k * 0.42)
        if (q.p[1] < 0.1) q.p[1] = 0.1
        q.turn += q.spin * dt
      }
      for (let i = puffs.length - 1; i >= 0; i--) if (puffs[i].age >= puffs[i].life) puffs.splice(i, 1)
    },
    /** Writes the puffs into the mesh, far ones first. */
    draw(view, glow = 0) {
      const eye = view.camera.position
      puffs.sort(
        (a, b) =>
          Math.hypot(b.p[0] - eye.x, b.p[1] - eye.y, b.p[2] - eye.z) -
          Math.hypot(a.p[0] - eye.x, a.p[1] - eye.y, a.p[2] - eye.z),
      )
      self.bounds =
        puffs.length > 0
          ? [
              [Infinity, Infinity, Infinity],
              [-Infinity, -Infinity, -Infinity],
            ]
          : null
      puffs.forEach((q, i) => {
        const u = q.age / q.life
        const size = (q.size + q.grow * q.age) * 1.9
        const thin = (q.size / (q.size + q.grow * q.age * 0.75)) ** 0.62
        for (let j = 0; j < 3; j++) {
          self.bounds[0][j] = Math.min(self.bounds[0][j], q.p[j] - size * 0.5)
          self.bounds[1][j] = Math.max(self.bounds[1][j], q.p[j] + size * 0.5)
        }
        puff.setXYZW(i, q.p[0], q.p[1], q.p[2], size)
        look.setXYZW(
          i,
          q.a * Math.min(1, q.age * 5) * (1 - u) ** 0.8 * (0.35 + 0.9 * thin),
          q.turn,
          Math.min(1, u * (spec.erode ?? 1.1)),
          0,
        )
      })
      puff.needsUpdate = look.needsUpdate = true
      g.instanceCount = puffs.length
      material.uniforms.uDepth.value = view.depth.depthTexture
      material.uniforms.uPx.value.set(1 / view.w, 1 / view.h)
      material.uniforms.uGlowAt.value.set(self.source[0], self.source[1], self.source[2], glow)
    },
    warmUp(view, seconds) {
      for (let t = 0; t < seconds; t += 0.1) self.step(0.1)
      self.draw(view)
    },
    /** World box of what can be seen: [min, max] over puffs with opacity, or null. */
    extent() {
      let box = null
      for (const q of puffs) {
        if (q.age / q.life > 0.6) continue
        const r = (q.size + q.grow * q.age) * 0.6
        box ??= [[...q.p], [...q.p]]
        for (let i = 0; i < 3; i++) {
          box[0][i] = Math.min(box[0][i], q.p[i] - r)
          box[1][i] = Math.max(box[1][i], q.p[i] + r)
        }
      }
      return box
    },
  }
  mesh.userData.plume = self
  return self
}
