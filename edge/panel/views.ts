import { basename } from 'node:path'
import { toRfc3339 } from '../../contracts/base/index.js'
import {
  cameraAdvice,
  clockAdvice,
  diskAdvice,
  ffmpegAdvice,
  linkAdvice,
  loadAdvice,
  worstOf,
} from '../health/index.js'
import type { PanelDeps, PanelPost } from './state.js'
import type { Watcher } from './watcher.js'

/** One camera as `/v1/cameras` tells it. */
export function cameraView(
  { config, watch, health }: PanelPost,
  index: number,
  { edge, file, clock }: PanelDeps,
): object {
  const counters = watch.counters()
  const state = health()
  const view = counters.facts?.view ?? null
  const advice = cameraAdvice({
    id: config.id,
    index,
    file: basename(file),
    passwordFile: config.password_file,
    health: state,
    view,
    keptSinceMs: null,
    nowMs: clock.wallMs(),
    tz: edge.config.site.tz,
  })
  return {
    id: config.id,
    place: config.place,
    advice,
    state: state.state,
    fault: state.fault && {
      code: state.fault.code,
      message: state.fault.message,
      since_at: toRfc3339(state.fault.sinceMs),
    },
    transport: state.transport,
    codec: state.codec,
    gop_ms: state.gopMs,
    picture_px: state.pictureWidthPx === null ? null : [state.pictureWidthPx, state.pictureHeightPx],
    bits_per_second: state.bitsPerSecond,
    restarts: state.restarts,
    clock_usable: state.clockUsable,
    frames_seen: counters.framesSeen,
    frames_dropped: state.framesDropped + counters.framesShed,
    frames_damaged: state.framesDamaged,
    gaps: counters.gaps,
    view,
    still_at: counters.lastSegment && toRfc3339(counters.lastSegment.fromMs),
    zones: config.zones.length,
  }
}

/** `/v1/health`: values for programs, sentences for people. `loadPerCore` is null where the system has none. */
export function healthView(deps: PanelDeps, watcher: Watcher, loadPerCore: number | null): object {
  const { edge, clock } = deps
  const { ffmpeg, evidence, ring, posts, config } = edge
  const nowMs = clock.wallMs()
  const storage = evidence.storage()
  const usage = ring.usage()
  const reading = evidence.clock()
  const bitsPerSecond = posts.reduce((sum, post) => sum + (post.health().bitsPerSecond ?? 0), 0)
  const link = {
    up: edge.linkUp(),
    downSinceMs: watcher.linkDownSinceMs,
    recordsWaiting: evidence.outbox.pendingCount(),
    nowMs,
  }
  const advice = {
    clock: clockAdvice(reading, config.ntp),
    disk: diskAdvice({
      freePercent: usage.freePercent ?? storage.freePercent,
      level: storage.level,
      heldFull: storage.heldFull,
      minFreePercent: config.storage.min_free_percent,
      keptMs: bitsPerSecond > 0 ? (usage.bytes * 8_000) / bitsPerSecond : null,
    }),
    load: loadAdvice({ loadPerCore, droppedRatio: watcher.droppedRatio }),
    ffmpeg: ffmpegAdvice(ffmpeg, new Date(nowMs).getUTCFullYear()),
    link: linkAdvice(link),
  }
  return {
    device: config.device,
    site: config.site,
    level: worstOf(Object.values(advice).map(({ level }) => level)),
    advice,
    ffmpeg: {
      version: ffmpeg.version,
      origin: ffmpeg.origin,
      path: ffmpeg.path,
      released_year: ffmpeg.releasedYear ?? null,
    },
    link_up: link.up,
    link_down_since_at: link.downSinceMs === null ? null : toRfc3339(link.downSinceMs),
    records_waiting: link.recordsWaiting,
    clock: reading,
    storage,
    ring: usage,
    models: config.vision.models,
  }
}
