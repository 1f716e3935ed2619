import { join } from 'node:path'
import { toRfc3339, type CameraId, type EpochMs } from '../../contracts/base/index.js'
import { jcs, sha256 } from '../../contracts/evidence/index.js'
import { toSealLeaf } from '../../contracts/records/index.js'
import type { Segment } from '../capture/types.js'
import type { Core } from './core.js'
import type { FootageOrder, HoldRow, Orders } from './types.js'
import { wholeAct, windowsOf } from './windows.js'
import { writeWhole } from './whole-file.js'

/** Longest span that one command may ask for. */
const spanMsMax = 2 * 3_600_000
const digestsInResult = 200

/** What the cloud may ask for. Each answer is committed together with the command's number, so a repeat does nothing twice. */
export function openOrders(core: Core): Omit<Orders, 'rotateKey' | 'checkTime'> {
  const { chain, holds, clock } = core

  function windowsFor(order: FootageOrder): {
    incident: string | null
    windows: Pick<HoldRow, 'camera' | 'fromMs' | 'toMs'>[]
  } {
    if (!('incident' in order))
      return {
        incident: null,
        windows: [{ ...order, toMs: Math.min(order.toMs, order.fromMs + spanMsMax) as EpochMs }],
      }
    const row = chain.incident(order.incident)
    const held = chain.holdsOf(order.incident)
    return { incident: order.incident, windows: held.length > 0 || row === null ? held : windowsOf(row.incident) }
  }

  function clip(order: FootageOrder): ReturnType<Orders['clip']> {
    const { incident, windows } = windowsFor(order)
    const nowMs = clock.wallMs()
    const found = new Map<string, { segment: Segment; file: string }>()
    let [wantedMs, pendingMs] = [0, 0]
    for (const { camera, fromMs, toMs } of mergeSpans(windows)) {
      wantedMs += toMs - fromMs
      pendingMs = Math.max(pendingMs, toMs - nowMs)
      for (const segment of chain.segmentsIn(camera, fromMs, toMs)) {
        const file = holds.find(segment)
        if (file !== null) found.set(`${camera}/${segment.index}`, { segment, file })
      }
    }
    const segments = [...found.values()].sort((a, b) =>
      a.segment.camera === b.segment.camera
        ? a.segment.index - b.segment.index
        : a.segment.camera < b.segment.camera
          ? -1
          : 1,
    )
    const haveMs = segments.reduce((sum, { segment }) => sum + (segment.toMs - segment.fromMs), 0)
    const list = jcs({
      incident,
      segments: segments.map(({ segment }) => ({ ...toSealLeaf(segment), codec: segment.codec })),
      v: 1,
      windows: windows.map(({ camera, fromMs, toMs }) => ({
        cam: camera,
        from: toRfc3339(fromMs),
        to: toRfc3339(toMs),
      })),
    })
    const listBytes = Buffer.from(list)
    const listSha256 = sha256(listBytes)
    const listFile = join(core.dataDir, 'lists', `${listSha256}.json`)
    writeWhole(listFile, listBytes)
    return Promise.resolve({
      result: {
        list: listSha256,
        n: segments.length,
        missing_s: Math.max(0, Math.round((wantedMs - Math.max(0, pendingMs) - haveMs) / 1_000)),
        pending_s: Math.max(0, Math.ceil(pendingMs / 1_000)),
        objects: segments.slice(0, digestsInResult).map(({ segment }) => segment.sha256),
      },
      effects: () => {
        chain.addUpload({
          sha256: listSha256,
          file: listFile,
          bytes: listBytes.length,
          class: 0,
          afterOrd: 0,
          incident,
        })
        chain.restartUpload(listSha256)
        for (const { segment, file } of segments)
          chain.addUpload({
            sha256: segment.sha256,
            file,
            bytes: segment.bytes,
            class: incident === null ? 2 : 1,
            afterOrd: 0,
            incident,
          })
      },
    })
  }

  return {
    clip,
    still(incident) {
      const row = chain.incident(incident)
      return {
        result: { stills: row?.listed.stills.length ?? 0, known: row === null ? 0 : 1 },
        effects: () => {
          chain.restartUploadsOf(incident)
        },
      }
    },
    hold(order, cseq) {
      const row = 'incident' in order ? chain.incident(order.incident) : null
      if ('incident' in order && row === null) return { result: { held: 0, known: 0 }, effects: () => undefined }
      const hold: HoldRow =
        row !== null
          ? wholeAct(row.incident, clock.wallMs())
          : {
              incident: `order-${cseq}`,
              kind: `order-${cseq}`,
              pinned: true,
              ...(order as Exclude<FootageOrder, { incident: string }>),
            }
      const there = chain
        .segmentsIn(hold.camera, hold.fromMs, hold.toMs)
        .filter((segment) => holds.find(segment) !== null)
      return {
        result: { held: there.length, known: 1, from: toRfc3339(hold.fromMs), to: toRfc3339(hold.toMs) },
        effects: () => {
          chain.setHold(hold)
          holds.fill(hold.incident)
        },
      }
    },
    recapture(camera: CameraId, incident, cseq) {
      const nowMs = clock.wallMs()
      const hold: HoldRow = {
        incident: incident ?? `order-${cseq}`,
        kind: `recapture-${cseq}`,
        camera,
        fromMs: (nowMs - 5_000) as EpochMs,
        toMs: (nowMs + 5_000) as EpochMs,
        pinned: true,
      }
      return {
        result: { from: toRfc3339(hold.fromMs), to: toRfc3339(hold.toMs) },
        effects: () => {
          chain.setHold(hold)
          holds.fill(hold.incident)
        },
      }
    },
  }
}

/** Windows of one camera that touch become one, so that no second counts twice. */
function mergeSpans(
  windows: readonly Pick<HoldRow, 'camera' | 'fromMs' | 'toMs'>[],
): Pick<HoldRow, 'camera' | 'fromMs' | 'toMs'>[] {
  const merged: { camera: CameraId; fromMs: EpochMs; toMs: EpochMs }[] = []
  for (const { camera, fromMs, toMs } of [...windows].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.find((span) => span.camera === camera && span.toMs >= fromMs)
    if (last === undefined) merged.push({ camera, fromMs, toMs })
    else last.toMs = Math.max(last.toMs, toMs) as EpochMs
  }
  return merged
}
