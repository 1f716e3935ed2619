/** Chance that can be thrown again: the same seed gives the same numbers on every machine. */
export interface Dice {
  /** 0 <= x < 1 */
  next(): number
  between(low: number, high: number): number
  /** 0 .. below - 1 */
  whole(below: number): number
  pick<T>(list: readonly [T, ...T[]]): T
  /** Further dice that depend on this seed and the name alone, not on what was thrown before. */
  named(name: string): Dice
}

/** sfc32 (public domain, C. Doty-Humphrey, PractRand), seeded by a 32-bit FNV-1a hash of the text. */
export function diceOf(seed: string): Dice {
  let [a, b, c, d] = [hashOf(`${seed}a`), hashOf(`${seed}b`), hashOf(`${seed}c`), 1]
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + t) | 0
    return (t >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 12; i++) next()
  const whole = (below: number): number => Math.floor(next() * below)
  return {
    next,
    whole,
    between: (low, high) => low + (high - low) * next(),
    pick: (list) => list[whole(list.length)] ?? list[0],
    named: (name) => diceOf(`${seed}/${name}`),
  }
}

/** FNV-1a of the UTF-16 code units. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
