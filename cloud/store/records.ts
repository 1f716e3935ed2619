import type { ChainHead } from '../../contracts/records/index.js'
import type { Database, Migration } from './database.js'
import { alarmTable } from './record-alarms.js'
import { deviceTable } from './record-devices.js'

export type { AlarmKind, AlarmRow } from './record-alarms.js'
export type { DeviceKey, DeviceRow } from './record-devices.js'

export const recordMigrations: readonly Migration[] = [
  {
    id: 100,
    sql: `
create table device (
  id text primary key, registered_at text not null, presence text not null default 'unknown', presence_at text,
  seen_at text) strict;
-- One key of a device is open at a time; a rotation closes the old one with the record that names the new one.
create table device_key (
  keyid text primary key, device text not null references device (id), spki text not null, opened_at text not null,
  closed_at text, closed_why text) strict;
create index device_key_device on device_key (device);
create table chain (
  device text not null, chain text not null, state text not null check (state in ('open', 'closed', 'frozen')),
  head_seq integer not null, head_h text not null, opened_at text not null, primary key (device, chain)) strict, without rowid;
-- Every verified record, exactly as it came. Never deleted while a case needs it.
create table record (
  device text not null, chain text not null, seq integer not null, h text not null, kind text not null, at text not null,
  received_at text not null, envelope text not null) strict;
create unique index record_place on record (device, chain, seq);
create index record_kind on record (device, kind, at);
-- What does not fit the chain: kept, but never evidence.
create table branch (
  h text primary key, device text not null, chain text not null, seq integer not null, why text not null,
  received_at text not null, envelope text not null) strict;
-- Integrity faults; one open row a kind, device and subject, with a count.
create table alarm (
  id integer primary key, device text not null, kind text not null, subject text not null default '', first_at text not null,
  last_at text not null, count integer not null default 1, details text not null, cleared_at text) strict;
create unique index alarm_open on alarm (device, kind, subject) where cleared_at is null;
create index alarm_time on alarm (last_at);
`,
  },
  {
    id: 101,
    sql: `
-- Taken out of the configuration: its key is closed, its records stay and can be verified.
alter table device add column removed_at text;
`,
  },
]

export interface ChainState extends ChainHead {
  readonly state: 'open' | 'closed' | 'frozen'
}

export interface RecordRow {
  readonly device: string
  readonly chain: string
  readonly seq: number
  readonly h: string
  readonly kind: string
  readonly at: string
  readonly receivedAt: string
  readonly envelope: string
}

export type RecordStore = ReturnType<typeof recordStore>

/** Tables of ingest. Every call runs in the caller's transaction when there is one. */
export function recordStore(db: Database) {
  const chainOf = (row: unknown): ChainState | null => {
    if (row === undefined) return null
    const { chain, head_seq, head_h, state } = row as {
      chain: string
      head_seq: number
      head_h: string
      state: ChainState['state']
    }
    return { chain, seq: head_seq, h: head_h, state }
  }
  return {
    ...deviceTable(db),
    ...alarmTable(db),
    chain: (device: string, chain: string): ChainState | null =>
      chainOf(
        db
          .prepare('select chain, head_seq, head_h, state from chain where device = ? and chain = ?')
          .get(device, chain),
      ),
    /** The one chain of a device that is not closed. */
    currentChain: (device: string): ChainState | null =>
      chainOf(
        db
          .prepare(`select chain, head_seq, head_h, state from chain where device = ? and state <> 'closed'`)
          .get(device),
      ),
    currentChains: (): (ChainState & { device: string })[] =>
      db
        .prepare(`select device, chain, head_seq, head_h, state from chain where state <> 'closed'`)
        .all()
        .flatMap((row) => {
          const state = chainOf(row)
          return state === null ? [] : [{ ...state, device: (row as { device: string }).device }]
        }),
    openChain(device: string, head: ChainHead, at: string): void {
      db.prepare(`update chain set state = 'closed' where device = ? and state <> 'closed'`).run(device)
      db.prepare(`insert into chain values (?, ?, 'open', ?, ?, ?)`).run(device, head.chain, head.seq, head.h, at)
    },
    advance(device: string, head: ChainHead): void {
      db.prepare('update chain set head_seq = ?, head_h = ? where device = ? and chain = ?').run(
        head.seq,
        head.h,
        device,
        head.chain,
      )
    },
    freeze(device: string, chain: string): void {
      db.prepare(`update chain set state = 'frozen' where device = ? and chain = ? and state = 'open'`).run(
        device,
        chain,
      )
    },

    insert(row: RecordRow): void {
      db.prepare(
        `insert into record (device, chain, seq, h, kind, at, received_at, envelope)
                  values (@device, @chain, @seq, @h, @kind, @at, @receivedAt, @envelope)`,
      ).run({ ...row })
    },
    digestAt: (device: string, chain: string, seq: number): string | null =>
      (
        db.prepare('select h from record where device = ? and chain = ? and seq = ?').get(device, chain, seq) as
          { h: string } | undefined
      )?.h ?? null,
    /** Records of one chain in order, bounded. */
    list: (device: string, chain: string, fromSeq: number, limit: number): RecordRow[] =>
      db
        .prepare(
          `select device, chain, seq, h, kind, at, received_at as receivedAt, envelope from record
                  where device = ? and chain = ? and seq >= ? order by seq limit ?`,
        )
        .all(device, chain, fromSeq, limit) as RecordRow[],
    /** Envelopes of a device's records of one kind from an instant of its own clock on, oldest first. */
    ofKind: (device: string, kind: string, fromAt: string, limit: number): string[] =>
      (
        db
          .prepare('select envelope from record where device = ? and kind = ? and at >= ? order by at limit ?')
          .all(device, kind, fromAt, limit) as { envelope: string }[]
      ).map(({ envelope }) => envelope),
    count: (): number => (db.prepare('select count(*) as n from record').get() as { n: number }).n,
    insertBranch(row: Omit<RecordRow, 'kind' | 'at'>, why: string): boolean {
      return (
        db
          .prepare(
            `insert into branch values (@h, @device, @chain, @seq, @why, @receivedAt, @envelope) on conflict do nothing`,
          )
          .run({
            h: row.h,
            device: row.device,
            chain: row.chain,
            seq: row.seq,
            why,
            receivedAt: row.receivedAt,
            envelope: row.envelope,
          }).changes === 1
      )
    },
    branchCount: (device: string): number =>
      (db.prepare('select count(*) as n from branch where device = ?').get(device) as { n: number }).n,
  }
}
