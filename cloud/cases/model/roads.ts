import type { FactId, TransitionId } from '../process/index.js'
import type { Extra, Set as Inputs } from './lawful.js'

/** What register and pack answer in one part of the exploration, and roads to take through it. */
export interface World {
  readonly answers: Inputs
  readonly roads: readonly (readonly string[])[]
}

const served = (doc: string): string[] => [`sv2 by officer_a of ${doc}`, `sv4 by officer_a of ${doc}`]
const toAudit = 't1 t2 t5 EV15 t9 EV22 t11'.split(' ').concat(served('D12'), 't16 t18 t19'.split(' '))
const toNotice = [
  ...toAudit,
  'EV17 by tech_reviewer',
  'EV17 by legal_reviewer',
  't20',
  'EV16 by officer_a',
  'EV16 by officer_b',
  't22',
  'EV18',
  't25',
]
const toClose = 't48 t49 t50'.split(' ')

/**
 * Answers of register and pack under which the process is explored one after the other, with roads through them: every file on a
 * road is explored too, so that what lies behind a decision is reached early.
 */
export const worlds: readonly World[] = [
  {
    answers: {},
    roads: [
      [
        ...toNotice,
        ...served('D17'),
        't26',
        'end of T10',
        't29',
        't33',
        't35',
        ...served('D26'),
        't37',
        'pb3',
        'pb4',
        'end of T15',
        'py5',
        'EV29',
      ].concat(served('D33'), 't40', 'end of T17', 'end of T19', 'end of T20', 't41', 't43', toClose),
      [...toNotice, ...served('D17'), 't26', 'end of T10', 't29', 't33', 'end of T07'],
    ],
  },
  {
    answers: { 'hearing.right': true, 'collective.required': true },
    roads: [
      [
        ...toNotice,
        ...served('D17'),
        ...served('D18'),
        't26',
        'hr2',
        'hr4',
        't28',
        'end of T12',
        'hr5',
        'hr6',
        'end of T10',
        't29',
        't32',
        't34',
        't35',
      ],
    ],
  },
  {
    answers: { 'review.required': false, 'payment.owed': 0, 'payment.paid': 20_000 },
    roads: [
      ['t1', 't2', 't5', 't8', 'EV15', 'EV22', 'EV18', 't17', ...served('D27'), 't39', 'pb2', 'py2', 't42', ...toClose],
      [
        ...toNotice,
        ...served('D17'),
        't26',
        'end of T10',
        't30',
        't35',
        ...served('D26'),
        't37',
        'py2',
        'rm1',
        'rm6',
        'rm11',
        'py8',
        'py9',
        ...served('D39'),
        't52',
      ],
    ],
  },
]
/** Facts that open roads; the others only change what gates read, and those values are tried one by one at each gate. */
export const roadFacts: readonly FactId[] = [
  'EV01',
  'EV02',
  'EV03',
  'EV14',
  'EV15',
  'EV16',
  'EV17',
  'EV18',
  'EV20',
  'EV21',
  'EV22',
  'EV29',
  'EV30',
]
export const variants: Partial<Record<TransitionId | FactId, readonly Extra[]>> = {
  EV16: [{ by: ['officer_a'] }, { by: ['officer_b'] }],
  EV17: [{ by: ['tech_reviewer'] }, { by: ['legal_reviewer'] }],
  EV18: [{}, { set: { 'screen.ground': ['NP4'] } }, { set: { 'screen.ground': ['NP6'] } }],
  t10: [{}, { mayMake: ['D11'] }],
  t29: [{ set: { 'defence.unanswered': 0 } }],
  rm8: [{}, { set: { 'remedy.result': 'unlawful_only' } }],
  rm11: [{}, { set: { 'remedy.result': 'revoked' } }],
  t43: [{ by: ['head'] }, { by: ['external'], set: { 'end.record': 'ruling' } }],
}
