import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Box, EpochMs, Point } from './base/index.js'
import {
  areaOf,
  commonArea,
  grownBy,
  iouOf,
  pointInPolygon,
  polygonArea,
  polygonFault,
  shareInside,
} from './geometry.js'
import { distanceM, groundOf } from './ground-plane.js'
import { recordThresholds, resolveThresholds, ruleOverridesSchema, thresholdTable } from './thresholds.js'
import { isOpen, scheduleSchema, zoneSchema, zonesSchema } from './zones.js'

const seed = Number(process.env['KW_SEED'] ?? 20261122)
const triangle: Point[] = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]] // prettier-ignore
const horseshoe: Point[] = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.7, 0.9], [0.7, 0.3], [0.3, 0.3], [0.3, 0.9], [0.1, 0.9]] // prettier-ignore

t.test('polygons', async (t) => {
  t.ok(pointInPolygon([0.5, 0.5], triangle))
  t.notOk(pointInPolygon([0.15, 0.8], triangle))
  t.notOk(pointInPolygon([0.5, 0.6], horseshoe), 'the mouth of a horseshoe is outside')
  t.equal(shareInside([0.3, 0.4, 0.4, 0.2], horseshoe), 0)
  t.equal(
    Math.round(shareInside([0.1, 0.4, 0.8, 0.2], horseshoe) * 1000),
    500,
    'both legs count, the gap between them does not',
  )
  t.equal(shareInside([0.4, 0.15, 0.1, 0.1], triangle), 1)
  t.equal(shareInside([0.5, 0.5, 0, 0], triangle), 1, 'a box without area is a point')
  const faults: [Point[], RegExp | null][] = [
    [triangle, null],
    [horseshoe, null],
    [[[0, 0], [1, 1]], /at least 3/],
    [[[0, 0], [1, 1], [1, 0], [0, 1]], /crosses itself/],
    [[[0, 0], [1.2, 0], [1, 1]], /outside 0\.\.1/],
    [[[0, 0], [0, 0], [1, 0], [1, 1]], /same point twice/],
    [[[0, 0], [0.5, 0.5], [1, 1]], /no area|crosses/],
    [[[0, 0], [NaN, 0], [1, 1]], /outside/],
  ] // prettier-ignore
  for (const [polygon, fault] of faults)
    if (fault === null) t.equal(polygonFault(polygon), null)
    else t.match(polygonFault(polygon), fault)
})

t.test('the exact share agrees with counting points', async (t) => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const box = fc.tuple(
    share,
    share,
    fc.double({ min: 0.02, max: 0.6, noNaN: true }),
    fc.double({ min: 0.02, max: 0.6, noNaN: true }),
  )
  let partly = 0
  fc.assert(
    fc.property(box, fc.constantFrom(triangle, horseshoe), (each, polygon) => {
      const [x, y, w, h] = each
      let inside = 0
      for (let i = 0; i < 60; i++) for (let j = 0; j < 60; j++) if (pointInPolygon([x + ((i + 0.5) * w) / 60, y + ((j + 0.5) * h) / 60], polygon)) inside++
      const exact = shareInside(each, polygon)
      if (exact > 0.05 && exact < 0.95) partly++
      assert.ok(Math.abs(exact - inside / 3600) < 0.02, `${exact} is not ${inside / 3600}`)
    }),
    { seed, numRuns: 200 },
  ) // prettier-ignore
  t.ok(partly > 20, `seed ${seed}: ${partly} boxes lay across an outline`)
})

t.test('boxes', async (t) => {
  const a: Box = [0, 0, 0.5, 0.5]
  t.equal(commonArea(a, [0.25, 0.25, 0.5, 0.5]), 0.0625)
  t.equal(iouOf(a, a), 1)
  t.equal(iouOf(a, [0.5, 0, 0.5, 0.5]), 0)
  t.equal(areaOf(grownBy(a, 0.25, 1)), 0.75)
  t.equal(polygonArea([[0, 0], [1, 0], [1, 1]]), 0.5) // prettier-ignore
})

