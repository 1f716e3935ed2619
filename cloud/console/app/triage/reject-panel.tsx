import { useRef } from 'react'
import { closeNeeds, closeTerms, rejectKeys, type RejectCode } from '../contracts.js'
import { useKeys } from '../lib/keys.js'
import { useLook } from '../lib/look.js'

interface RejectPanelProps {
  readonly note: string
  readonly onNote: (note: string) => void
  readonly onReject: (code: RejectCode) => void
  readonly onClose: () => void
}

/** Reasons, docked beside the picture: a digit decides at once. Codes that need an earlier step stand below with what is missing. */
export function RejectPanel({ note, onNote, onReject, onClose }: RejectPanelProps) {
  const { say, of } = useLook()
  const area = useRef<HTMLTextAreaElement>(null)
  useKeys({
    ...Object.fromEntries(rejectKeys.map((code, index) => [`Digit${index + 1}`, () => onReject(code)])),
    Slash: () => area.current?.focus(),
    Escape: () => {
      if (document.activeElement === area.current) area.current?.blur()
      else onClose()
    },
  })
  return (
    <section className="card dock" aria-label={say('triage.whyReject')}>
      <h2 className="dock-head">
        <span>{say('triage.whyReject')}</span>
        <span className="note">
          {say('triage.digits')} <kbd>Esc</kbd> {say('any.back')}
        </span>
      </h2>
      <ul className="reasons">
        {rejectKeys.map((code, index) => {
          const [head = '', tail = ''] = split(of(closeTerms[code]))
          return (
            <li key={code}>
              <button type="button" className="reason" onClick={() => onReject(code)}>
                <kbd>{index + 1}</kbd>
                <strong>{head}</strong>
                <span>{tail}</span>
                <span className="note">{code}</span>
              </button>
            </li>
          )
        })}
      </ul>
      <p className="not-now note">
        {say('triage.notNow')}
        {Object.entries(closeNeeds).map(([code, needs]) => (
          <span key={code} title={of(needs)}>
            {of(closeTerms[code as keyof typeof closeNeeds])} {code} ·{' '}
          </span>
        ))}
      </p>
      <label className="field">
        <span className="note">
          <kbd>/</kbd> {say('triage.rejectNote')}
        </span>
        <textarea ref={area} rows={2} maxLength={2_000} value={note} onChange={(event) => onNote(event.target.value)} />
      </label>
    </section>
  )
}

/** `误报：画面里…` into its head and the rest. */
function split(text: string): readonly string[] {
  const at = text.search(/[：:]/)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1).trim()]
}
