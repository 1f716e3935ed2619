import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { KerbError, type CameraId, type Clock, type EpochMs, type Ids, type Log } from '../../contracts/base/index.js'
import type { ReceiptPayload } from '../../contracts/commands/index.js'
import { jcs, sha256, type Json } from '../../contracts/evidence/index.js'
import {
  toBootBody,
  toClockBody,
  toClockState,
  toConfigBody,
  toGapBody,
  toHeartbeatBody,
  toKeyRotateBody,
} from '../../contracts/records/index.js'
import { openChain } from './chain.js'
import { openClockKeeper } from './clock-keeper.js'
import type { Core } from './core.js'
import { openEvents, stillFolderOf } from './events.js'
import { openHolds } from './holds.js'
import { openLedger, readHead, writeHead, type Append } from './ledger.js'
import { openOrders } from './orders.js'
import { openOutbox } from './outbox.js'
import { buildSeal, leafFile, minuteBefore, sealDelayMs, sealEveryMs, sealStart } from './seals.js'
import { adoptNextKey, fileSigner, nextSigner, settleRotation } from './signer.js'
import { decideStart, linksChecked, type StartDecision } from './start.js'
import { dropPartialReserve, freeOf, giveReserveBack, isDiskFull, keepReserve, storageState } from './storage.js'
import type { CameraFacts, Evidence, HealthSource, StorageState } from './types.js'
import { writeWhole } from './whole-file.js'

export class EvidenceError extends KerbError<'CHAIN_UNREADABLE'> {}

export interface EvidenceOptions {
  readonly device: string
  /** Version of this program. */
  readonly app: string
  /** `data` of edge.yaml: chain, seals, held footage, stills, lists. */
  readonly dataDir: string
  /** Record key, PEM, made at first start. */
  readonly keyFile: string
  /** Head of the chain on another path; default `<dataDir>/state/head.json`. */
  readonly headFile?: string
  readonly cameras: readonly CameraFacts[]
  readonly storage: {
    readonly ringMb: number
    readonly ringDays: number
    readonly heldMb: number
    readonly heldDays: number
    readonly minFreePercent: number
    readonly reserveMb: number
  }
  /** Time servers; none: the clock says `unsynced`. */
  readonly ntp: readonly string[]
  /** Path of the binary; null for `ffmpeg` of the PATH. */
  readonly ffmpeg: string | null
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** The device's head as the cloud knows it; null when the cloud has none or does not answer. Waited for at most `receiptWaitMs`. */
  readonly receipt: (signal: AbortSignal) => Promise<ReceiptPayload | null>
  readonly receiptWaitMs?: number
  readonly health: HealthSource
}

const heartbeatMs = 5 * 60_000
const heartbeatSlowMs = 60 * 60_000
const outboxLong = 10_000
const mb = 1e6

