// What the box has told and what the cloud knows, read from both databases, for tests that kill programs.
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Box, EpochMs } from '../contracts/base/index.js'
import { fromRfc3339 } from '../contracts/base/index.js'
import { decodeEnvelope, parseCanonical, publicKeyOf, sha256, verifySignature } from '../contracts/evidence/index.js'
import { zeroDigest } from '../contracts/records/index.js'
import { fileSigner } from '../edge/evidence/signer.js'

/** One incident as its event records tell it. */
export interface ToldIncident {
  readonly id: string
  readonly camera: string
  readonly cause: string
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly box: Box
  /** Chain and sequence number of each record that says `confirmed`. */
  readonly confirmed: readonly string[]
}

interface Row {
  readonly chain: string
  readonly seq: number
  readonly h: string
  readonly prev: string
  readonly kind: string
  readonly env: string
}

interface EventFacts {
  readonly incident: string
  readonly phase: string
  readonly cam: string
  readonly cause: string
  readonly from: string
  readonly to: string
  readonly box_e4: readonly [number, number, number, number]
}

/** Runs SQL on a copy-free, read-only handle, also while the owner writes. */
export function read<T>(file: string, sql: string): T[] {
  const database = new Sqlite(file, { readonly: true })
  try {
    database.pragma('busy_timeout = 5000')
    return database.prepare(sql).all() as T[]
  } finally {
    database.close()
  }
}

export const edgeFile = (folder: string): string => join(folder, 'edge', 'chain.db')
export const cloudFile = (folder: string): string => join(folder, 'cloud', 'kerbwatch.db')

export const waitingRecords = (folder: string): number =>
  read<{ n: number }>(edgeFile(folder), 'select count(*) as n from rec where acked = 0')[0]?.n ?? 0

export const leadIds = (folder: string): string[] =>
  read<{ id: string }>(cloudFile(folder), 'select id from lead order by id').map(({ id }) => id)

/** End of the newest segment that each camera closed. */
export const lastSegments = (folder: string): { camera: string; toMs: number }[] =>
  read(edgeFile(folder), 'select cam as camera, max(to_ms) as toMs from segment group by cam')

/** The box's records in their order. */
export const edgeRecords = (folder: string): Row[] =>
  read<Row>(edgeFile(folder), 'select chain, seq, h, prev, kind, env from rec order by ord')

/** The cloud's copy of them. */
export const cloudRecords = (folder: string): Row[] =>
  read<Row>(
    cloudFile(folder),
    "select chain, seq, h, '' as prev, kind, envelope as env from record order by chain, seq",
  )

export const alarmsOf = (folder: string): string[] =>
  read<{ kind: string; details: string }>(cloudFile(folder), 'select kind, details from alarm').map(
    ({ kind, details }) => `${kind} ${details}`,
  )

/** Faults of a chain: signature, digest, place, link. Empty when it verifies. */
export function chainFaults(folder: string, rows: readonly Row[]): string[] {
  const { signer } = fileSigner(join(folder, 'edge', 'secret', 'record-key.pem'))
  const key = publicKeyOf(signer.spki)
  const faults: string[] = []
  for (const [index, row] of rows.entries()) {
    const envelope = decodeEnvelope(Buffer.from(row.env))
    const frame = parseCanonical(envelope.payload) as { kwchain: string; kwseq: number; kwprev: string }
    const before = rows[index - 1]
    const at = `${row.chain}/${row.seq}`
    if (!verifySignature(envelope, 0, key)) faults.push(`${at}: signature`)
    if (sha256(envelope.payload) !== row.h) faults.push(`${at}: digest`)
    if (frame.kwchain !== row.chain || frame.kwseq !== row.seq) faults.push(`${at}: place`)
    if (frame.kwprev !== (before === undefined ? zeroDigest : before.h)) faults.push(`${at}: link`)
    if (row.seq !== index) faults.push(`${at}: ${index} records before it`)
  }
  return faults
}

/** Incidents by their event records, in the order of their first. */
export function toldIncidents(rows: readonly Row[]): ToldIncident[] {
  const told = new Map<string, ToldIncident>()
  for (const row of rows) {
    if (row.kind !== 'event') continue
    const { payload } = decodeEnvelope(Buffer.from(row.env))
    // The box's own record, written by toEventBody; its signature is checked by chainFaults.
    const { event } = (parseCanonical(payload) as unknown as { data: { event: EventFacts } }).data
    const before = told.get(event.incident)
    const confirmed = [
      ...(before?.confirmed ?? []),
      ...(event.phase === 'confirmed' ? [`${row.chain}/${row.seq}`] : []),
    ]
    told.set(event.incident, {
      id: event.incident,
      camera: event.cam,
      cause: event.cause,
      fromMs: before?.fromMs ?? fromRfc3339(event.from),
      toMs: fromRfc3339(event.to),
      // four numbers stay four numbers, which `map` cannot say
      box: event.box_e4.map((part) => part / 10_000) as unknown as Box,
      confirmed,
    })
  }
  return [...told.values()]
}
