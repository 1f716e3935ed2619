import { fileURLToPath } from 'node:url'
import type { FileAnswer, Particulars, Problem } from '../../contracts/api/index.js'
import { parseRegisters } from '../cases/derived/index.js'
import { checklists, commonChecklist, exceptions, process as law } from '../cases/process/index.js'
import { paperSha256, type Law } from '../delivery/index.js'
import { readPack } from '../read-pack.js'
import { openCloud, type TestCloud } from './cloud.fixture.js'

const registersText = `
version: '2026-03-01'
areas:
  - name: 测试区
    polygon: [[121.4, 31.2], [121.5, 31.2], [121.5, 31.3], [121.4, 31.3]]
    source: test
    valid_from: '2020-01-01'
    valid_to: null
grants:
  - { item: SH-SR-21-1, source: test, valid_from: '2022-12-01', valid_to: null }
officers:
  - { account: officer_a, certificate: 'A-1', valid_from: '2024-01-01', valid_to: '2029-12-31' }
  - { account: officer_b, certificate: 'B-1', valid_from: '2024-01-01', valid_to: '2029-12-31' }
  - { account: officer_c, certificate: 'C-1', valid_from: '2020-01-01', valid_to: '2025-12-31' }
  - { account: legal_reviewer, certificate: null, legal_review: true, valid_from: '2024-01-01', valid_to: null }
`

/** The Shanghai example with what a city would have to fill in; every value counts as acknowledged (a demonstration). */
export function testLaw(): Law {
  const file = fileURLToPath(new URL('../../policy/shanghai/pack.yaml', import.meta.url))
  const { pack, calendar, faults } = readPack(file)
  const { registers, faults: wrong } = parseRegisters(registersText, 'registers.yaml')
  if (pack === null || registers === null) throw new Error(JSON.stringify([...faults, ...wrong]))
  const known = { mark: 'P', source: 'test', verified: false } as const
  const threshold = { operator: '>=', person_fen: 1_000_000, organisation_fen: 10_000_000 } as const
  return {
    pack: {
      ...pack,
      demo: true,
      figures: {
        ...pack.figures,
        'nonsite.items': { value: ['SH-SR-21-1'], ...known },
        'collective.amount': { value: threshold, ...known },
      },
    },
    calendar,
    registers,
  }
}

/** Every paper named, with all its fields filled. */
export function papers(...ids: readonly string[]): { id: string; fields: Record<string, string> }[] {
  return ids.map((id) => {
    const row = law.documents.find((one) => one.id === id)
    return { id, fields: Object.fromEntries((row?.required ?? []).map((name) => [name, `${id} ${name}`])) }
  })
}

/** The first step of a file that a patrol begins, and where it is asked for. */
export function patrolBegins() {
  const payload = {
    do: 't1',
    version: 0,
    set: { 'lead.source': 'patrol' },
    documents: papers('D01'),
    particulars: {
      cause: 'vending',
      place: { name: '人民路12号', lat_deg: 31.23, lon_deg: 121.47 },
      observed_from: '2026-03-02T06:00:00.000Z',
    },
  }
  return { url: '/v1/files/01a2016a-2030-7e17-a546-297dc6b76471/steps', payload }
}

export interface Step {
  readonly set?: Readonly<Record<string, unknown>>
  readonly documents?: readonly object[]
  readonly reason?: string
  readonly particulars?: Particulars
  readonly [more: string]: unknown
}
export interface Reply {
  readonly status: number
  readonly body: FileAnswer & Problem
}

export const party = {
  kind: 'person',
  name: '张三',
  id_type: '居民身份证',
  id_number: '310101199001011234',
  source: '身份证原件',
} as const
const askedAt = '2026-03-02T06:35:00.000Z'
export const allLines = {
  lines: [...commonChecklist, ...checklists.vending].map(({ id }) => ({ line: id, evidence: 'D05' })),
  exceptions: exceptions.vending.map(({ id }) => ({
    query: id,
    answer: 'no' as const,
    source: '现场询问 / asked on site',
    asked_at: askedAt,
  })),
}
export const pair = {
  officers: ['officer_a', 'officer_b'] as [string, string],
  no_conflict: ['officer_a', 'officer_b'],
}

/** One person's step on a road. */
export interface Move extends Step {
  readonly as: string
  readonly do: string
}

/** Hands a document over in person. */
const served = (doc: string): Move[] => [
  { as: 'officer_a', do: 'sv2', doc, set: { 'service.way': 'direct' }, documents: papers('D30') },
  { as: 'officer_a', do: 'sv4', doc, set: { 'receipt.complete': true } },
]

const partyKnown = {
  'party.identity_complete': true,
  'party.link_proved': true,
  'party.age_known': true,
  'party.minor': false,
}

/** From a lead in the queue to two officers in charge: triage, site visit, party, filing. */
export const toInvestigation: readonly Move[] = [
  { as: 'operator1', do: 't5', documents: papers('D03') },
  { as: 'operator1', do: 't8' },
  { as: 'officer_a', do: 'EV15', particulars: allLines },
  { as: 'officer_a', do: 't10', particulars: { no_conflict: ['officer_a'] } },
  { as: 'officer_b', do: 't10', particulars: { no_conflict: ['officer_b'] }, documents: papers('D05') },
  { as: 'officer_a', do: 'EV22', particulars: { parties: [party] }, set: partyKnown },
  {
    as: 'officer_a',
    do: 't11',
    particulars: { item: 'SH-SR-21-1', ...pair },
    set: { 'case.road': 'onsite', 'item.first_filer': true },
    documents: papers('D08', 'D12'),
  },
  ...served('D12'),
  { as: 'head', do: 't16', documents: papers('D08') },
  { as: 'team_leader', do: 't18', particulars: pair, documents: papers('D09') },
]

