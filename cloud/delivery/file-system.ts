import type { Particulars } from '../../contracts/api/index.js'
import { toRfc3339, type EpochMs } from '../../contracts/base/index.js'
import { dayOf, startOfDay } from '../cases/calendar/index.js'
import type { Look } from '../cases/derived/index.js'
import { usableFigure } from '../cases/pack/index.js'
import {
  process as law,
  type DocumentId,
  type FactId,
  type InputId,
  type TransitionId,
  type Value,
} from '../cases/process/index.js'
import type { LeadRow } from '../store/leads.js'
import type { OpenFile, PaperWish, StepWish } from './file-book.js'

type Set = Partial<Record<InputId, Value>>

/** Facts that belong to the system alone, and the list of parties, which the recorded parties already say: nobody else may write them. */
export const ownFacts: ReadonlySet<InputId> = new Set([
  ...law.inputs.filter(({ kind, by }) => kind === 'fact' && by.every((role) => role === 'system')).map(({ id }) => id),
  'case.parties',
])

/** What the system itself knows of a step and writes with it. */
export function ownFactsOf(step: TransitionId | FactId, look: Look): Set {
  const { around, matter, view } = look
  switch (step) {
    case 't1':
      return {
        'act.discovered_at': toRfc3339(around.nowMs),
        'lead.dissuasion_allowed': mayDissuade(look),
      }
    case 't3':
      return { 'lead.fault_kind': faultKind(look) }
    case 't11':
      return { 'case.parties': matter.parties.map(({ name }) => name) }
    case 'rm1':
      return {
        'remedy.against_onsite': view.inputs['decision.kind'] === 'onsite',
        'remedy.electronic_record': view.inputs['record.used'] === true,
      }
    case 'sv7':
      return { 'receipt.complete': view.documents.includes('D30') }
    default:
      return {}
  }
}

/** The pack gives this cause a time to correct, and loudspeakers may sound now. */
function mayDissuade({ around: { pack, nowMs }, matter }: Look): boolean {
  const grace = usableFigure(pack, 'dissuasion.grace_min')
  const hours = usableFigure(pack, 'dissuasion.loudspeaker_hours')
  if (matter.cause === null || !grace.ok || !hours.ok || grace.value[matter.cause] === null) return false
  const minute = (nowMs - startOfDay(dayOf(nowMs))) / 60_000
  const at = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
  return minute >= at(hours.value.from) && minute < at(hours.value.to)
}

function faultKind({ around: { evidence } }: Look): string {
  if (evidence.signatures === false || evidence.chain === false) return 'signature'
  return evidence.digests === false ? 'digest' : 'clock'
}

/** Steps that the system takes as soon as their gates hold: they state what happened and judge nothing (DOMAIN.md, rule 1). */
export const ownSteps: readonly TransitionId[] = law.transitions
  .filter(({ by, trigger }) => trigger === undefined && by.length > 0 && by.every((role) => role === 'system'))
  .map(({ id }) => id)

/** Steps that the end of a period lets the system take. */
export function stepsAfter(timer: string): readonly TransitionId[] {
  return law.transitions
    .filter((step) => step.trigger === 'timer' && step.timer === timer && step.by.includes('system'))
    .map(({ id }) => id)
}

/** The record that a step of the system asks for and that only says that a period ended. */
export function ownPapers(step: TransitionId | FactId, nowMs: EpochMs): PaperWish[] {
  if (step !== 'hr3') return []
  const fields = {
    points: '期限届满，未提出听证申请 / the period ended without a request',
    channel: 'system',
    received_at: toRfc3339(nowMs),
    attachments: '无 / none',
    waiver: '逾期视为放弃 / lapsed, not waived',
  }
  return [{ id: 'D19', fields }]
}

/** Where a camera stands; without coordinates no area and no distance can be told. */
export type KnownPlace = NonNullable<Particulars['place']>

/** How a lead of a box becomes a file: everything from its signed records, nothing judged. */
export function leadWish({ id, facts }: LeadRow, place: KnownPlace): StepWish {
  const list = facts.stills.map(({ kind, at, sha256 }) => `${kind} ${at} ${sha256}`).join('\n')
  const none = '见清单 / see the list'
  const papers: [DocumentId, Record<string, string>][] = [
    [
      'D01',
      {
        source: 'edge',
        time_received: facts.confirmed_at,
        cause: facts.cause,
        place: place.name,
        device: facts.device,
        event_id: id,
        priority: String(facts.grade),
        duplicates: '未查 / not searched',
      },
    ],
    [
      'D02',
      {
        object_name: list === '' ? '暂无画面 / no stills yet' : list,
        size_bytes: none,
        sha256: list === '' ? none : facts.stills.map(({ sha256 }) => sha256).join('\n'),
        codec: 'image/jpeg; H.264/H.265',
        start_at: facts.first_at,
        end_at: facts.last_at,
        clock_offset_ms: String(facts.time_error_ms ?? '未知 / unknown'),
        clock_source: facts.time_unsure ? '未同步 / unsynced' : '已同步 / synced',
        box_id: facts.device,
        camera_id: facts.cam,
        model_version: JSON.stringify(facts.models),
        firmware_version: facts.rule,
        chain_head: facts.newest,
        extractor: 'kerbwatch',
        copy_history: '首次接收 / first received',
      },
    ],
  ]
  return {
    do: 't1',
    version: 0,
    set: { 'lead.source': 'edge', 'act.end_at': endOf(facts) },
    documents: papers.map(([paper, fields]) => ({ id: paper, fields })),
    particulars: { cause: facts.cause, place, observed_from: facts.first_at },
  }
}

/** EV25 when the box knows more of the act's end than the file; null when it does not, or when an officer has said it since. */
export function endWish({ view, matter }: OpenFile, { facts }: LeadRow): StepWish | null {
  const last = matter.acts.findLast(({ did }) => did === 't1' || did === 'EV25')
  if (last?.role !== 'edge_box' || view.inputs['act.end_at'] === endOf(facts)) return null
  return {
    do: 'EV25',
    version: view.version,
    set: { 'act.end_at': endOf(facts) },
    documents: [],
    particulars: {},
  }
}

const endOf = ({ over, last_at }: LeadRow['facts']): string | null => (over ? last_at : null)
