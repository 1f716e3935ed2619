import type { ClipFrames, LeadView } from '../contracts.js'
import { durationText } from '../lib/format.js'
import { useLook } from '../lib/look.js'

/** State of the clip in words: what is here, what is missing, what to do. */
export function ClipLine({ lead, frames }: { readonly lead: LeadView; readonly frames: ClipFrames | null }) {
  const { say, lang } = useLook()
  const { state, percent, missing_s: missingS } = lead.clip
  if (state !== 'present')
    return (
      <strong role="status">
        {state === 'uploading' ? say('clip.uploading', { p: Math.round(percent) }) : say(`clip.${state}`)}
      </strong>
    )
  const seconds = frames === null ? null : frames.windows.reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0)
  const brokenS = (frames?.breaks ?? []).reduce(
    (sum, { from_at, to_at }) => sum + (Date.parse(to_at) - Date.parse(from_at)) / 1_000,
    0,
  )
  const facts = [
    seconds === null ? null : say('clip.present', { n: frames?.windows.length ?? 0, s: Math.round(seconds / 1_000) }),
    missingS > 0 ? say('clip.missing', { s: Math.round(missingS) }) : say('clip.whole'),
    brokenS > 0 ? say('clip.breaks', { time: durationText(brokenS, lang) }) : null,
  ]
  return <strong role="status">{facts.filter(Boolean).join(lang === 'zh' ? '；' : '; ')}</strong>
}
