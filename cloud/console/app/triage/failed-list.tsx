import { clockText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { navigate } from '../lib/router.js'
import { ProblemBox } from '../parts/problem-box.js'
import { dismissFailed, useHeld } from './held.js'

/** Decisions that did not count, with who changed what and the note that was written; nothing is lost silently. */
export function FailedList() {
  const { say } = useLook()
  const { failed, unsent } = useHeld()
  return (
    <>
      {unsent.length > 0 && (
        <p className="banner banner-warn" role="status">
          {say('triage.unsent', { n: unsent.length })}
        </p>
      )}
      {failed.map((one) => (
        <section key={one.lead.id} className="banner banner-warn">
          <strong>{say('triage.refused', { place: `${one.lead.place.name} ${clockText(one.lead.first_at)}` })}</strong>
          {one.decision.note !== '' && <blockquote>{one.decision.note}</blockquote>}
          <ProblemBox problem={one.problem}>
            <button
              type="button"
              onClick={() => {
                dismissFailed(one)
                navigate(`/triage/${one.lead.id}`)
              }}
            >
              {say('triage.openIt')}
            </button>
            <button type="button" onClick={() => dismissFailed(one)}>
              {say('any.close')}
            </button>
          </ProblemBox>
        </section>
      ))}
    </>
  )
}
