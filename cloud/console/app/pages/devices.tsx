import type { DeviceView } from '../contracts.js'
import { faultText } from '../lib/faults.js'
import { dayClockText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { Link } from '../lib/router.js'
import { hasAny, useSession } from '../lib/session.js'
import { useRead } from '../lib/use-read.js'
import { DeviceOrders } from '../parts/device-orders.js'
import { Reading } from '../parts/reading.js'
import { StateCard } from '../parts/state-card.js'
import { isTextKey } from '../texts.js'

/** `/devices`: boxes with their health, cameras with one word and what is wrong. */
export function DevicesPage({ only }: { readonly only: string | null }) {
  const { say } = useLook()
  const read = useRead<{ items: DeviceView[] }>('/v1/devices', ({ kind }) => kind === 'device' || kind === 'alarm')
  const items = (read.data?.items ?? []).filter(({ id }) => only === null || id === only)
  return (
    <main id="main" className="page">
      <header className="page-head">
        <h1>{say('device.title')}</h1>
        <Link to="/alarms">{say('nav.alarms')}</Link>
      </header>
      {read.data === null ? (
        <Reading read={read} />
      ) : items.length === 0 ? (
        <StateCard sign="○" title={say('device.empty')} words={say('device.emptyWords')} />
      ) : (
        items.map((device) => <DeviceCard key={device.id} device={device} />)
      )}
    </main>
  )
}

function DeviceCard({ device }: { readonly device: DeviceView }) {
  const { say, lang } = useLook()
  const { session } = useSession()
  const readsLeads = hasAny(session, ['operator', 'officer_a', 'officer_b', 'head', 'legal_reviewer', 'supervisor'])
  return (
    <section className="card stack device">
      <h2 className="spread">
        <Link to={`/devices/${device.id}`}>{device.id}</Link>
        <span className={`chip ${device.removed_at !== null ? '' : device.online ? 'chip-good' : 'chip-bad'}`}>
          {say(device.removed_at !== null ? 'device.removed' : device.online ? 'device.online' : 'device.offline')}
        </span>
      </h2>
      <p className="note">
        {device.last_record_at === null
          ? say('device.never')
          : say('device.last', { at: dayClockText(device.last_record_at, lang) })}
      </p>
      <Health health={device.health} />
      <ul className="cameras">
        {device.cameras.map(({ cam, place, state, fault }) => {
          const key = `device.camera.${state}`
          return (
            <li key={cam} className="card">
              <p className="spread">
                <strong>
                  {cam} {place.name}
                </strong>
                <span className={`chip ${state === 'running' ? 'chip-good' : state === 'unknown' ? '' : 'chip-bad'}`}>
                  {isTextKey(key) ? say(key) : state}
                </span>
              </p>
              {fault !== null && <Fault code={fault} />}
              {readsLeads && <Link to={`/leads?cam=${cam}`}>{say('device.leads')}</Link>}
            </li>
          )
        })}
      </ul>
      <DeviceOrders device={device} />
    </section>
  )
}

/** What is wrong and what to do; the code beside it, for the runbook. */
function Fault({ code }: { readonly code: string }) {
  const { say, of } = useLook()
  const known = faultText(code)
  return (
    <p>
      {known !== null && of(known)} <span className="note">{say('device.fault', { code })}</span>
    </p>
  )
}

function Health({ health }: { readonly health: DeviceView['health'] }) {
  const { say, lang } = useLook()
  if (health === null) return null
  const number = (name: string, unit: string, divide = 1): string | null => {
    const value = health[name]
    return typeof value === 'number'
      ? `${(value / divide).toLocaleString(lang, { maximumFractionDigits: 1 })} ${unit}`
      : null
  }
  const ring = health['ring_oldest']
  const rows = [
    [say('device.disk'), number('disk_free_mb', 'GB', 1_000)],
    [say('device.outbox'), number('outbox', '')],
    [say('device.temp'), number('temp_c', '°C')],
    [say('device.held'), number('held_mb', 'MB')],
    [say('device.ring'), typeof ring === 'string' ? dayClockText(ring, lang) : null],
  ] as const
  return (
    <dl className="rows health">
      {rows.flatMap(([label, value]) =>
        value === null
          ? []
          : [
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>,
            ],
      )}
    </dl>
  )
}
