import { readFile } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { startChild } from '../cli/demo/child.js'
import { demoPorts } from '../cli/demo/ports.js'
import { prepareDemo } from '../cli/demo/setup.js'

export interface LatencyReport {
  readonly n: number
  readonly p50_ms: number
  readonly p95_ms: number
  readonly max_ms: number
  readonly cameras: number
}

/**
 * From the moment when the last picture or closed segment that a rule needed was whole on the box, to the lead's commit in the
 * cloud. The demo's cameras run in real processes; each round starts with empty folders, so that every act is a new incident.
 */
export async function benchLatency(options: {
  readonly rounds: number
  readonly copies: number
  readonly secondsPerRound: number
  readonly say: (line: string) => void
}): Promise<LatencyReport> {
  const latencies: number[] = []
  let cameras = 0
  for (let round = 1; round <= options.rounds; round += 1) {
    const folder = await mkdtemp(join(tmpdir(), 'kw-latency-'))
    try {
      const ports = demoPorts(19_600)
      const place = await prepareDemo({ folder, ports, reset: false, ffmpeg: null, copies: options.copies })
      cameras = place.cameras.length
      await using _simulator = startChild(
        'camera-sim',
        ['camera-sim', '--port', String(ports.rtsp), '--clip', ...place.cameras.map(({ clip }) => clip)],
        join(folder, 'camera-sim.log'),
      )
      await using _cloud = startChild('cloud', ['cloud', '--config', place.cloudFile], join(folder, 'cloud.log'))
      await using _edge = startChild('edge', ['edge', '--config', place.edgeFile], join(folder, 'edge.log'))
      for (let waitedS = 0; waitedS < options.secondsPerRound; waitedS += 5) await delay(5000)
      const measured = await latenciesOf(folder)
      latencies.push(...measured.map(({ ms }) => ms))
      options.say(
        `round ${round}: ${measured.length} leads, ${measured.map(({ cause, ms }) => `${cause} ${Math.round(ms)} ms`).join(', ')}`,
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  const sorted = latencies.sort((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return { n: sorted.length, p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1), cameras }
}

async function latenciesOf(folder: string): Promise<{ readonly cause: string; readonly ms: number }[]> {
  const ready = new Map<string, number>()
  for (const line of (await readFile(join(folder, 'edge.log'), 'utf8')).split('\n')) {
    if (!line.startsWith('{')) continue
    const said = JSON.parse(line) as { kind?: string; incident?: string; readyAtMs?: number }
    if (said.kind === 'confirmed' && said.incident !== undefined && said.readyAtMs !== undefined)
      ready.set(said.incident, said.readyAtMs)
  }
  const database = new Sqlite(join(folder, 'cloud', 'kerbwatch.db'), { readonly: true })
  try {
    const leads = database.prepare('select id, cause, received_at from lead').all() as {
      id: string
      cause: string
      received_at: string
    }[]
    return leads.flatMap(({ id, cause, received_at }) => {
      const readyAtMs = ready.get(id)
      return readyAtMs === undefined ? [] : [{ cause, ms: Date.parse(received_at) - readyAtMs }]
    })
  } finally {
    database.close()
  }
}
