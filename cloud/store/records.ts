import type { ChainHead } from '../../contracts/records/index.js'
import type { Database, Migration } from './database.js'

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

export const alarmKinds = [
  'fork',
  'prev_mismatch',
  'hole',
  'rollback',
  'chain_lost',
  'bad_signature',
  'silent',
  'unreadable',
  'object_digest',
  'key_closed',
] as const
export type AlarmKind = (typeof alarmKinds)[number]

export interface ChainState extends ChainHead {
  readonly state: 'open' | 'closed' | 'frozen'
}

export interface DeviceKey {
  readonly keyid: string
  readonly spki: string
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

export interface AlarmRow {
  readonly id: number
  readonly device: string
  readonly kind: AlarmKind
  readonly subject: string
  readonly first_at: string
  readonly last_at: string
  readonly count: number
  readonly details: Record<string, unknown>
  readonly cleared_at: string | null
}

export interface DeviceRow {
  readonly id: string
  readonly presence: string
  readonly presence_at: string | null
  readonly seen_at: string | null
  /** Taken out of the configuration. */
  readonly removed_at: string | null
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
    /**
     * Registers a device by its key; repeating it is harmless, another key opens beside none: the old ones close. A removed
     * device that comes back with a key it had before goes on with the one that its removal closed.
     */
    register(device: string, key: DeviceKey, at: string): void {
      db.prepare('insert into device (id, registered_at) values (?, ?) on conflict do nothing').run(device, at)
      db.prepare('update device set removed_at = null where id = ?').run(device)
      const known = db.prepare('select device from device_key where keyid = ?').get(key.keyid) as
        { device: string } | undefined
      if (known !== undefined) {
        if (known.device === device)
          db.prepare(
            `update device_key set closed_at = null, closed_why = null where device = ? and closed_why = 'removed'`,
          ).run(device)
        return
      }
      db.prepare(`update device_key set closed_why = 'reenrolled' where device = ? and closed_why = 'removed'`).run(
        device,
      )
      db.prepare(
        `update device_key set closed_at = ?, closed_why = 'reenrolled' where device = ? and closed_at is null`,
      ).run(at, device)
      db.prepare('insert into device_key (keyid, device, spki, opened_at) values (?, ?, ?, ?)').run(
        key.keyid,
        device,
        key.spki,
        at,
      )
    },
    /** Closes the key of a device that is no longer ours. True when it was open until now. */
    remove(device: string, at: string): boolean {
      db.prepare(
        `update device_key set closed_at = ?, closed_why = 'removed' where device = ? and closed_at is null`,
      ).run(at, device)
      return (
        db
          .prepare(
            `update device set removed_at = ?, presence = 'offline', presence_at = ? where id = ? and removed_at is null`,
          )
          .run(at, at, device).changes === 1
      )
    },
    /** Every key that a device ever had, the open one last: what its records are verified with. */
    keysOf: (
      device: string,
    ): (DeviceKey & { opened_at: string; closed_at: string | null; closed_why: string | null })[] =>
      db
        .prepare(
          `select keyid, spki, opened_at, closed_at, closed_why from device_key where device = ?
           order by closed_at is null, opened_at`,
        )
        .all(device) as (DeviceKey & { opened_at: string; closed_at: string | null; closed_why: string | null })[],
    openKey: (device: string): DeviceKey | null =>
      (db.prepare('select keyid, spki from device_key where device = ? and closed_at is null').get(device) as
        DeviceKey | undefined) ?? null,
    rotate(device: string, oldKeyId: string, next: DeviceKey, at: string): void {
      db.prepare(`update device_key set closed_at = ?, closed_why = 'rotated' where keyid = ? and device = ?`).run(
        at,
        oldKeyId,
        device,
      )
      db.prepare(
        'insert into device_key (keyid, device, spki, opened_at) values (?, ?, ?, ?) on conflict do nothing',
      ).run(next.keyid, device, next.spki, at)
    },
    isRemoved: (device: string): boolean =>
      db.prepare('select 1 from device where id = ? and removed_at is not null').get(device) !== undefined,
    isDevice: (device: string): boolean => db.prepare('select 1 from device where id = ?').get(device) !== undefined,
    devices: (): DeviceRow[] =>
      db.prepare('select id, presence, presence_at, seen_at, removed_at from device order by id').all() as DeviceRow[],
    presence(device: string, presence: string, at: string): void {
      db.prepare('update device set presence = ?, presence_at = ? where id = ?').run(presence, at, device)
    },
    seen(device: string, at: string): void {
      db.prepare('update device set seen_at = ? where id = ?').run(at, device)
    },

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

    /** Opens an alarm, or counts one more on the open one. True when it is new. */
    raise(alarm: {
      device: string
      kind: AlarmKind
      subject: string
      at: string
      details: Record<string, unknown>
    }): boolean {
      const { changes } = db
        .prepare(
          `update alarm set count = count + 1, last_at = ? where device = ? and kind = ? and subject = ? and cleared_at is null`,
        )
        .run(alarm.at, alarm.device, alarm.kind, alarm.subject)
      if (changes > 0) return false
      db.prepare('insert into alarm (device, kind, subject, first_at, last_at, details) values (?, ?, ?, ?, ?, ?)').run(
        alarm.device,
        alarm.kind,
        alarm.subject,
        alarm.at,
        alarm.at,
        JSON.stringify(alarm.details),
      )
      return true
    },
    clear(device: string, kind: AlarmKind, subject: string, at: string): void {
      db.prepare(
        'update alarm set cleared_at = ? where device = ? and kind = ? and subject = ? and cleared_at is null',
      ).run(at, device, kind, subject)
    },
    /** Newest first, open ones before cleared ones. */
    alarms: (limit: number): AlarmRow[] =>
      (
        db.prepare('select * from alarm order by cleared_at is not null, last_at desc limit ?').all(limit) as (Omit<
          AlarmRow,
          'details'
        > & { details: string })[]
      ).map((row) => ({ ...row, details: JSON.parse(row.details) as Record<string, unknown> })),
  }
}
