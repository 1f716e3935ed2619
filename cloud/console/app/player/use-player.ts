import { useEffect, useRef, useState } from 'react'
import type { ClipFrames, LeadView } from '../contracts.js'
import type { KeyMap } from '../lib/keys.js'
import { useRead } from '../lib/use-read.js'
import { mediaMsOf } from './clip-time.js'
import type { Zone } from './overlay.js'
import { useVideo } from './use-video.js'

/** Everything that the player of one lead shows and does. `guided`: plays the first window, then stops at the confirming frame. */
export function usePlayer(lead: LeadView, guided: boolean) {
  const { url } = lead.clip
  const present = lead.clip.state === 'present' && url !== null
  const frames = useRead<ClipFrames>(present ? `${url}/frames` : null, (change) => change.id === lead.id).data
  const zones = useRead<{ items: Zone[] }>(`/v1/leads/${lead.id}/zones`).data?.items ?? []
  const desk = useVideo(frames)
  const actIndex = Math.max(
    0,
    lead.stills.findIndex(({ kind }) => kind === 'act'),
  )
  const [chosen, setChosen] = useState<number | null>(null)
  const [ready, setReady] = useState(false)
  const [showBox, setShowBox] = useState(true)
  const [showZones, setShowZones] = useState(true)
  const [zoomed, setZoomed] = useState(false)
  const started = useRef(false)

  // Stills first; the clip takes their place when it can be shown and nobody asked for a still meanwhile.
  const still = chosen ?? (present && ready ? null : actIndex)
  const { play } = desk
  useEffect(() => {
    if (!ready || frames === null || started.current || !guided || chosen !== null) return
    started.current = true
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
    const firstEndMs = frames.windows[0]?.to_ms ?? 0
    play({ ms: firstEndMs, then: mediaMsOf(frames, lead.confirmed_at) })
  }, [ready, frames, guided, chosen, play, lead.confirmed_at])

  const showStill = (index: number): void => {
    if (lead.stills[index] === undefined) return
    if (still === index && present) setChosen(null)
    else setChosen(index)
  }
  const onClip = (act: () => void) => (): void => {
    setChosen(null)
    act()
  }
  const keys: KeyMap = {
    Space: onClip(desk.toggle),
    Comma: onClip(() => desk.stepFrame(-1)),
    Period: onClip(() => desk.stepFrame(1)),
    'Shift+Comma': onClip(() => desk.stepSeconds(-1)),
    'Shift+Period': onClip(() => desk.stepSeconds(1)),
    BracketLeft: onClip(() => desk.stepWindow(-1)),
    BracketRight: onClip(() => desk.stepWindow(1)),
    KeyS: desk.nextSpeed,
    KeyB: () => setShowBox((on) => !on),
    KeyZ: () => setShowZones((on) => !on),
    KeyX: () => setZoomed((on) => !on),
    Digit1: () => showStill(0),
    Digit2: () => showStill(1),
    Digit3: () => showStill(2),
  }
  return {
    lead,
    frames,
    zones,
    desk,
    present,
    ready,
    still,
    showBox,
    showZones,
    zoomed,
    keys,
    showStill,
    toClip: onClip(desk.toggle),
    onReady: () => setReady(true),
  }
}
export type PlayerDesk = ReturnType<typeof usePlayer>
