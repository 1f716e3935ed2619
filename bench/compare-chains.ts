import { join } from 'node:path'
import Sqlite from 'better-sqlite3'

/**
 * Compares what the box committed with what the cloud stored: records up to the cloud's head that are missing there, and
 * incidents that became more than one lead.
 */
export function countRecords(folder: string): { records: number; lost: number; duplicated: number } {
  const edge = new Sqlite(join(folder, 'edge', 'chain.db'), { readonly: true })
  const cloud = new Sqlite(join(folder, 'cloud', 'kerbwatch.db'), { readonly: true })
  try {
    const there = new Map(
      (cloud.prepare('select chain, seq, h from record').all() as Row[]).map((row) => [
        `${row.chain}|${row.seq}`,
        row.h,
      ]),
    )
    const made = edge.prepare('select chain, seq, h from rec where acked = 1').all() as Row[]
    const lost = made.filter(({ chain, seq, h }) => there.get(`${chain}|${seq}`) !== h).length
    const confirmed = edge
      .prepare('select count(*) as n from incident where state in (?, ?, ?)')
      .get('confirmed', 'continuing', 'over') as { n: number }
    const leads = cloud.prepare('select count(*) as n, count(distinct id) as ids from lead').get() as {
      n: number
      ids: number
    }
    return { records: there.size, lost, duplicated: leads.n - leads.ids + Math.max(0, leads.n - confirmed.n) }
  } finally {
    edge.close()
    cloud.close()
  }
}

interface Row {
  readonly chain: string
  readonly seq: number
  readonly h: string
}
