import { useCallback, useEffect, useRef, useState } from 'react'
import type { ClipFrames } from '../contracts.js'
import { frameIndexAt, seekSecondsOf, unseenSeconds, windowIndexAt } from './clip-time.js'

export const speeds = [0.25, 0.5, 1, 2, 4] as const

export interface VideoState {
  readonly atMs: number
  readonly playing: boolean
  readonly speed: number
  readonly durationS: number
  /** Seconds never played in this page; null until the clip is known. */
  readonly unseenS: number | null
  readonly failed: boolean
}

/** A video element as the pages drive it: frame by frame, window by window, with what was seen. */
export function useVideo(frames: ClipFrames | null) {
  const video = useRef<HTMLVideoElement>(null)
  const [state, setState] = useState<VideoState>({
    atMs: 0,
    playing: false,
    speed: 1,
    durationS: 0,
    unseenS: null,
    failed: false,
  })
  /** Playing stops here, once. */
  const stopAtMs = useRef<{ readonly ms: number; readonly then: number | null } | null>(null)

  const look = useCallback((): void => {
    const element = video.current
    if (element === null) return
    const durationS = Number.isFinite(element.duration) ? element.duration : 0
    const ranges = Array.from(
      { length: element.played.length },
      (_, index) => [element.played.start(index), element.played.end(index)] as const,
    )
    setState({
      atMs: element.currentTime * 1_000,
      playing: !element.paused && !element.ended,
      speed: element.playbackRate,
      durationS,
      unseenS: durationS === 0 ? null : unseenSeconds(ranges, durationS),
      failed: element.error !== null,
    })
    const stop = stopAtMs.current
    if (stop !== null && element.currentTime * 1_000 >= stop.ms - 20) {
      stopAtMs.current = null
      element.pause()
      if (stop.then !== null) element.currentTime = (stop.then + 1) / 1_000
    }
  }, [])

  useEffect(() => {
    if (!state.playing) return undefined
    let handle = 0
    const draw = (): void => {
      look()
      handle = requestAnimationFrame(draw)
    }
    handle = requestAnimationFrame(draw)
    return () => cancelAnimationFrame(handle)
  }, [state.playing, look])

  const seekMs = useCallback((ms: number): void => {
    const element = video.current
    if (element === null) return
    stopAtMs.current = null
    element.currentTime = Math.max(0, Math.min(ms / 1_000, element.duration || 0))
  }, [])
  const play = useCallback((stop: { readonly ms: number; readonly then: number | null } | null = null): void => {
    stopAtMs.current = stop
    // A browser that refuses to start leaves the button; nothing else depends on it.
    void video.current?.play().catch(() => undefined)
  }, [])

  const step = (by: number): void => {
    const element = video.current
    if (element === null || frames === null) return
    element.pause()
    stopAtMs.current = null
    element.currentTime = seekSecondsOf(frames, frameIndexAt(frames, element.currentTime * 1_000) + by)
  }
  return {
    video,
    state,
    look,
    play,
    seekMs,
    toggle(): void {
      if (video.current === null) return
      if (video.current.paused) play()
      else video.current.pause()
    },
    stepFrame: step,
    stepSeconds(by: number): void {
      video.current?.pause()
      seekMs((video.current?.currentTime ?? 0) * 1_000 + by * 1_000)
    },
    stepWindow(by: number): void {
      if (frames === null) return
      const index = windowIndexAt(frames, state.atMs) + by
      const target = frames.windows[Math.min(Math.max(0, index), frames.windows.length - 1)]
      if (target !== undefined) seekMs(target.from_ms + 1)
    },
    nextSpeed(): void {
      if (video.current === null) return
      const index = speeds.indexOf(video.current.playbackRate as (typeof speeds)[number])
      video.current.playbackRate = speeds[(index + 1) % speeds.length] ?? 1
    },
  }
}
export type VideoDesk = ReturnType<typeof useVideo>
