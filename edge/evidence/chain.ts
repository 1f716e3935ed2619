import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { CameraId, EpochMs } from '../../contracts/base/index.js'
import type { ChainHead } from '../../contracts/records/index.js'
import type { Segment } from '../capture/types.js'
import type { HoldRow, IncidentRow, Mark, OutboxRecord, UploadRow } from './types.js'

/** One row of the chain; `ord` counts over all chains of this box. */
export interface ChainRow {
  readonly ord: number
  readonly chain: string
  readonly seq: number
  readonly h: string
  readonly prev: string
  readonly kind: string
  readonly env: string
}

const schema = `
create table if not exists meta (name text primary key, value text not null) strict;
-- The chain is also the outbox. acked: 0 waits for a receipt, 1 durable in the cloud, 2 withheld (its chain was given up).
create table if not exists rec (
  ord integer primary key autoincrement, chain text not null, seq integer not null, h text not null, prev text not null,
  kind text not null, env text not null, acked integer not null default 0, unique (chain, seq)) strict;
create index if not exists rec_waiting on rec (ord) where acked = 0;
-- Every closed file of the ring; sealed_in: ord of the seal record that holds its leaf. gone: the file was deleted.
create table if not exists segment (
  cam text not null, idx integer not null, file text not null, from_ms integer not null, to_ms integer not null,
  from_media_ms real not null, bytes integer not null, sha256 text not null, codec text not null,
  time_usable integer not null, sealed_in integer, primary key (cam, idx)) strict, without rowid;
create index if not exists segment_open on segment (to_ms) where sealed_in is null;
create index if not exists segment_time on segment (cam, to_ms);
create table if not exists incident (
  id text primary key, cam text not null, state text not null, body text not null, listed text not null,
  over_ms integer, receipted_ord integer) strict;
create table if not exists mark (cam text primary key, idx integer not null, media_ms real not null, wall_ms integer not null) strict;
-- A window that must stay. pinned: ordered by the cloud, has no end of its own.
create table if not exists hold (
  incident text not null, kind text not null, cam text not null, from_ms integer not null, to_ms integer not null,
  pinned integer not null default 0, primary key (incident, kind)) strict, without rowid;
create table if not exists held (
  incident text not null, cam text not null, idx integer not null, bytes integer not null,
  primary key (incident, cam, idx)) strict, without rowid;
create table if not exists command (cseq integer primary key, sha256 text not null, name text not null) strict;
-- class: 0 stills and lists, 1 held segments, 2 other. after_ord: waits for the receipt of that record.
create table if not exists upload (
  sha256 text primary key, file text not null, bytes integer not null, class integer not null, after_ord integer not null,
  incident text, done integer not null default 0) strict;
create index if not exists upload_waiting on upload (class, after_ord) where done = 0;
`

type Row = Record<string, string | number | null>

/** The box's one SQLite file: chain, outbox, segments, incidents with their marks, holds, commands, uploads. */
export type Chain = ReturnType<typeof openChain>