const conclude = { reason: '初次违法，危害轻微，当场改正', documents: papers('D14') }
/** The first-offence exemption (APL Art. 33(1)), on to the archive. */
export const exemption: readonly Move[] = [
  ...toInvestigation,
  {
    as: 'officer_a',
    do: 'EV18',
    set: { 'screen.complete': true, 'screen.ground': ['NP4'] },
    documents: papers('D16'),
  },
  { as: 'officer_a', do: 't55', ...conclude },
  { as: 'officer_b', do: 't55', ...conclude },
  { as: 'head', do: 't36', reason: 'NP4', documents: papers('D25', 'D28') },
  ...served('D28'),
  { as: 'officer_a', do: 't38', set: { 'education.recorded': true }, documents: papers('D04') },
  { as: 'officer_a', do: 't48', set: { 'retention.class_set': true }, documents: papers('D36') },
  { as: 'head', do: 't49' },
  { as: 'archivist', do: 't50' },
]

const [d26] = papers('D26')
/** The words of the decision: what the legal reviewer reads is what the head signs. */
export const decisionFields: Readonly<Record<string, string>> = d26?.fields ?? {}
const finding = { 'elements.cited_all': true, 'exculpatory.stated': true }
const audit = { 'audit.full_clip_seen': true }

/** A penalty up to the served notice; the defence window runs at its end. */
export const toNotice: readonly Move[] = [
  ...toInvestigation,
  { as: 'officer_a', do: 't19', set: { 'record.used': true, 'elements.officer_evidence_all': true } },
  { as: 'tech_reviewer', do: 'EV17', set: { 'audit.technical': 'pass', ...audit }, documents: papers('D10') },
  { as: 'legal_reviewer', do: 'EV17', set: { 'audit.legal': 'pass', ...audit }, documents: papers('D10') },
  { as: 'tech_reviewer', do: 't20' },
  { as: 'legal_reviewer', do: 't20' },
  { as: 'officer_a', do: 'EV16', set: { 'finding.a': 'proved', ...finding } },
  { as: 'officer_b', do: 'EV16', set: { 'finding.b': 'proved', ...finding } },
  { as: 'officer_a', do: 't22' },
  { as: 'officer_b', do: 't22', documents: papers('D14') },
  { as: 'officer_a', do: 'EV18', set: { 'screen.complete': true, 'screen.ground': [] }, documents: papers('D16') },
  {
    as: 'head',
    do: 't25',
    particulars: {
      proposal: { kinds: ['fine'], benchmark: null, complex: false, mitigation: false, transfer: false },
    },
    set: {
      'proposal.amount': 20_000,
      'milder.attached': true,
      'deviation.approved': true,
      'law.highest_band_chosen': true,
      'correction.ordered_or_moot': true,
    },
    documents: papers('D17'),
  },
  ...served('D17'),
]

/** From the end of the defence window to the penalty decision in the party's hands. */
export const toDecision: readonly Move[] = [
  { as: 'officer_a', do: 't29', particulars: { draft: decisionFields } },
  {
    as: 'legal_reviewer',
    do: 't33',
    particulars: { draft_sha256: paperSha256(decisionFields) },
    set: { 'review.opinion': 'agree' },
    documents: papers('D23'),
  },
  { as: 'head', do: 't35', set: { 'decision.fine': 20_000 }, documents: papers('D25', 'D26') },
  ...served('D26'),
]

/** A file through the public API: each call names the version it saw last. */
export class FileWalk {
  version = 0
  readonly cloud: TestCloud
  readonly id: string
  constructor(cloud: TestCloud, id: string) {
    this.cloud = cloud
    this.id = id
  }

  async read(as = 'head'): Promise<FileAnswer> {
    const { body } = (await this.cloud.as(as, 'GET', `/v1/files/${this.id}`)) as Reply
    this.version = body.version
    return body
  }

  async attempt({ as, ...step }: Move): Promise<Reply> {
    const url = `/v1/files/${this.id}/steps`
    const reply = (await this.cloud.as(as, 'POST', url, { version: this.version, ...step })) as Reply
    if (reply.status === 200) this.version = reply.body.version
    return reply
  }

  /** @throws Error with every refusal */
  async take(move: Move): Promise<FileAnswer> {
    const { status, body } = await this.attempt(move)
    if (status === 200) return body
    const all = body.refusals ?? [body]
    throw new Error(`${move.do} by ${move.as}: ${all.map(({ code, says }) => `${code} ${says.en}`).join('; ')}`)
  }

  /** Takes a road; the answer to its last step. */
  async go(road: readonly Move[]): Promise<FileAnswer> {
    let last = await this.read()
    for (const move of road) last = await this.take(move)
    return last
  }

  /** Lets time pass, and the clocks look. */
  async pass(ms: number): Promise<FileAnswer> {
    this.cloud.clock.advance(ms)
    await this.cloud.files?.clock.tick('test')
    return this.read()
  }
}

/** State of a machine's newest run. */
export const stateOf = ({ runs }: FileAnswer, machine: string): string | undefined =>
  runs.findLast((run) => run.machine === machine)?.state

/** A cloud with the whole process and one lead of a box, its intake done. */
export async function openFile(options: Parameters<typeof openCloud>[0] = {}): Promise<FileWalk> {
  const cloud = await openCloud({ law: testLaw(), ...options })
  const id = cloud.addLead({ phase: 'over' })
  await cloud.files?.clock.tick('test')
  return new FileWalk(cloud, id)
}
