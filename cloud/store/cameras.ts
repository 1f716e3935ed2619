import { z } from 'zod'
import { cameraPlace, type CameraPlaceBody } from '../../contracts/records/index.js'
import type { Database, Migration } from './database.js'

export const cameraMigrations: readonly Migration[] = [
  {
    id: 800,
    sql: `
create table camera (                                  -- places and zones as the box's last config record says
  device text not null,
  cam text not null,
  config_seq integer not null,
  chain text not null,
  place text not null check (json_valid(place)),       -- CameraPlace: name, degrees, zones
  primary key (device, cam)
) strict, without rowid;
create table heartbeat (                               -- the newest of each device
  device text primary key,
  at text not null,
  body text not null check (json_valid(body))
) strict, without rowid;
`,
  },
]

export interface CameraRow {
  readonly device: string
  readonly cam: string
  readonly place: CameraPlaceBody
}

const row = z.object({ device: z.string(), cam: z.string(), place: z.string() })

/** What boxes say of their cameras and of themselves. */
export function cameraStore(db: Database) {
  return {
    replace(device: string, chain: string, configSeq: number, places: readonly CameraPlaceBody[]): void {
      db.prepare('delete from camera where device = ?').run(device)
      for (const place of places)
        db.prepare('insert into camera (device, cam, config_seq, chain, place) values (?, ?, ?, ?, ?)').run(
          device,
          place.cam,
          configSeq,
          chain,
          JSON.stringify(place),
        )
    },
    find(device: string, cam: string): CameraPlaceBody | null {
      const found = db.prepare('select device, cam, place from camera where device = ? and cam = ?').get(device, cam)
      return found === undefined ? null : read(found).place
    },
    ofDevice: (device: string): CameraRow[] =>
      db.prepare('select device, cam, place from camera where device = ? order by cam').all(device).map(read),
    beat(device: string, at: string, body: object): void {
      db.prepare(
        `insert into heartbeat (device, at, body) values (?, ?, ?)
                  on conflict (device) do update set at = excluded.at, body = excluded.body`,
      ).run(device, at, JSON.stringify(body))
    },
    lastBeat(device: string): { readonly at: string; readonly body: Record<string, unknown> } | null {
      const found = db.prepare('select at, body from heartbeat where device = ?').get(device) as
        { at: string; body: string } | undefined
      return found === undefined ? null : { at: found.at, body: JSON.parse(found.body) as Record<string, unknown> }
    },
  }
}

function read(value: unknown): CameraRow {
  const { device, cam, place } = row.parse(value)
  return { device, cam, place: cameraPlace.parse(JSON.parse(place)) }
}
