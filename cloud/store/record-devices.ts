import type { Database } from './database.js'

export interface DeviceKey {
  readonly keyid: string
  readonly spki: string
}

export interface DeviceRow {
  readonly id: string
  readonly presence: string
  readonly presence_at: string | null
  readonly seen_at: string | null
  /** Taken out of the configuration. */
  readonly removed_at: string | null
}

/** Boxes and their keys. Every call runs in the caller's transaction when there is one. */
export function deviceTable(db: Database) {
  return {
    /**
     * Registers a device by its key; repeating it is harmless, another key opens beside none: the old ones close. A removed
     * device that comes back with a key it had before goes on with the one that its removal closed.
     */
    register(device: string, key: DeviceKey, at: string): void {
      db.prepare('insert into device (id, registered_at) values (?, ?) on conflict do nothing').run(device, at)
      db.prepare('update device set removed_at = null where id = ?').run(device)
      const known = db.prepare('select device from device_key where keyid = ?').get(key.keyid) as
        { device: string } | undefined
      if (known !== undefined) {
        if (known.device === device)
          db.prepare(
            `update device_key set closed_at = null, closed_why = null where device = ? and closed_why = 'removed'`,
          ).run(device)
        return
      }
      db.prepare(`update device_key set closed_why = 'reenrolled' where device = ? and closed_why = 'removed'`).run(
        device,
      )
      db.prepare(
        `update device_key set closed_at = ?, closed_why = 'reenrolled' where device = ? and closed_at is null`,
      ).run(at, device)
      db.prepare('insert into device_key (keyid, device, spki, opened_at) values (?, ?, ?, ?)').run(
        key.keyid,
        device,
        key.spki,
        at,
      )
    },
    /** Closes the key of a device that is no longer ours. True when it was open until now. */
    remove(device: string, at: string): boolean {
      db.prepare(
        `update device_key set closed_at = ?, closed_why = 'removed' where device = ? and closed_at is null`,
      ).run(at, device)
      return (
        db
          .prepare(
            `update device set removed_at = ?, presence = 'offline', presence_at = ? where id = ? and removed_at is null`,
          )
          .run(at, at, device).changes === 1
      )
    },
    /** Every key that a device ever had, the open one last: what its records are verified with. */
    keysOf: (
      device: string,
    ): (DeviceKey & { opened_at: string; closed_at: string | null; closed_why: string | null })[] =>
      db
        .prepare(
          `select keyid, spki, opened_at, closed_at, closed_why from device_key where device = ?
           order by closed_at is null, opened_at`,
        )
        .all(device) as (DeviceKey & { opened_at: string; closed_at: string | null; closed_why: string | null })[],
    openKey: (device: string): DeviceKey | null =>
      (db.prepare('select keyid, spki from device_key where device = ? and closed_at is null').get(device) as
        DeviceKey | undefined) ?? null,
    rotate(device: string, oldKeyId: string, next: DeviceKey, at: string): void {
      db.prepare(`update device_key set closed_at = ?, closed_why = 'rotated' where keyid = ? and device = ?`).run(
        at,
        oldKeyId,
        device,
      )
      db.prepare(
        'insert into device_key (keyid, device, spki, opened_at) values (?, ?, ?, ?) on conflict do nothing',
      ).run(next.keyid, device, next.spki, at)
    },
    isRemoved: (device: string): boolean =>
      db.prepare('select 1 from device where id = ? and removed_at is not null').get(device) !== undefined,
    isDevice: (device: string): boolean => db.prepare('select 1 from device where id = ?').get(device) !== undefined,
    devices: (): DeviceRow[] =>
      db.prepare('select id, presence, presence_at, seen_at, removed_at from device order by id').all() as DeviceRow[],
    presence(device: string, presence: string, at: string): void {
      db.prepare('update device set presence = ?, presence_at = ? where id = ?').run(presence, at, device)
    },
    seen(device: string, at: string): void {
      db.prepare('update device set seen_at = ? where id = ?').run(at, device)
    },
  }
}
