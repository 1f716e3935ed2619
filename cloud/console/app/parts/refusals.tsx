import type { CaseView, LeadAction, LeadView } from '../contracts.js'
import { useLook } from '../lib/look.js'
import { Refused, type Reason } from './problem-box.js'

/** Why an action of the reader's role is not in force: every reason with its source, its rule and the next step. */
export function LeadRefusals({ lead, action }: { readonly lead: LeadView; readonly action: LeadAction }) {
  return <Reasons reasons={lead.refused.filter((one) => one.action === action)} />
}

/** The same for a step of a case. */
export function CaseRefusals({ file, action }: { readonly file: CaseView; readonly action: 'notice' | 'link' }) {
  const { say } = useLook()
  return <Reasons title={say(`case.${action}`)} reasons={file.refused.filter((one) => one.action === action)} />
}

function Reasons({ title, reasons }: { readonly title?: string; readonly reasons: readonly Reason[] }) {
  if (reasons.length === 0) return null
  return (
    <section className="problem problem-warn">
      {title !== undefined && <strong>{title}</strong>}
      {reasons.map((reason) => (
        <Refused key={`${reason.code} ${reason.gate ?? ''}`} reason={reason} />
      ))}
    </section>
  )
}
