import { clipSpanMigration } from './clip-spans.js'
import type { Database, Migration } from './database.js'

export const mediaMigrations: readonly Migration[] = [
  {
    id: 200,
    sql: `
-- An object that is there, and who brought it.
create table object (sha256 text primary key, bytes integer not null, device text not null, received_at text not null) strict;
-- Stills that records named; the picture itself is an object.
create table still (
  sha256 text primary key, incident text not null, device text not null, kind text not null, at text not null, bytes integer not null,
  named_at text not null, asked_at text) strict;
create index still_incident on still (incident);
-- One clip an incident. segments_of: list whose segments stand in clip_segment; derived_from: list of segments that the derivative was made of.
create table clip (
  incident text primary key, device text not null, cam text not null, state text not null, wanted_at text not null, again_at text,
  list_sha256 text, segments_of text, missing_s integer not null default 0, sha256 text, derived_from text, frames text, tries integer not null default 0) strict;
create index clip_list on clip (list_sha256);
create index clip_sha on clip (sha256);
create table clip_segment (
  incident text not null, cam text not null, idx integer not null, sha256 text not null, from_at text not null, to_at text not null,
  codec text not null, primary key (incident, cam, idx)) strict, without rowid;
create index clip_segment_sha on clip_segment (sha256);
`,
  },
  clipSpanMigration,
]

export interface ClipRow {
  readonly incident: string
  readonly device: string
  readonly cam: string
  readonly state: 'requested' | 'uploading' | 'present' | 'gone'
  readonly list_sha256: string | null
  /** What its segments are, as one text; null before the list was read. */
  readonly content: string | null
  readonly missing_s: number
  readonly sha256: string | null
  readonly derived_from: string | null
  readonly frames: string | null
  readonly tries: number
}

export interface ClipSegmentRow {
  readonly cam: string
  readonly idx: number
  readonly sha256: string
  readonly from_at: string
  readonly to_at: string
  readonly codec: string
}

export type MediaStore = ReturnType<typeof mediaStore>

