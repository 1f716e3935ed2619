import { useState } from 'react'
import type { Counts, LeadAction, LeadView } from '../contracts.js'
import { keep, readKept } from '../lib/kept.js'
import { settleMs, useKeys, useSettled, type KeyMap } from '../lib/keys.js'
import { useLook } from '../lib/look.js'
import { useSession } from '../lib/session.js'
import { useLive } from '../lib/stream.js'
import { useTick } from '../lib/use-tick.js'
import { KeyButton } from '../parts/key-button.js'
import { LeadTitle } from '../parts/lead-title.js'
import { ruleText } from '../parts/problem-box.js'
import { Controls, Screen } from '../player/player.js'
import { Stills } from '../player/stills.js'
import { usePlayer } from '../player/use-player.js'
import { claimLeftMs, HeadFacts } from './head-facts.js'
import { useHeld, type Decision } from './held.js'
import { HeldChip } from './held-chip.js'
import { KeysPanel } from './keys-panel.js'
import { MergePanel } from './merge-panel.js'
import { usePreload } from './preload.js'
import { RejectPanel } from './reject-panel.js'
import { WhyColumn } from './why-column.js'

/** Why a decision is not in force. */
interface Why {
  readonly says: string
  readonly reason?: LeadView['refused'][number]
}

interface TriageLeadProps {
  readonly lead: LeadView
  readonly counts: Counts | null
  readonly onDecide: (decision: Decision) => void
  readonly onNext: () => void
  readonly onClaim: () => void
  readonly onUndo: () => void
}

/** One lead fills the screen: picture left, reasons and panels right, decisions below. */
export function TriageLead({ lead, counts, onDecide, onNext, onClaim, onUndo }: TriageLeadProps) {
  const { say, of } = useLook()
  const { name } = useSession().session
  const { held, sent } = useHeld()
  const live = useLive()
  useTick(1_000)
  const player = usePlayer(lead, true)
  const preloaded = usePreload(lead, player.ready || !player.present)
  const settled = useSettled(lead.id)
  const [panel, setPanel] = useState<'reject' | 'merge' | 'keys' | null>(null)
  const [note, setNote] = useState('')
  const [keysOn, setKeysOn] = useState(readKept('keys') !== 'off')

  const leftMs = claimLeftMs(lead, name)
  const mine = leftMs !== null && leftMs > 0
  const why = (action: LeadAction): Why | null => {
    if (!live.connected) return { says: say('triage.offline') }
    if (leftMs !== null && leftMs <= 0) return { says: say('triage.lapsed') }
    if (lead.allowed.includes(action)) return null
    const refused = lead.refused.find((one) => one.action === action)
    return refused === undefined ? { says: say('triage.notClaimable') } : { says: of(refused.says), reason: refused }
  }
  /** A decision counts only when the page was in front of a person long enough. */
  const decide = (decision: Decision): void => {
    if (why(decision.action) === null && settled()) onDecide(decision)
  }
  const accept = (): void => decide({ action: 'accept', note: '' })
  const toggle = (wanted: 'reject' | 'merge' | 'keys') => (): void =>
    setPanel((now) => (now === wanted ? null : wanted))
  const openReject = why('reject') === null ? toggle('reject') : undefined
  const openMerge = why('merge') === null ? toggle('merge') : undefined
  const { Digit1, Digit2, Digit3, ...rest } = player.keys
  const digits: KeyMap = panel === 'reject' || panel === 'merge' ? {} : { Digit1, Digit2, Digit3 }
  const single: KeyMap = {
    ...rest,
    ...digits,
    KeyA: accept,
    KeyR: openReject,
    KeyM: openMerge,
    KeyN: onNext,
    KeyC: mine ? undefined : onClaim,
  }
  useKeys({ ...(keysOn ? single : {}), 'Shift+Slash': toggle('keys') })
  const refusal = why('accept')
  return (
    <>
      <LeadTitle lead={lead}>
        {lead.claim !== null && lead.claim.by !== name && (
          <span className="chip chip-warn">{say('lead.claimedBy', { name: lead.claim.by })}</span>
        )}
        <HeadFacts lead={lead} name={name} counts={counts} done={sent} />
      </LeadTitle>
      <div className="workplace">
        <div className="left">
          <Screen player={player} />
          <Controls player={player}>
            {preloaded && <span>{say('triage.preloaded')}</span>}
            <span>{say('triage.note')}</span>
          </Controls>
        </div>
        {panel === null ? (
          <>
            <Stills stills={lead.stills} shown={player.still} onShow={player.showStill} />
            <WhyColumn lead={lead} zones={player.zones} />
          </>
        ) : panel === 'reject' ? (
          <RejectPanel
            note={note}
            onNote={setNote}
            onReject={(code) => decide({ action: 'reject', code, note })}
            onClose={() => setPanel(null)}
          />
        ) : panel === 'merge' ? (
          <MergePanel
            lead={lead}
            onMerge={({ id }) => decide({ action: 'merge', into: id, note: '' })}
            onClose={() => setPanel(null)}
          />
        ) : (
          <KeysPanel
            keysOn={keysOn}
            onKeysOn={(on) => {
              keep('keys', on ? null : 'off')
              setKeysOn(on)
            }}
            onClose={() => setPanel(null)}
          />
        )}
      </div>
      <footer className="bar" data-settle-ms={settleMs}>
        <KeyButton keys="A" className="verdict" disabled={refusal !== null} onClick={accept}>
          {say('triage.accept')}
        </KeyButton>
        <KeyButton
          keys="R"
          className="verdict"
          disabled={openReject === undefined}
          aria-expanded={panel === 'reject'}
          onClick={openReject}
        >
          {say('triage.reject')}
        </KeyButton>
        <KeyButton keys="M" disabled={openMerge === undefined} aria-expanded={panel === 'merge'} onClick={openMerge}>
          {say('triage.merge')}
        </KeyButton>
        {held !== null ? (
          <HeldChip held={held} onUndo={onUndo} />
        ) : refusal !== null ? (
          <span className="bar-why">
            <span>
              {refusal.says}
              {refusal.reason !== undefined && (
                <span className="note bar-rule">
                  {ruleText(refusal.reason, of)} · {say('any.nextStep')}
                  {of(refusal.reason.next)}
                </span>
              )}
            </span>
            {!mine && live.connected && lead.allowed.includes('claim') && (
              <KeyButton keys="C" onClick={onClaim}>
                {say('triage.again')}
              </KeyButton>
            )}
          </span>
        ) : (
          <span className="later note">
            {say('triage.dissuade')} · {say('triage.later')}
          </span>
        )}
        <span className="grow" />
        <KeyButton keys="N" onClick={onNext}>
          {say('triage.next')}
        </KeyButton>
        <KeyButton keys="?" onClick={toggle('keys')}>
          {say('triage.keys')}
        </KeyButton>
      </footer>
    </>
  )
}
