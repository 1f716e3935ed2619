import type { Bilingual, Cause } from '../../../contracts/terms.js'

export interface ChecklistLine {
  readonly id: string
  readonly name: Bilingual
  readonly obligatory: boolean
}
export interface ExceptionQuery {
  readonly id: string
  readonly name: Bilingual
}

/** Lines that every cause asks (DOMAIN.md §3). The score of a model is none of them. */
export const commonChecklist: readonly ChecklistLine[] = [
  { id: 'CK1', name: { zh: '地点及是否在区域内', en: 'place on map, inside the zone' }, obligatory: true },
  { id: 'CK2', name: { zh: '起止时间及时钟', en: 'start and end on a trusted clock' }, obligatory: true },
  { id: 'CK3', name: { zh: '完整前后画面', en: 'unbroken picture before, during, after' }, obligatory: true },
  { id: 'CK4', name: { zh: '全景与近景', en: 'wide and near view with a landmark' }, obligatory: true },
  { id: 'CK5', name: { zh: '行为人或车辆', en: 'actor or vehicle visible or otherwise proved' }, obligatory: true },
  { id: 'CK6', name: { zh: '劝导与回应', en: 'dissuasion and answer (or why none)' }, obligatory: true },
  { id: 'CK7', name: { zh: '复拍或现场记录', en: 'recapture or on-site record' }, obligatory: true },
  {
    id: 'CK8',
    name: { zh: '有利于当事人的情况', en: "what speaks for the party (or 'none found')" },
    obligatory: true,
  },
]

/** Elements of each cause; G6 asks a piece of evidence for every obligatory one. */
export const checklists: Readonly<Record<Cause, readonly ChecklistLine[]>> = {
  vending: [
    { id: 'CV1', name: { zh: '占用公共场所', en: 'public place occupied' }, obligatory: true },
    {
      id: 'CV2',
      name: { zh: '经营性:陈列、价格或成交', en: 'for sale: display with price, code or hand-over' },
      obligatory: true,
    },
    { id: 'CV3', name: { zh: '持续时间', en: 'duration at or above dwell' }, obligatory: true },
    { id: 'CV4', name: { zh: '经营者身份', en: 'seller or operator identified' }, obligatory: true },
    { id: 'CV5', name: { zh: '店界线(店外经营)', en: 'shop front line shown (shop item only)' }, obligatory: false },
  ],
  grilling: [
    { id: 'CG1', name: { zh: '露天', en: 'open air' }, obligatory: true },
    { id: 'CG2', name: { zh: '烧烤食品', en: 'food grilled with heat' }, obligatory: true },
    { id: 'CG3', name: { zh: '禁止区域(时段)公告', en: 'government notice names area (and hours)' }, obligatory: true },
    {
      id: 'CG4',
      name: { zh: '行为人或提供场地者', en: 'griller, or giver of the place with proof of control' },
      obligatory: true,
    },
    { id: 'CG5', name: { zh: '工具清单', en: 'tools listed' }, obligatory: false },
  ],
  spillage: [
    { id: 'CS1', name: { zh: '散装流体物料', en: 'loose or liquid load' }, obligatory: true },
    {
      id: 'CS2',
      name: { zh: '未密闭或实际遗撒', en: 'measure missing, or goods left this vehicle' },
      obligatory: true,
    },
    {
      id: 'CS3',
      name: { zh: '同一车辆连续', en: 'one vehicle tracked over the strip, before and after' },
      obligatory: true,
    },
    { id: 'CS4', name: { zh: '号牌两人读取一致', en: 'plate read by reader and person alike' }, obligatory: true },
    { id: 'CS5', name: { zh: '运输责任主体', en: 'who ran the transport' }, obligatory: true },
    { id: 'CS6', name: { zh: '清理情况', en: 'cleaning ordered and done' }, obligatory: false },
  ],
  dust: [
    { id: 'CD1', name: { zh: '作业或堆放正在发生', en: 'work or pile present' }, obligatory: true },
    { id: 'CD2', name: { zh: '缺失的措施', en: 'which measure is missing, item by item' }, obligatory: true },
    {
      id: 'CD3',
      name: { zh: '同画面无替代措施', en: 'no spray, net, fence or wash in the same picture' },
      obligatory: true,
    },
    {
      id: 'CD4',
      name: { zh: '工地及责任单位', en: 'site and responsible unit by register or board' },
      obligatory: true,
    },
    { id: 'CD5', name: { zh: '天气与预警', en: 'weather, alert, wind' }, obligatory: true },
    { id: 'CD6', name: { zh: '本机关职权', en: 'this authority holds the item' }, obligatory: true },
  ],
}

