import type { ReactNode } from 'react'
import type { Bilingual, Problem } from '../contracts.js'
import { clockText, durationText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { isTextKey } from '../texts.js'

/** What is shown of one refusal. */
export type Reason = Pick<Problem, 'code' | 'says' | 'gate' | 'article' | 'next'>

/** One refusal: reason, article, next step (EXPERIENCE.md §1, 4). */
export function Refused({ reason, children }: { readonly reason: Reason; readonly children?: ReactNode }) {
  const { of, say } = useLook()
  const { says, next } = reason
  return (
    <div className="refused">
      <p className="refused-says">
        <span>
          <span aria-hidden="true">✕ </span>
          {of(says)}
        </span>
        <span className="note">{ruleText(reason, of)}</span>
      </p>
      {next && (
        <p className="note">
          {say('any.nextStep')}
          {of(next)}
        </p>
      )}
      {children}
    </div>
  )
}

/** `行政处罚法第四十二条 SD9`: the source of a refusal and the rule. */
export function ruleText({ article, gate }: Reason, of: (text: Bilingual) => string): string {
  return [article && of(article), gate !== undefined && isGate(gate) && gate].filter(Boolean).join(' ')
}

/** Rules are named like `G8`, `SD9`, `t16`, `R12`; a word of the program says nothing to people. */
function isGate(gate: string): boolean {
  return /^(G|SD|t|R|D|EV)\d/.test(gate)
}

/** A problem of the API with everything that it says: all failing gates, who changed what, when to try again, a number. */
export function ProblemBox({ problem, children }: { readonly problem: Problem; readonly children?: ReactNode }) {
  const { say, of, lang } = useLook()
  const { refusals, changed = [], retry_after_s: waitS, code, details } = problem
  return (
    <div className={`problem ${code === 'OFFLINE' || changed.length > 0 ? 'problem-warn' : ''}`} role="alert">
      {changed.length > 0 ? (
        <>
          <p className="refused-says">{say('any.changed')}</p>
          {problem.next && (
            <p className="note">
              {say('any.nextStep')}
              {of(problem.next)}
            </p>
          )}
        </>
      ) : (
        (refusals ?? [problem]).map((reason, index) => <Refused key={`${reason.code} ${index}`} reason={reason} />)
      )}
      {changed.map(({ version, by, action, at }) => {
        const key = `step.${action}`
        return (
          <p key={version}>
            {say('any.changedBy', { by, at: clockText(at), action: isTextKey(key) ? say(key) : action })}
          </p>
        )
      })}
      {waitS !== undefined && <p>{say('any.waitS', { time: durationText(waitS, lang) })}</p>}
      {typeof details?.['request'] === 'string' && (
        <p className="note">{say('any.code', { code: details['request'] })}</p>
      )}
      {children !== undefined && <div className="row">{children}</div>}
    </div>
  )
}