/** WAL with `synchronous=FULL`: when a call has returned, it survives a power cut (sqlite.org/pragma.html, "synchronous"). */
export function openChain(file: string) {
  mkdirSync(dirname(file), { recursive: true })
  const db = new Sqlite(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('busy_timeout = 5000')
  db.exec(schema)
  const cache = new Map<string, Sqlite.Statement>()
  const sql = (text: string): Sqlite.Statement => {
    const known = cache.get(text) ?? db.prepare(text)
    cache.set(text, known)
    return known
  }
  const one = (text: string, ...values: unknown[]): Row | undefined => sql(text).get(...values) as Row | undefined
  const all = (text: string, ...values: unknown[]): Row[] => sql(text).all(...values) as Row[]
  const number = (text: string, ...values: unknown[]): number =>
    Number(Object.values(one(text, ...values) ?? {})[0] ?? 0)

  return {
    /** All or nothing; throwing rolls back. */
    transaction: <T>(work: () => T): T => db.transaction(work).immediate(),
    isSound: (): boolean => db.pragma('quick_check', { simple: true }) === 'ok',
    close: (): void => {
      cache.clear()
      db.close()
    },

    meta: (name: string): string | null =>
      (one('select value from meta where name = ?', name)?.['value'] as string | undefined) ?? null,
    setMeta: (name: string, value: string): void => {
      sql('insert into meta values (?, ?) on conflict (name) do update set value = excluded.value').run(name, value)
    },

    head: (): ChainRow | null => (one('select * from rec order by ord desc limit 1') as ChainRow | undefined) ?? null,
    lastRows: (count: number): ChainRow[] =>
      (all('select * from rec order by ord desc limit ?', count) as unknown as ChainRow[]).reverse(),
    rowAt: (chain: string, seq: number): ChainRow | null =>
      (one('select * from rec where chain = ? and seq = ?', chain, seq) as ChainRow | undefined) ?? null,
    knowsChain: (chain: string): boolean => one('select 1 from rec where chain = ? limit 1', chain) !== undefined,
    insertRecord: (row: Omit<ChainRow, 'ord'>): number =>
      Number(
        sql('insert into rec (chain, seq, h, prev, kind, env) values (@chain, @seq, @h, @prev, @kind, @env)').run(row)
          .lastInsertRowid,
      ),
    pending: (afterOrd: number, count: number): OutboxRecord[] =>
      all(
        'select ord, chain, seq, env from rec where acked = 0 and ord > ? order by ord limit ?',
        afterOrd,
        count,
      ) as unknown as OutboxRecord[],
    pendingCount: (): number => number('select count(*) from rec where acked = 0'),
    acknowledge: (head: ChainHead): number =>
      sql('update rec set acked = 1 where acked = 0 and chain = ? and seq <= ?').run(head.chain, head.seq).changes,
    ackedOrd: (): number => number('select coalesce(max(ord), 0) from rec where acked = 1'),
    withholdAll: (): void => {
      sql('update rec set acked = 2 where acked = 0').run()
    },

    insertSegment: (segment: Segment): boolean =>
      sql(`insert into segment (cam, idx, file, from_ms, to_ms, from_media_ms, bytes, sha256, codec, time_usable)
           values (@camera, @index, @file, @fromMs, @toMs, @fromMediaMs, @bytes, @sha256, @codec, @timeUsable) on conflict do nothing`).run(
        {
          ...segment,
          timeUsable: segment.timeUsable ? 1 : 0,
        },
      ).changes === 1,
    segmentsOf: (camera: string): Segment[] =>
      all('select * from segment where cam = ? order by idx', camera).map(segmentOf),
    segmentAt: (camera: string, index: number): Segment | null => {
      const row = one('select * from segment where cam = ? and idx = ?', camera, index)
      return row === undefined ? null : segmentOf(row)
    },
    lastIndex: (camera: string): number => number('select coalesce(max(idx), -1) from segment where cam = ?', camera),
    segmentsIn: (camera: string, fromMs: number, toMs: number): Segment[] =>
      all('select * from segment where cam = ? and to_ms > ? and from_ms < ? order by idx', camera, fromMs, toMs).map(
        segmentOf,
      ),
    /** Those that end in the future were closed before the clock was set back. */
    unsealed: (toMs: number, nowMs: number): Segment[] =>
      all(
        'select * from segment where sealed_in is null and (to_ms <= ? or to_ms > ?) order by cam, idx',
        toMs,
        nowMs,
      ).map(segmentOf),
    seal: (segments: readonly Segment[], ord: number): void => {
      for (const { camera, index } of segments)
        sql('update segment set sealed_in = ? where cam = ? and idx = ?').run(ord, camera, index)
    },
    oldestSegmentMs: (): EpochMs | null =>
      (one('select min(from_ms) as at from segment')?.['at'] ?? null) as EpochMs | null,
    forgetSegments: (beforeMs: number): void => {
      sql(`delete from segment where sealed_in is not null and to_ms < ? and not exists
           (select 1 from held where held.cam = segment.cam and held.idx = segment.idx)`).run(beforeMs)
    },

    incident: (id: string): IncidentRow | null => incidentOf(one('select * from incident where id = ?', id)),
    incidents: (): IncidentRow[] => all('select * from incident order by id').flatMap((row) => incidentOf(row) ?? []),
    saveIncident: ({ incident, listed, overMs, receiptedOrd }: IncidentRow): void => {
      sql(`insert into incident values (@id, @cam, @state, @body, @listed, @overMs, @receiptedOrd) on conflict (id) do update set
           state = excluded.state, body = excluded.body, listed = excluded.listed, over_ms = excluded.over_ms,
           receipted_ord = excluded.receipted_ord`).run({
        id: incident.id,
        cam: incident.camera,
        state: incident.state,
        body: JSON.stringify(incident),
        listed: JSON.stringify(listed),
        overMs,
        receiptedOrd,
      })
    },
    forgetIncident: (id: string): void => {
      for (const table of ['hold', 'held']) sql(`delete from ${table} where incident = ?`).run(id)
      sql('delete from incident where id = ?').run(id)
    },
    mark: (camera: string): Mark | null => {
      const row = one('select * from mark where cam = ?', camera)
      if (row === undefined) return null
      return { index: Number(row['idx']), mediaMs: Number(row['media_ms']), wallMs: Number(row['wall_ms']) as EpochMs }
    },
    saveMark: (camera: string, { index, mediaMs, wallMs }: Mark): void => {
      sql(`insert into mark values (?, ?, ?, ?) on conflict (cam) do update set idx = excluded.idx,
           media_ms = excluded.media_ms, wall_ms = excluded.wall_ms`).run(camera, index, mediaMs, wallMs)
    },

    holdsOf: (incident: string): HoldRow[] =>
      all('select * from hold where incident = ? order by from_ms', incident).map(holdOf),
    holdsAt: (camera: string, fromMs: number, toMs: number): HoldRow[] =>
      all('select * from hold where cam = ? and to_ms > ? and from_ms < ?', camera, fromMs, toMs).map(holdOf),
    setHold: (hold: HoldRow): void => {
      sql(`insert into hold values (@incident, @kind, @camera, @fromMs, @toMs, @pinned) on conflict (incident, kind) do update set
           from_ms = excluded.from_ms, to_ms = excluded.to_ms, pinned = max(pinned, excluded.pinned)`).run({
        ...hold,
        pinned: hold.pinned ? 1 : 0,
      })
    },
    dropHolds: (incident: string): void => {
      for (const table of ['hold', 'held']) sql(`delete from ${table} where incident = ?`).run(incident)
    },
    addHeld: (incident: string, segment: Segment): boolean =>
      sql('insert into held values (?, ?, ?, ?) on conflict do nothing').run(
        incident,
        segment.camera,
        segment.index,
        segment.bytes,
      ).changes === 1,
    heldOf: (incident: string): { cam: string; idx: number }[] =>
      all('select cam, idx from held where incident = ?', incident) as { cam: string; idx: number }[],
    heldIncidents: (): string[] => all('select distinct incident from held').map((row) => String(row['incident'])),
    /** A file that two incidents hold is on the disk once. */
    heldBytes: (): number => number('select coalesce(sum(bytes), 0) from (select distinct cam, idx, bytes from held)'),

    lastCseq: (): number => number('select coalesce(max(cseq), 0) from command'),
    commandAt: (cseq: number): string | null =>
      (one('select sha256 from command where cseq = ?', cseq)?.['sha256'] as string | undefined) ?? null,
    insertCommand: (cseq: number, sha256: string, name: string): void => {
      sql('insert into command values (?, ?, ?)').run(cseq, sha256, name)
    },

    addUpload: (row: UploadRow): void => {
      sql(`insert into upload (sha256, file, bytes, class, after_ord, incident) values (@sha256, @file, @bytes, @class, @afterOrd, @incident)
           on conflict (sha256) do update set class = min(class, excluded.class), file = excluded.file, done = 0`).run(
        row,
      )
    },
    uploads: (ackedOrd: number, count: number): UploadRow[] =>
      all(
        `select sha256, file, bytes, class, after_ord as afterOrd, incident from upload
         where done = 0 and after_ord <= ? order by class, after_ord limit ?`,
        ackedOrd,
        count,
      ) as unknown as UploadRow[],
    uploadsOf: (incident: string): number =>
      number('select count(*) from upload where incident = ? and done = 0', incident),
    wasUploaded: (sha256: string): boolean =>
      one('select 1 from upload where sha256 = ? and done = 1', sha256) !== undefined,
    endUpload: (sha256: string, done: 1 | 2): void => {
      sql('update upload set done = ? where sha256 = ?').run(done, sha256)
    },
    restartUpload: (sha256: string): void => {
      sql('update upload set done = 0 where sha256 = ?').run(sha256)
    },
    restartUploadsOf: (incident: string): void => {
      sql('update upload set done = 0 where incident = ? and class = 0').run(incident)
    },
    uploadCount: (): number => number('select count(*) from upload where done = 0'),
  }
}

function segmentOf(row: Row): Segment {
  return {
    camera: String(row['cam']) as CameraId,
    index: Number(row['idx']),
    file: String(row['file']),
    fromMs: Number(row['from_ms']) as EpochMs,
    toMs: Number(row['to_ms']) as EpochMs,
    fromMediaMs: Number(row['from_media_ms']),
    bytes: Number(row['bytes']),
    sha256: String(row['sha256']),
    codec: row['codec'] as Segment['codec'],
    timeUsable: row['time_usable'] === 1,
  }
}

function incidentOf(row: Row | undefined): IncidentRow | null {
  if (row === undefined) return null
  return {
    incident: JSON.parse(String(row['body'])) as IncidentRow['incident'],
    listed: JSON.parse(String(row['listed'])) as IncidentRow['listed'],
    overMs: row['over_ms'] as EpochMs | null,
    receiptedOrd: row['receipted_ord'] as number | null,
  }
}

function holdOf(row: Row): HoldRow {
  return {
    incident: String(row['incident']),
    kind: row['kind'] as HoldRow['kind'],
    camera: String(row['cam']) as CameraId,
    fromMs: Number(row['from_ms']) as EpochMs,
    toMs: Number(row['to_ms']) as EpochMs,
    pinned: row['pinned'] === 1,
  }
}
