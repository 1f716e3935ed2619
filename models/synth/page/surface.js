/**
 * One shading model for everything: vertex colour x texture, sky and ground light, a sun with two shadow maps
 * (what stands, what moves), street lamps and headlights, a little gloss, and haze. All in linear light.
 */
import * as THREE from 'three'

export const LAMP_MAX = 8
export const HEAD_MAX = 8

const vec4s = (n) => Array.from({ length: n }, () => new THREE.Vector4())

/** Uniforms shared by all materials; `view.js` and the scenes write into them. */
export const light = {
  uSunDir: { value: new THREE.Vector3(0.4, 0.8, 0.3) },
  uSun: { value: new THREE.Vector3(2, 1.9, 1.7) },
  uSky: { value: new THREE.Vector3(0.5, 0.6, 0.8) },
  uGround: { value: new THREE.Vector3(0.25, 0.23, 0.2) },
  uHaze: { value: new THREE.Vector4(0.7, 0.75, 0.8, 0.004) },
  uStaticMap: { value: null },
  uMovingMap: { value: null },
  uStaticVP: { value: new THREE.Matrix4() },
  uMovingVP: { value: new THREE.Matrix4() },
  uLampPos: { value: vec4s(LAMP_MAX) },
  uLampCol: { value: new THREE.Vector3(1, 0.7, 0.4) },
  uHeadPos: { value: vec4s(HEAD_MAX) },
  uHeadDir: { value: vec4s(HEAD_MAX) },
  uMode: { value: 0 },
  uGlow: { value: 0 },
  uTime: { value: 0 },
  uCloud: { value: new THREE.Vector4(0, 0, 0, 0) },
  uEye: { value: new THREE.Vector3() },
  uLampN: { value: 0 },
  uHeadN: { value: 0 },
  uExpose: { value: new THREE.Vector3(1, 1, 1) },
}

/** The camera's tone curve (filmic fit, then about gamma 2.2); `uExpose` = exposure with white balance. */
export const TONE_GLSL = /* glsl */ `
uniform vec3 uExpose;
vec3 tone(vec3 x) {
  x *= uExpose;
  x = clamp((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14), 0., 1.);
  vec3 r = sqrt(x);
  return mix(r, sqrt(r) * 0.25 + r * 0.75, 0.6);
}`

/** GLSL shared with the composite pass: shadow tests, lamps, headlights and the sliding shadow of a cloud or building. */
export const LIGHT_GLSL = /* glsl */ `
${TONE_GLSL}
uniform int uLampN, uHeadN;
uniform sampler2D uStaticMap, uMovingMap;
uniform mat4 uStaticVP, uMovingVP;
uniform vec3 uSunDir, uSun, uSky, uGround, uLampCol;
uniform vec4 uHaze, uCloud;
uniform vec4 uLampPos[${LAMP_MAX}], uHeadPos[${HEAD_MAX}], uHeadDir[${HEAD_MAX}];
float tap(sampler2D m, vec3 q) { return step(q.z, texture(m, q.xy).r); }
float shade(sampler2D m, mat4 vp, vec3 p, float bias, float texel) {
  vec4 c = vp * vec4(p, 1.0);
  vec3 q = c.xyz * 0.5 + 0.5;
  if (q.x < 0.002 || q.y < 0.002 || q.x > 0.998 || q.y > 0.998 || q.z > 1.0) return 1.0;
  q.z -= bias;
  vec2 d = vec2(texel, -texel);
  return 0.5 * (tap(m, q + vec3(d.x, d.y * 0.4, 0.)) + tap(m, q + vec3(d.y, d.x * 0.4, 0.)));
}
// A hard-edged sheet of shade in the world: x is where its front stands, y its width, z the slant, w the strength.
float cloud(vec3 p) {
  if (uCloud.w <= 0.) return 1.0;
  float u = p.z + p.x * uCloud.z + 0.6 * sin(p.x * 0.9) + 0.25 * sin(p.x * 3.1 + 1.0) - uCloud.x;
  return 1.0 - uCloud.w * smoothstep(-0.25, 0.25, u) * (1.0 - smoothstep(uCloud.y - 0.25, uCloud.y + 0.25, u));
}
vec3 lamps(vec3 p, vec3 n) {
  vec3 sum = vec3(0.);
  for (int i = 0; i < uLampN; i++) {
    vec3 d = uLampPos[i].xyz - p;
    float r2 = dot(d, d);
    d *= inversesqrt(r2);
    float down = smoothstep(0.05, 0.75, d.y);
    sum += uLampCol * uLampPos[i].w * max(dot(n, d) * 0.8 + 0.2, 0.) * down / (1.0 + r2 * 0.06);
  }
  return sum;
}
vec3 heads(vec3 p, vec3 n) {
  vec3 sum = vec3(0.);
  for (int i = 0; i < uHeadN; i++) {
    vec3 d = p - uHeadPos[i].xyz;
    float r2 = dot(d, d);
    d *= inversesqrt(r2);
    float cone = smoothstep(0.86, 0.99, dot(d, uHeadDir[i].xyz)) * smoothstep(0.4, 2.0, sqrt(r2));
    sum += vec3(1.0, 0.95, 0.85) * uHeadPos[i].w * cone * (0.35 + max(dot(n, -d), 0.)) / (1.0 + r2 * 0.045);
  }
  return sum;
}`

