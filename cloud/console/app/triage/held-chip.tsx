import { useLook } from '../lib/look.js'
import { useTick } from '../lib/use-tick.js'
import { undoMs, type Held } from './held.js'

const says = { accept: 'triage.heldAccept', reject: 'triage.heldReject', merge: 'triage.heldMerge' } as const

/** The decision that can still be taken back, with its ring from 10 to 0. */
export function HeldChip({ held, onUndo }: { readonly held: Held; readonly onUndo: () => void }) {
  const { say } = useLook()
  useTick(250)
  const leftMs = Math.max(0, held.untilMs - performance.now())
  const leftS = Math.ceil(leftMs / 1_000)
  const round = 2 * Math.PI * 11
  return (
    <div className="held" role="status">
      <strong>{say(says[held.decision.action])}</strong>
      <span>
        {held.lead.place.name} {held.lead.cam}
        {held.decision.action === 'reject' && ` ${held.decision.code}`}
      </span>
      <button type="button" onClick={onUndo}>
        <kbd>U</kbd> {say('triage.undo')}
      </button>
      <svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true">
        <circle cx="14" cy="14" r="11" className="ring-under" />
        <circle
          cx="14"
          cy="14"
          r="11"
          className="ring"
          strokeDasharray={`${(round * leftS * 1_000) / undoMs} ${round}`}
          transform="rotate(-90 14 14)"
        />
        <text x="14" y="18.5" textAnchor="middle" fontSize="12">
          {leftS}
        </text>
      </svg>
    </div>
  )
}
