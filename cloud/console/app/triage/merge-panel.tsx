import { useState } from 'react'
import { leadStateTerms, type LeadView } from '../contracts.js'
import { clockText, spanText } from '../lib/format.js'
import { useKeys } from '../lib/keys.js'
import { useLook } from '../lib/look.js'
import { useRead } from '../lib/use-read.js'
import { Reading } from '../parts/reading.js'

interface MergePanelProps {
  readonly lead: LeadView
  readonly onMerge: (into: LeadView) => void
  readonly onClose: () => void
}

/** Leads of the same cause that are still open, nearest in time first; side by side before anything is merged. */
export function MergePanel({ lead, onMerge, onClose }: MergePanelProps) {
  const { say, of, lang } = useLook()
  const read = useRead<{ items: LeadView[] }>(`/v1/leads?cause=${lead.cause}&limit=200`)
  const [picked, setPicked] = useState<string | null>(null)
  const away = (other: LeadView): number => Math.abs(Date.parse(other.first_at) - Date.parse(lead.first_at))
  const hosts = (read.data?.items ?? [])
    .filter(({ id, state }) => id !== lead.id && state !== 'L10')
    .sort((a, b) => Number(b.cam === lead.cam) - Number(a.cam === lead.cam) || away(a) - away(b))
    .slice(0, 9)
  const other = hosts.find(({ id }) => id === picked)
  const press = (host: LeadView | undefined): void => {
    if (host === undefined) return
    if (picked === host.id) onMerge(host)
    else setPicked(host.id)
  }
  useKeys({
    ...Object.fromEntries(hosts.map((host, index) => [`Digit${index + 1}`, () => press(host)])),
    Escape: onClose,
  })
  const stillOf = ({ stills }: LeadView): string | undefined =>
    (stills.find(({ kind }) => kind === 'act') ?? stills[0])?.url
  return (
    <section className="card dock" aria-label={say('triage.whichMerge')}>
      <h2 className="dock-head">
        <span>{say('triage.whichMerge')}</span>
        <span className="note">
          <kbd>Esc</kbd> {say('any.back')}
        </span>
      </h2>
      {read.data === null ? (
        <Reading read={read} />
      ) : hosts.length === 0 ? (
        <p>{say('triage.mergeNone')}</p>
      ) : (
        <>
          {other !== undefined && (
            <div className="side-by-side">
              {[lead, other].map((one, index) => (
                <figure key={one.id}>
                  {stillOf(one) !== undefined && <img src={stillOf(one)} alt="" />}
                  <figcaption className="note">
                    {index === 0 ? say('triage.mergeThis') : say('triage.mergeOther', { n: hosts.indexOf(other) + 1 })}{' '}
                    · {one.cam} · {clockText(one.confirmed_at)}
                  </figcaption>
                </figure>
              ))}
            </div>
          )}
          <ul className="reasons">
            {hosts.map((host, index) => (
              <li key={host.id}>
                <button type="button" className="reason" aria-pressed={picked === host.id} onClick={() => press(host)}>
                  <kbd>{index + 1}</kbd>
                  <strong>{host.place.name}</strong>
                  <span>
                    {host.cam} · {spanText(host.first_at, host.last_at, lang)}
                  </span>
                  <span className="note">{of(leadStateTerms[host.state])}</span>
                </button>
              </li>
            ))}
          </ul>
          <p className="note">{say('triage.mergeSide')}</p>
          {other !== undefined && (
            <button type="button" onClick={() => onMerge(other)}>
              {say('triage.mergeGo')}
            </button>
          )}
        </>
      )}
    </section>
  )
}