/** Leaf motion, the same in every pass so that depths agree to the bit. */
const SWAY = /* glsl */ `
  if (uSway > 0.) {
    float k = 0.4 + 0.6 * sin(uTime * 0.31 + w.x * 0.05);
    w.x += uSway * k * (sin(uTime * 1.7 + w.z * 0.8 + w.y * 0.6) + 0.5 * sin(uTime * 4.3 + w.x * 3.0 + w.y * 2.0));
    w.y += uSway * 0.5 * sin(uTime * 2.3 + w.x * 1.3);
  }`

const VERT = /* glsl */ `
varying vec3 vP, vN, vC;
varying vec2 vUv;
uniform float uTime, uSway;
invariant gl_Position;
void main() {
  vec4 w = modelMatrix * vec4(position, 1.0);
  vN = mat3(modelMatrix) * normal;
  ${SWAY}
  vP = w.xyz; vC = color; vUv = uv;
  gl_Position = projectionMatrix * viewMatrix * w;
}`

const FRAG = /* glsl */ `
varying vec3 vP, vN, vC;
varying vec2 vUv;
uniform sampler2D map;
uniform float uCut, uGloss, uLit, uMovingBias, uBlend;
uniform float uGlow;
uniform int uMode;
uniform vec3 uEye, uTint;
${LIGHT_GLSL}
void main() {
  vec4 t = texture(map, vUv);
  if (t.a < uCut) discard;
  vec3 alb = t.rgb * vC * uTint;
  vec3 n = normalize(vN);
  vec3 eye = normalize(uEye - vP);
  if (dot(n, eye) < 0.) n = -n;
  float far = 1.0 - exp(-uHaze.w * distance(vP, uEye));
  vec3 amb = mix(uGround, uSky, 0.5 + 0.5 * n.y) * (0.55 + 0.45 * smoothstep(-0.2, 1.2, vP.y)) + lamps(vP, n);
  float cosL = uCut > 0. ? 0.35 + 0.4 * max(dot(n, uSunDir), 0.) : max(dot(n, uSunDir), 0.);
  vec3 sun = uSun * cosL;
  if (uMode != 3 && uMode != 1 && cosL * uSun.r > 0.) {
    float nb = 0.0006 + 0.0012 * (1.0 - cosL);
    sun *= shade(uStaticMap, uStaticVP, vP + n * 0.05, nb, 0.0003);
    if (uMode == 0) sun *= shade(uMovingMap, uMovingVP, vP + n * 0.04, nb + uMovingBias, 0.0006) * cloud(vP);
  }
  vec3 r = reflect(-eye, n);
  float fres = uGloss * (0.04 + 0.5 * pow(1.0 - max(dot(n, eye), 0.), 5.0));
  vec3 gloss = fres * mix(uGround, uSky * 1.2, smoothstep(-0.1, 0.5, r.y));
  vec3 glint = uGloss * uSun * 1.4 * pow(max(dot(r, uSunDir), 0.), 60.) * (sun.r / max(uSun.r * cosL, 1e-4));
  vec3 c;
  if (uMode == 0) c = alb * (amb + sun + heads(vP, n)) + gloss + glint + alb * uLit * uGlow;
  else if (uMode == 1) c = alb * amb + gloss + alb * uLit * uGlow;
  else if (uMode == 2) c = alb * sun + glint;
  else c = alb;
  if (uMode < 2) c = mix(c, uHaze.rgb, far); else c *= 1.0 - far;
  gl_FragColor = vec4(uMode == 0 ? tone(c) : min(c, vec3(24.)), uBlend > 0. ? t.a * uBlend : 1.0);
}`

