/**
 * Seeded randomness (mulberry32): the same seed gives the same street, traffic and noise everywhere.
 * @param {number} seed any integer
 */
export function makeRng(seed) {
  let state = (seed ^ 0x9e3779b9) >>> 0
  const f = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let v = Math.imul(state ^ (state >>> 15), 1 | state)
    v = (v + Math.imul(v ^ (v >>> 7), 61 | v)) ^ v
    return ((v ^ (v >>> 14)) >>> 0) / 4294967296
  }
  const rng = {
    f,
    range: (a, b) => a + (b - a) * f(),
    int: (a, b) => Math.floor(a + (b - a + 1) * f()),
    pick: (list) => list[Math.floor(f() * list.length)],
    chance: (p) => f() < p,
    gauss: () => Math.sqrt(-2 * Math.log(1 - f())) * Math.cos(2 * Math.PI * f()),
    fork: () => makeRng(Math.floor(f() * 0x7fffffff)),
  }
  for (let i = 0; i < 4; i++) f()
  return rng
}

export const clamp = (v, lo, hi) => Math.min(hi, Math.max(lo, v))
export const mix = (a, b, u) => a + (b - a) * u
export const smooth = (lo, hi, v) => {
  const u = clamp((v - lo) / (hi - lo), 0, 1)
  return u * u * (3 - 2 * u)
}
