import t from 'tap'
import { cellsOf, gridOf, isSeenThrough } from './cells.js'
import { planesOfRgb } from './planes.js'

const sidePx = 16

function plain(rgb: readonly [r: number, g: number, b: number]) {
  const pixels = Uint8Array.from({ length: sidePx * sidePx * 3 }, (_, i) => rgb[i % 3] ?? 0)
  return planesOfRgb(pixels, sidePx, sidePx, sidePx, sidePx)
}

t.test('flame colour is what is new, not what the sun makes brighter', async (t) => {
  const asphalt = [90, 90, 90] as const
  const marking = [150, 95, 40] as const
  const lit = [202, 128, 54] as const
  const rows = [
    ['a flame before asphalt', asphalt, [230, 150, 60], 1],
    ['the same before asphalt under a warm lamp', [60, 52, 44], [230, 150, 60], 1],
    ['an orange road marking that the sun comes to', marking, lit, 0],
    ['the same when the sun goes', lit, marking, 0],
    ['an orange crate put on asphalt is flame coloured: it does not flicker', asphalt, lit, 1],
    ['asphalt in the sun', asphalt, [180, 180, 180], 0],
  ] as const
  const grid = gridOf(sidePx, sidePx, 2)
  for (const [name, before, now, share] of rows)
    for (const cell of cellsOf(plain(now), plain(before), grid, null)) t.equal(cell?.flameShare, share, name)
})

t.test('what a veil leaves of the background shows through; a solid thing has a pattern of its own', async (t) => {
  const pattern = (seed: number) => (x: number, y: number) => 60 + ((x * 7 + y * 13 + seed * 31) % 11) * 12
  const picture = (grey: (x: number, y: number) => number) => {
    const pixels = Uint8Array.from({ length: sidePx * sidePx * 3 }, (_, i) => {
      const at = Math.floor(i / 3)
      return grey(at % sidePx, Math.floor(at / sidePx))
    })
    return planesOfRgb(pixels, sidePx, sidePx, sidePx, sidePx)
  }
  const street = pattern(1)
  const grid = gridOf(sidePx, sidePx, 2)
  const seen = (grey: (x: number, y: number) => number) =>
    cellsOf(picture(grey), picture(street), grid, null).map((cell) => cell !== null && isSeenThrough(cell))
  t.ok(
    seen((x, y) => 0.5 * street(x, y) + 0.5 * 180).every((through) => through),
    'half a veil of dust',
  )
  t.notOk(
    seen(pattern(5)).some((through) => through),
    'a lorry',
  )
  t.notOk(
    seen(street).some((through) => through),
    'nothing there',
  )
})
