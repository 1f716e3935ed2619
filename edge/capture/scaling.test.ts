import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import type { Box } from '../../contracts/base/index.js'
import { probeFfmpeg } from './index.js'
import { cropFilter, shownBy } from './scaling.js'

const seed = Number(process.env['KW_SEED'] ?? 20261123)
const ffmpeg = await probeFfmpeg(null)

/** Luminance of one test picture of so many pixels, through a filter. */
function luminance(widthPx: number, heightPx: number, filter: string): Buffer {
  // the test picture itself is always even
  const source = `testsrc2=size=256x256:rate=1,format=yuv420p,crop=${widthPx}:${heightPx}:0:0:exact=1`
  const steps = [source, ...(filter === '' ? [] : [filter]), 'extractplanes=y'].join(',')
  const args = ['-v', 'error', '-f', 'lavfi', '-i', steps, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'] // prettier-ignore
  const run = spawnSync(ffmpeg.path, args, { maxBuffer: 1 << 26 })
  if (run.status !== 0) throw new Error(run.stderr.toString())
  return run.stdout
}

t.test('what is said to be shown is what ffmpeg cuts, for every size of picture', async (t) => {
  const box = fc
    .tuple(
      fc.double({ min: 0, max: 0.7, noNaN: true }),
      fc.double({ min: 0, max: 0.7, noNaN: true }),
      fc.double({ min: 0.1, max: 0.3, noNaN: true }),
    )
    .map(([x, y, w]): Box => [x, y, w, w])
  let compared = 0
  const size = fc.tuple(fc.integer({ min: 64, max: 200 }), fc.integer({ min: 64, max: 200 }))
  fc.assert(
    fc.property(size, box, ([widthPx, heightPx], crop) => {
      const whole = luminance(widthPx, heightPx, '')
      const part = luminance(widthPx, heightPx, cropFilter(crop))
      const [x, y, w, h] = shownBy(crop, widthPx, heightPx).map((share, i) => Math.round(share * (i % 2 === 0 ? widthPx : heightPx))) as [number, number, number, number] // prettier-ignore
      compared += h
      if (part.length !== w * h) throw new Error(`${part.length} bytes, not ${w}x${h}`)
      for (let row = 0; row < h; row++) {
        const there = whole.subarray((y + row) * widthPx + x, (y + row) * widthPx + x + w)
        if (!there.equals(part.subarray(row * w, (row + 1) * w)))
          throw new Error(`row ${row} of ${crop.join()} in ${widthPx}x${heightPx}`)
      }
    }),
    { seed, numRuns: 40 },
  )
  t.ok(compared > 40, `${compared} rows are the same, byte for byte`)
})
