import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { KerbError } from '../../contracts/base/index.js'

/**
 * One numbered step of the schema. `id` is unique over all stations, never reused, and its `sql` is never edited once released.
 * Ranges: records and alarms 100, objects 200, leads 300, cases 400, documents and delivery 500, accounts 600, portal 700, rest 800.
 */
export interface Migration {
  readonly id: number
  readonly sql: string
}

export type SqlValue = string | number | bigint | Uint8Array | null
export type SqlParameters = readonly SqlValue[] | Readonly<Record<string, SqlValue>>

/** A prepared statement. Rows are `unknown` outside bytes: give them a zod schema or a narrow cast in the store that owns the table. */
export interface Statement {
  run(...parameters: SqlValue[] | [Readonly<Record<string, SqlValue>>]): {
    changes: number
    lastInsertRowid: number | bigint
  }
  get(...parameters: SqlValue[] | [Readonly<Record<string, SqlValue>>]): unknown
  all(...parameters: SqlValue[] | [Readonly<Record<string, SqlValue>>]): unknown[]
}

/** The cloud's one SQLite file: WAL, `synchronous=FULL` (a commit survives a power cut), foreign keys on. */
export interface Database {
  /** Prepared once per text and kept, so stores may call it anywhere. */
  prepare(sql: string): Statement
  /**
   * Runs `work` in one immediate transaction: all of it or nothing. Nested calls become savepoints of the outer one.
   * `work` is synchronous; throwing rolls back.
   */
  transaction<T>(work: () => T): T
  /** `sqlite 3.53.2`, for reports. */
  readonly version: string
  close(): void
}

export class DatabaseError extends KerbError<'DATABASE_MIGRATION' | 'DATABASE_CLOSED'> {}

/** Opens the file (made with its folder when absent; `:memory:` for tests) and brings its schema up to date. */
export function openDatabase(options: { readonly file: string; readonly migrations: readonly Migration[] }): Database {
  if (options.file !== ':memory:') mkdirSync(dirname(options.file), { recursive: true })
  const sqlite = new Sqlite(options.file)
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('busy_timeout = 5000')
  try {
    migrate(sqlite, options.migrations)
  } catch (cause) {
    sqlite.close()
    throw cause
  }
  const statements = new Map<string, Statement>()
  return {
    prepare(sql) {
      const known = statements.get(sql)
      if (known !== undefined) return known
      const made = sqlite.prepare(sql) as unknown as Statement
      statements.set(sql, made)
      return made
    },
    transaction: (work) => sqlite.transaction(work).immediate(),
    version: `sqlite ${String(sqlite.prepare('select sqlite_version()').pluck().get())}`,
    close: () => {
      statements.clear()
      sqlite.close()
    },
  }
}

/** Every step runs once, in the order of its number, each in its own transaction together with its mark. */
function migrate(sqlite: Sqlite.Database, migrations: readonly Migration[]): void {
  sqlite.exec('create table if not exists migration (id integer primary key, sha256 text not null) strict')
  const done = new Map(
    (sqlite.prepare('select id, sha256 from migration').all() as { id: number; sha256: string }[]).map((row) => [
      row.id,
      row.sha256,
    ]),
  )
  const ordered = [...migrations].sort((a, b) => a.id - b.id)
  for (const [index, { id, sql }] of ordered.entries()) {
    if (ordered[index + 1]?.id === id)
      throw new DatabaseError('DATABASE_MIGRATION', `two migrations have the number ${id}`, { id })
    const sha256 = createHash('sha256').update(sql).digest('hex')
    const before = done.get(id)
    if (before === sha256) continue
    if (before !== undefined)
      throw new DatabaseError(
        'DATABASE_MIGRATION',
        `migration ${id} was changed after it ran here: add a new one instead`,
        { id },
      )
    sqlite
      .transaction(() => {
        sqlite.exec(sql)
        sqlite.prepare('insert into migration (id, sha256) values (?, ?)').run(id, sha256)
      })
      .immediate()
  }
}
