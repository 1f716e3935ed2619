import type { Counts } from '../contracts.js'
import { useLook } from '../lib/look.js'
import { Link } from '../lib/router.js'
import { StateCard } from '../parts/state-card.js'
import { TriagePage } from '../triage/triage-page.js'

/** The page of an address. */
export function pageOf(address: URL, counts: Counts | null) {
  const [, name = '', id = null] = address.pathname.split('/')
  switch (name) {
    case 'triage':
      return <TriagePage id={id} counts={counts} />
    default:
      return <NotHere />
  }
}

function NotHere() {
  const { say } = useLook()
  return (
    <main id="main">
      <StateCard sign="?" title={say('any.notHere')} words={say('any.notHereWords')}>
        <Link to="/" className="button">
          {say('any.first')}
        </Link>
      </StateCard>
    </main>
  )
}
