import { useState } from 'react'
import type { ClipFrames, LeadView, Problem } from '../contracts.js'
import { call, problemOf } from '../lib/api.js'
import { durationText } from '../lib/format.js'
import { useLook } from '../lib/look.js'

type Break = ClipFrames['breaks'][number]

/** The server takes at most so much at once. */
const secondsMax = 600

interface ClipBreakProps {
  readonly lead: LeadView
  /** Null where two windows touch. */
  readonly gap: Break | null
  readonly onRefused: (problem: Problem) => void
}

/** `//` between two windows: the missing time in words, and a button that fetches it while the box has it. */
export function ClipBreak({ lead, gap, onRefused }: ClipBreakProps) {
  const { say, lang } = useLook()
  const [asked, setAsked] = useState(false)
  if (gap === null) return <span className="break">{'//'}</span>
  const seconds = (Date.parse(gap.to_at) - Date.parse(gap.from_at)) / 1_000
  const reason = asked && gap.reason === 'not_fetched' ? 'fetching' : gap.reason
  const words = say('player.break', { time: durationText(seconds, lang), reason: say(`player.break.${reason}`) })
  if (reason !== 'not_fetched' || !lead.allowed.includes('clip'))
    return (
      <span className={`break break-${reason}`} title={words}>
        <span aria-hidden="true">{reason === 'fetching' ? '⋯' : '//'}</span>
        <span className="for-ears">{words}</span>
      </span>
    )
  const fetchIt = async (): Promise<void> => {
    setAsked(true)
    const toMs = Math.min(Date.parse(gap.to_at), Date.parse(gap.from_at) + secondsMax * 1_000)
    try {
      const span = { from_at: gap.from_at, to_at: new Date(toMs).toISOString() }
      await call('POST', `/v1/leads/${lead.id}/fetch`, span)
    } catch (error) {
      setAsked(false)
      onRefused(problemOf(error))
    }
  }
  const label = say(seconds > secondsMax ? 'player.fetchPart' : 'player.fetch', { time: durationText(seconds, lang) })
  return (
    <button
      type="button"
      className="break"
      title={`${words} ${label}`}
      aria-label={label}
      onClick={() => void fetchIt()}
    >
      {'//'}
    </button>
  )
}
