import { fileURLToPath } from 'node:url'
import type { FileAnswer, Particulars, Problem } from '../../contracts/api/index.js'
import { parseRegisters } from '../cases/derived/index.js'
import { checklists, commonChecklist, exceptions, process as law } from '../cases/process/index.js'
import type { Law } from '../delivery/index.js'
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
} as const
export const pair = {
  officers: ['officer_a', 'officer_b'] as [string, string],
  no_conflict: ['officer_a', 'officer_b'],
}

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

  async attempt(as: string, id: string, step: Step = {}): Promise<Reply> {
    const reply = (await this.cloud.as(as, 'POST', `/v1/files/${this.id}/steps`, {
      do: id,
      version: this.version,
      ...step,
    })) as Reply
    if (reply.status === 200) this.version = reply.body.version
    return reply
  }

  /** @throws Error with every refusal */
  async take(as: string, id: string, step: Step = {}): Promise<FileAnswer> {
    const { status, body } = await this.attempt(as, id, step)
    if (status === 200) return body
    const all = body.refusals ?? [body]
    throw new Error(`${id} by ${as}: ${all.map(({ code, says }) => `${code} ${says.en}`).join('; ')}`)
  }

  /** Hands a document over in person. */
  async serve(doc: string): Promise<FileAnswer> {
    await this.take('officer_a', 'sv2', { doc, set: { 'service.way': 'direct' }, documents: papers('D30') })
    return this.take('officer_a', 'sv4', { doc, set: { 'receipt.complete': true } })
  }

  /** From the lead of a box to two officers in charge: triage, site visit, party, filing. */
  async toInvestigation(): Promise<void> {
    await this.read()
    await this.take('operator1', 't5', { documents: papers('D03') })
    await this.take('operator1', 't8')
    await this.take('officer_a', 'EV15', { particulars: allLines })
    await this.take('officer_a', 't10', { particulars: { no_conflict: ['officer_a'] } })
    await this.take('officer_b', 't10', {
      particulars: { no_conflict: ['officer_b'] },
      documents: papers('D05'),
    })
    await this.identify()
    await this.take('head', 't16', { documents: papers('D08') })
    await this.take('team_leader', 't18', { particulars: pair, documents: papers('D09') })
  }

  async identify(): Promise<void> {
    await this.take('officer_a', 'EV22', {
      particulars: { parties: [party] },
      set: {
        'party.identity_complete': true,
        'party.link_proved': true,
        'party.age_known': true,
        'party.minor': false,
      },
    })
    await this.take('officer_a', 't11', {
      particulars: { item: 'SH-SR-21-1', ...pair },
      set: { 'case.road': 'onsite', 'item.first_filer': true },
      documents: papers('D08', 'D12'),
    })
    await this.serve('D12')
  }
}

/** A cloud with the whole process and one lead of a box, its intake done. */
export async function openFile(options: Parameters<typeof openCloud>[0] = {}): Promise<FileWalk> {
  const cloud = await openCloud({ law: testLaw(), ...options })
  const id = cloud.addLead({ phase: 'over' })
  await cloud.files?.clock.tick('test')
  return new FileWalk(cloud, id)
}
