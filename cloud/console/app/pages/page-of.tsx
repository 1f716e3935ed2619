import { roleTerms, type Counts, type LeadView, type Role, type Session } from '../contracts.js'
import { useLook } from '../lib/look.js'
import { Link } from '../lib/router.js'
import { hasAny } from '../lib/session.js'
import { StateCard } from '../parts/state-card.js'
import { ReviewPage } from '../review/review-page.js'
import { TriagePage } from '../triage/triage-page.js'
import { AlarmsPage } from './alarms.js'
import { CasePage } from './case.js'
import { CasesPage } from './cases.js'
import { DevicesPage } from './devices.js'
import { FiguresPage } from './figures.js'
import { FilingPage } from './filing.js'
import { LeadPage } from './lead.js'
import { LeadsPage } from './leads.js'
import { NoticePage } from './notice.js'
import { WaitingList } from './waiting-list.js'
import { WallPage } from './wall.js'

/** Who a page is for; the others are told so, with who can do it. */
const pageRoles: Readonly<Record<string, readonly Role[]>> = {
  triage: ['operator'],
  reviews: ['officer_a', 'officer_b'],
  filing: ['head'],
}

/** The page of an address. */
export function pageOf(address: URL, counts: Counts | null, session: Session) {
  const [, name = '', id = null, part = null] = address.pathname
    .split('/')
    .map((piece) => (piece === '' ? null : piece))
  const roles = name === null ? undefined : pageRoles[name]
  if (roles !== undefined && !hasAny(session, roles)) return <Denied roles={roles} />
  switch (name) {
    case 'triage':
      return <TriagePage id={id} counts={counts} />
    case 'leads':
      return id === null ? <LeadsPage address={address} /> : <LeadPage id={id} />
    case 'reviews':
      return id === null ? (
        <WaitingList
          title="review.title"
          empty="review.empty"
          emptyWords="review.emptyWords"
          open="review.open"
          base="/reviews"
          mine={mayReview}
        />
      ) : (
        <ReviewPage id={id} />
      )
    case 'filing':
      return id === null ? (
        <WaitingList
          title="filing.title"
          empty="filing.empty"
          emptyWords="filing.emptyWords"
          open="filing.open"
          base="/filing"
          mine={any}
        />
      ) : (
        <FilingPage id={id} />
      )
    case 'cases':
      if (id === null) return <CasesPage address={address} />
      return part === 'notice' ? <NoticePage id={id} /> : <CasePage id={id} />
    case 'devices':
      return <DevicesPage only={id} />
    case 'alarms':
      return <AlarmsPage address={address} />
    case 'figures':
      return <FiguresPage counts={counts} />
    case 'wall':
      return <WallPage />
    default:
      return <NotHere />
  }
}

const mayReview = ({ allowed }: LeadView): boolean => allowed.includes('review')
const any = (): boolean => true

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

function Denied({ roles }: { readonly roles: readonly Role[] }) {
  const { say, of, lang } = useLook()
  const who = roles.map((role) => of(roleTerms[role])).join(lang === 'zh' ? '、' : ', ')
  return (
    <main id="main">
      <StateCard sign="▣" title={say('role.denied')} words={say('role.who', { who })}>
        <Link to="/" className="button">
          {say('any.first')}
        </Link>
      </StateCard>
    </main>
  )
}