/** Exception queries of each cause; G6 asks an answer with source and time for each. */
export const exceptions: Readonly<Record<Cause, readonly ExceptionQuery[]>> = {
  vending: [
    { id: 'CXV1', name: { zh: '疏导点、规范点及其时段', en: 'permitted place and hours' } },
    { id: 'CXV2', name: { zh: '外摆许可(宜设区)', en: 'shop-front permission' } },
    { id: 'CXV3', name: { zh: '工地用餐摊点', en: "site workers' meal stall" } },
    { id: 'CXV4', name: { zh: '自产农产品销售区域', en: 'own farm produce area' } },
    { id: 'CXV5', name: { zh: '经批准的活动', en: 'approved event' } },
    { id: 'CXV6', name: { zh: '公益或公共服务摊位', en: 'charity or public service stand' } },
    { id: 'CXV7', name: { zh: '准许时间内的装卸', en: 'loading inside allowed minutes' } },
    { id: 'CXV8', name: { zh: '应急保供', en: 'emergency supply' } },
  ],
  grilling: [
    { id: 'CXG1', name: { zh: '不在禁止区域或时段', en: 'outside ban area or hours' } },
    { id: 'CXG2', name: { zh: '公告只限经营行为而属自用', en: 'own use where notice covers business only' } },
    { id: 'CXG3', name: { zh: '经许可的烧烤区', en: 'licensed grilling area' } },
    { id: 'CXG4', name: { zh: '本地豁免的器具', en: 'locally exempt device' } },
    { id: 'CXG5', name: { zh: '室内(另一事项)', en: 'indoors (other item)' } },
  ],
  spillage: [
    { id: 'CXS1', name: { zh: '清水或积雪', en: 'clean water or snow' } },
    { id: 'CXS2', name: { zh: '工地带泥(扬尘事项)', en: 'mud from site (dust item)' } },
    { id: 'CXS3', name: { zh: '事故或应急', en: 'crash or emergency' } },
    { id: 'CXS4', name: { zh: '按令养护作业', en: 'road maintenance on order' } },
    { id: 'CXS5', name: { zh: '公安交管已处罚', en: 'traffic police already fined' } },
  ],
  dust: [
    { id: 'CXD1', name: { zh: '抢险应急施工', en: 'emergency works' } },
    { id: 'CXD2', name: { zh: '前后不久有喷淋', en: 'spray shortly before or after' } },
    { id: 'CXD3', name: { zh: '限水或防冻令', en: 'water ban or frost order' } },
    { id: 'CXD4', name: { zh: '大风停工且措施到位', en: 'work stopped for wind, measures in place' } },
    { id: 'CXD5', name: { zh: '自然扬尘', en: 'natural dust' } },
    { id: 'CXD6', name: { zh: '许可的爆破时段', en: 'licensed blasting minutes' } },
  ],
}

/** Grounds of a no-penalty decision (DOMAIN.md §5.2). `mustNot`: punishing is closed (G11). */
export const noPenaltyGrounds = [
  { id: 'NP1', name: { zh: '不满十四周岁', en: 'under 14 (Art. 30)' }, mustNot: true },
  { id: 'NP2', name: { zh: '不能辨认或控制行为', en: 'no discernment or control (Art. 31)' }, mustNot: true },
  {
    id: 'NP3',
    name: { zh: '轻微并及时改正、无危害后果', en: 'slight, corrected in time, no harm (Art. 33(1)1): must not punish' },
    mustNot: true,
  },
  {
    id: 'NP4',
    name: {
      zh: '初次、危害轻微、及时改正',
      en: 'first time, slight harm, corrected in time (Art. 33(1)2): may not punish',
    },
    mustNot: false,
  },
  {
    id: 'NP5',
    name: { zh: '足以证明无主观过错', en: 'party proves no fault (Art. 33(2)): must not punish' },
    mustNot: true,
  },
  { id: 'NP6', name: { zh: '违法事实不能成立', en: 'facts not established (Art. 57(1)3)' }, mustNot: true },
  { id: 'NP7', name: { zh: '超过时效', en: 'limitation over (Art. 36)' }, mustNot: true },
] as const
