import type { CaseState } from '../../contracts/api/index.js'
import type { Database, Migration } from './database.js'

/** One line of a log as stored; `event` is the JSON of a CaseEvent. */
export interface CaseLogRow {
  readonly seq: number
  readonly at: string
  readonly by: string
  readonly event: unknown
}

export interface NoticeRow {
  readonly id: string
  readonly case_id: string
  readonly number: string
  readonly text_id: string
  readonly issued_at: string
  /** The exact bytes that `sha256` in the log names. */
  readonly data: string
}

export interface StatementRow {
  readonly n: number
  readonly receipt: string
  readonly at: string
  readonly acting: string
  readonly name: string
  readonly contact: string
  readonly grounds: readonly string[]
  readonly words: string
}

export interface CaseCursor {
  readonly filed_at: string
  readonly id: string
}

export const caseMigrations: readonly Migration[] = [
  {
    id: 400,
    sql: `
create table case_file (                                            -- derived from case_log in the same transaction, for lists
  id text primary key check (length(id) = 36),
  lead_id text not null unique references lead (id),                -- one lead, one case
  number text not null unique,
  state text not null check (state in ('C5', 'C6')),
  version integer not null check (version >= 1),                    -- entries of the log
  filed_at text not null
) strict;
create index case_file_order on case_file (filed_at desc, id desc);
create table case_log (                                             -- the case itself
  case_id text not null references case_file (id) deferrable initially deferred,
  seq integer not null check (seq >= 1),
  at text not null,
  by text not null,                                                 -- account, or party
  event text not null check (json_valid(event)),
  primary key (case_id, seq)
) strict, without rowid;
create trigger case_log_gapless before insert on case_log
when new.seq <> coalesce((select max(seq) from case_log where case_id = new.case_id), 0) + 1
begin select raise(abort, 'the log of a case has no gaps'); end;
create trigger case_log_fixed before update on case_log begin select raise(abort, 'the log is not edited'); end;
create trigger case_log_kept before delete on case_log begin select raise(abort, 'the log is not deleted'); end;
create table number_series (                                        -- gap-free numbers per organ, kind and year
  series text not null,
  year integer not null check (year between 2000 and 2999),
  last integer not null check (last >= 1),
  primary key (series, year)
) strict, without rowid;
create table notice (
  id text primary key check (length(id) = 36),
  case_id text not null unique references case_file (id),
  series text not null,
  year integer not null,
  n integer not null check (n >= 1),
  number text not null unique,
  text_id text not null,
  issued_at text not null,
  data text not null check (json_valid(data)),                      -- what the paper and the party's page are made from
  unique (series, year, n)
) strict;
create trigger notice_fixed before update on notice begin select raise(abort, 'a notice is not edited'); end;
create trigger notice_kept before delete on notice begin select raise(abort, 'a notice is not deleted'); end;
create table statement (                                            -- what a party says; the log holds its digest only
  case_id text not null references case_file (id),
  n integer not null check (n >= 1),
  form_key text not null,                                           -- one form, one receipt, however often it is sent
  receipt text not null unique,
  at text not null,
  acting text not null check (acting in ('party', 'agent', 'keeper')),
  name text not null,
  contact text not null,
  grounds text not null check (json_valid(grounds)),
  words text not null,
  primary key (case_id, n),
  unique (case_id, form_key)
) strict;
`,
  },
]

/** Cases, their logs, notices and statements in SQLite; calls take part in the caller's transaction. */
export interface CaseStore {
  log(caseId: string): CaseLogRow[]
  /** First entry and list row together. */
  create(row: { id: string; lead_id: string; number: string; filed_at: string }, first: Omit<CaseLogRow, 'seq'>): void
  /** Adds entry `version + 1`. False when the case is no longer at `version`. */
  append(caseId: string, version: number, state: CaseState, entry: Omit<CaseLogRow, 'seq'>): boolean
  list(state: CaseState | null, after: CaseCursor | null, limit: number): (CaseCursor & { readonly state: CaseState })[]
  /** Next number of a series: no gap, no repetition, because it commits or rolls back with what carries it. */
  nextNumber(series: string, year: number): number
  addNotice(row: NoticeRow & { readonly series: string; readonly year: number; readonly n: number }): void
  noticeOf(caseId: string): NoticeRow | null
  statements(caseId: string): StatementRow[]
  statementOfForm(caseId: string, formKey: string): StatementRow | null
  addStatement(caseId: string, formKey: string, row: StatementRow): void
  counts(): { state: string; n: number }[]
}

