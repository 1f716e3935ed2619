/** Small charcoal flames: additive tongues that lick at 3-5 Hz over a bed of coals. */
import * as THREE from 'three'
import { light, TONE_GLSL } from './surface.js'

const VERT =
  'varying vec2 vUv; uniform vec3 uAt; uniform vec2 uSize; void main() { vUv = uv; vec4 v = viewMatrix * vec4(uAt, 1.0); v.xy += vec2(position.x * uSize.x, (position.y + 0.5) * uSize.y); gl_Position = projectionMatrix * v; }'
const FRAG = `${TONE_GLSL}
varying vec2 vUv; uniform sampler2D uNoise; uniform float uTime, uPower, uPhase;
void main() {
  vec2 p = vec2((vUv.x - 0.5) * 2.0, vUv.y);
  float n = texture(uNoise, vec2(vUv.x * 0.5 + uPhase, vUv.y * 0.35 - uTime * 0.9)).r;
  p.x += (n - 0.5) * 0.9 * p.y;
  float w = (1.0 - p.y) * (0.35 + 0.65 * n);
  float d = smoothstep(w, w * 0.35, abs(p.x)) * smoothstep(0.0, 0.08, p.y);
  vec3 c = mix(vec3(1.0, 0.75, 0.3), vec3(1.0, 0.24, 0.04), smoothstep(0.1, 0.7, p.y + abs(p.x) * 0.4));
  gl_FragColor = vec4(tone(c * d * uPower), 0.0);
}`

/** Flames along a grill of `width` metres at [x, y, z], grill turned by `yaw`. */
export function makeFlames(scene, tex, rng, [x, y, z], width, yaw, dayPower) {
  const tongues = []
  const n = Math.max(3, Math.round(width * 4))
  for (let i = 0; i < n; i++) {
    const s = ((i + 0.5) / n - 0.5) * width
    const material = new THREE.ShaderMaterial({
      vertexShader: VERT,
      fragmentShader: FRAG,
      transparent: true,
      depthWrite: false,
      blending: THREE.CustomBlending,
      blendSrc: THREE.OneFactor,
      blendDst: THREE.OneFactor,
      uniforms: {
        uAt: { value: new THREE.Vector3(x + Math.cos(yaw) * s, y, z - Math.sin(yaw) * s) },
        uSize: { value: new THREE.Vector2(0.2, 0.3) },
        uNoise: { value: tex.sky[i % tex.sky.length] },
        uTime: { value: 0 },
        uPower: { value: 0 },
        uPhase: { value: rng.f() },
        uExpose: light.uExpose,
      },
    })
    const mesh = new THREE.Mesh(new THREE.PlaneGeometry(1, 1), material)
    mesh.frustumCulled = false
    mesh.userData.plume = {
      bounds: [
        [x - 1.2, y - 0.6, z - 1.2],
        [x + 1.2, y + 0.9, z + 1.2],
      ],
    }
    scene.add(mesh)
    const hz = rng.range(3, 5)
    tongues.push({ material, hz, ph: rng.range(0, 6.3), base: rng.range(0.5, 1), slow: rng.range(0.3, 0.9) })
  }
  return {
    /** `on` 0..1; returns the glow for smoke and surroundings. */
    step(t, on) {
      let sum = 0
      for (const f of tongues) {
        const lick = 0.5 + 0.5 * Math.sin(6.2832 * f.hz * t + f.ph + 1.3 * Math.sin(t * 2.1 + f.ph))
        const alive = Math.max(0, 0.55 + 0.6 * Math.sin(t * f.slow + f.ph * 2))
        const p = on * f.base * (0.25 + 0.75 * lick) * alive
        sum += p
        f.material.uniforms.uPower.value = p * dayPower
        f.material.uniforms.uTime.value = t * (0.8 + 0.2 * f.base)
        f.material.uniforms.uSize.value.set(0.16 + 0.1 * f.base, 0.14 + 0.34 * f.base * (0.4 + 0.6 * lick))
      }
      return sum / n
    },
  }
}
