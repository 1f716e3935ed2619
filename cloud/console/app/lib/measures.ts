import type { Bilingual, LeadView, ZoneKind } from '../contracts.js'
import { durationText } from './format.js'
import type { Lang } from './look.js'

const words = (zh: string, en: string): Bilingual => ({ zh, en })

/** What each measurement of DESIGN.md §9.4 is called; the ending of its name says its unit. */
const names: Readonly<Record<string, Bilingual>> = {
  dwell_s: words('停留', 'Stayed'),
  seen_s: words('看到的时间', 'Time seen'),
  unseen_s: words('没看清的时间', 'Time not seen'),
  area_cm2: words('占地', 'Area'),
  attended_milli: words('有人看守', 'Attended'),
  lift_milli: words('比平时多的看守', 'Attended above usual'),
  carrier: words('怎样到的', 'Came with'),
  stall_seen: words('认出摊位', 'Stall recognised'),
  bursts: words('烟尘次数', 'Bursts'),
  plume_milli: words('烟的程度', 'Plume'),
  flicker_mhz: words('火光闪动', 'Flicker'),
  flame_cells: words('火焰格数', 'Flame cells'),
  grill_milli: words('像烤炉', 'Like a grill'),
  opacity_percent: words('不透明度', 'Opacity'),
  opacity_low: words('不透明度下限', 'Opacity, low'),
  opacity_high: words('不透明度上限', 'Opacity, high'),
  blobs: words('遗撒块数', 'Pieces'),
  step_s: words('出现用时', 'Appeared within'),
  carrier_gap_s: words('车后相隔', 'After the vehicle'),
  carrier_gap_ms: words('车后相隔', 'After the vehicle'),
  vehicles_considered: words('看过的车', 'Vehicles considered'),
  growth_milli: words('扩大', 'Growth'),
  drift_cm_s: words('飘移', 'Drift'),
  front_light: words('逆光', 'Against the light'),
  sun_azimuth_deg: words('太阳方位', 'Sun azimuth'),
  arrived_at: words('到达', 'Arrived'),
}
const carriers: Readonly<Record<string, Bilingual>> = {
  person: words('步行', 'a person'),
  two_wheeler: words('两轮车', 'a two-wheeler'),
  tricycle: words('三轮车', 'a tricycle'),
  van: words('面包车', 'a van'),
  truck: words('货车', 'a lorry'),
  car: words('轿车', 'a car'),
  none: words('没有看到', 'not seen'),
}
const reasons: Readonly<Record<string, Bilingual>> = {
  arrival_with_tricycle: words('随三轮车到达', 'arrived with a tricycle'),
  arrival_not_seen: words('没看到到达', 'arrival not seen'),
  stall_seen: words('认出摊位', 'stall recognised'),
  vendor_stall: words('像摊位', 'like a stall'),
  new_on_carriageway: words('车行道上新出现', 'new on the carriageway'),
  vehicle_passed: words('有车经过', 'a vehicle passed'),
  vehicle_left_it: words('车离开后留下', 'left behind by a vehicle'),
  no_carrier_seen: words('没看到是谁的车', 'no carrier seen'),
  no_vehicle_seen: words('没看到车', 'no vehicle seen'),
  behind_vehicle: words('在车后', 'behind a vehicle'),
  grill_seen: words('认出烤炉', 'grill recognised'),
  flame_seen: words('看到火焰', 'flame seen'),
  flame_colour: words('火焰颜色', 'flame colour'),
  warm_colour: words('暖色', 'warm colour'),
  plume_seen: words('看到烟', 'plume seen'),
  dark_smoke: words('黑烟', 'dark smoke'),
  flicker: words('像火一样闪动', 'flickers as fire does'),
  glow: words('炭火般的红光', 'glow of embers'),
  smoke_goes_on: words('一直冒烟', 'smoke goes on'),
  flame_and_smoke: words('冒烟并有火焰颜色', 'smoke with the colour of flame'),
  fixed_source: words('来源不动', 'fixed source'),
  no_heat_seen: words('没看到热源', 'no heat seen'),
  opacity_measured: words('量过不透明度', 'opacity measured'),
  may_be_shadow: words('可能是影子', 'may be a shadow'),
  no_footage: words('录像缺', 'footage missing'),
  continues_another: words('接着前一起', 'continues another'),
}
const zoneKinds: Readonly<Record<ZoneKind, Bilingual>> = {
  no_vending: words('禁止设摊', 'no vending'),
  permitted_stall: words('许可摊位', 'permitted stalls'),
  no_grilling: words('禁止露天烧烤', 'no open-air grilling'),
  carriageway: words('车行道', 'carriageway'),
  work_site: words('工地', 'work site'),
  ignore: words('不看', 'not watched'),
  private: words('遮黑', 'blacked out'),
}

export function zoneKindText(kind: ZoneKind, lang: Lang): string {
  return zoneKinds[kind][lang]
}
export function reasonText(reason: string, lang: Lang): string {
  return reasons[reason]?.[lang] ?? carriers[reason]?.[lang] ?? reason.replaceAll('_', ' ')
}
export function actorText(kind: string, lang: Lang): string {
  return carriers[kind]?.[lang] ?? kind.replaceAll('_', ' ')
}

/** Units by the ending of a name; `null` shows nothing (what was not measured is not said). */
function valueText(name: string, value: unknown, lang: Lang): string | null {
  if (typeof value === 'boolean') return lang === 'zh' ? (value ? '是' : '否') : value ? 'yes' : 'no'
  if (typeof value === 'string') return carriers[value]?.[lang] ?? value
  if (typeof value !== 'number') return null
  const round = (number: number): string => number.toLocaleString(lang, { maximumFractionDigits: 1 })
  if (name.endsWith('_s') && !name.endsWith('cm_s')) return durationText(value, lang)
  if (name.endsWith('_ms')) return `${round(value / 1_000)} ${lang === 'zh' ? '秒' : 's'}`
  if (name.endsWith('_milli')) return `${round(value / 10)} %`
  if (name.endsWith('_mhz')) return `${round(value / 1_000)} Hz`
  if (name.endsWith('_cm2')) return `${lang === 'zh' ? '约 ' : 'about '}${round(value / 10_000)} m²`
  if (name.endsWith('cm_s')) return `${round(value)} cm/s`
  if (name.endsWith('_deg')) return `${round(value)}°`
  if (name.startsWith('opacity')) return `${round(value)} %`
  return round(value)
}

export interface MeasureRow {
  readonly name: string
  readonly label: string
  readonly value: string
  /** The threshold of the same quantity, when the rule has one. */
  readonly threshold: string | null
}

/** Measurements of the box in words, those with a threshold first. */
export function measureRows({ measurements, thresholds }: LeadView, lang: Lang): MeasureRow[] {
  const rows = Object.entries(measurements).flatMap(([name, value]) => {
    const text = valueText(name, value, lang)
    if (text === null || !Object.hasOwn(names, name)) return []
    const limit = thresholds[name] ?? thresholds[`${name.replace(/_milli$/, '')}_ratio_min_milli`]
    const threshold = limit === undefined ? null : valueText(name, limit, lang)
    return [{ name, label: names[name]?.[lang] ?? name, value: text, threshold }]
  })
  return rows.sort((a, b) => Number(b.threshold !== null) - Number(a.threshold !== null))
}
