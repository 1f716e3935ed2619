import { useCallback, useEffect, useRef, useState } from 'react'
import type { Counts, LeadView, Problem } from '../contracts.js'
import { call, isOffline, problemOf } from '../lib/api.js'
import { clockText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { navigate } from '../lib/router.js'
import { useSession } from '../lib/session.js'
import { useChanges } from '../lib/stream.js'
import { ProblemBox } from '../parts/problem-box.js'
import { StateCard } from '../parts/state-card.js'
import { FailedList } from './failed-list.js'
import { HeadFacts } from './head-facts.js'
import { holdDecision, isDecidedHere, takeBack, useHeld, type Decision } from './held.js'
import { HeldChip } from './held-chip.js'
import { takeNext, takeOne } from './take.js'
import { TriageLead } from './triage-lead.js'
import { useKeys } from '../lib/keys.js'
import { serverNowMs } from '../lib/api.js'

interface TriagePageProps {
  /** Of the address; null: take the next. */
  readonly id: string | null
  readonly counts: Counts | null
}

/** One lead after the other (EXPERIENCE.md §4.1). The address names the lead that is open. */
export function TriagePage({ id, counts }: TriagePageProps) {
  const { say } = useLook()
  const { name } = useSession().session
  const { held, sent } = useHeld()
  const [lead, setLead] = useState<LeadView | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [emptySinceMs, setEmptySinceMs] = useState<number | null>(null)
  const handedBack = useRef<string[]>([])
  const busy = useRef(false)

  const take = useCallback(
    async (wanted: string | null): Promise<void> => {
      if (busy.current) return
      busy.current = true
      try {
        const taken = wanted === null ? await takeNext(name, handedBack.current) : await takeOne(wanted, name)
        setProblem(null)
        setLead(taken)
        if (taken === null) setEmptySinceMs((before) => before ?? serverNowMs())
        else {
          setEmptySinceMs(null)
          navigate(`/triage/${taken.id}`, { replace: true })
        }
        // Handed back ones come again after the others.
        if (taken === null) handedBack.current = []
      } catch (error) {
        setProblem(problemOf(error))
      } finally {
        busy.current = false
      }
    },
    [name],
  )
  useEffect(() => {
    if (id === null || lead?.id !== id) void take(id)
    // Only another address takes another lead.
  }, [id, take])

  // What the box or a colleague changed shows without moving anything; an empty queue fills by itself.
  const refresh = (): void => {
    if (lead === null) {
      if (problem === null || problem.code === 'OFFLINE') void take(id)
      return
    }
    call<LeadView>('GET', `/v1/leads/${lead.id}`).then(
      (fresh) => {
        if (!isDecidedHere(fresh.id)) setLead((shown) => (shown?.id === fresh.id ? fresh : shown))
      },
      (error: unknown) => {
        if (!isOffline(error)) setProblem(problemOf(error))
      },
    )
  }
  useChanges(
    ({ kind, id: changed }) => kind !== 'case' && (lead === null || changed === lead.id || kind === 'clip'),
    refresh,
  )

  const goNext = (): void => {
    setLead(null)
    navigate('/triage')
    void take(null)
  }
  const decide = (decision: Decision): void => {
    if (lead === null) return
    holdDecision(lead, decision)
    goNext()
  }
  const handBack = async (): Promise<void> => {
    if (lead === null) {
      goNext()
      return
    }
    handedBack.current.push(lead.id)
    if (lead.allowed.includes('release'))
      await call('POST', `/v1/leads/${lead.id}/release`, { version: lead.version }).catch(() => undefined)
    goNext()
  }
  const undo = (): void => {
    const taken = takeBack()
    if (taken === null) return
    // The lead that came meanwhile goes back to the queue.
    if (lead !== null && lead.id !== taken.lead.id && lead.allowed.includes('release'))
      void call('POST', `/v1/leads/${lead.id}/release`, { version: lead.version }).catch(() => undefined)
    setLead(taken.lead)
    navigate(`/triage/${taken.lead.id}`, { replace: true })
    void take(taken.lead.id)
  }
  useKeys({ KeyU: undo, ...(lead === null ? { KeyN: () => void take(null) } : {}) })

  return (
    <main className="triage" id="main">
      <FailedList />
      {problem !== null && (
        <ProblemBox problem={problem}>
          <button type="button" onClick={() => void take(id)}>
            {say('any.retry')}
          </button>
          <button type="button" onClick={goNext}>
            {say('triage.next')}
          </button>
        </ProblemBox>
      )}
      {lead === null ? (
        <>
          <header className="lead-head">
            <h1>{say('triage.title')}</h1>
            <span className="grow" />
            <HeadFacts lead={null} name={name} counts={counts} done={sent} />
          </header>
          {emptySinceMs !== null && problem === null && (
            <StateCard
              sign="○"
              title={say('triage.empty')}
              words={say('triage.emptyWords', { time: clockText(emptySinceMs) })}
            />
          )}
          <footer className="bar">{held !== null && <HeldChip held={held} onUndo={undo} />}</footer>
        </>
      ) : (
        <TriageLead
          key={lead.id}
          lead={lead}
          counts={counts}
          onDecide={decide}
          onNext={() => void handBack()}
          onClaim={() => void take(lead.id)}
          onUndo={undo}
        />
      )}
    </main>
  )
}