export function mediaStore(db: Database) {
  return {
    addObject: (sha256: string, bytes: number, device: string, at: string): boolean =>
      db.prepare('insert into object values (?, ?, ?, ?) on conflict do nothing').run(sha256, bytes, device, at)
        .changes === 1,
    hasObject: (sha256: string): boolean =>
      db.prepare('select 1 from object where sha256 = ?').get(sha256) !== undefined,

    addStill(still: {
      sha256: string
      incident: string
      device: string
      kind: string
      at: string
      bytes: number
      namedAt: string
    }): void {
      db.prepare(
        `insert into still (sha256, incident, device, kind, at, bytes, named_at)
                  values (@sha256, @incident, @device, @kind, @at, @bytes, @namedAt) on conflict do nothing`,
      ).run(still)
    },
    /** Incidents with a still that was named before `namedBefore`, is not there and was not asked for since. */
    missingStills: (namedBefore: string, limit: number): { incident: string; device: string }[] =>
      db
        .prepare(
          `select distinct incident, device from still where named_at < ? and (asked_at is null or asked_at < ?)
                  and not exists (select 1 from object where object.sha256 = still.sha256) limit ?`,
        )
        .all(namedBefore, namedBefore, limit) as { incident: string; device: string }[],
    askedStills(incident: string, at: string): void {
      db.prepare('update still set asked_at = ? where incident = ?').run(at, incident)
    },

    clip: (incident: string): ClipRow | null =>
      (db.prepare('select * from clip where incident = ?').get(incident) as ClipRow | undefined) ?? null,
    /** An incident whose clip needs this segment. */
    incidentOfSegment: (sha256: string): string | null =>
      (
        db.prepare('select incident from clip_segment where sha256 = ? limit 1').get(sha256) as
          { incident: string } | undefined
      )?.incident ?? null,
    clipBySha: (sha256: string): ClipRow | null =>
      (db.prepare('select * from clip where sha256 = ?').get(sha256) as ClipRow | undefined) ?? null,
    wantClip: (incident: string, device: string, cam: string, at: string): boolean =>
      db
        .prepare(
          `insert into clip (incident, device, cam, state, wanted_at) values (?, ?, ?, 'requested', ?) on conflict do nothing`,
        )
        .run(incident, device, cam, at).changes === 1,
    setAgain(incident: string, at: string | null): void {
      db.prepare('update clip set again_at = ? where incident = ?').run(at, incident)
    },
    /** Clips whose footage was not complete when they were asked for, and is by now. */
    dueAgain: (now: string, limit: number): ClipRow[] =>
      db
        .prepare('select * from clip where again_at is not null and again_at <= ? limit ?')
        .all(now, limit) as ClipRow[],
    listed(incident: string, list: { sha256: string; missingS: number; count: number }): void {
      db.prepare(
        `update clip set list_sha256 = ?, missing_s = ?, tries = 0,
                  state = case when sha256 is not null then 'present' when ? = 0 then 'gone' else 'uploading' end where incident = ?`,
      ).run(list.sha256, list.missingS, list.count, incident)
    },
    /** Clips whose list is there and was not read yet. */
    untaken: (limit: number): ClipRow[] =>
      db
        .prepare(
          `select * from clip where list_sha256 is not null and (segments_of is null or segments_of <> list_sha256)
                  and exists (select 1 from object where object.sha256 = clip.list_sha256) limit ?`,
        )
        .all(limit) as ClipRow[],
    setSegments(incident: string, listSha256: string, segments: readonly ClipSegmentRow[]): void {
      db.prepare('update clip set segments_of = ?, content = ? where incident = ?').run(
        listSha256,
        listSha256,
        incident,
      )
      // What was fetched between the windows joins the new list again.
      db.prepare(`update clip_span set state = 'listed' where incident = ? and state = 'taken'`).run(incident)
      db.prepare('delete from clip_segment where incident = ?').run(incident)
      for (const segment of segments)
        db.prepare('insert into clip_segment values (@incident, @cam, @idx, @sha256, @from_at, @to_at, @codec)').run({
          incident,
          ...segment,
        })
    },
    /** Adds what a stretch between the windows brought. */
    addSegments(incident: string, listSha256: string, segments: readonly ClipSegmentRow[]): void {
      for (const segment of segments)
        db.prepare(
          `insert into clip_segment values (@incident, @cam, @idx, @sha256, @from_at, @to_at, @codec) on conflict do nothing`,
        ).run({ incident, ...segment })
      db.prepare(`update clip set content = content || '+' || ?, tries = 0 where incident = ?`).run(
        listSha256.slice(0, 16),
        incident,
      )
    },
    segments: (incident: string): ClipSegmentRow[] =>
      db
        .prepare(
          'select cam, idx, sha256, from_at, to_at, codec from clip_segment where incident = ? order by cam, idx',
        )
        .all(incident) as ClipSegmentRow[],
    progress: (incident: string): { have: number; all: number } =>
      db
        .prepare(
          `select count(*) as "all", coalesce(sum(exists (select 1 from object where object.sha256 = clip_segment.sha256)), 0) as have
                  from clip_segment where incident = ?`,
        )
        .get(incident) as { have: number; all: number },
    /** Clips whose listed segments are all there and whose derivative is older than the list. */
    derivable: (limit: number): ClipRow[] =>
      db
        .prepare(
          `select * from clip where list_sha256 is not null and again_at is null and tries < 3
                  and (derived_from is null or derived_from <> content)
                  and segments_of = list_sha256
                  and exists (select 1 from clip_segment where clip_segment.incident = clip.incident)
                  and not exists (select 1 from clip_span as s where s.incident = clip.incident and s.state = 'listed'
                    and exists (select 1 from object where object.sha256 = s.list_sha256))
                  and not exists (select 1 from clip_segment where clip_segment.incident = clip.incident
                    and not exists (select 1 from object where object.sha256 = clip_segment.sha256)) limit ?`,
        )
        .all(limit) as ClipRow[],
    derived(incident: string, clip: { sha256: string; content: string; frames: string }): void {
      db.prepare(`update clip set state = 'present', sha256 = ?, derived_from = ?, frames = ? where incident = ?`).run(
        clip.sha256,
        clip.content,
        clip.frames,
        incident,
      )
    },
    failed(incident: string): void {
      db.prepare('update clip set tries = tries + 1 where incident = ?').run(incident)
    },
  }
}
