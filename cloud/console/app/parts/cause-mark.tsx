import { causeMarks, causeTerms, type Cause } from '../contracts.js'
import { useLook } from '../lib/look.js'

const shapes = {
  vending: <rect x="2" y="2" width="20" height="20" rx="3" />,
  grilling: <path d="M12 1 23.5 22.5H.5Z" />,
  spillage: <path d="M12 0 24 12 12 24 0 12Z" />,
  dust: <circle cx="12" cy="12" r="11.5" />,
} as const
const baseline = { vending: 16.4, grilling: 19.6, spillage: 16, dust: 16 } as const

/** Shape, character and colour of a cause: readable without colour (EXPERIENCE.md §3.2). */
export function CauseMark({ cause, size = 24 }: { readonly cause: Cause; readonly size?: number }) {
  const { of } = useLook()
  return (
    <svg
      className={`mark mark-${cause}`}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      role="img"
      aria-label={of(causeTerms[cause])}
    >
      {shapes[cause]}
      <text x="12" y={baseline[cause]} textAnchor="middle" fontSize={cause === 'grilling' ? 9.5 : 12}>
        {causeMarks[cause]}
      </text>
    </svg>
  )
}
