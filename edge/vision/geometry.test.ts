import fc from 'fast-check'
import t from 'tap'
import type { Calibration, GroundControl } from '../../contracts/homography.js'
import { capabilityOf, createGeometry, type Geometry } from './geometry.js'

const street: { readonly points: readonly GroundControl[] } = {
  points: [
    [0.1, 0.9, 0, 0],
    [0.9, 0.9, 8, 0],
    [0.7, 0.4, 8, 20],
    [0.3, 0.4, 0, 20],
  ],
}
const mast = fc.record({
  height_m: fc.double({ min: 3, max: 25, noNaN: true }),
  tilt_deg: fc.double({ min: 8, max: 70, noNaN: true }),
  hfov_deg: fc.double({ min: 30, max: 100, noNaN: true }),
})
const unit = fc.double({ min: 0, max: 1, noNaN: true })

function must(calibration: Calibration, w = 640, h = 360): Geometry {
  const geometry = createGeometry(calibration, w, h)
  if (geometry === null) throw new Error('not calibrated')
  return geometry
}

t.test('four points come back where they were', async (t) => {
  const geometry = must(street)
  for (const [x, y, east, north] of street.points) {
    const [e, n] = geometry.toGround([x, y])
    t.ok(Math.hypot(e - east, n - north) < 1e-3)
  }
})

t.test('toGround and toImage are inverse within 1 mm', async (t) => {
  fc.assert(
    fc.property(mast, unit, unit, (calibration, x, y) => {
      const geometry = must(calibration)
      if (!geometry.onGround([x, y])) return
      const ground = geometry.toGround([x, y])
      if (Math.hypot(...ground) > 500) return
      const [e, n] = geometry.toGround(geometry.toImage(ground))
      if (Math.hypot(e - ground[0], n - ground[1]) > 1e-3) throw new Error(`${e - ground[0]} m`)
    }),
  )
  t.pass()
})

t.test('a pixel covers more ground further up; above the horizon it throws instead of being endless', async (t) => {
  fc.assert(
    fc.property(mast, unit, unit, unit, (calibration, x, a, b) => {
      const geometry = must(calibration)
      const [upper, lower] = a < b ? [a, b] : [b, a]
      if (geometry.onGround([x, upper])) {
        const far = geometry.m2PerPx([x, upper])
        if (!Number.isFinite(far) || far < geometry.m2PerPx([x, lower]) * (1 - 1e-9)) throw new Error('shrinks')
      }
    }),
  )
  const low = must({ height_m: 6, tilt_deg: 5, hfov_deg: 80 })
  t.throws(() => low.toGround([0.5, 0]), { code: 'POINT_ABOVE_HORIZON' })
  t.throws(() => low.m2PerPx([0.5, 0.1]), { code: 'POINT_ABOVE_HORIZON' })
})

t.test('a camera given by height and the same camera given by four points agree', async (t) => {
  fc.assert(
    fc.property(mast, (calibration) => {
      const geometry = must(calibration)
      const corners = (
        [
          [0.2, 0.95],
          [0.8, 0.95],
          [0.7, 0.6],
          [0.3, 0.6],
        ] as const
      ).filter((point) => geometry.onGround(point))
      if (corners.length < 4) return
      const points = corners.map(([x, y]): GroundControl => [x, y, ...geometry.toGround([x, y])])
      if (points.some(([, , e, n]) => Math.hypot(e, n) > 300)) return
      const again = must({ points })
      const [a, b] = [geometry.m2PerPx([0.5, 0.8]), again.m2PerPx([0.5, 0.8])]
      if (Math.abs(a - b) > 1e-4 * a) throw new Error(`${a} m2, ${b} m2`)
    }),
  )
  t.pass()
})

t.test('sizes: straight down, a pixel is as large as it is', async (t) => {
  // 10 m up, looking straight down with 90 degrees: the picture is 20 m wide
  const geometry = must({ height_m: 10, tilt_deg: 90, hfov_deg: 90 }, 640, 360)
  t.ok(Math.abs(geometry.pxPerM([0.5, 0.5]) - 32) < 1e-6)
  t.ok(Math.abs(geometry.m2PerPx([0.3, 0.6]) - 1 / 1024) < 1e-9)
  t.ok(Math.abs(geometry.areaM2([0.4, 0.4, 0.1, 0.1]) - 2 * 1.125) < 1e-6)
  t.ok(Math.abs(geometry.distanceM([0.5, 0.5], [0.6, 0.5]) - 2) < 1e-6)
})

t.test('unusable calibrations are refused with a reason', async (t) => {
  const refuse = (points: readonly GroundControl[], reason: RegExp) => {
    t.throws(() => createGeometry({ points }, 640, 360), { code: 'CALIBRATION_REFUSED', message: reason })
  }
  refuse(
    [
      [0.1, 0.9, 0, 0],
      [0.9, 0.9, 8, 0],
      [0.7, 0.4, 8, 20],
    ],
    /at least four/,
  )
  refuse(
    [
      [0.1, 0.1, 0, 0],
      [0.2, 0.2, 1, 1],
      [0.3, 0.3, 2, 2],
      [0.9, 0.1, 8, 0],
    ],
    /line/,
  )
  refuse(
    [
      [0.1, 0.9, 0, 0],
      [0.9, 0.9, 8, 0],
      [0.3, 0.4, 8, 20],
      [0.7, 0.4, 0, 20],
    ],
    /order/,
  )
  refuse(
    [
      [0.1, 0.9, 0, 0],
      [0.9, 0.9, 8, 0],
      [0.7, 0.4, 8, 20],
      [0.3, 0.4, 0, 20],
      [0.5, 0.6, 20, 3],
    ],
    /contradict|order/,
  )
  t.throws(() => createGeometry({ height_m: 6, tilt_deg: 0, hfov_deg: 60 }, 640, 360), { code: 'CALIBRATION_REFUSED' })
  t.equal(createGeometry(null, 640, 360), null)
})

t.test('any points either give a finite geometry or are refused', async (t) => {
  const anyPoint = fc.tuple(fc.double(), fc.double(), fc.double(), fc.double())
  fc.assert(
    fc.property(fc.array(anyPoint, { maxLength: 7 }), (points) => {
      try {
        const geometry = must({ points })
        if (geometry.onGround([0.5, 0.5]) && Number.isNaN(geometry.m2PerPx([0.5, 0.5]))) throw new Error('not a number')
      } catch (error) {
        if ((error as { code?: string }).code !== 'CALIBRATION_REFUSED') throw error
      }
    }),
  )
  t.pass()
})

t.test('capability: near ground shows everything, far ground only plumes', async (t) => {
  const geometry = must({ height_m: 7, tilt_deg: 20, hfov_deg: 60 })
  const near = capabilityOf(
    geometry,
    [
      [0, 0.8],
      [1, 0.8],
      [1, 1],
      [0, 1],
    ],
    1280,
  )
  const far = capabilityOf(
    geometry,
    [
      [0, 0.12],
      [1, 0.12],
      [1, 0.2],
      [0, 0.2],
    ],
    1280,
  )
  t.ok(near !== null && near.vending === 1 && near.spillage === 1, JSON.stringify(near))
  t.ok(far !== null && far.spillage < 0.1 && far.dust > 0.5, JSON.stringify(far))
  t.equal(
    capabilityOf(null, [
      [0, 0],
      [1, 0],
      [1, 1],
    ]),
    null,
  )
})
