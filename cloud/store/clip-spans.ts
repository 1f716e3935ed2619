import type { Database, Migration } from './database.js'

/** Footage between a clip's windows that a person asked for; its segments join those of the clip. */
export const clipSpanMigration: Migration = {
  id: 201,
  sql: `
-- content: what stands in clip_segment now; derived_from: content that the derivative was made of.
alter table clip add column content text;
update clip set content = segments_of;
create table clip_span (
  incident text not null, from_at text not null, to_at text not null, device text not null, cam text not null,
  asked_by text not null, asked_at text not null,
  state text not null check (state in ('requested', 'listed', 'taken', 'gone', 'failed')),
  list_sha256 text, missing_s integer not null default 0, primary key (incident, from_at, to_at)) strict, without rowid;
create index clip_span_asked on clip_span (device, cam, state);
`,
}

export interface ClipSpanRow {
  readonly incident: string
  readonly from_at: string
  readonly to_at: string
  readonly device: string
  readonly cam: string
  readonly asked_by: string
  readonly asked_at: string
  /** `listed`: the box named its segments; `taken`: they belong to the clip; `gone`: it has nothing of that time. */
  readonly state: 'requested' | 'listed' | 'taken' | 'gone' | 'failed'
  readonly list_sha256: string | null
  readonly missing_s: number
}

export function clipSpanStore(db: Database) {
  return {
    /** True when it was not asked for yet, or had failed. */
    want(
      span: Pick<ClipSpanRow, 'incident' | 'from_at' | 'to_at' | 'device' | 'cam' | 'asked_by' | 'asked_at'>,
    ): boolean {
      return (
        db
          .prepare(
            `insert into clip_span (incident, from_at, to_at, device, cam, asked_by, asked_at, state)
             values (@incident, @from_at, @to_at, @device, @cam, @asked_by, @asked_at, 'requested')
             on conflict do update set state = 'requested', asked_by = excluded.asked_by, asked_at = excluded.asked_at
             where state = 'failed'`,
          )
          .run({ ...span }).changes === 1
      )
    },
    of: (incident: string): ClipSpanRow[] =>
      db.prepare('select * from clip_span where incident = ? order by from_at').all(incident) as ClipSpanRow[],
    /** The box answered for a stretch of one camera, whoever asked. */
    answered(
      span: Pick<ClipSpanRow, 'device' | 'cam' | 'from_at' | 'to_at'>,
      answer: {
        readonly state: 'listed' | 'gone' | 'failed'
        readonly listSha256: string | null
        readonly missingS: number
      },
    ): string[] {
      return (
        db
          .prepare(
            `update clip_span set state = @state, list_sha256 = @list, missing_s = @missing
             where device = @device and cam = @cam and from_at = @from_at and to_at = @to_at and state = 'requested'
             returning incident`,
          )
          .all({ ...span, state: answer.state, list: answer.listSha256, missing: answer.missingS }) as {
          incident: string
        }[]
      ).map(({ incident }) => incident)
    },
    /** Spans whose list is there and whose clip is there to take them, oldest first. */
    untaken: (limit: number): ClipSpanRow[] =>
      db
        .prepare(
          `select s.* from clip_span as s join clip on clip.incident = s.incident
           where s.state = 'listed' and clip.segments_of is not null
             and exists (select 1 from object where object.sha256 = s.list_sha256)
           order by s.incident, s.from_at limit ?`,
        )
        .all(limit) as ClipSpanRow[],
    /** Asked for before this and never answered. */
    lapsed: (askedBefore: string): ClipSpanRow[] =>
      db
        .prepare(`select * from clip_span where state = 'requested' and asked_at < ? limit 100`)
        .all(askedBefore) as ClipSpanRow[],
    fail(span: Pick<ClipSpanRow, 'incident' | 'from_at' | 'to_at'>): void {
      db.prepare(`update clip_span set state = 'failed' where incident = ? and from_at = ? and to_at = ?`).run(
        span.incident,
        span.from_at,
        span.to_at,
      )
    },
    taken(span: Pick<ClipSpanRow, 'incident' | 'from_at' | 'to_at'>): void {
      db.prepare(`update clip_span set state = 'taken' where incident = ? and from_at = ? and to_at = ?`).run(
        span.incident,
        span.from_at,
        span.to_at,
      )
    },
  }
}
