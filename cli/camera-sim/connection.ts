import type { Socket } from 'node:net'
import { authorized, challenge } from './auth.js'
import type { Mount } from './mount.js'
import { parseTransport, RtspReader, type RtspRequest, type Transport } from './rtsp-message.js'
import { describe } from './sdp.js'
import { SimSession, type UdpPair } from './session.js'
import type { CameraSimDeps, CameraSimOptions, SimQuirk } from './sim-options.js'

/** What all connections of one simulator have in common. */
export interface Shared {
  readonly options: CameraSimOptions & { readonly host: string }
  readonly deps: CameraSimDeps
  readonly mounts: ReadonlyMap<string, Mount>
  readonly random: () => number
  readonly state: { downUntilMonoMs: number; refused: number }
  readonly openUdp: (host: string) => Promise<UdpPair>
  readonly onClosed: (connection: Connection) => void
}

interface Setup {
  readonly mount: Mount
  readonly transport: Transport
  readonly udp: UdpPair | null
  readonly id: string
}

type Headers = Readonly<Record<string, string>>

/** One client: answers its requests one after the other, plays at most one mount. */
export class Connection {
  readonly #socket: Socket
  readonly #shared: Shared
  readonly #reader = new RtspReader()
  readonly #nonce: string
  readonly #timers: NodeJS.Timeout[] = []
  #setup: Setup | null = null
  #session: SimSession | null = null
  #heardMonoMs: number
  #work: Promise<void> = Promise.resolve()

