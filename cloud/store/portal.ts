import type { Database, Migration } from './database.js'

export interface LinkRow {
  readonly token_sha256: string
  readonly case_id: string
  readonly code_hash: string
  readonly revoked_at: string | null
}

export const portalMigrations: readonly Migration[] = [
  {
    id: 700,
    sql: `
create table link (                                                 -- the party's way in
  token_sha256 text primary key check (length(token_sha256) = 64),  -- the token itself is stored nowhere
  case_id text not null references case_file (id),
  code_hash text not null check (code_hash like '$argon2id$%'),     -- of the access code, shown once
  made_at text not null,
  revoked_at text
) strict, without rowid;
create unique index link_live on link (case_id) where revoked_at is null;
create table link_try (                                             -- wrong codes, kept for a day
  token_sha256 text not null references link (token_sha256),
  client_sha256 text not null,
  at text not null
) strict;
create index link_try_by_token on link_try (token_sha256, at);
create table link_session (                                         -- 30 minutes, for one link
  id_sha256 text primary key check (length(id_sha256) = 64),
  token_sha256 text not null references link (token_sha256),
  until_at text not null
) strict, without rowid;
create table media_view (                                           -- who looked at what; append-only
  at text not null,
  by text not null,                                                 -- account, or party
  what text not null check (what in ('original', 'clip', 'still', 'party_clip', 'party_still')),
  sha256 text not null,
  lead_id text not null
) strict;
create index media_view_by_lead on media_view (lead_id, at);
create trigger media_view_fixed before update on media_view begin select raise(abort, 'the log is not edited'); end;
create trigger media_view_kept before delete on media_view begin select raise(abort, 'the log is not deleted'); end;
`,
  },
]

export interface MediaView {
  readonly at: string
  readonly by: string
  readonly what: 'original' | 'clip' | 'still' | 'party_clip' | 'party_still'
  readonly sha256: string
  readonly lead_id: string
}

/** Links, tries, party sessions and the log of views in SQLite. */
export interface PortalStore {
  /** Revokes the live link of the case, if any, and adds the new one. */
  replaceLink(caseId: string, tokenSha256: string, codeHash: string, at: string): void
  revoke(caseId: string, at: string): void
  /** Live links only. */
  findLink(tokenSha256: string): LinkRow | null
  addTry(tokenSha256: string, clientSha256: string, at: string): number
  removeTry(id: number): void
  countTries(tokenSha256: string, clientSha256: string, hourAt: string, dayAt: string): { pair: number; link: number }
  startSession(idSha256: string, tokenSha256: string, untilAt: string): void
  hasSession(idSha256: string, tokenSha256: string, nowAt: string): boolean
  prune(nowAt: string, triesBeforeAt: string): void
  /** Logs a look, unless the same person's look at the same thing since `sinceAt` stands there: one look asks for many ranges. */
  addView(view: MediaView, sinceAt: string): void
  views(leadId: string): MediaView[]
}

export function portalStore(db: Database): PortalStore {
  const revoke = (caseId: string, at: string): void => {
    db.prepare('update link set revoked_at = ? where case_id = ? and revoked_at is null').run(at, caseId)
  }
  return {
    revoke,
    replaceLink(caseId, tokenSha256, codeHash, at) {
      revoke(caseId, at)
      db.prepare('insert into link (token_sha256, case_id, code_hash, made_at) values (?, ?, ?, ?)').run(
        tokenSha256,
        caseId,
        codeHash,
        at,
      )
    },
    findLink: (tokenSha256) =>
      (db
        .prepare(
          'select token_sha256, case_id, code_hash, revoked_at from link where token_sha256 = ? and revoked_at is null',
        )
        .get(tokenSha256) as LinkRow | undefined) ?? null,
    addTry: (tokenSha256, clientSha256, at) =>
      Number(
        db
          .prepare('insert into link_try (token_sha256, client_sha256, at) values (?, ?, ?)')
          .run(tokenSha256, clientSha256, at).lastInsertRowid,
      ),
    removeTry(id) {
      db.prepare('delete from link_try where rowid = ?').run(id)
    },
    countTries: (tokenSha256, clientSha256, hourAt, dayAt) =>
      db
        .prepare(
          `select count(*) filter (where client_sha256 = @client and at > @hour) as pair, count(*) as link
           from link_try where token_sha256 = @token and at > @day`,
        )
        .get({ token: tokenSha256, client: clientSha256, hour: hourAt, day: dayAt }) as { pair: number; link: number },
    startSession(idSha256, tokenSha256, untilAt) {
      db.prepare('insert into link_session (id_sha256, token_sha256, until_at) values (?, ?, ?)').run(
        idSha256,
        tokenSha256,
        untilAt,
      )
    },
    hasSession: (idSha256, tokenSha256, nowAt) =>
      db
        .prepare('select 1 from link_session where id_sha256 = ? and token_sha256 = ? and until_at > ?')
        .get(idSha256, tokenSha256, nowAt) !== undefined,
    prune(nowAt, triesBeforeAt) {
      db.prepare('delete from link_session where until_at <= ?').run(nowAt)
      db.prepare('delete from link_try where at < ?').run(triesBeforeAt)
    },
    addView(view, sinceAt) {
      db.prepare(
        `insert into media_view (at, by, what, sha256, lead_id)
         select @at, @by, @what, @sha256, @lead_id
         where not exists (select 1 from media_view where lead_id = @lead_id and at > @since
                           and by = @by and what = @what and sha256 = @sha256)`,
      ).run({ ...view, since: sinceAt })
    },
    views: (leadId) =>
      db
        .prepare('select at, by, what, sha256, lead_id from media_view where lead_id = ? order by at limit 1000')
        .all(leadId) as MediaView[],
  }
}
