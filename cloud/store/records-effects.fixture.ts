import type { Database, Migration } from './database.js'

/** Test only: one row per call of `effects`, without any uniqueness, so that an effect that happens twice shows. */
export const effectMigration: Migration = {
  id: 899,
  sql: 'create table effect (incident text not null, phase text not null) strict',
}

export function effectCounter(db: Database) {
  return {
    add: (incident: string, phase: string): void => {
      db.prepare('insert into effect values (?, ?)').run(incident, phase)
    },
    counts: (): { incident: string; phase: string; n: number }[] =>
      db.prepare('select incident, phase, count(*) as n from effect group by incident, phase').all() as {
        incident: string
        phase: string
        n: number
      }[],
  }
}
