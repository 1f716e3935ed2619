import fc from 'fast-check'
import t from 'tap'
import { normalOf, randomOf } from './fixture.js'
import { backgroundStdMin, opacityHalfWidth, pairSums, pooledOpacity, transmittance } from './opacity.js'
import type { PairSums } from './opacity.js'

// Goal: what DETECTION 5.1 measured must hold here. Method: cells of 16x15 pixels of a textured background under a plume whose opacity varies by a
// fifth across the cell, airlight 120-230, noise 1.5 grey levels; truth is the mean opacity of the cell.
const [cellW, cellH] = [16, 15]

interface Composite {
  readonly sums: PairSums
  readonly backgroundStd: number
}

function composite(seed: number, opacity: number, std: number): Composite {
  const random = randomOf(seed)
  const air = 120 + 110 * random()
  const mean = 60 + 120 * random()
  const lean = (random() - 0.5) * 0.4
  const back: number[] = []
  const frame: number[] = []
  for (let y = 0; y < cellH; y += 1)
    for (let x = 0; x < cellW; x += 1) {
      const b = mean + std * normalOf(random)
      const tau = 1 - opacity * (1 + lean * (x / cellW - 0.5))
      back.push(b)
      frame.push(tau * b + (1 - tau) * air + 1.5 * normalOf(random))
    }
  const sums = pairSums(frame, back)
  return { sums, backgroundStd: Math.sqrt(sums.varB) }
}

const opacityOf = fc.double({ min: 0.05, max: 0.8, noNaN: true })
const seedOf = fc.integer({ min: 1, max: 2 ** 31 - 1 })

t.test('single cells: unbiased, and as exact as the table says where the background has contrast', async (t) => {
  for (const [std, maeMax] of [
    [14, 0.05],
    [26, 0.03],
  ] as const) {
    let [bias, error] = [0, 0]
    const count = 600
    for (let i = 0; i < count; i += 1) {
      const opacity = 0.05 + (0.75 * i) / count
      const found = 1 - transmittance(composite(i + 1, opacity, std).sums)
      bias += (found - opacity) / count
      error += Math.abs(found - opacity) / count
    }
    t.ok(Math.abs(bias) < 0.02, `std ${std}: bias ${bias.toFixed(4)} is under 0.02`)
    t.ok(error <= maeMax, `std ${std}: mean error ${error.toFixed(4)} is within ${maeMax}`)
  }
})

t.test('pooled over a plume the truth lies in the interval', async (t) => {
  let given = 0
  let [worst, missed] = [0, 0]
  fc.assert(
    fc.property(opacityOf, seedOf, fc.double({ min: 4, max: 40, noNaN: true }), (opacity, seed, std) => {
      const cells = Array.from({ length: 12 }, (_, k) => composite(seed + k, opacity, std))
      const pooled = pooledOpacity(cells.map((c) => c.sums))
      if (pooled === undefined) return
      given += 1
      worst = Math.max(worst, Math.abs(pooled.percent / 100 - opacity))
      if (opacity * 100 < pooled.lowPercent || opacity * 100 > pooled.highPercent) missed += 1
      return (
        pooled.lowPercent <= pooled.percent &&
        pooled.percent <= pooled.highPercent &&
        pooled.lowPercent >= 0 &&
        pooled.highPercent <= 100
      )
    }),
    { numRuns: 300, seed: 20 },
  )
  t.ok(given > 150, `the generator reached measurable places (${given})`)
  t.ok(missed / given <= 0.05, `${missed} of ${given} outside the 95 % interval, worst error ${worst.toFixed(3)}`)
})

t.test('nothing is said where the background has no contrast', async (t) => {
  for (const std of [0, 1, 3, 6]) {
    const cells = Array.from({ length: 20 }, (_, k) => composite(k + 1, 0.5, std).sums)
    t.equal(pooledOpacity(cells), undefined, `std ${std} is under ${backgroundStdMin}`)
  }
  t.equal(pooledOpacity([]), undefined)
  t.ok(pooledOpacity(Array.from({ length: 20 }, (_, k) => composite(k + 1, 0.5, 9).sums)), 'std 9 is enough')
})

t.test('one textured cell among flat ones decides, not the flat ones', async (t) => {
  const flat = Array.from({ length: 30 }, (_, k) => composite(k + 1, 0.1, 1).sums)
  const clear = composite(99, 0.6, 30).sums
  const pooled = pooledOpacity([...flat, clear])
  t.ok(pooled)
  t.ok(Math.abs((pooled?.percent ?? 0) - 60) < 8, `${pooled?.percent ?? -1} is near 60`)
  t.ok(opacityHalfWidth(9) > opacityHalfWidth(15) && opacityHalfWidth(15) > opacityHalfWidth(25))
})

t.test(
  'a shadow and a change of gain are not told apart from opacity by tau alone, but their airlight is dark',
  async (t) => {
    const random = randomOf(5)
    const back = Array.from({ length: 240 }, () => 120 + 20 * normalOf(random))
    const shadow = pairSums(
      back.map((b) => b * 0.5),
      back,
    )
    t.ok(Math.abs((shadow.meanI - transmittance(shadow) * shadow.meanB) / 0.5) < 1)
  },
)
