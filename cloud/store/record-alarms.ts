import type { Database } from './database.js'

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

/** Integrity faults: one open row a kind, device and subject. */
export function alarmTable(db: Database) {
  return {
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
