import type { PortalFunction } from './types.js'

/**
 * What the party can do through the portal (DOMAIN.md §6). Nothing here moves the case against the party; every step and
 * fact that belongs to the party alone is within reach of one of them (the model check asks it).
 */
export const portalFunctions: readonly PortalFunction[] = [
  {
    id: 'P01',
    name: { zh: '链接、二维码或案号加校验词进入', en: 'entry by link, QR code or case number' },
    takes: [],
    level: 0,
  },
  { id: 'P02', name: { zh: '身份核验等级', en: 'identity level' }, takes: [], level: 0 },
  { id: 'P03', name: { zh: '人人可用(大字、读屏、窗口)', en: 'access for all' }, takes: [], level: 0 },
  { id: 'P04', name: { zh: '谁在办理', en: 'who is acting' }, takes: [], level: 1 },
  { id: 'P05', name: { zh: '涉嫌什么', en: 'what is alleged' }, takes: [], level: 1 },
  { id: 'P06', name: { zh: '查看证据', en: 'see evidence' }, takes: [], level: 2 },
  { id: 'P07', name: { zh: '校验', en: 'verify' }, takes: [], level: 2 },
  { id: 'P08', name: { zh: '关于设备', en: 'about the device' }, takes: [], level: 1 },
  { id: 'P09', name: { zh: '哪些情况对您有利', en: 'what speaks for you' }, takes: ['EV01', 't27'], level: 2 },
  { id: 'P10', name: { zh: '查阅复制案卷', en: 'see and copy the file' }, takes: [], level: 2 },
  { id: 'P11', name: { zh: '“不是我”', en: 'not me' }, takes: ['EV01', 't27'], level: 2 },
  { id: 'P12', name: { zh: '陈述申辩', en: 'state and defend' }, takes: ['EV01', 't27', 'EV14'], level: 2 },
  { id: 'P13', name: { zh: '申请听证', en: 'ask for a hearing' }, takes: ['hr2', 'hr7', 'hr11'], level: 2 },
  { id: 'P14', name: { zh: '申请回避', en: 'recusal' }, takes: ['EV04'], level: 2 },
  { id: 'P15', name: { zh: '提交许可证明', en: 'permit proof' }, takes: ['EV01', 't27'], level: 2 },
  { id: 'P16', name: { zh: '报告已改正', en: 'report correction' }, takes: ['EV19'], level: 2 },
  { id: 'P17', name: { zh: '电子送达', en: 'electronic service' }, takes: ['EV02', 'EV03'], level: 3 },
  {
    id: 'P18',
    name: { zh: '放弃陈述或听证(可撤回)', en: 'waiver of statement or hearing, revocable' },
    takes: ['EV20', 'EV21', 'hr3'],
    level: 3,
  },
  { id: 'P19', name: { zh: '决定与救济', en: 'decision and remedies' }, takes: [], level: 1 },
  { id: 'P20', name: { zh: '缴款', en: 'pay' }, takes: [], level: 1 },
  { id: 'P21', name: { zh: '申请延期或分期', en: 'deferral or instalments' }, takes: ['EV23'], level: 2 },
  { id: 'P22', name: { zh: '今天应缴多少', en: 'what I owe today' }, takes: [], level: 1 },
  { id: 'P23', name: { zh: '复议与诉讼', en: 'reconsideration and court' }, takes: ['rm1', 'rm2', 'rm13'], level: 2 },
  { id: 'P24', name: { zh: '办理进度', en: 'timeline' }, takes: [], level: 1 },
  { id: 'P25', name: { zh: '公示与信用', en: 'publicity and credit' }, takes: [], level: 2 },
  { id: 'P26', name: { zh: '我的数据', en: 'my data' }, takes: [], level: 2 },
  { id: 'P27', name: { zh: '评价', en: 'feedback' }, takes: [], level: 1 },
]
