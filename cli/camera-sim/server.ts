import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Connection, type Shared } from './connection.js'
import { Mount } from './mount.js'
import type { UdpPair } from './session.js'
import { CameraSimError, loadClip, type SimClip } from './sim-clip.js'
import type { CameraSimDeps, CameraSimOptions } from './sim-options.js'

export interface CameraSim {
  readonly port: number
  readonly mounts: number
  /** URL of a mount, counted from 1; with user and password when the cameras ask for them. */
  url(mount: number): string
  /** Clients that are playing now. */
  clients(): number
  close(): Promise<void>
}

/** Starts RTSP cameras that play files. @throws CameraSimError for a clip or a port that cannot be used. */
export async function startCameraSim(options: CameraSimOptions, deps: CameraSimDeps): Promise<CameraSim> {
  const host = options.host ?? '127.0.0.1'
  const faults = options.faults ?? {}
  if (options.clips.length === 0) throw new CameraSimError('SIM_OPTIONS', 'no clip: name at least one file')
  const clips = new Map<string, SimClip>()
  for (const path of new Set(options.clips)) clips.set(path, await loadClip(path, deps.ffmpeg, deps.log))
  const count = options.mounts ?? options.clips.length
  const mounts = new Map<string, Mount>()
  for (let k = 1; k <= count; k += 1) {
    const clip = clips.get(options.clips[(k - 1) % options.clips.length] ?? '')
    if (clip !== undefined)
      mounts.set(
        `/cam${k}`,
        new Mount({
          clip,
          mtuBytes: options.mtuBytes ?? 1400,
          markEvery: faults.quirks?.includes('marker_on_sei') === true,
          rate: faults.rate ?? 1,
          join: options.join ?? 'start',
          clock: deps.clock,
        }),
      )
  }
  const connections = new Set<Connection>()
  const shared: Shared = {
    options: { ...options, host },
    deps,
    mounts,
    random: seeded(options.seed ?? deps.ids.randomBytes(4).reduce((sum, byte) => sum * 256 + byte, 0)),
    state: { downUntilMonoMs: -Infinity, refused: 0 },
    openUdp: openUdpPair,
    onClosed: (connection) => connections.delete(connection),
  }
  const server = createServer((socket) => {
    accept(socket, shared, connections)
  })
  await listen(server, options.port, host)
  const { port } = server.address() as AddressInfo
  const secret =
    options.auth === undefined
      ? ''
      : `${encodeURIComponent(options.auth.user)}:${encodeURIComponent(options.auth.password)}@`
  return {
    port,
    mounts: count,
    url: (mount) => `rtsp://${secret}${host}:${port}/cam${mount}`,
    clients: () => [...mounts.values()].reduce((sum, mount) => sum + mount.clients, 0),
    async close() {
      server.close()
      for (const connection of [...connections]) connection.destroy()
      if (server.listening) await once(server, 'close')
    },
  }
}

function accept(socket: Socket, shared: Shared, connections: Set<Connection>): void {
  socket.on('error', () => undefined) // told by `close`
  if (shared.deps.clock.monoMs() < shared.state.downUntilMonoMs) {
    socket.destroy()
    return
  }
  socket.setNoDelay(true)
  connections.add(new Connection(socket, shared))
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    throw new CameraSimError(
      'SIM_PORT_TAKEN',
      `cannot listen on ${host}:${port}; is another server using this port?`,
      { host, port },
      { cause },
    )
  }
}

/** Two neighbouring ports, the first even (RFC 3550 §11). */
async function openUdpPair(host: string): Promise<UdpPair> {
  for (let tries = 0; ; tries += 1) {
    const rtp = await bind(0, host)
    const { port } = rtp.address()
    if (port % 2 === 0) {
      try {
        return { rtp, rtcp: await bind(port + 1, host) }
      } catch (cause) {
        if (tries > 50) throw cause
      }
    }
    rtp.close()
  }
}

async function bind(port: number, host: string): Promise<UdpSocket> {
  const socket = createSocket('udp4')
  socket.bind(port, host)
  try {
    await once(socket, 'listening')
  } catch (cause) {
    socket.close()
    throw cause
  }
  socket.on('error', () => undefined) // a client that has gone; its session ends by itself
  return socket
}

/** mulberry32 (public domain, Tommy Ettinger): small, and the same for the same seed everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