export function caseStore(db: Database): CaseStore {
  const insertLog = (caseId: string, seq: number, { at, by, event }: Omit<CaseLogRow, 'seq'>): void => {
    db.prepare('insert into case_log (case_id, seq, at, by, event) values (?, ?, ?, ?, ?)').run(
      caseId,
      seq,
      at,
      by,
      JSON.stringify(event),
    )
  }
  return {
    log: (caseId) =>
      (
        db.prepare('select seq, at, by, event from case_log where case_id = ? order by seq').all(caseId) as {
          seq: number
          at: string
          by: string
          event: string
        }[]
      ).map((row) => ({ ...row, event: JSON.parse(row.event) as unknown })),
    create({ id, lead_id, number, filed_at }, first) {
      db.prepare(
        `insert into case_file (id, lead_id, number, state, version, filed_at) values (?, ?, ?, 'C5', 1, ?)`,
      ).run(id, lead_id, number, filed_at)
      insertLog(id, 1, first)
    },
    append(caseId, version, state, entry) {
      const { changes } = db
        .prepare('update case_file set state = ?, version = version + 1 where id = ? and version = ?')
        .run(state, caseId, version)
      if (changes !== 1) return false
      insertLog(caseId, version + 1, entry)
      return true
    },
    list: (state, after, limit) =>
      db
        .prepare(
          `select id, filed_at, state from case_file
           where (@state is null or state = @state) and (@id is null or (filed_at, id) < (@filed_at, @id))
           order by filed_at desc, id desc limit @limit`,
        )
        .all({ state, id: after?.id ?? null, filed_at: after?.filed_at ?? '', limit }) as ReturnType<CaseStore['list']>,
    nextNumber: (series, year) =>
      (
        db
          .prepare(
            `insert into number_series (series, year, last) values (?, ?, 1)
             on conflict (series, year) do update set last = last + 1 returning last`,
          )
          .get(series, year) as { last: number }
      ).last,
    addNotice(row) {
      db.prepare(
        `insert into notice (id, case_id, series, year, n, number, text_id, issued_at, data)
         values (@id, @case_id, @series, @year, @n, @number, @text_id, @issued_at, @data)`,
      ).run({ ...row })
    },
    noticeOf: (caseId) =>
      (db.prepare('select id, case_id, number, text_id, issued_at, data from notice where case_id = ?').get(caseId) as
        NoticeRow | undefined) ?? null,
    statements: (caseId) =>
      (db.prepare('select * from statement where case_id = ? order by n').all(caseId) as RawStatement[]).map(
        toStatement,
      ),
    statementOfForm(caseId, formKey) {
      const row = db.prepare('select * from statement where case_id = ? and form_key = ?').get(caseId, formKey)
      return row === undefined ? null : toStatement(row as RawStatement)
    },
    addStatement(caseId, formKey, row) {
      db.prepare(
        `insert into statement (case_id, n, form_key, receipt, at, acting, name, contact, grounds, words)
         values (@case_id, @n, @form_key, @receipt, @at, @acting, @name, @contact, @grounds, @words)`,
      ).run({ ...row, case_id: caseId, form_key: formKey, grounds: JSON.stringify(row.grounds) })
    },
    counts: () =>
      db.prepare('select state, count(*) as n from case_file group by state').all() as { state: string; n: number }[],
  }
}

interface RawStatement extends Omit<StatementRow, 'grounds'> {
  readonly grounds: string
}

function toStatement(raw: RawStatement): StatementRow {
  const { n, receipt, at, acting, name, contact, grounds, words } = raw
  return { n, receipt, at, acting, name, contact, grounds: JSON.parse(grounds) as string[], words }
}
