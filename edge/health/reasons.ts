import type { Bilingual } from '../../contracts/terms.js'

/** Codes that the rules give as reasons (`edge/violations`, `edge/incidents`), in words. */
const reasonTerms: Readonly<Record<string, Bilingual>> = {
  attended: { zh: '有人守着', en: 'somebody attends it' },
  stall_seen: { zh: '看到摊位', en: 'a stall is seen' },
  vendor_stall: { zh: '看到摊位', en: 'a stall is seen' },
  arrival_with_person: { zh: '由人带来', en: 'a person brought it' },
  arrival_with_two_wheeler: { zh: '由两轮车带来', en: 'a two-wheeler brought it' },
  arrival_with_tricycle: { zh: '由三轮车带来', en: 'a tricycle brought it' },
  arrival_with_van: { zh: '由车带来', en: 'a van brought it' },
  arrival_with_carrier: { zh: '由人或车带来', en: 'somebody brought it' },
  arrival_not_seen: { zh: '没看到怎么来的', en: 'its arrival is not seen' },
  no_carrier_seen: { zh: '没看到谁带来', en: 'who brought it is not seen' },
  parked_vehicle: { zh: '是停着的车', en: 'it is a parked vehicle' },
  waiting_person: { zh: '是等候的人', en: 'it is somebody waiting' },
  flame_colour: { zh: '有火焰颜色', en: 'colour of flame' },
  flame_seen: { zh: '看到明火', en: 'flame is seen' },
  grill_seen: { zh: '看到烤架', en: 'a grill is seen' },
  flicker: { zh: '像火一样闪动', en: 'it flickers as fire does' },
  glow: { zh: '有炭火般的红光', en: 'it glows as embers do' },
  smoke_goes_on: { zh: '一直在冒烟', en: 'smoke goes on' },
  flame_and_smoke: { zh: '冒烟并有火焰颜色', en: 'smoke with the colour of flame' },
  comes_and_goes: { zh: '时有时无', en: 'it comes and goes' },
  steam: { zh: '是蒸汽', en: 'it is steam' },
  fixed_source: { zh: '来源固定', en: 'a fixed source' },
  dark_smoke: { zh: '有深色烟', en: 'dark smoke' },
  no_heat_seen: { zh: '没看到火或烤架', en: 'neither flame nor grill is seen' },
  no_emission: {
    zh: '不是烟尘：没有持续冒出（如蒸汽、雾、光）',
    en: 'no smoke or dust: nothing keeps coming (steam, fog, light)',
  },
  global_change: { zh: '整个画面在变（如光线、雨雾）', en: 'the whole picture changes (light, rain, fog)' },
  not_anchored: { zh: '来源不固定', en: 'no fixed source' },
  too_thin: { zh: '太薄，达不到标准', en: 'too thin for the threshold' },
  neither_grows_nor_drifts: { zh: '不扩大也不飘动', en: 'it neither grows nor drifts' },
  needs_more_bursts: { zh: '看的次数还不够', en: 'not enough looks yet' },
  plume_seen: { zh: '看到烟尘', en: 'a plume is seen' },
  opacity_measured: { zh: '量到不透明度', en: 'its opacity was measured' },
  warm_colour: { zh: '是尘土颜色', en: 'colour of dust' },
  behind_vehicle: { zh: '跟在车后', en: 'behind a vehicle' },
  new_on_carriageway: { zh: '车道上新出现', en: 'new on the carriageway' },
  vehicle_left_it: { zh: '看到车辆留下', en: 'a vehicle left it' },
  vehicle_passed: { zh: '当时有车经过', en: 'a vehicle passed then' },
  no_vehicle_seen: { zh: '没看到车经过', en: 'no vehicle is seen' },
  stopped_vehicle_or_person: { zh: '是停下的车或人', en: 'it is a stopped vehicle or a person' },
  may_be_shadow: { zh: '可能是影子', en: 'it may be a shadow' },
  no_texture: { zh: '没有质地，像水迹或光斑', en: 'no texture, as water or light has' },
  no_footage: { zh: '回看时没有录像', en: 'no footage to look back at' },
  undecided: { zh: '看了三次仍不能确定', en: 'undecided after three looks' },
  zone_gone: { zh: '区域已删除', en: 'its zone was removed' },
  gone_before_confirmation: { zh: '没到时间就走了', en: 'gone before the time was up' },
  continues_another: { zh: '是另一件的继续', en: 'it continues another one' },
}

/** A reason in words; an unknown code is shown as it is, never hidden. */
export function reasonText(code: string): Bilingual {
  return reasonTerms[code] ?? { zh: code, en: code.replaceAll('_', ' ') }
}
