/**
 * The camera: bakes the standing street once (light of the sky, of the sun, plain colour, depth), then draws moving
 * things over it frame by frame, and sends the picture through a camera chain (lens, exposure, tone, noise).
 */
import * as THREE from 'three'
import { makeRng } from './rng.js'
import { flatMaterial, light, LIGHT_GLSL } from './surface.js'

const QUAD_VERT = 'varying vec2 vUv; void main() { vUv = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }'

const COMPOSITE = /* glsl */ `
varying vec2 vUv;
uniform sampler2D uAmb, uSunlit, uPlain, uDepth;
uniform mat4 uInvVP;
uniform vec4 uGain, uVeil;
uniform float uWet;
${LIGHT_GLSL}
void main() {
  float z = texture(uDepth, vUv).r;
  gl_FragDepth = z;
  vec4 w = uInvVP * vec4(vUv * 2.0 - 1.0, z * 2.0 - 1.0, 1.0);
  vec3 p = w.xyz / w.w;
  vec3 c = texture(uAmb, vUv).rgb * uGain.x;
  vec3 s = vec3(0.);
  if (uGain.y > 0.) s = texture(uSunlit, vUv).rgb * uGain.y;
  if (z < 1.0) {
    if (s.r + s.g > 0.002) s *= shade(uMovingMap, uMovingVP, p, 0.0012, 0.0007) * cloud(p);
    if (uGain.z > 0. && p.y < 2.5) c += texture(uPlain, vUv).rgb * heads(p, vec3(0., 1., 0.)) * uGain.z;
  }
  gl_FragColor = vec4(tone(c + s), 1.0);
}`

const POST = /* glsl */ `
varying vec2 vUv;
uniform sampler2D uScene, uOsd, uDepth, uNoise;
uniform vec2 uPx;
uniform vec4 uCam;   // -, noise, blur px, saturation
uniform vec4 uTone;  // contrast, vignette, sharpen, -
uniform vec4 uFog;   // r, g, b, density per metre
uniform vec4 uRain;  // strength, time, -, -
uniform float uSeed, uFar;
uniform mat4 uInvP;
float hash(vec2 p) { vec3 q = fract(vec3(p.xyx) * 0.1031); q += dot(q, q.yzx + 33.33); return fract((q.x + q.y) * q.z); }
vec3 look(vec2 u) {
  vec3 c = texture(uScene, u).rgb;
#ifdef FOG
  float z = texture(uDepth, u).r;
  vec4 v = uInvP * vec4(u * 2. - 1., z * 2. - 1., 1.);
  float d = z >= 1.0 ? 400.0 : length(v.xyz / v.w);
  c = mix(uFog.rgb, c, exp(-uFog.w * d));
#endif
  return c;
}
void main() {
  vec2 o = uPx * uCam.z;
  vec3 mid = look(vUv);
  vec3 near = look(vUv + vec2(o.x, 0.)) + look(vUv - vec2(o.x, 0.)) + look(vUv + vec2(0., o.y)) + look(vUv - vec2(0., o.y));
  vec3 c = max(mid * (0.40 + uTone.z) + near * (0.15 - uTone.z * 0.25), 0.);
  vec2 v = vUv - 0.5;
  c *= 1.0 - 0.5 * uTone.y * dot(v, v);
  float y = dot(c, vec3(0.299, 0.587, 0.114));
  c = mix(vec3(y), c, uCam.w);
  c = (c - 0.5) * uTone.x + 0.5;
  // One stored field of noise, shifted at random each frame: luma and chroma grain.
  vec2 px = floor(vUv / uPx);
  vec2 jump = floor(fract(vec2(uSeed * 0.731, uSeed * 0.417)) * 256.);
  vec4 grain = texture(uNoise, (px + jump + 0.5) / 256.);
  float g = (grain.r - 0.5) * 2.0;
  vec3 k = grain.gba - 0.5;
  c += uCam.y * (g * (1.15 - 0.6 * y) + k * 0.9);
#ifdef RAIN
  {
    vec2 r = vUv * vec2(90., 7.) + vec2(vUv.y * 3., 0.);
    float lane = floor(r.x);
    float fall = fract(r.y + hash(vec2(lane, 3.)) * 9. + uRain.y * (6.0 + 3.0 * hash(vec2(lane, 9.))));
    float on = step(0.93, hash(vec2(lane, floor(uRain.y * 12.5))));
    c += uRain.x * on * smoothstep(0.0, 0.1, fall) * smoothstep(0.35, 0.1, fall) * (1.0 - smoothstep(0.1, 0.5, abs(fract(r.x) - 0.5))) * 0.22;
  }
#endif
  if (abs(vUv.y - 0.5) > 0.4) {
    vec4 t = texture(uOsd, vUv);
    c = mix(c, t.rgb, t.a);
  }
  gl_FragColor = vec4(clamp(c, 0., 1.), 1.0);
}`

