import type { AlarmView } from '../contracts.js'
import { dayClockText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { Link } from '../lib/router.js'
import { useRead } from '../lib/use-read.js'
import { Reading } from '../parts/reading.js'
import { StateCard } from '../parts/state-card.js'

/** `/alarms?open=true`: integrity and health, newest first. */
export function AlarmsPage({ address }: { readonly address: URL }) {
  const { say, of, lang } = useLook()
  const openOnly = address.searchParams.get('open') === 'true'
  const read = useRead<{ items: AlarmView[] }>(
    `/v1/alarms?limit=200${openOnly ? '&open=true' : ''}`,
    ({ kind }) => kind === 'alarm',
  )
  return (
    <main id="main" className="page">
      <header className="page-head">
        <h1>{say('alarm.title')}</h1>
        <Link to={openOnly ? '/alarms' : '/alarms?open=true'}>{say(openOnly ? 'alarm.all' : 'alarm.openOnly')}</Link>
      </header>
      {read.data === null ? (
        <Reading read={read} />
      ) : read.data.items.length === 0 ? (
        <StateCard sign="○" title={say('alarm.empty')} words={say('alarm.emptyWords')} />
      ) : (
        <ul className="lead-rows">
          {read.data.items.map(({ id, device, kind, raised_at, cleared_at, says }) => (
            <li key={id} className="card alarm">
              <span className={`chip ${cleared_at === null ? 'chip-bad' : ''}`}>
                {cleared_at === null ? say('alarm.open') : say('alarm.cleared', { at: dayClockText(cleared_at, lang) })}
              </span>
              <span className="lead-row-main">
                <strong>{of(says)}</strong>
                <span className="note">
                  {kind} · <Link to={`/devices/${device}`}>{device}</Link>
                </span>
              </span>
              <span className="note">{say('alarm.raised', { at: dayClockText(raised_at, lang) })}</span>
            </li>
          ))}
        </ul>
      )}
    </main>
  )
}
