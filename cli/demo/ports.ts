import { createServer } from 'node:net'
import { KerbError } from '../../contracts/base/index.js'

export interface DemoPorts {
  readonly rtsp: number
  readonly mqtt: number
  readonly http: number
  readonly panel: number
}

/** The usual ports, or four in a row from `base`. */
export function demoPorts(base: number | null): DemoPorts {
  if (base === null) return { rtsp: 8554, mqtt: 1883, http: 8080, panel: 8081 }
  return { rtsp: base, mqtt: base + 1, http: base + 2, panel: base + 3 }
}

/** @throws KerbError `USAGE_PORT_TAKEN` naming the first port that somebody else holds. */
export async function assertPortsFree(ports: DemoPorts): Promise<void> {
  for (const [what, port] of Object.entries(ports) as [keyof DemoPorts, number][]) {
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer()
        .once('error', () => {
          resolve(false)
        })
        .listen(port, '127.0.0.1', () =>
          probe.close(() => {
            resolve(true)
          }),
        )
    })
    if (!free)
      throw new KerbError(
        'USAGE_PORT_TAKEN',
        `port ${port} (${what}) is taken by another program: end it, or start with --port-base 18500`,
        { what, port },
      )
  }
}