/** Random bytes: red about triangular, the rest flat. */
function grainTexture() {
  const rng = makeRng(99)
  const data = new Uint8Array(256 * 256 * 4)
  for (let i = 0; i < data.length; i += 4) {
    data[i] = (rng.f() + rng.f()) * 127.5
    for (let k = 1; k < 4; k++) data[i + k] = rng.f() * 255
  }
  const t = new THREE.DataTexture(data, 256, 256)
  t.wrapS = t.wrapT = THREE.RepeatWrapping
  t.needsUpdate = true
  return t
}

const target = (w, h, options = {}) =>
  new THREE.WebGLRenderTarget(w, h, {
    type: THREE.HalfFloatType,
    minFilter: THREE.LinearFilter,
    magFilter: THREE.LinearFilter,
    generateMipmaps: false,
    ...options,
  })

function depthTarget(w, h) {
  const t = new THREE.WebGLRenderTarget(w, h, { minFilter: THREE.NearestFilter, magFilter: THREE.NearestFilter })
  t.depthTexture = new THREE.DepthTexture(w, h, THREE.UnsignedIntType)
  return t
}

const RECTS_MAX = 200

export class View {
  constructor(renderer, width, height, samples) {
    this.r = renderer
    this.w = width
    this.h = height
    this.large = target(width * 2, height * 2)
    const near = { minFilter: THREE.NearestFilter, magFilter: THREE.NearestFilter }
    this.amb = target(width, height, near)
    this.sunlit = target(width, height, near)
    this.plain = target(width, height, near)
    this.halve = new THREE.ShaderMaterial({
      vertexShader: QUAD_VERT,
      fragmentShader: 'varying vec2 vUv; uniform sampler2D uFrom; void main() { gl_FragColor = texture(uFrom, vUv); }',
      depthTest: false,
      depthWrite: false,
      uniforms: { uFrom: { value: this.large.texture } },
    })
    this.depth = depthTarget(width, height)
    this.main = target(width, height, { samples, type: THREE.UnsignedByteType })
    this.main.depthTexture = new THREE.DepthTexture(width, height, THREE.UnsignedIntType)
    this.out = new THREE.WebGLRenderTarget(width, height)
    this.ids = new THREE.WebGLRenderTarget(width, height, {
      minFilter: THREE.NearestFilter,
      magFilter: THREE.NearestFilter,
    })
    this.alone = new THREE.WebGLRenderTarget(1024, 1024, {
      minFilter: THREE.NearestFilter,
      magFilter: THREE.NearestFilter,
    })
    this.stillShadow = depthTarget(2048, 2048)
    this.moveShadow = depthTarget(896, 896)
    light.uStaticMap.value = this.stillShadow.depthTexture
    light.uMovingMap.value = this.moveShadow.depthTexture
    this.osd = document.createElement('canvas')
    this.osd.width = width
    this.osd.height = height
    this.osdTexture = new THREE.CanvasTexture(this.osd)
    this.osdTexture.colorSpace = THREE.NoColorSpace
    this.osdTexture.generateMipmaps = false
    this.osdTexture.minFilter = THREE.LinearFilter
    this.flatCam = new THREE.Camera()
    this.quadScene = new THREE.Scene()
    this.quad = new THREE.Mesh(new THREE.PlaneGeometry(2, 2))
    this.quad.frustumCulled = false
    this.quadScene.add(this.quad)
    this.composite = new THREE.ShaderMaterial({
      vertexShader: QUAD_VERT,
      fragmentShader: COMPOSITE,
      depthFunc: THREE.AlwaysDepth,
      uniforms: {
        ...light,
        uAmb: { value: this.amb.texture },
        uSunlit: { value: this.sunlit.texture },
        uPlain: { value: this.plain.texture },
        uDepth: { value: this.depth.depthTexture },
        uInvVP: { value: new THREE.Matrix4() },
        uGain: { value: new THREE.Vector4(1, 1, 0, 0) },
        uVeil: { value: new THREE.Vector4() },
        uWet: { value: 0 },
      },
    })
    this.depthOnly = new THREE.ShaderMaterial({
      vertexShader: QUAD_VERT,
      depthFunc: THREE.AlwaysDepth,
      uniforms: { uDepth: { value: this.depth.depthTexture } },
      fragmentShader:
        'varying vec2 vUv; uniform sampler2D uDepth; void main() { gl_FragDepth = texture(uDepth, vUv).r; gl_FragColor = vec4(0.,0.,0.,1.); }',
    })
    this.post = new THREE.ShaderMaterial({
      vertexShader: QUAD_VERT,
      fragmentShader: POST,
      defines: {},
      depthTest: false,
      depthWrite: false,
      uniforms: {
        uScene: { value: this.main.texture },
        uOsd: { value: this.osdTexture },
        uDepth: { value: this.main.depthTexture },
        uPx: { value: new THREE.Vector2(1 / width, 1 / height) },
        uCam: { value: new THREE.Vector4(1, 0.02, 0.6, 1) },
        uTone: { value: new THREE.Vector4(1, 0.4, 0.3, 0) },
        uFog: { value: new THREE.Vector4() },
        uRain: { value: new THREE.Vector4() },
        uNoise: { value: grainTexture() },
        uSeed: { value: 0 },
        uFar: { value: 400 },
        uInvP: { value: new THREE.Matrix4() },
      },
    })
    this.pixels = new Uint8Array(width * height * 4)
    this.rects = new THREE.BufferGeometry()
    this.rects.setAttribute(
      'position',
      new THREE.Float32BufferAttribute(new Float32Array(RECTS_MAX * 18), 3).setUsage(THREE.DynamicDrawUsage),
    )
    this.rects.setAttribute(
      'uv',
      new THREE.Float32BufferAttribute(new Float32Array(RECTS_MAX * 12), 2).setUsage(THREE.DynamicDrawUsage),
    )
    this.whole = this.quad.geometry
  }

