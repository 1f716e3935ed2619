import { useLook } from '../lib/look.js'
import { answers, type CheckLine, type ReviewDraft } from './checklist.js'

interface ChecklistProps {
  readonly lines: readonly CheckLine[]
  readonly draft: ReviewDraft
  readonly onDraft: (draft: ReviewDraft) => void
}

/** Three answers a line, none chosen beforehand, no "all yes". */
export function Checklist({ lines, draft, onDraft }: ChecklistProps) {
  const { say, of } = useLook()
  return (
    <ul className="check-lines">
      {lines.map(({ id, says }) => (
        <li key={id}>
          <span className="note">{id}</span>
          <span className="grow">{of(says)}</span>
          <span className="segments" role="radiogroup" aria-label={of(says)}>
            {answers.map((answer) => (
              <label key={answer} className={draft.answers[id] === answer ? 'segment segment-on' : 'segment'}>
                <input
                  type="radio"
                  name={id}
                  value={answer}
                  checked={draft.answers[id] === answer}
                  onChange={() => onDraft({ ...draft, answers: { ...draft.answers, [id]: answer } })}
                />
                {draft.answers[id] === answer && <span aria-hidden="true">✓ </span>}
                {say(`review.${answer}`)}
              </label>
            ))}
          </span>
        </li>
      ))}
    </ul>
  )
}
