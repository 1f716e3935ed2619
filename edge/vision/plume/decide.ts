import type { BurstFacts, SeenPlume } from '../types.js'
import type { Flow } from './burst-measures.js'

/** What the hand-written decision reads (DETECTION 5.2); all of one burst. */
export interface HandMeasures {
  readonly anchored: number
  readonly flow: Flow
  readonly globalRatio: number
  readonly flicker: { readonly hz: number; readonly cells: number }
  readonly unrest: number
  readonly cells: number
  readonly strong: number
  readonly widthPx: number
  readonly colour: SeenPlume['colour']
}

/**
 * The decision without a network, 0 or 1. Found 4 of 9 held-out smoke clips and fired on 6 of 16 negatives (DETECTION 5.3): a stopgap for a box
 * whose model is missing, never enough for a lead by itself.
 */
export function decideByHand(m: HandMeasures): BurstFacts['scores'] {
  const none = { none: 1, smoke: 0, dust: 0, flame: 0, steam: 0 }
  if (m.flicker.hz >= 2.8 && m.flicker.cells >= 8 && m.anchored > 0.2) return { ...none, none: 0, flame: 1 }
  const everywhere = m.globalRatio >= 0.2 || (m.globalRatio > 0.1 && m.flow.spread > 0.8)
  const step160 = ((m.flow.speed / 10) * 160) / m.widthPx // pixels a picture at 10 pictures a second, 160 wide
  const rigid = step160 > 1 && m.flow.spread < 0.06
  const emits = m.strong >= 5 && !everywhere && m.unrest > 1 && m.unrest < 16 && m.anchored > 0.35 && !rigid
  if (!emits) return none
  if (m.flicker.cells >= 4 && m.flicker.hz >= 1.5) return { ...none, none: 0, flame: 1 }
  return m.colour === 'warm' ? { ...none, none: 0, dust: 1 } : { ...none, none: 0, smoke: 1 }
}