t.test('schedules in the camera’s time zone', async (t) => {
  const evening = {
    days: ['mon', 'tue'],
    hours: ['06:00-09:00', '17:00-02:00'],
    from: '2026-03-01',
    to: '2026-10-31',
    except: ['2026-03-10'],
  }
  const table: [string, string, object | null, boolean][] = [
    ['2026-03-02T06:00:00+08:00', 'Asia/Shanghai', evening, true],
    ['2026-03-02T05:59:59+08:00', 'Asia/Shanghai', evening, false],
    ['2026-03-02T09:00:00+08:00', 'Asia/Shanghai', evening, false],
    ['2026-03-02T23:00:00+08:00', 'Asia/Shanghai', evening, true],
    ['2026-03-04T01:59:00+08:00', 'Asia/Shanghai', evening, true], // Wednesday, but Tuesday's evening
    ['2026-03-04T02:00:00+08:00', 'Asia/Shanghai', evening, false],
    ['2026-03-02T01:00:00+08:00', 'Asia/Shanghai', evening, false], // Sunday's evening
    ['2026-03-10T18:00:00+08:00', 'Asia/Shanghai', evening, false], // excepted Tuesday
    ['2026-03-11T01:00:00+08:00', 'Asia/Shanghai', evening, false], // and its night
    ['2026-02-24T18:00:00+08:00', 'Asia/Shanghai', evening, false], // before `from`
    ['2026-11-02T18:00:00+08:00', 'Asia/Shanghai', evening, false], // after `to`
    ['2026-03-02T06:30:00Z', 'Asia/Shanghai', evening, false], // 14:30 there
    ['2026-03-02T06:30:00Z', 'Europe/London', evening, true],
    ['2026-03-29T01:30:00Z', 'Europe/Berlin', { hours: ['03:00-04:00'] }, true], // the night without 2 o'clock
    ['2026-10-25T01:30:00Z', 'Europe/Berlin', { hours: ['02:00-03:00'] }, true], // 2 o'clock the second time
    ['2026-03-02T23:59:00+08:00', 'Asia/Shanghai', { days: ['mon'], hours: ['00:00-24:00'] }, true],
    ['2026-03-01T23:00:00+08:00', 'Asia/Shanghai', null, true],
  ]
  for (const [instant, tz, schedule, open] of table)
    t.equal(
      isOpen(schedule && scheduleSchema.parse(schedule), Date.parse(instant) as EpochMs, tz),
      open,
      `${instant} in ${tz}`,
    )
  t.notOk(scheduleSchema.safeParse({ hours: ['9-17'] }).success)
  t.notOk(scheduleSchema.safeParse({ hours: ['09:00-09:00'] }).success)
  t.notOk(scheduleSchema.safeParse({ from: '2026-05-01', to: '2026-04-01' }).success)
})

t.test('zones: what the schema refuses', async (t) => {
  const good = { id: 'z1', kind: 'no_vending', polygon: triangle }
  t.match(zoneSchema.parse(good), { schedule: null, rules: {} })
  for (const bad of [{ ...good, kind: 'parking' }, { ...good, id: 'Z 1' }, { ...good, colour: 1 }, { ...good, polygon: [[0, 0]] }, { ...good, rules: { vending: { dwell: 3 } } }, { ...good, rules: { vending: { dwell_s: 0 } } }])
    t.notOk(zoneSchema.safeParse(bad).success, JSON.stringify(bad)) // prettier-ignore
  t.notOk(zonesSchema.safeParse([good, good]).success, 'ids differ')
})

t.test('thresholds: layers, bounds, records', async (t) => {
  t.equal(resolveThresholds('vending', []).dwell_s, 120)
  t.equal(
    resolveThresholds('vending', [{ vending: { dwell_s: 60 } }, { dust: { dwell_s: 5 } }, { vending: { dwell_s: 15 } }])
      .dwell_s,
    15,
  )
  t.notOk(ruleOverridesSchema.safeParse({ vending: { dwell_s: 1.5 } }).success, 'seconds are whole')
  t.notOk(ruleOverridesSchema.safeParse({ parking: {} }).success)
  for (const cause of ['vending', 'grilling', 'spillage', 'dust'] as const) {
    const values = recordThresholds(cause, resolveThresholds(cause, []))
    t.equal(Object.keys(values).length, Object.keys(thresholdTable[cause]).length)
    t.ok(Object.values(values).every(Number.isInteger), 'signed records hold no floats')
    t.ok(
      ruleOverridesSchema.safeParse({ [cause]: resolveThresholds(cause, []) }).success,
      'the defaults are within their bounds',
    )
  }
})

t.test('the ground: marks, pose, horizon', async (t) => {
  const marks = groundOf({ points: [[0.1, 0.9, 0, 0], [0.9, 0.9, 8, 0], [0.7, 0.4, 8, 20], [0.3, 0.4, 0, 20]] }) // prettier-ignore
  for (const [point, east, north] of [[[0.1, 0.9], 0, 0], [[0.7, 0.4], 8, 20]] as const) {
    const [e, n] = marks?.toGround(point) ?? [NaN, NaN]
    t.ok(Math.hypot(e - east, n - north) < 0.001, 'a mark comes back within 1 mm')
  } // prettier-ignore
  t.equal(marks?.toGround([0.5, -0.2]), null, 'above the horizon there is no ground')
  const pose = groundOf({ height_m: 6, tilt_deg: 30, hfov_deg: 60 })
  const [, straight] = pose?.toGround([0.5, 0.5]) ?? [0, 0]
  t.ok(Math.abs(straight - 6 / Math.tan(Math.PI / 6)) < 1e-9)
  t.equal(groundOf({ height_m: 6, tilt_deg: 5, hfov_deg: 60 })?.toGround([0.5, 0]), null)
  t.throws(() => groundOf({ points: [[0, 0, 0, 0], [0.1, 0.1, 1, 1], [0.2, 0.2, 2, 2], [0.3, 0.3, 3, 3]] }), { code: 'CALIBRATION_REFUSED' }) // prettier-ignore
  t.equal(distanceM(null, [0, 0, 1, 1], [0, 0, 1, 1]), null)
  t.equal(Math.round((distanceM(marks, [0.05, 0.5, 0.1, 0.4], [0.85, 0.5, 0.1, 0.4]) ?? 0) * 1000), 8000)
})
