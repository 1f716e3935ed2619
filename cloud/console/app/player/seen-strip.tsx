import type { LeadSeen, LeadView } from '../contracts.js'
import { clockText, durationText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { useRead } from '../lib/use-read.js'
import { isTextKey } from '../texts.js'

/** Width of the drawing; it is stretched to the row. */
const width = 1_000
/** A stretch of a second in an hour must still be seen. */
const widthMin = 4

/** What the box saw of the whole act, and when it saw nothing, drawn with the same weight (EXPERIENCE.md §1, 3). */
export function SeenStrip({ lead }: { readonly lead: LeadView }) {
  const { say, lang } = useLook()
  const seen = useRead<LeadSeen>(`/v1/leads/${lead.id}/seen`, (change) => change.id === lead.id).data
  if (seen === null) return <div className="seen-strip" />
  const startMs = Date.parse(seen.from_at)
  const lengthMs = Math.max(1, Date.parse(seen.to_at) - startMs)
  const xOf = (at: string): number => ((Date.parse(at) - startMs) / lengthMs) * width
  const first = xOf(seen.first_at)
  const reasonOf = (reason: string): string => {
    const key = `seen.${reason}`
    return isTextKey(key) ? say(key) : reason
  }
  const unseen = seen.unseen.map((one) => ({
    ...one,
    words: say('seen.gap', { from: clockText(one.from_at), to: clockText(one.to_at), reason: reasonOf(one.reason) }),
  }))
  const words = [
    say('seen.present', { from: clockText(seen.first_at), to: clockText(seen.last_at) }),
    ...unseen.map((one) => one.words),
    ...(seen.unseen_s === null || seen.unseen_s === 0
      ? []
      : [say('seen.unclear', { time: durationText(seen.unseen_s, lang) })]),
  ]
  return (
    <div className="seen-strip note">
      <span>{say('seen.title')}</span>
      <svg
        viewBox={`0 0 ${width} 12`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.join(lang === 'zh' ? '；' : '; ')}
      >
        <rect className="seen-absent" x="0" y="0" width={width} height="12" />
        <rect
          className="seen-present"
          x={first}
          y="0"
          width={Math.max(widthMin, xOf(seen.last_at) - first)}
          height="12"
        >
          <title>{words[0]}</title>
        </rect>
        {unseen.map((one) => (
          <Hatch key={one.from_at} from={xOf(one.from_at)} to={xOf(one.to_at)} words={one.words} />
        ))}
      </svg>
      <span className="seen-key">
        <span className="seen-sign seen-sign-present" aria-hidden="true" /> {say('seen.key.present')}
        <span className="seen-sign seen-sign-unseen" aria-hidden="true" /> {say('seen.key.unseen')}
        {seen.unseen_s !== null && seen.unseen_s > 0 && ` ${durationText(seen.unseen_s, lang)}`}
      </span>
    </div>
  )
}

/** Slanted lines on the ground of the page: greyscale and colour blindness see them too. */
function Hatch({ from, to, words }: { readonly from: number; readonly to: number; readonly words: string }) {
  const wide = Math.max(widthMin, to - from)
  const lines = Array.from({ length: Math.ceil(wide / 8) }, (_, index) => from + index * 8)
  return (
    <g className="seen-unseen">
      <title>{words}</title>
      <rect x={from} y="0" width={wide} height="12" />
      {lines.map((x) => (
        <line key={x} x1={x} y1="12" x2={Math.min(x + 6, from + wide)} y2="0" />
      ))}
    </g>
  )
}
