import { useEffect, useRef } from 'react'
import { causes, causeTerms, type Counts, type LeadView } from '../contracts.js'
import { serverNowMs } from '../lib/api.js'
import { durationText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { hasAny, useSession } from '../lib/session.js'
import { useRead } from '../lib/use-read.js'
import { useTick } from '../lib/use-tick.js'
import { CauseMark } from '../parts/cause-mark.js'
import { LeadTable } from '../parts/lead-table.js'

const rereadTicks = 10
const staleS = 30

/** `/wall`: what waits, in large; no picture, name or number of a case. Says how old it is, and greys when it is too old. */
export function WallPage() {
  const { say, of, lang } = useLook()
  const read = useRead<Counts>('/v1/counts', ({ kind }) => kind === 'lead')
  const { session } = useSession()
  const readsLeads = hasAny(session, ['operator', 'head', 'supervisor'])
  const leads = useRead<{ items: LeadView[] }>(
    readsLeads ? '/v1/leads?state=L2&limit=20' : null,
    ({ kind }) => kind === 'lead',
  )
  const tick = useTick(1_000)
  const readAtMs = useRef(performance.now())
  const at = read.data?.at
  useEffect(() => {
    readAtMs.current = performance.now()
  }, [at])
  const { reload } = read
  useEffect(() => {
    if (tick % rereadTicks === rereadTicks - 1) reload()
  }, [tick, reload])
  const ageS = Math.round((performance.now() - readAtMs.current) / 1_000)
  const countOf = (cause: string, state: string) =>
    read.data?.leads.find((one) => one.cause === cause && one.state === state)
  return (
    <main id="main" className={ageS > staleS ? 'page wall wall-stale' : 'page wall'}>
      <header className="page-head">
        <h1>{say('wall.title')}</h1>
        <span className="grow" />
        <span role="status">
          {ageS > staleS ? `! ${say('wall.stale', { s: ageS })}` : say('wall.fresh', { s: ageS })}
        </span>
      </header>
      <div className="wall-tiles">
        {causes.map((cause) => {
          const waiting = countOf(cause, 'L2')
          return (
            <section key={cause} className="card wall-tile">
              <h2>
                <CauseMark cause={cause} size={48} /> {of(causeTerms[cause])}
              </h2>
              <p className="wall-number">{waiting?.n ?? 0}</p>
              <p>
                {say('wall.waiting')}
                {waiting?.oldest_at != null &&
                  ` · ${say('wall.oldest', { time: durationText((serverNowMs() - Date.parse(waiting.oldest_at)) / 1_000, lang) })}`}
              </p>
              <p className="quiet">{say('wall.in', { n: countOf(cause, 'L3')?.n ?? 0 })}</p>
            </section>
          )
        })}
      </div>
      {leads.data !== null && (
        <LeadTable leads={leads.data.items} addressOf={({ id }) => `/leads/${id}`} openWord={say('any.open')} large />
      )}
    </main>
  )
}