  #option(name, on) {
    if (Boolean(this.post.defines[name]) === on) return
    if (on) this.post.defines[name] = 1
    else delete this.post.defines[name]
    this.post.needsUpdate = true
  }

  #pass(material, to) {
    this.quad.material = material
    this.r.setRenderTarget(to)
    this.r.render(this.quadScene, this.flatCam)
  }

  #shadow(scene, map, half, at, uniform) {
    const cam = new THREE.OrthographicCamera(-half, half, half, -half, 1, 260)
    cam.position.copy(at).addScaledVector(light.uSunDir.value, 130)
    cam.up.set(0.013, 0, -1)
    cam.lookAt(at)
    cam.updateMatrixWorld()
    uniform.value.multiplyMatrices(cam.projectionMatrix, cam.matrixWorldInverse)
    scene.overrideMaterial = flatMaterial
    this.r.setRenderTarget(map)
    this.r.clear()
    this.r.render(scene, cam)
    scene.overrideMaterial = null
  }

  /** Bakes a street for a camera. `focus` is the ground point around which shadows are kept (half sizes in metres). */
  bake(scene, camera, focus, moveHalf = 26) {
    this.camera = camera
    this.focus = focus
    this.moveHalf = moveHalf
    camera.updateMatrixWorld()
    light.uEye.value.copy(camera.position)
    scene.updateMatrixWorld()
    this.#shadow(scene, this.stillShadow, 60, focus, light.uStaticVP)
    light.uLampN.value = light.uLampPos.value.filter((v) => v.w > 0).length
    light.uHeadN.value = 0
    const sky = scene.children.find((c) => c.material?.userData.sky)
    for (const [mode, to] of [
      [1, this.amb],
      [2, this.sunlit],
      [3, this.plain],
      [0, this.depth],
    ]) {
      light.uMode.value = mode
      const on = to === this.depth ? to : this.large
      this.r.setRenderTarget(on)
      this.r.clear()
      if ((mode === 2 && light.uSun.value.x === 0) || (mode === 3 && light.uGlow.value < 0.5)) {
        this.#pass(this.halve, to)
        continue
      }
      // Depth first: the street is a few large meshes, so without this most pixels would be shaded several times.
      sky.visible = false
      scene.overrideMaterial = flatMaterial
      this.r.render(scene, camera)
      scene.overrideMaterial = null
      sky.visible = true
      if (to === this.depth) continue
      this.r.render(scene, camera)
      this.#pass(this.halve, to)
    }
    light.uMode.value = 0
    const vp = new THREE.Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse)
    this.composite.uniforms.uInvVP.value.copy(vp).invert()
    this.post.uniforms.uInvP.value.copy(camera.projectionMatrixInverse)
  }

  /** Limits full-picture passes to rectangles [x0, y0, x1, y1] in pixels, y down; null for the whole picture. */
  #limit(rects) {
    this.quad.geometry = rects ? this.rects : this.whole
    if (!rects) return
    const { position, uv } = this.rects.attributes
    rects.forEach(([x0, y0, x1, y1], i) => {
      const [a, b, c, d] = [x0 / this.w, 1 - y1 / this.h, x1 / this.w, 1 - y0 / this.h]
      ;[
        [a, b],
        [c, b],
        [c, d],
        [a, b],
        [c, d],
        [a, d],
      ].forEach(([u, v], j) => {
        uv.setXY(i * 6 + j, u, v)
        position.setXYZ(i * 6 + j, u * 2 - 1, v * 2 - 1, 0)
      })
    })
    position.needsUpdate = uv.needsUpdate = true
    this.rects.setDrawRange(0, rects.length * 6)
  }

  /**
   * One picture: street, moving things, then `veils` (smoke, glows) without shadows.
   * `gain` = sky, sun, headlights; with `rects` only these parts are drawn anew, the rest stays as it was.
   */
  frame(moving, veils, gain = [1, 1, 0], rects = null) {
    moving.updateMatrixWorld()
    const only = rects && rects.length < RECTS_MAX ? rects : null
    if (light.uSun.value.x > 0.2) this.#shadow(moving, this.moveShadow, this.moveHalf, this.focus, light.uMovingVP)
    else light.uMovingVP.value.makeTranslation(9, 9, 9)
    const cam = this.post.uniforms
    const wb = cam.uTone.value.w
    light.uExpose.value.set(1 + wb, 1, 1 - wb).multiplyScalar(cam.uCam.value.x)
    light.uLampN.value = light.uLampPos.value.filter((v) => v.w > 0).length
    light.uHeadN.value = light.uHeadPos.value.filter((v) => v.w > 0).length
    this.#option('FOG', cam.uFog.value.w > 0)
    this.#option('RAIN', cam.uRain.value.x > 0)
    this.composite.uniforms.uGain.value.set(gain[0], gain[1], gain[2], 0)
    const [sky, sun] = [light.uSky.value.clone(), light.uSun.value.clone()]
    light.uSky.value.multiplyScalar(gain[0])
    light.uSun.value.multiplyScalar(gain[1])
    this.#limit(only)
    this.#pass(this.composite, this.main)
    this.r.setRenderTarget(this.main)
    this.r.render(moving, this.camera)
    if (veils) this.r.render(veils, this.camera)
    light.uSky.value.copy(sky)
    light.uSun.value.copy(sun)
    this.#pass(this.post, this.out)
    this.#limit(null)
    this.r.readRenderTargetPixels(this.out, 0, 0, this.w, this.h, this.pixels)
    return this.pixels
  }

  /** Which object is seen at each pixel: two bytes of identity, 0 for the street itself. */
  identities(moving) {
    const buffer = new Uint8Array(this.w * this.h * 4)
    this.#pass(this.depthOnly, this.ids)
    moving.overrideMaterial = flatMaterial
    this.r.setRenderTarget(this.ids)
    this.r.render(moving, this.camera)
    moving.overrideMaterial = null
    this.r.readRenderTargetPixels(this.ids, 0, 0, this.w, this.h, buffer)
    return buffer
  }
}
