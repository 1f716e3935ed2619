import type { ReactNode } from 'react'
import type { LeadView } from '../contracts.js'
import { clockText, dayText } from '../lib/format.js'
import { actorText, measureRows, reasonText, zoneKindText } from '../lib/measures.js'
import { useLook } from '../lib/look.js'
import type { Zone } from '../player/overlay.js'

function Part({
  title,
  right,
  children,
}: {
  readonly title: string
  readonly right?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <section className="part">
      <h2>
        <span>{title}</span>
        {right}
      </h2>
      {children}
    </section>
  )
}

/** Beside the picture: zone and time, value against threshold, lawfulness of the device. */
export function WhyColumn({ lead, zones }: { readonly lead: LeadView; readonly zones: readonly Zone[] }) {
  const { say, lang } = useLook()
  const zone = zones.find(({ id }) => id === lead.zone)
  const faults = (['moved', 'dark', 'blurred', 'covered'] as const).filter((name) => lead.view[name])
  const comma = lang === 'zh' ? '、' : ', '
  return (
    <aside className="card why" aria-label={say('lead.why')}>
      <Part title={say('lead.zone')}>
        <p>
          {zone === undefined
            ? say('lead.zoneNone', { zone: lead.zone })
            : say('lead.zoneIn', { zone: zone.id, kind: zoneKindText(zone.kind, lang) })}
        </p>
        <p>
          {dayText(lead.first_at, lang)}{' '}
          {say('lead.seen', {
            first: clockText(lead.first_at),
            confirmed: clockText(lead.confirmed_at),
            last: clockText(lead.last_at),
          })}
        </p>
        <p className="note">{say('lead.permit')}</p>
      </Part>
      <Part title={say('lead.why')} right={<span className="note">{lead.rule}</span>}>
        <dl className="rows">
          {measureRows(lead, lang).map(({ name, label, value, threshold }) => (
            <div key={name}>
              <dt>{label}</dt>
              <dd>
                <strong>{value}</strong>
                {threshold !== null && <span className="note">{say('lead.threshold', { value: threshold })}</span>}
              </dd>
            </div>
          ))}
          {lead.actor !== null && (
            <div>
              <dt>{say('lead.actor')}</dt>
              <dd>
                {actorText(lead.actor.kind, lang)} {clockText(lead.actor.at)}
              </dd>
            </div>
          )}
        </dl>
        {lead.reasons.length > 0 && <p>{lead.reasons.map((reason) => reasonText(reason, lang)).join(comma)}</p>}
      </Part>
      <Part title={say('lead.device')} right={<span className="chip chip-warn">{say(`lead.mode.${lead.mode}`)}</span>}>
        <p>
          {say(`lead.modeSays.${lead.mode}`)}{' '}
          {lead.time_unsure || lead.time_error_ms === null
            ? say('lead.clockUnsure')
            : say('lead.clockOk', { s: (lead.time_error_ms / 1_000).toFixed(2) })}
          {lang === 'zh' ? '；' : '; '}
          {faults.length === 0 ? say('lead.viewOk') : faults.map((name) => say(`lead.view.${name}`)).join(comma)}
          {lang === 'zh' ? '。' : '.'}
        </p>
        <p className="note">
          {lead.device}
          {Object.values(lead.models)
            .slice(0, 1)
            .map((digest) => ` · ${say('lead.models', { digest: digest.slice(0, 8) })}`)}
        </p>
      </Part>
    </aside>
  )
}
