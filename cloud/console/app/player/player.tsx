import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { Problem } from '../contracts.js'
import { useLook } from '../lib/look.js'
import { KeyButton } from '../parts/key-button.js'
import { ProblemBox } from '../parts/problem-box.js'
import { instantMsOf } from './clip-time.js'
import { ClipLine } from './clip-line.js'
import { clockText } from '../lib/format.js'
import { Overlay } from './overlay.js'
import { Scrubber } from './scrubber.js'
import { SeenStrip } from './seen-strip.js'
import type { PlayerDesk } from './use-player.js'

/** Picture with box and zones drawn over it. Nothing else ever covers it (EXPERIENCE.md §1, 1). */
export function Screen({ player }: { readonly player: PlayerDesk }) {
  const { say } = useLook()
  const { lead, still, desk, present, frames } = player
  const picture = lead.stills[still ?? 0] ?? lead.stills[0]
  const width = picture?.w_px ?? 1_280
  const height = picture?.h_px ?? 720
  const shownMs = frames === null ? null : instantMsOf(frames, desk.state.atMs)
  const at = still === null ? (shownMs === null ? '' : clockText(shownMs)) : picture ? clockText(picture.at) : ''
  const stage = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const video = desk.video.current
    return () => {
      // A video that left the page goes on loading until it is collected, and holds a line to the server.
      video?.removeAttribute('src')
      video?.load()
    }
  }, [desk.video, present])
  useEffect(() => {
    // By script, not by a style attribute: the page's CSP allows none.
    if (stage.current !== null) stage.current.style.transform = player.zoomed ? zoomOf(lead.box_e4) : ''
  }, [player.zoomed, lead.box_e4])
  return (
    <div className="screen">
      <div className="stage" ref={stage}>
        {present && (
          <video
            ref={desk.video}
            className={still === null ? 'frame' : 'frame hidden'}
            src={lead.clip.url ?? undefined}
            muted
            playsInline
            preload="auto"
            disablePictureInPicture
            onLoadedData={() => {
              player.onReady()
              desk.look()
            }}
            onTimeUpdate={desk.look}
            onSeeked={desk.look}
            onPlay={desk.look}
            onPause={desk.look}
            onEnded={desk.look}
            onRateChange={desk.look}
            onError={desk.look}
          />
        )}
        {still !== null && picture !== undefined && <img className="frame" src={picture.url} alt="" />}
        {still !== null && picture === undefined && <p className="no-still">{say('player.noStill')}</p>}
        <Overlay
          lead={lead}
          zones={player.zones}
          showBox={player.showBox}
          showZones={player.showZones}
          width={width}
          height={height}
        />
      </div>
      <div className="screen-chips">
        <span className="over">{say('player.overlay')}</span>
        <span className="over">{say('player.unmasked')}</span>
      </div>
      <span className="over screen-time">{at}</span>
    </div>
  )
}

/** The box with half of it around, as large as it goes, inside the frame. */
function zoomOf([x, y, w, h]: readonly [number, number, number, number]): string {
  const share = Math.min(1, (Math.max(w, h, 1_500) / 10_000) * 2)
  const inside = (middle: number): number => Math.min(Math.max(0, middle - share / 2), 1 - share)
  const left = inside((x + w / 2) / 10_000)
  const top = inside((y + h / 2) / 10_000)
  return `scale(${1 / share}) translate(${-left * 100}%, ${-top * 100}%)`
}

/** Buttons of the player, scrubber, and the state of the clip in words. */
export function Controls({ player, children }: { readonly player: PlayerDesk; readonly children?: ReactNode }) {
  const { say } = useLook()
  const [refused, setRefused] = useState<Problem | null>(null)
  const { desk, frames, lead, keys, still, present } = player
  const off = !present || desk.state.failed
  return (
    <>
      <div className="controls card">
        <KeyButton
          disabled={off}
          onClick={keys['Space']}
          aria-label={say(desk.state.playing ? 'player.pause' : 'player.play')}
        >
          <span aria-hidden="true">{desk.state.playing ? '❚❚' : '▶'}</span>
          <kbd>{say('player.space')}</kbd>
        </KeyButton>
        <button type="button" disabled={off} onClick={keys['Comma']} aria-label={say('player.back')}>
          ◂ {say('player.frame')} <kbd>,</kbd>
        </button>
        <button type="button" disabled={off} onClick={keys['Period']} aria-label={say('player.on')}>
          {say('player.frame')} ▸ <kbd>.</kbd>
        </button>
        <button
          type="button"
          disabled={off}
          onClick={desk.nextSpeed}
          aria-label={`${say('player.speed')} ${desk.state.speed}×`}
        >
          {desk.state.speed}× <kbd>S</kbd>
        </button>
        {frames === null ? (
          <span className="grow" />
        ) : (
          <Scrubber lead={lead} frames={frames} desk={desk} onRefused={setRefused} />
        )}
        {still !== null && present && (
          <button type="button" onClick={() => player.showStill(still)}>
            {say('player.toClip')}
          </button>
        )}
      </div>
      <SeenStrip lead={lead} />
      <p className="clip-line note">
        {desk.state.failed ? <strong>{say('player.fails')}</strong> : <ClipLine lead={lead} frames={frames} />}
        {children}
      </p>
      {refused !== null && <ProblemBox problem={refused} />}
    </>
  )
}
