import { causeTerms, type LeadView, type ZoneKind } from '../contracts.js'
import { useLook } from '../lib/look.js'

export interface Zone {
  readonly id: string
  readonly kind: ZoneKind
  readonly polygon_e4: readonly (readonly [number, number])[]
}
interface OverlayProps {
  readonly lead: LeadView
  readonly zones: readonly Zone[]
  readonly showBox: boolean
  readonly showZones: boolean
  /** Size of the picture, for its shape only. */
  readonly width: number
  readonly height: number
}

/** Box and zones over the picture: white in near-black reads on snow, asphalt and at night (EXPERIENCE.md §3.2). */
export function Overlay({ lead, zones, showBox, showZones, width, height }: OverlayProps) {
  const { say, of } = useLook()
  const [x, y, w, h] = lead.box_e4.map((part, index) => (part / 10_000) * (index % 2 === 0 ? width : height)) as [
    number,
    number,
    number,
    number,
  ]
  const unit = width / 784
  const label = say('lead.suspected', { cause: of(causeTerms[lead.cause]) })
  const wide = Array.from(label).reduce((sum, sign) => sum + (sign.charCodeAt(0) > 255 ? 17 : 9.4), 16) * unit
  const labelX = Math.max(0, Math.min(x - 2 * unit, width - wide))
  const above = y > 30 * unit
  const labelY = above ? y - 29 * unit : y + h + 3 * unit
  return (
    <svg
      className="overlay"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="xMidYMid meet"
      aria-hidden="true"
      data-overlay=""
    >
      {showZones &&
        zones.map(({ id, polygon_e4 }) => {
          const points = polygon_e4.map(([px, py]) => `${(px / 1e4) * width},${(py / 1e4) * height}`).join(' ')
          return (
            <g key={id} className="zone">
              <polygon points={points} className="zone-under" vectorEffect="non-scaling-stroke" />
              <polygon points={points} className="zone-line" vectorEffect="non-scaling-stroke" />
            </g>
          )
        })}
      {showBox && (
        <g>
          <rect x={x} y={y} width={w} height={h} className="box-under" vectorEffect="non-scaling-stroke" />
          <rect x={x} y={y} width={w} height={h} className="box-line" vectorEffect="non-scaling-stroke" />
          <rect x={labelX} y={labelY} width={wide} height={27 * unit} className="box-label" />
          <text x={labelX + 8 * unit} y={labelY + 20 * unit} fontSize={17 * unit} className="box-text">
            {label}
          </text>
        </g>
      )}
    </svg>
  )
}