  constructor(socket: Socket, shared: Shared) {
    this.#socket = socket
    this.#shared = shared
    this.#nonce = Buffer.from(shared.deps.ids.randomBytes(16)).toString('hex')
    this.#heardMonoMs = shared.deps.clock.monoMs()
    socket.on('data', (chunk) => {
      this.#onData(chunk)
    })
    socket.on('close', () => {
      this.#onClose()
    })
    const { dropAfterS, downForS } = shared.options.faults ?? {}
    if (dropAfterS !== undefined)
      this.#timers.push(
        setTimeout(() => {
          shared.state.downUntilMonoMs = shared.deps.clock.monoMs() + (downForS ?? 0) * 1000
          socket.destroy()
        }, dropAfterS * 1000),
      )
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #onClose(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#endPlay()
    this.#shared.onClosed(this)
  }

  #endPlay(): void {
    if (this.#setup !== null && this.#session !== null) this.#setup.mount.leave(this.#session)
    if (this.#session !== null) this.#session.close()
    else {
      this.#setup?.udp?.rtp.close()
      this.#setup?.udp?.rtcp.close()
    }
    this.#session = null
    this.#setup = null
  }

  #onData(chunk: Buffer): void {
    this.#heardMonoMs = this.#shared.deps.clock.monoMs()
    for (const item of this.#reader.push(chunk)) {
      if (item.kind === 'malformed') this.#socket.destroy()
      else if (item.kind === 'request')
        this.#work = this.#work
          .then(() => this.#answer(item.request))
          .catch(() => {
            this.#socket.destroy()
          })
    }
  }

  async #answer(request: RtspRequest): Promise<void> {
    const { options } = this.#shared
    const path = /^rtsp:\/\/[^/]*(\/[^/?]*)/i.exec(request.url)?.[1] ?? request.url
    const mount = this.#shared.mounts.get(path)
    if (request.method === 'OPTIONS')
      this.#reply(request, 200, { Public: 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, TEARDOWN' })
    else if (this.#has('user_agent') && request.headers.get('user-agent') === undefined) this.#reply(request, 403)
    else if (
      options.auth !== undefined &&
      !authorized(options.auth, this.#nonce, request.method, request.headers.get('authorization'))
    )
      this.#reply(request, 401, { 'WWW-Authenticate': challenge(options.auth, this.#nonce) })
    else if (mount === undefined) this.#reply(request, 404)
    else await this.#act(request, mount)
  }

  async #act(request: RtspRequest, mount: Mount): Promise<void> {
    switch (request.method) {
      case 'DESCRIBE':
        this.#describe(request, mount)
        return
      case 'SETUP':
        await this.#setUp(request, mount)
        return
      case 'PLAY':
        this.#play(request)
        return
      case 'PAUSE':
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        this.#reply(request, 200)
        return
      case 'TEARDOWN':
        this.#reply(request, 200)
        this.#endPlay()
        return
      default:
        this.#reply(request, 501)
    }
  }

  #describe(request: RtspRequest, mount: Mount): void {
    const { options, state } = this.#shared
    const { refuse, refuseTimes, noParameterSets } = options.faults ?? {}
    if (refuse !== undefined && state.refused < (refuseTimes ?? Infinity)) {
      state.refused += 1
      this.#reply(request, refuse)
      return
    }
    const body = describe(mount.clip, options.host, noParameterSets !== true)
    this.#reply(
      request,
      200,
      { 'Content-Base': `${request.url.replace(/\/$/, '')}/`, 'Content-Type': 'application/sdp' },
      body,
    )
  }

  async #setUp(request: RtspRequest, mount: Mount): Promise<void> {
    const { options, mounts, deps, openUdp } = this.#shared
    const transport = parseTransport(request.headers.get('transport') ?? '', options.transport ?? 'both')
    const playing = [...mounts.values()].reduce((sum, one) => sum + one.clients, 0)
    if (transport === null) this.#reply(request, 461)
    else if (this.#setup !== null) this.#reply(request, 459)
    else if (playing >= (options.faults?.maxClients ?? Infinity)) this.#reply(request, 453)
    else {
      const udp = transport.kind === 'udp' ? await openUdp(options.host) : null
      this.#setup = { mount, transport, udp, id: Buffer.from(deps.ids.randomBytes(6)).toString('hex') }
      const ports = udp === null ? '' : `;server_port=${udp.rtp.address().port}-${udp.rtcp.address().port}`
      const told =
        transport.kind === 'tcp'
          ? `RTP/AVP/TCP;unicast;interleaved=${transport.rtp}-${transport.rtcp}`
          : `RTP/AVP;unicast;client_port=${transport.rtp}-${transport.rtcp}${ports}`
      udp?.rtcp.on('message', () => {
        this.#heardMonoMs = deps.clock.monoMs() // a receiver report keeps the session alive
      })
      this.#reply(request, 200, { Transport: told })
    }
  }

  #play(request: RtspRequest): void {
    const setup = this.#setup
    if (setup === null) {
      this.#reply(request, 455)
      return
    }
    const { options, deps, random } = this.#shared
    const numbers = Buffer.from(deps.ids.randomBytes(10))
    const firstSeq = numbers.readUInt16BE(0)
    const firstTicks = numbers.readUInt32BE(2)
    const rtptime = (firstTicks + setup.mount.nextTicks()) % 2 ** 32
    const seq = this.#has('rtp_info_zero') ? 0 : firstSeq
    this.#reply(request, 200, {
      Range: 'npt=now-',
      'RTP-Info': `url=${request.url.replace(/\/$/, '')}/trackID=0;seq=${seq};rtptime=${rtptime}`,
    })
    if (this.#session !== null) return
    this.#session = new SimSession({
      socket: this.#socket,
      transport: setup.transport,
      udp: setup.udp,
      ssrc: numbers.readUInt32BE(6),
      firstSeq,
      firstTicks,
      faults: options.faults ?? {},
      clock: deps.clock,
      random,
    })
    setup.mount.join(this.#session)
    if (setup.transport.kind === 'udp') this.#expire()
  }

  /** A UDP client that says nothing for the announced time has gone. */
  #expire(): void {
    const timeoutMs = (this.#shared.options.sessionTimeoutS ?? 60) * 1000
    const timer = setInterval(() => {
      if (this.#shared.deps.clock.monoMs() - this.#heardMonoMs > timeoutMs) this.#socket.destroy()
    }, 1000)
    this.#timers.push(timer)
  }

  #has(quirk: SimQuirk): boolean {
    return this.#shared.options.faults?.quirks?.includes(quirk) === true
  }

  #reply(request: RtspRequest, status: number, headers: Headers = {}, body = ''): void {
    const { sessionTimeoutS } = this.#shared.options
    const own = this.#has('session_changes')
      ? Buffer.from(this.#shared.deps.ids.randomBytes(6)).toString('hex')
      : this.#setup?.id
    const all: Record<string, string> = {
      CSeq: request.headers.get('cseq') ?? '0',
      Server: 'kerbwatch-camera-sim',
      ...(this.#setup === null || own === undefined ? {} : { Session: `${own};timeout=${sessionTimeoutS ?? 60}` }),
      ...headers,
      ...(body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    }
    const blank = this.#has('blanks') ? '  ' : ''
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${blank}${value}`)
    this.#socket.write([`RTSP/1.0 ${status} ${reasons[status] ?? 'Error'}`, ...lines, '', body].join('\r\n'))
  }
}

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  453: 'Not Enough Bandwidth',
  455: 'Method Not Valid in This State',
  459: 'Aggregate Operation Not Allowed',
  461: 'Unsupported Transport',
  501: 'Not Implemented',
  503: 'Service Unavailable',
}
