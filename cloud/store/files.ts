import type { Database, Migration } from './database.js'

/** One line of a file's log as stored; `entry` is the JSON of a FiledEntry. */
export interface FileLogRow {
  readonly seq: number
  readonly at: string
  readonly by: string
  readonly did: string
  readonly entry: unknown
}

/** A paper as it was handed in; the log keeps its digest. */
export interface PaperRow {
  readonly seq: number
  readonly n: number
  readonly id: string
  readonly sha256: string
  readonly fields: Readonly<Record<string, string>>
}

/** What searches ask of a file; computed from its log in the same transaction. */
export interface FileRow {
  readonly id: string
  /** File of the lead; itself, or another one when the lead had several parties. */
  readonly origin: string
  readonly party: number
  readonly version: number
  readonly lead_state: string | null
  readonly case_state: string | null
  readonly opened_at: string
  readonly cause: string | null
  /** Digest of kind and number of the party; null while nobody is known. */
  readonly party_key: string | null
  readonly lat_deg: number | null
  readonly lon_deg: number | null
  readonly from_at: string | null
  readonly end_at: string | null
  readonly outcome: string | null
}

export interface FileCursor {
  readonly opened_at: string
  readonly id: string
}

/** When a period of a file ends; a copy of what its log says, so that nobody has to read every log to find the next end. */
export interface FileTimerRow {
  readonly file: string
  readonly key: string
  /** Null: it stands still, or its end cannot be computed. */
  readonly due_at: string | null
  readonly why: string | null
  /** Pack and calendar by which the end was computed. */
  readonly basis: string
}

export const fileMigrations: readonly Migration[] = [
  {
    id: 420,
    sql: `
create table file (                                                 -- derived from file_log in the same transaction
  id text primary key check (length(id) = 36),
  origin text not null check (length(origin) = 36),
  party integer not null check (party >= 0),
  version integer not null check (version >= 1),                    -- entries of the log
  lead_state text,
  case_state text,
  opened_at text not null,
  cause text,
  party_key text,
  lat_deg real,
  lon_deg real,
  from_at text,
  end_at text,
  outcome text,
  unique (origin, party)
) strict;
create index file_order on file (opened_at desc, id desc);
create index file_by_party on file (party_key) where party_key is not null;
create index file_at_intake on file (id) where lead_state = 'L0';
create table file_log (                                             -- the file itself
  file text not null references file (id) deferrable initially deferred,
  seq integer not null check (seq >= 1),
  at text not null,
  by text not null,                                                 -- accounts, system, edge:<device>
  did text not null,
  entry text not null check (json_valid(entry)),
  primary key (file, seq)
) strict, without rowid;
create trigger file_log_gapless before insert on file_log
when new.seq <> coalesce((select max(seq) from file_log where file = new.file), 0) + 1
begin select raise(abort, 'the log of a file has no gaps'); end;
create trigger file_log_fixed before update on file_log begin select raise(abort, 'the log is not edited'); end;
create trigger file_log_kept before delete on file_log begin select raise(abort, 'the log is not deleted'); end;
create table file_paper (                                           -- what a paper says; the log holds its digest
  file text not null,
  seq integer not null,
  n integer not null check (n >= 1),
  id text not null,
  sha256 text not null check (length(sha256) = 64),
  fields text not null check (json_valid(fields)),
  primary key (file, seq, n),
  foreign key (file, seq) references file_log (file, seq) deferrable initially deferred
) strict, without rowid;
create trigger file_paper_fixed before update on file_paper begin select raise(abort, 'a paper is not edited'); end;
create table file_timer (
  file text not null references file (id),
  key text not null,
  due_at text,
  why text,
  basis text not null,
  primary key (file, key)
) strict, without rowid;
create index file_timer_due on file_timer (due_at) where due_at is not null;
create table work_claim (                                           -- which process does a work that only one may do
  work text primary key,
  holder text not null,
  until_at text not null
) strict, without rowid;
`,
  },
]

/** Files, their logs, papers and timers in SQLite; calls take part in the caller's transaction. */
export interface FileStore {
  log(file: string): FileLogRow[]
  papers(file: string): PaperRow[]
  find(file: string): FileRow | null
  /**
   * Adds entry `row.version` with its papers, and what searches ask. False when the file is no longer at the version before: somebody was
   * faster. Nothing is written then.
   */
  append(row: FileRow, entry: Omit<FileLogRow, 'seq'>, papers: readonly Omit<PaperRow, 'seq'>[]): boolean
  /** Newest first. `state`: of the lead while there is no case, of the case from then on. */
  list(
    state: string | null,
    after: FileCursor | null,
    limit: number,
  ): (FileRow & { readonly next_due_at: string | null })[]
  /** Files that grew from the same lead, by party. */
  ofOrigin(origin: string): FileRow[]
  /** Other files about the same party. */
  ofParty(partyKey: string, except: string): FileRow[]
  setTimers(file: string, rows: readonly Omit<FileTimerRow, 'file'>[]): void
  /** Files with a period whose end has come, the oldest end first. */
  dueFiles(nowAt: string, limit: number): string[]
  /** Files with a period computed by another pack or calendar, or whose end could not be computed. */
  staleFiles(basis: string, after: string, limit: number): string[]
  /** Files whose intake checks are not finished. */
  atIntake(after: string, limit: number): string[]
  /** True when the work is ours until `untilAt`; false while another process holds it. */
  claim(work: string, holder: string, nowAt: string, untilAt: string): boolean
  release(work: string, holder: string): void
}

