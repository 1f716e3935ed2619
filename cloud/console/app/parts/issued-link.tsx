import { create } from 'qrcode'
import { useState } from 'react'
import { useLook } from '../lib/look.js'

export interface Issued {
  readonly link: string
  readonly access_code: string
}

/** Link and code, shown once, with copy, QR and print. */
export function IssuedLink({ issued, onKept }: { readonly issued: Issued; readonly onKept: () => void }) {
  const { say } = useLook()
  return (
    <section className="issued" aria-label={say('notice.issued')}>
      <h2>✓ {say('notice.issued')}</h2>
      <Kept label={say('notice.link')} value={issued.link} />
      <Kept label={say('notice.accessCode')} value={issued.access_code} large />
      <Qr text={issued.link} label={say('notice.qr')} />
      <p className="banner banner-warn">{say('notice.keep')}</p>
      <div className="row">
        <button type="button" onClick={() => window.print()}>
          {say('any.print')}
        </button>
        <button type="button" className="main" onClick={onKept}>
          {say('notice.kept')}
        </button>
      </div>
      <p className="note">{say('notice.once')}</p>
    </section>
  )
}

function Kept({
  label,
  value,
  large = false,
}: {
  readonly label: string
  readonly value: string
  readonly large?: boolean
}) {
  const { say } = useLook()
  const [copied, setCopied] = useState(false)
  return (
    <div className="field">
      <span>{label}</span>
      <div className="kept">
        <input
          readOnly
          aria-label={label}
          className={large ? 'mono code-large' : 'mono'}
          value={value}
          onFocus={(event) => event.target.select()}
        />
        <button
          type="button"
          onClick={() => {
            // Without a secure origin there is no clipboard: the field stays selectable by hand.
            const { clipboard } = navigator as { clipboard?: Clipboard }
            void clipboard?.writeText(value).then(
              () => setCopied(true),
              () => setCopied(false),
            )
          }}
        >
          {say(copied ? 'any.copied' : 'any.copy')}
        </button>
      </div>
    </div>
  )
}

/** A QR code as one SVG path; four modules of quiet around it. */
function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  const { size, data } = modules
  const path = Array.from({ length: size * size }, (_, index) => index)
    .filter((index) => data[index])
    .map((index) => `M${(index % size) + 4} ${Math.floor(index / size) + 4}h1v1h-1z`)
    .join('')
  return (
    <svg
      className="qr"
      width="160"
      height="160"
      viewBox={`0 0 ${size + 8} ${size + 8}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={size + 8} height={size + 8} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