const cache = new Map()

/**
 * A material; the same options give the same object. `gloss` 0..1, `cut` alpha threshold of leaves,
 * `sway` metres of leaf motion, `lit` how strongly it shines by itself when lamps are on.
 */
export function surface(map, { gloss = 0, cut = 0, sway = 0, lit = 0, tint = null, blend = 0 } = {}) {
  const key = [map.uuid, gloss, cut, sway, lit, blend, tint?.join()].join('|')
  let m = cache.get(key)
  if (!m) {
    m = new THREE.ShaderMaterial({
      vertexShader: VERT,
      fragmentShader: FRAG,
      vertexColors: true,
      side: THREE.DoubleSide,
      transparent: blend > 0,
      depthWrite: blend === 0,
      uniforms: {
        ...light,
        uBlend: { value: blend },
        map: { value: map },
        uGloss: { value: gloss },
        uCut: { value: cut },
        uSway: { value: sway },
        uLit: { value: lit },
        uTint: { value: new THREE.Vector3(...(tint ?? [1, 1, 1])) },
        uMovingBias: { value: 0.0006 },
      },
    })
    m.userData = { map, cut: blend > 0 ? 2 : cut, sway }
    cache.set(key, m)
  }
  return m
}

/** Depth and identity pass: writes `uId` as a colour; leaves keep their holes. */
export const flatMaterial = new THREE.ShaderMaterial({
  side: THREE.DoubleSide,
  uniforms: {
    uId: { value: new THREE.Vector4(0, 0, 0, 1) },
    map: { value: null },
    uCut: { value: 0 },
    uSway: { value: 0 },
    uTime: light.uTime,
  },
  vertexShader: `varying vec2 vUv; uniform float uTime, uSway; invariant gl_Position; void main() { vec4 w = modelMatrix * vec4(position, 1.0); ${SWAY} vUv = uv; gl_Position = projectionMatrix * viewMatrix * w; }`,
  fragmentShader: `varying vec2 vUv; uniform sampler2D map; uniform float uCut; uniform vec4 uId;
    void main() { if (uCut > 0. && texture(map, vUv).a < uCut) discard; gl_FragColor = uId; }`,
})

/** Hooks a mesh up for the flat pass (see `flatMaterial`). */
export function flatReady(mesh) {
  mesh.onBeforeRender = (_r, _s, _c, _g, material) => {
    if (material !== flatMaterial) return
    const id = mesh.userData.id ?? 0
    const own = mesh.material.userData
    flatMaterial.uniforms.uId.value.set((id & 255) / 255, (id >> 8) / 255, 0, 1)
    flatMaterial.uniforms.uCut.value = own.cut
    flatMaterial.uniforms.uSway.value = own.sway
    flatMaterial.uniforms.map.value = own.map
    flatMaterial.uniformsNeedUpdate = true
  }
  return mesh
}
