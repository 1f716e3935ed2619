/** The list of test clips: which act, where, when, in what light. */

/** One clip; the page's `ClipPlayer` and `acts.js` read it. Times in seconds, lengths in metres, angles in degrees. */
export interface ClipSpec {
  readonly name: string
  readonly act: string
  readonly seed: number
  readonly light: 'clear' | 'cloudy' | 'overcast' | 'haze' | 'dusk'
  readonly seconds: number
  readonly starts_at: string
  readonly camera_name: string
  readonly conditions: readonly string[]
  readonly has_twin?: boolean
  readonly twin_seconds?: number
  readonly kbps?: number
  readonly [more: string]: unknown
}

const wide = { height: 6.2, tilt: 21, hfov: 64, yaw: 10 }

/** All clips of test-videos. */
export const CLIPS: readonly ClipSpec[] = [
  {
    name: 'vending-day', act: 'vending', seed: 101, light: 'clear', sun: [215, 48], seconds: 50, starts_at: '2026-03-02T10:00:00+08:00', camera_name: '人民路12号',
    conditions: ['day', 'sun', 'traffic', 'people'], has_twin: true, street: { road: 9, walk: 5.4, zebra: -24, cameraSide: 1 }, camera: wide, z: -9, t0: 15,
  },
  {
    name: 'spillage-day', act: 'spillage', seed: 205, light: 'cloudy', sun: [205, 58], seconds: 48, starts_at: '2026-03-04T14:20:00+08:00', camera_name: '建设路桥南',
    conditions: ['day', 'traffic'], has_twin: true, street: { road: 14, walk: 4.2, zebra: 0, cameraSide: 1 }, camera: { ...wide, x: 5.5, yaw: 4, height: 7 }, z: -10, t0: 15, traffic: { busy: 0.8 },
  },
  {
    name: 'grilling-dusk', act: 'grilling', seed: 309, light: 'dusk', seconds: 50, starts_at: '2026-05-15T19:40:00+08:00', camera_name: '学府街夜市口',
    conditions: ['dusk', 'lamps', 'traffic', 'people'], has_twin: true, street: { road: 8, walk: 5, zebra: 0, cameraSide: 1 }, camera: wide, z: -8, t0: 15,
  },
  {
    name: 'dust-site', act: 'dust', seed: 403, light: 'cloudy', sun: [200, 50], seconds: 48, starts_at: '2026-04-09T15:05:00+08:00', camera_name: '和平里工地西门',
    conditions: ['day', 'work_site', 'traffic'], has_twin: true, street: { road: 9, walk: 3.6, zebra: 0, cameraSide: -1, site: { z0: -46, z1: -12 }, clear: [{ side: 1, z0: -50, z1: 0 }] },
    camera: { height: 7.2, tilt: 17, hfov: 66, yaw: -26, side: -1, x: -4.6 }, t0: 13,
  },
  {
    name: 'truck-stopped', act: 'stopped', seed: 206, light: 'clear', sun: [20, 52], seconds: 50, starts_at: '2026-03-05T09:10:00+08:00', camera_name: '解放路中段',
    conditions: ['day', 'sun', 'traffic', 'puddle'], street: { road: 14, walk: 4, zebra: 0, cameraSide: 1 }, camera: { ...wide, x: 5.5, yaw: 4, height: 7 }, traffic: { busy: 0.8 },
  },
  {
    name: 'vending-permitted', act: 'permitted', seed: 117, light: 'cloudy', sun: [200, 50], seconds: 48, starts_at: '2026-03-03T07:30:00+08:00', camera_name: '中山路便民点',
    conditions: ['day', 'traffic', 'people', 'permitted'], street: { road: 8, walk: 5.6, zebra: 0, cameraSide: 1 }, camera: { ...wide, yaw: 6, tilt: 22 }, z: -8, t0: 14, cart: true,
    schedule: { days: ['mon', 'tue', 'wed', 'thu', 'fri'], hours: ['06:00-09:00', '17:00-20:00'], from: '2026-03-01', to: '2026-10-31', except: [] },
  },
  {
    name: 'steam-dusk', act: 'steam', seed: 312, light: 'dusk', seconds: 48, starts_at: '2026-11-20T18:10:00+08:00', camera_name: '学府街东口',
    conditions: ['dusk', 'lamps', 'headlights', 'traffic', 'people', 'steam'], street: { road: 9, walk: 4.6, zebra: -20, cameraSide: 1 }, camera: { ...wide, yaw: 2, tilt: 19 }, z: -8,
  },
  {
    name: 'fog', act: 'fog', seed: 501, light: 'overcast', seconds: 50, starts_at: '2026-01-12T08:00:00+08:00', camera_name: '滨河路2号',
    conditions: ['day', 'fog', 'exposure_steps', 'traffic', 'people'], street: { road: 12, walk: 4.5, zebra: -18, cameraSide: 1 }, camera: { ...wide, yaw: 12, tilt: 17 },
  },
  {
    name: 'vending-parked', act: 'parked', seed: 121, light: 'clear', sun: [335, 46], seconds: 50, starts_at: '2026-03-06T16:20:00+08:00', camera_name: '人民路公交站',
    conditions: ['day', 'sun', 'traffic', 'people', 'parked_vehicles'], street: { road: 9, walk: 5, zebra: 0, cameraSide: 1 }, camera: { ...wide, yaw: 5 }, traffic: { busy: 0.6 },
  },
  {
    name: 'shadow', act: 'shadow', seed: 207, light: 'clear', sun: [160, 46], seconds: 48, starts_at: '2026-06-10T13:15:00+08:00', camera_name: '建设路28号',
    conditions: ['day', 'sun', 'moving_shadow', 'traffic', 'people'], street: { road: 12, walk: 4.4, zebra: 0, cameraSide: 1 }, camera: { ...wide, yaw: 8, height: 6.8 },
  },
  {
    name: 'grilling-day', act: 'grilling', seed: 305, light: 'haze', sun: [165, 42], seconds: 48, starts_at: '2026-05-16T17:05:00+08:00', camera_name: '和平里小区北门',
    conditions: ['day', 'haze', 'traffic', 'people'], has_twin: true, street: { road: 7, walk: 5.6, zebra: 0, cameraSide: 1 }, camera: { ...wide, yaw: 4, tilt: 19 }, z: -9, t0: 15,
  },
  {
    name: 'vending-dusk', act: 'vending', seed: 111, light: 'dusk', seconds: 50, starts_at: '2026-03-07T18:50:00+08:00', camera_name: '中山路33号',
    conditions: ['dusk', 'lamps', 'traffic', 'people'], has_twin: true, street: { road: 8, walk: 5.6, zebra: 0, cameraSide: 1 }, camera: { ...wide, yaw: 6 }, z: -8, t0: 15, cart: true,
  },
  {
    name: 'spillage-dusk', act: 'spillage', seed: 214, light: 'dusk', seconds: 48, starts_at: '2026-09-02T19:30:00+08:00', camera_name: '环城路西段',
    conditions: ['dusk', 'lamps', 'traffic'], has_twin: true, street: { road: 14, walk: 4.2, zebra: 0, cameraSide: 1 }, camera: { ...wide, x: 5.5, yaw: 4, height: 7 }, z: -9, t0: 15, what: 'boxes', traffic: { busy: 0.7 },
  },
  {
    name: 'rain-dusk', act: 'rain', seed: 511, light: 'dusk', seconds: 45, starts_at: '2026-07-08T19:55:00+08:00', camera_name: '滨河路9号',
    conditions: ['dusk', 'rain', 'lamps', 'headlights', 'traffic', 'people'], street: { road: 9, walk: 4.6, zebra: -18, cameraSide: 1 }, camera: { ...wide, yaw: 8 }, kbps: 420,
  },
]