/** Opens the station. Never waits for the network: what needs the chain waits for `ready` inside. @throws EvidenceError, SignerError */
export function openEvidence(options: EvidenceOptions): Evidence {
  const { clock, ids, log, dataDir } = options
  mkdirSync(dataDir, { recursive: true })
  const headFile = options.headFile ?? join(dataDir, 'state', 'head.json')
  const reserveFile = join(dataDir, 'reserve.bin')
  dropPartialReserve(reserveFile)
  const chain = openChainOrExplain(join(dataDir, 'chain.db'))
  settleRotation(options.keyFile, chain.meta('keyid'))
  const { signer: firstSigner } = fileSigner(options.keyFile)
  const keyWasLost = chain.meta('keyid') !== null && chain.meta('keyid') !== firstSigner.keyId
  const stop = new AbortController()
  const listeners = new Set<() => void>()
  const changed = (): void => {
    for (const listener of listeners) listener()
  }

  const keeper = openClockKeeper({
    ntp: options.ntp,
    clock,
    ids,
    log,
    tell: async ({ oldErrorUs, stepUs, cause }) => {
      await append({ kind: 'clock', body: toClockBody({ oldErrorUs, stepUs, cause }) })
    },
  })
  let configSeq = Number(chain.meta('config_seq') ?? 0)
  let models: Readonly<Record<string, string>> = JSON.parse(chain.meta('models') ?? '{}') as Record<string, string>
  let lastConfig: Parameters<Evidence['configure']>[0] | null = null
  let storage: StorageState = {
    freePercent: 100,
    level: 'ok',
    ringBytesMax: options.storage.ringMb * mb,
    heldBytes: 0,
    heldFull: false,
  }

  const ledger = openLedger({
    chain,
    device: options.device,
    headFile,
    clock,
    ids,
    clockState: () => toClockState(keeper.read()),
    onAppend: changed,
    signer: firstSigner,
  })
  const holds = openHolds({
    chain,
    folder: join(dataDir, 'held'),
    heldBytesMax: options.storage.heldMb * mb,
    heldDays: options.storage.heldDays,
    log,
  })

  const ready = ledger.alone(async (append) => {
    const receipt = await receiptInTime()
    const decision = decideStart({
      rows: chain.lastRows(linksChecked),
      rowAt: chain.rowAt,
      knowsChain: chain.knowsChain,
      noted: readHead(headFile),
      receipt,
      keyWasLost,
    })
    if (decision.trouble !== null)
      log.error({ reason: decision.reason, lastChain: decision.lastChain }, decision.trouble)
    if (receipt !== null && !decision.newChain) chain.acknowledge(receipt)
    await boot(append, decision, receipt !== null)
  })
  ready.catch((cause: unknown) => {
    log.error({ cause: String(cause) }, 'the record chain could not be started')
  })

  async function boot(append: typeof ledger.append, decision: StartDecision, headChecked: boolean): Promise<void> {
    const spki = ledger.signer().spki.toString('base64')
    if (decision.newChain) chain.withholdAll()
    await append({
      kind: 'boot',
      newChain: decision.newChain,
      body: toBootBody({
        reason: decision.reason,
        lastChain: decision.lastChain,
        app: options.app,
        signingKeySpki: spki,
        headChecked,
      }),
      effects: () => {
        chain.setMeta('keyid', ledger.signer().keyId)
      },
    })
    if (decision.newChain && lastConfig !== null) await append(configRecord(lastConfig))
  }

  async function receiptInTime(): Promise<ReceiptPayload | null> {
    const abort = AbortSignal.any([stop.signal])
    const end = new AbortController()
    const late = clock.sleep(options.receiptWaitMs ?? 30_000, AbortSignal.any([abort, end.signal])).then(
      () => null,
      () => null,
    )
    try {
      return await Promise.race([options.receipt(end.signal).catch(() => null), late])
    } finally {
      end.abort()
    }
  }

  /** A full disk gives the reserve back once, so that the chain can still be appended. */
  const append: typeof ledger.append = async (what) => {
    await ready
    try {
      return await ledger.append(what)
    } catch (cause) {
      if (!isDiskFull(cause) || !giveReserveBack(reserveFile)) throw cause
      log.error({}, 'the disk is full: the reserve was given back to keep records going')
      return ledger.append(what)
    }
  }

  const core: Core = {
    chain,
    holds,
    append,
    clock,
    ids,
    log,
    ffmpeg: options.ffmpeg,
    dataDir,
    stillFolder: stillFolderOf(dataDir),
    cameras: new Map(options.cameras.map((camera) => [camera.id, camera])),
    configSeq: () => configSeq,
    models: () => models,
  }
  const events = openEvents(core)
  const orders = openOrders(core)
  holds.settle()

  function configRecord(facts: Parameters<Evidence['configure']>[0]): Append<'config'> {
    const digest = sha256(
      Buffer.from(jcs(toConfigBody({ ...facts, version: 0, release: options.app, modelSha256: null }) as Json)),
    )
    const version = Number(chain.meta('config_version') ?? 0) + (chain.meta('config_sha256') === digest ? 0 : 1)
    const modelSha256 = Object.keys(facts.models).length === 0 ? null : sha256(Buffer.from(jcs(facts.models)))
    return {
      kind: 'config',
      body: toConfigBody({ ...facts, version, release: options.app, modelSha256 }),
      effects: ({ seq }) => {
        chain.setMeta('config_version', String(version))
        chain.setMeta('config_sha256', digest)
        chain.setMeta('config_seq', String(seq))
        chain.setMeta('models', JSON.stringify(facts.models))
        configSeq = seq
        models = facts.models
      },
    }
  }

  /** One seal for the last full minute; EVIDENCE.md §1.5. */
  async function seal(): Promise<void> {
    const toMs = minuteBefore(clock.wallMs())
    const last = chain.meta('sealed_to_ms')
    const lastMs = last === null ? null : (Number(last) as EpochMs)
    if (lastMs === toMs) return
    await append(() => {
      const segments = chain.unsealed(toMs)
      const { body, lines } = buildSeal(sealStart(lastMs, toMs), toMs, segments)
      const head = chain.head()
      if (lines.length > 0 && head !== null)
        writeWhole(leafFile(dataDir, head.chain, head.seq + 1), `${lines.join('\n')}\n`)
      return {
        kind: 'seal' as const,
        body,
        effects: ({ ord }: { ord: number }) => {
          chain.seal(segments, ord)
          chain.setMeta('sealed_to_ms', String(toMs))
        },
      }
    })
    chain.forgetSegments(clock.wallMs() - (options.storage.ringDays + 30) * 86_400_000)
  }

  async function heartbeat(): Promise<void> {
    const free = freeOf(dataDir)
    await append({
      kind: 'heartbeat',
      body: toHeartbeatBody({
        diskFreeMb: free.mb,
        outbox: chain.pendingCount(),
        ringOldestMs: chain.oldestSegmentMs(),
        heldMb: storage.heldBytes / mb,
        heldFull: storage.heldFull,
        ...options.health(),
      }),
    })
  }

  function measureStorage(): void {
    const { heldBytes } = holds.tidy(clock.wallMs(), chain.ackedOrd())
    const { freePercent: before } = storage
    storage = storageState({
      freePercent: freeOf(dataDir).percent,
      minFreePercent: options.storage.minFreePercent,
      ringBytesMax: options.storage.ringMb * mb,
      heldBytesMax: options.storage.heldMb * mb,
      heldBytes,
    })
    if (storage.level === 'ok') void keepReserve(reserveFile, options.storage.reserveMb * mb, log)
    else if (before !== storage.freePercent)
      log.warn({ freePercent: storage.freePercent }, 'little room on the disk of this box')
  }

  /** Repeats until the station closes; a failure is told and tried again, never the end of the loop. */
  async function every(nextMs: () => number, what: string, work: () => Promise<void> | void): Promise<void> {
    for (;;) {
      await clock.sleep(nextMs(), stop.signal)
      try {
        await work()
      } catch (cause) {
        log.error({ cause: String(cause) }, `${what} failed; it is tried again`)
      }
    }
  }
  let askAgainMs = 64_000
  const loops = [
    every(
      () => minuteBefore(clock.wallMs()) + sealEveryMs + sealDelayMs - clock.wallMs(),
      'the seal of the minute',
      seal,
    ),
    every(() => (chain.pendingCount() > outboxLong ? heartbeatSlowMs : heartbeatMs), 'the heartbeat', heartbeat),
    every(() => 1_000, 'the look at the clock', keeper.look),
    every(() => 10_000, 'the look at the disk', measureStorage),
    every(
      () => 3_000,
      'late stills',
      () => events.payOwed(),
    ),
  ]
  if (options.ntp.length > 0)
    loops.push(
      every(
        () => askAgainMs,
        'asking for the time',
        async () => {
          askAgainMs = (await keeper.ask()) ? Math.min(1_024_000, askAgainMs * 2) : 64_000
        },
      ),
      keeper.ask().then(() => undefined),
    )
  measureStorage()
  void ready
    .then(seal)
    .then(heartbeat)
    .catch((cause: unknown) => {
      if (!stop.signal.aborted) log.error({ cause: String(cause) }, 'the first seal failed; the next minute brings it')
    })

  async function rotateKey(cseq: number): Promise<string> {
    await ready
    return ledger.alone(async (appendNow) => {
      const old = ledger.signer()
      if (chain.meta('rotated_by') === String(cseq)) return old.keyId // done before a crash; only the answer is missing
      const next = nextSigner(options.keyFile)
      await appendNow({
        kind: 'key.rotate',
        body: toKeyRotateBody(old.keyId, next.spki.toString('base64')),
        signers: [old, next],
        effects: () => {
          chain.setMeta('keyid', next.keyId)
          chain.setMeta('rotated_by', String(cseq))
        },
      })
      adoptNextKey(options.keyFile)
      ledger.useSigner(next)
      return next.keyId
    })
  }

  const outbox = openOutbox({
    core,
    ledger,
    ready,
    listeners,
    changed,
    async onFork({ chain: id, seq, h }) {
      log.error({ chain: id, seq }, 'the cloud holds another record at this place of our chain: a new chain begins')
      const lastChain = { chain: id, seq, h }
      await ledger.alone((appendNow) =>
        boot(appendNow, { reason: 'rollback_detected', newChain: true, lastChain, trouble: null }, true),
      )
    },
  })

  return {
    ready,
    outbox,
    orders: {
      ...orders,
      rotateKey,
      async checkTime() {
        await keeper.ask()
        return keeper.read()
      },
    },
    async configure(facts) {
      await append(() => configRecord(facts))
      lastConfig = facts
    },
    async addSegment(segment) {
      if (chain.insertSegment(segment)) holds.take(segment)
      return Promise.resolve()
    },
    async addGap(gap) {
      await append({ kind: 'gap', body: toGapBody(gap) })
    },
    async record(change, extra) {
      await ready
      await events.record(change, extra)
    },
    known: (camera: CameraId) => chain.segmentsOf(camera).filter(({ file }) => existsSync(file)),
    lastIndex: chain.lastIndex,
    mark: chain.mark,
    incidents: () => chain.incidents().flatMap(({ incident }) => (incident.state === 'over' ? [] : [incident])),
    storage: () => storage,
    clock: keeper.read,
    async close() {
      stop.abort()
      await Promise.allSettled([...loops, ready])
      await ledger.alone(() => Promise.resolve())
      const head = chain.head()
      if (head !== null) writeHead(headFile, { chain: head.chain, seq: head.seq, h: head.h })
      chain.close()
    },
  }
}

function openChainOrExplain(file: string): ReturnType<typeof openChain> {
  try {
    const chain = openChain(file)
    if (!chain.isSound()) throw new Error('quick_check failed')
    return chain
  } catch (cause) {
    throw new EvidenceError(
      'CHAIN_UNREADABLE',
      `cannot read the record chain ${file}: move it away; the box then begins a new chain and says so`,
      { file },
      { cause },
    )
  }
}
