import type { Counts, LeadView } from '../contracts.js'
import { countdownText } from '../lib/format.js'
import { serverNowMs } from '../lib/api.js'
import { useLook } from '../lib/look.js'
import { useTick } from '../lib/use-tick.js'

const warnMs = 120_000

/** What remains of our claim, ms; null when it is not ours. */
export function claimLeftMs(lead: LeadView, name: string): number | null {
  return lead.claim?.by === name ? Date.parse(lead.claim.until_at) - serverNowMs() : null
}

/** Right end of the head: claim, queue, budget. */
export function HeadFacts({
  lead,
  name,
  counts,
  done,
}: {
  readonly lead: LeadView | null
  readonly name: string
  readonly counts: Counts | null
  readonly done: number
}) {
  const { say } = useLook()
  useTick(1_000)
  const leftMs = lead === null ? null : claimLeftMs(lead, name)
  const waiting = (counts?.leads ?? []).filter(({ state }) => state === 'L2').reduce((sum, { n }) => sum + n, 0)
  return (
    <div className="head-facts">
      {leftMs !== null && (
        <span className={leftMs < warnMs ? 'chip chip-warn' : ''}>
          {leftMs > 0 ? (
            <>
              {say('triage.claim')} <strong>{countdownText(leftMs)}</strong>
            </>
          ) : (
            say('triage.lapsed')
          )}
        </span>
      )}
      <span>
        {say('triage.waiting')} <strong>{waiting}</strong> · {say('triage.done')} <strong>{done}</strong>
      </span>
      {counts !== null && <BudgetChip budget={counts.budget} />}
    </div>
  )
}

/** Leads an operator and hour against the target of the policy pack. Over it: said, never suppressed. */
export function BudgetChip({ budget }: { readonly budget: Counts['budget'] }) {
  const { say } = useLook()
  const n = Math.round(budget.per_operator * 10) / 10
  const over = budget.per_operator > budget.target
  const values = { n, target: budget.target }
  return (
    <span
      className={`chip ${over ? 'chip-bad' : 'chip-good'}`}
      title={say('triage.budgetSays', values)}
      data-budget={over ? 'over' : 'in'}
    >
      <span aria-hidden="true">{over ? '▲' : '●'}</span> {say(over ? 'triage.budgetOver' : 'triage.budget', values)}
    </span>
  )
}