export function fileStore(db: Database): FileStore {
  const names = (rows: unknown[]): string[] => (rows as { file: string }[]).map(({ file }) => file)
  return {
    log: (file) =>
      (
        db.prepare('select seq, at, by, did, entry from file_log where file = ? order by seq').all(file) as (Omit<
          FileLogRow,
          'entry'
        > & { entry: string })[]
      ).map((row) => ({ ...row, entry: JSON.parse(row.entry) as unknown })),
    papers: (file) =>
      (
        db
          .prepare('select seq, n, id, sha256, fields from file_paper where file = ? order by seq, n')
          .all(file) as (Omit<PaperRow, 'fields'> & { fields: string })[]
      ).map((row) => ({ ...row, fields: JSON.parse(row.fields) as Record<string, string> })),
    find: (file) => (db.prepare('select * from file where id = ?').get(file) as FileRow | undefined) ?? null,
    append(row, { at, by, did, entry }, papers) {
      const { changes } = db
        .prepare(
          row.version === 1
            ? `insert into file (id, origin, party, version, lead_state, case_state, opened_at, cause, party_key, lat_deg, lon_deg,
                 from_at, end_at, outcome)
               values (@id, @origin, @party, @version, @lead_state, @case_state, @opened_at, @cause, @party_key, @lat_deg, @lon_deg,
                 @from_at, @end_at, @outcome)
               on conflict do nothing`
            : `update file set version = @version, lead_state = @lead_state, case_state = @case_state, cause = @cause,
                 party_key = @party_key, lat_deg = @lat_deg, lon_deg = @lon_deg, from_at = @from_at, end_at = @end_at, outcome = @outcome
               where id = @id and version = @version - 1`,
        )
        .run(row.version === 1 ? { ...row } : withoutFixed(row))
      if (changes !== 1) return false
      db.prepare('insert into file_log (file, seq, at, by, did, entry) values (?, ?, ?, ?, ?, ?)').run(
        row.id,
        row.version,
        at,
        by,
        did,
        JSON.stringify(entry),
      )
      for (const { n, id, sha256, fields } of papers)
        db.prepare('insert into file_paper (file, seq, n, id, sha256, fields) values (?, ?, ?, ?, ?, ?)').run(
          row.id,
          row.version,
          n,
          id,
          sha256,
          JSON.stringify(fields),
        )
      return true
    },
    list: (state, after, limit) =>
      db
        .prepare(
          `select file.*, (select min(due_at) from file_timer where file_timer.file = file.id) as next_due_at from file
           where (@state is null or coalesce(case_state, lead_state) = @state)
             and (@id is null or (opened_at, id) < (@opened_at, @id))
           order by opened_at desc, id desc limit @limit`,
        )
        .all({ state, id: after?.id ?? null, opened_at: after?.opened_at ?? '', limit }) as ReturnType<
        FileStore['list']
      >,
    ofOrigin: (origin) => db.prepare('select * from file where origin = ? order by party').all(origin) as FileRow[],
    ofParty: (partyKey, except) =>
      db.prepare('select * from file where party_key = ? and id <> ? limit 1000').all(partyKey, except) as FileRow[],
    setTimers(file, rows) {
      db.prepare('delete from file_timer where file = ?').run(file)
      for (const { key, due_at, why, basis } of rows)
        db.prepare('insert into file_timer (file, key, due_at, why, basis) values (?, ?, ?, ?, ?)').run(
          file,
          key,
          due_at,
          why,
          basis,
        )
    },
    dueFiles: (nowAt, limit) =>
      names(
        db
          .prepare(
            'select file, min(due_at) as first from file_timer where due_at <= ? group by file order by first, file limit ?',
          )
          .all(nowAt, limit),
      ),
    staleFiles: (basis, after, limit) =>
      names(
        db
          .prepare(
            'select distinct file from file_timer where (basis <> ? or why is not null) and file > ? order by file limit ?',
          )
          .all(basis, after, limit),
      ),
    atIntake: (after, limit) =>
      names(
        db
          .prepare(`select id as file from file where lead_state = 'L0' and id > ? order by id limit ?`)
          .all(after, limit),
      ),
    claim: (work, holder, nowAt, untilAt) =>
      db
        .prepare(
          `insert into work_claim (work, holder, until_at) values (@work, @holder, @untilAt)
           on conflict (work) do update set holder = @holder, until_at = @untilAt where holder = @holder or until_at <= @nowAt`,
        )
        .run({ work, holder, nowAt, untilAt }).changes === 1,
    release(work, holder) {
      db.prepare('delete from work_claim where work = ? and holder = ?').run(work, holder)
    },
  }
}

/** What never changes is not named in the update. */
function withoutFixed({
  origin: _o,
  party: _p,
  opened_at: _a,
  ...row
}: FileRow): Omit<FileRow, 'origin' | 'party' | 'opened_at'> {
  return row
}
