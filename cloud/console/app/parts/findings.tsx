import type { LeadView } from '../contracts.js'
import { dayClockText } from '../lib/format.js'
import { useLook } from '../lib/look.js'

/** Both findings side by side; the server shows none before both are in. */
export function Findings({ reviews }: { readonly reviews: LeadView['reviews'] }) {
  const { say, lang } = useLook()
  if (reviews.length === 0) return null
  return (
    <div className="findings">
      {reviews.map(({ by, verdict, note, at }) => (
        <section key={by} className="card">
          <h2>
            {by} · {say(verdict === 'confirm' ? 'review.confirmed' : 'review.rejected')}
          </h2>
          <p className="note">{dayClockText(at, lang)}</p>
          <p className="as-written">{note}</p>
        </section>
      ))}
    </div>
  )
}
