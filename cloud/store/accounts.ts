import type { Role } from '../../contracts/api/index.js'
import type { Database, Migration } from './database.js'

export interface AccountRow {
  readonly name: string
  readonly roles: readonly Role[]
  readonly password_hash: string
  readonly created_at: string
  readonly disabled: boolean
}

export const accountMigrations: readonly Migration[] = [
  {
    id: 600,
    sql: `
create table account (
  name text primary key check (length(name) between 2 and 40),
  password_hash text not null check (password_hash like '$argon2id$%'),
  roles text not null check (json_valid(roles)),                    -- array of role names
  created_at text not null,
  disabled integer not null default 0 check (disabled in (0, 1))
) strict, without rowid;
create table staff_session (
  id_sha256 text primary key check (length(id_sha256) = 64),        -- the cookie itself is stored nowhere
  name text not null references account (name),
  started_at text not null,
  until_at text not null
) strict, without rowid;
create index staff_session_end on staff_session (until_at);
create table sign_in_try (                                          -- wrong tries, kept for a day
  name_sha256 text not null,                                        -- digest: unknown names are counted alike and kept secret
  client_sha256 text not null,
  at text not null
) strict;
create index sign_in_try_by_name on sign_in_try (name_sha256, at);
`,
  },
]

/** Accounts, sessions and wrong tries in SQLite. */
export interface AccountStore {
  find(name: string): AccountRow | null
  list(): Omit<AccountRow, 'password_hash'>[]
  /** False when the name is taken. */
  add(account: Omit<AccountRow, 'disabled'>): boolean
  /** Also ends every session of the account. False when there is none. */
  setPassword(name: string, passwordHash: string): boolean
  startSession(idSha256: string, name: string, startedAt: string, untilAt: string): void
  /** Account of a session that still runs. */
  sessionAccount(idSha256: string, nowAt: string): AccountRow | null
  endSession(idSha256: string): void
  addTry(nameSha256: string, clientSha256: string, at: string): number
  removeTry(id: number): void
  removeTries(nameSha256: string): void
  /** Tries since an instant: of this name from this client, and of this name from anywhere. */
  countTries(
    nameSha256: string,
    clientSha256: string,
    sinceAt: string,
    daySinceAt: string,
  ): { pair: number; name: number }
  /** Drops what has run out. */
  prune(nowAt: string, triesBeforeAt: string): void
}

interface RawAccount {
  name: string
  password_hash: string
  roles: string
  created_at: string
  disabled: number
}

export function accountStore(db: Database): AccountStore {
  return {
    find: (name) => toAccount(db.prepare('select * from account where name = ?').get(name)),
    list: () =>
      (db.prepare('select * from account order by name limit 1000').all() as RawAccount[]).map(
        ({ name, roles, created_at, disabled }) => ({
          name,
          roles: JSON.parse(roles) as Role[],
          created_at,
          disabled: disabled === 1,
        }),
      ),
    add: ({ name, roles, password_hash, created_at }) =>
      db
        .prepare('insert or ignore into account (name, password_hash, roles, created_at) values (?, ?, ?, ?)')
        .run(name, password_hash, JSON.stringify(roles), created_at).changes === 1,
    setPassword: (name, passwordHash) =>
      db.transaction(() => {
        db.prepare('delete from staff_session where name = ?').run(name)
        return db.prepare('update account set password_hash = ? where name = ?').run(passwordHash, name).changes === 1
      }),
    startSession(idSha256, name, startedAt, untilAt) {
      db.prepare('insert into staff_session (id_sha256, name, started_at, until_at) values (?, ?, ?, ?)').run(
        idSha256,
        name,
        startedAt,
        untilAt,
      )
    },
    sessionAccount: (idSha256, nowAt) =>
      toAccount(
        db
          .prepare(
            `select account.* from staff_session join account using (name)
             where id_sha256 = ? and until_at > ? and disabled = 0`,
          )
          .get(idSha256, nowAt),
      ),
    endSession(idSha256) {
      db.prepare('delete from staff_session where id_sha256 = ?').run(idSha256)
    },
    addTry: (nameSha256, clientSha256, at) =>
      Number(
        db
          .prepare('insert into sign_in_try (name_sha256, client_sha256, at) values (?, ?, ?)')
          .run(nameSha256, clientSha256, at).lastInsertRowid,
      ),
    removeTry(id) {
      db.prepare('delete from sign_in_try where rowid = ?').run(id)
    },
    removeTries(nameSha256) {
      db.prepare('delete from sign_in_try where name_sha256 = ?').run(nameSha256)
    },
    countTries: (nameSha256, clientSha256, sinceAt, daySinceAt) =>
      db
        .prepare(
          `select count(*) filter (where client_sha256 = @client and at >= @since) as pair, count(*) as name
           from sign_in_try where name_sha256 = @name and at >= @day`,
        )
        .get({ name: nameSha256, client: clientSha256, since: sinceAt, day: daySinceAt }) as {
        pair: number
        name: number
      },
    prune(nowAt, triesBeforeAt) {
      db.prepare('delete from staff_session where until_at <= ?').run(nowAt)
      db.prepare('delete from sign_in_try where at < ?').run(triesBeforeAt)
    },
  }
}

function toAccount(raw: unknown): AccountRow | null {
  if (raw === undefined) return null
  const { name, password_hash, roles, created_at, disabled } = raw as RawAccount
  return { name, password_hash, roles: JSON.parse(roles) as Role[], created_at, disabled: disabled === 1 }
}
