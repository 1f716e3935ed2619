import type { Database, Migration } from './database.js'

export const commandMigrations: readonly Migration[] = [
  {
    id: 110,
    sql: `
-- Commands to boxes, one after the other a device. payload: exact bytes that are signed, so that a repeat is the same command.
create table command (
  device text not null, cseq integer not null, name text not null, args text not null, payload text not null,
  state text not null check (state in ('queued', 'ok', 'refused', 'failed', 'expired')), made_at text not null, expires_at text not null,
  sent_at text, done_at text, result text, primary key (device, cseq)) strict, without rowid;
create index command_queued on command (device, cseq) where state = 'queued';
create table command_counter (device text primary key, cseq integer not null) strict, without rowid;
`,
  },
  {
    id: 111,
    sql: `
-- Account that ordered it; null: the service itself.
alter table command add column ordered_by text;
create index command_made on command (device, made_at);
`,
  },
]

export interface CommandRow {
  readonly device: string
  readonly cseq: number
  readonly name: string
  readonly args: string
  readonly payload: string
  readonly state: 'queued' | 'ok' | 'refused' | 'failed' | 'expired'
  readonly made_at: string
  readonly expires_at: string
  readonly sent_at: string | null
  readonly done_at: string | null
  readonly ordered_by: string | null
  readonly result: string | null
}

export type CommandStore = ReturnType<typeof commandStore>

export function commandStore(db: Database) {
  return {
    nextCseq(device: string): number {
      const row = db
        .prepare(
          `insert into command_counter values (?, 1) on conflict (device) do update set cseq = cseq + 1 returning cseq`,
        )
        .get(device) as { cseq: number }
      return row.cseq
    },
    /** The box has seen higher numbers than we gave: go on above them. */
    raiseCounter(device: string, last: number): void {
      db.prepare(
        'insert into command_counter values (?, ?) on conflict (device) do update set cseq = max(cseq, excluded.cseq)',
      ).run(device, last)
    },
    insert(
      row: Pick<CommandRow, 'device' | 'cseq' | 'name' | 'args' | 'payload' | 'made_at' | 'expires_at' | 'ordered_by'>,
    ): void {
      db.prepare(
        `insert into command (device, cseq, name, args, payload, state, made_at, expires_at, ordered_by)
                  values (@device, @cseq, @name, @args, @payload, 'queued', @made_at, @expires_at, @ordered_by)`,
      ).run({ ...row })
    },
    find: (device: string, cseq: number): CommandRow | null =>
      (db.prepare('select * from command where device = ? and cseq = ?').get(device, cseq) as CommandRow | undefined) ??
      null,
    /** The same wish still under way. */
    queuedLike: (device: string, name: string, args: string): number | null =>
      (
        db
          .prepare(`select cseq from command where device = ? and name = ? and args = ? and state = 'queued'`)
          .get(device, name, args) as { cseq: number } | undefined
      )?.cseq ?? null,
    /** What people ordered of one device, newest first. */
    orderedOf: (device: string, limit: number): CommandRow[] =>
      db
        .prepare('select * from command where device = ? and ordered_by is not null order by cseq desc limit ?')
        .all(device, limit) as CommandRow[],
    /** Ends everything that still waits for a device. */
    endAll(device: string, at: string): void {
      db.prepare(`update command set state = 'expired', done_at = ? where device = ? and state = 'queued'`).run(
        at,
        device,
      )
    },
    /** The oldest queued command of each device: the only one that may be sent. */
    heads: (): CommandRow[] =>
      db
        .prepare(
          `select * from command as c where state = 'queued' and cseq = (select min(cseq) from command where device = c.device and state = 'queued')`,
        )
        .all() as CommandRow[],
    queuedOf: (device: string): CommandRow[] =>
      db
        .prepare(`select * from command where device = ? and state = 'queued' order by cseq`)
        .all(device) as CommandRow[],
    sent(device: string, cseq: number, at: string): void {
      db.prepare('update command set sent_at = ? where device = ? and cseq = ?').run(at, device, cseq)
    },
    end(device: string, cseq: number, state: CommandRow['state'], result: string | null, at: string): void {
      db.prepare('update command set state = ?, result = ?, done_at = ? where device = ? and cseq = ?').run(
        state,
        result,
        at,
        device,
        cseq,
      )
    },
    remove(device: string, cseq: number): void {
      db.prepare('delete from command where device = ? and cseq = ?').run(device, cseq)
    },
  }
}
