import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CameraId } from '../../contracts/base/index.js'
import { toClockBody, toClockState, toGapBody, toHeartbeatBody } from '../../contracts/records/index.js'
import { openBoot } from './boot.js'
import { openChainFile } from './chain-file.js'
import { openClockKeeper } from './clock-keeper.js'
import type { Core } from './core.js'
import { openDiskWatch } from './disk-watch.js'
import { openEvents, stillFolderOf } from './events.js'
import { openHolds } from './holds.js'
import { openKeyRotation } from './key-rotation.js'
import { openLedger, writeHead } from './ledger.js'
import { sealMinute } from './minute-seal.js'
import type { EvidenceOptions } from './options.js'
import { openOrders } from './orders.js'
import { openOutbox } from './outbox.js'
import { openRoutine } from './routine.js'
import { minuteBefore, sealDelayMs, sealEveryMs } from './seals.js'
import { openSettings } from './settings.js'
import { fileSigner, settleRotation } from './signer.js'
import { freeOf } from './storage.js'
import type { Evidence } from './types.js'

const heartbeatMs = 5 * 60_000
const heartbeatSlowMs = 60 * 60_000
const outboxLong = 10_000
const dayMs = 86_400_000

/** Opens the station. Never waits for the network: what needs the chain waits for `ready` inside. @throws EvidenceError, SignerError */
export function openEvidence(options: EvidenceOptions): Evidence {
  const { clock, ids, log, dataDir } = options
  mkdirSync(dataDir, { recursive: true })
  const headFile = options.headFile ?? join(dataDir, 'state', 'head.json')
  const chain = openChainFile(join(dataDir, 'chain.db'))
  settleRotation(options.keyFile, chain.meta('keyid'))
  const { signer } = fileSigner(options.keyFile)
  const keyWasLost = chain.meta('keyid') !== null && chain.meta('keyid') !== signer.keyId
  const routine = openRoutine({ clock, log })
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
      await core.append({ kind: 'clock', body: toClockBody({ oldErrorUs, stepUs, cause }) })
    },
  })
  const settings = openSettings(chain, options.app)
  const ledger = openLedger({
    chain,
    device: options.device,
    headFile,
    clock,
    ids,
    clockState: () => toClockState(keeper.read()),
    onAppend: changed,
    signer,
  })
  const holds = openHolds({
    chain,
    folder: join(dataDir, 'held'),
    heldBytesMax: options.storage.heldMb * 1e6,
    heldDays: options.storage.heldDays,
    log,
  })
  const disk = openDiskWatch({ chain, holds, routine, options })
  const boot = openBoot({ chain, ledger, settings, headFile, keyWasLost, options, stop: routine.signal })
  const ready = boot.start()
  ready.catch((cause: unknown) => {
    log.error({ cause: String(cause) }, 'the record chain could not be started')
  })

  const core: Core = {
    chain,
    holds,
    append: async (what) => {
      await ready
      return disk.withReserve(() => ledger.append(what))
    },
    clock,
    ids,
    log,
    routine,
    ffmpeg: options.ffmpeg,
    dataDir,
    stillFolder: stillFolderOf(dataDir),
    cameras: new Map(options.cameras.map((camera) => [camera.id, camera])),
    configSeq: settings.seq,
    models: settings.models,
  }
  const events = openEvents(core)
  const rotate = openKeyRotation({ chain, ledger, keyFile: options.keyFile })
  holds.settle()

  async function heartbeat(): Promise<void> {
    const { heldBytes, heldFull } = disk.state()
    await core.append({
      kind: 'heartbeat',
      body: toHeartbeatBody({
        diskFreeMb: freeOf(dataDir).mb,
        outbox: chain.pendingCount(),
        ringOldestMs: chain.oldestSegmentMs(),
        heldMb: heldBytes / 1e6,
        heldFull,
        ...options.health(),
      }),
    })
  }

  const seal = (): Promise<void> => sealMinute(core, (options.storage.ringDays + 30) * dayMs)
  const untilSealMs = (): number => minuteBefore(clock.wallMs()) + sealEveryMs + sealDelayMs - clock.wallMs()
  const untilHeartbeatMs = (): number => (chain.pendingCount() > outboxLong ? heartbeatSlowMs : heartbeatMs)
  routine.every(untilSealMs, 'the seal of the minute', seal)
  routine.every(untilHeartbeatMs, 'the heartbeat', heartbeat)
  routine.every(() => 1_000, 'the look at the clock', keeper.look)
  routine.every(() => 10_000, 'the look at the disk', disk.measure)
  routine.every(() => 3_000, 'late stills', events.payOwed)
  if (options.ntp.length > 0) keeper.askNowAndThen(routine)
  disk.measure()
  const first = ready.then(seal).then(heartbeat)
  routine.add(first)
  first.catch((cause: unknown) => {
    if (!routine.signal.aborted) log.error({ cause: String(cause) }, 'the first seal failed; the next minute brings it')
  })

  const outbox = openOutbox({
    core,
    ledger,
    ready,
    listeners,
    changed,
    async onFork({ chain: id, seq, h }) {
      log.error({ chain: id, seq }, 'the cloud holds another record at this place of our chain: a new chain begins')
      await boot.afterFork({ chain: id, seq, h })
    },
  })

  return {
    ready,
    outbox,
    orders: {
      ...openOrders(core),
      async rotateKey(cseq) {
        await ready
        return rotate(cseq)
      },
      async checkTime() {
        await keeper.ask()
        return keeper.read()
      },
    },
    async configure(facts) {
      await core.append(() => settings.record(facts))
      settings.remember(facts)
    },
    async addSegment(segment) {
      if (chain.insertSegment(segment)) holds.take(segment)
      return Promise.resolve()
    },
    async addGap(gap) {
      await core.append({ kind: 'gap', body: toGapBody(gap) })
    },
    async record(change, extra) {
      await ready
      await events.record(change, extra)
    },
    known: (camera: CameraId) => chain.segmentsOf(camera).filter(({ file }) => existsSync(file)),
    lastIndex: chain.lastIndex,
    mark: chain.mark,
    incidents: () => chain.incidents().flatMap(({ incident }) => (incident.state === 'over' ? [] : [incident])),
    storage: disk.state,
    clock: keeper.read,
    async close() {
      await routine.end()
      await ready.catch(() => undefined)
      await ledger.alone(() => Promise.resolve())
      const head = chain.head()
      if (head !== null) writeHead(headFile, { chain: head.chain, seq: head.seq, h: head.h })
      chain.close()
    },
  }
}
