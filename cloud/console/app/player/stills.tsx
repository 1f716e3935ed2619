import type { LeadView } from '../contracts.js'
import { clockText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { isTextKey } from '../texts.js'

interface StillsProps {
  readonly stills: LeadView['stills']
  /** Index of the one that is shown large; null while the clip is. */
  readonly shown: number | null
  readonly onShow: (index: number) => void
}

/** The first three stills, always there before the clip; a click shows one large. */
export function Stills({ stills, shown, onShow }: StillsProps) {
  const { say } = useLook()
  return (
    <div className="stills">
      {stills.slice(0, 3).map(({ kind, at, url, w_px, h_px }, index) => {
        const key = `player.still.${kind}`
        const name = isTextKey(key) ? say(key) : kind
        return (
          <button
            type="button"
            key={url}
            className="still"
            aria-pressed={shown === index}
            onClick={() => onShow(index)}
          >
            <img
              src={url}
              alt={say('player.stillN', { n: index + 1, kind: name, at: clockText(at) })}
              width={w_px}
              height={h_px}
            />
            <span className="still-foot">
              <kbd>{index + 1}</kbd>
              <strong>{name}</strong>
              <span className="grow" />
              <span className="quiet">{clockText(at)}</span>
            </span>
          </button>
        )
      })}
    </div>
  )
}
