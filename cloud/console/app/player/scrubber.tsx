import { Fragment } from 'react'
import type { ClipFrames, LeadView, Problem } from '../contracts.js'
import { clockText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { ClipBreak } from './clip-break.js'
import { frameIndexAt, windowIndexAt } from './clip-time.js'
import type { VideoDesk } from './use-video.js'

interface ScrubberProps {
  readonly lead: LeadView
  readonly frames: ClipFrames
  readonly desk: VideoDesk
  readonly onRefused: (problem: Problem) => void
}

/** One bar a window and `//` between them: a clip is a few windows of the ring, and the breaks must be seen. */
export function Scrubber({ lead, frames, desk, onRefused }: ScrubberProps) {
  const { say } = useLook()
  const { atMs } = desk.state
  const { windows, breaks, frames_ms } = frames
  const endMs = windows.at(-1)?.to_ms ?? 1
  const here = windowIndexAt(frames, atMs)
  return (
    <div className="scrubber">
      <div className="windows">
        {windows.map(({ from_ms, to_ms, from_at, to_at }, index) => {
          const gap = breaks.find(({ at_ms }) => Math.abs(at_ms - to_ms) < 50)
          const share = Math.max(1, Math.min(24, Math.round(((to_ms - from_ms) / endMs) * 24)))
          return (
            <Fragment key={from_ms}>
              <span className={`window share-${share} ${index === here ? 'window-here' : ''}`}>
                <progress
                  aria-hidden="true"
                  max={to_ms - from_ms}
                  value={Math.min(Math.max(0, atMs - from_ms), to_ms - from_ms)}
                />
                <input
                  type="range"
                  aria-label={say('player.window', {
                    n: index + 1,
                    from: clockText(from_at),
                    to: clockText(to_at),
                  })}
                  min={from_ms}
                  max={to_ms}
                  step="any"
                  value={Math.min(Math.max(from_ms, atMs), to_ms)}
                  onChange={(event) => desk.seekMs(Math.min(Number(event.target.value), to_ms - 20))}
                />
              </span>
              {index < windows.length - 1 && <ClipBreak lead={lead} gap={gap ?? null} onRefused={onRefused} />}
            </Fragment>
          )
        })}
      </div>
      <span className="note frame-count">
        {say('player.frameOf', { n: frameIndexAt(frames, atMs) + 1, all: frames_ms.length })}
      </span>
    </div>
  )
}
