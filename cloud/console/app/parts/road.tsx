import type { CaseView } from '../contracts.js'
import { useLook } from '../lib/look.js'
import type { TextKey } from '../texts.js'

const steps: readonly TextKey[] = [
  'road.accept',
  'road.reviews',
  'road.file',
  'road.notice',
  'road.service',
  'road.hearing',
  'road.decision',
  'road.close',
]
/** Index of the step that a state waits for. */
const waitsFor = { C5: 3, C6: 4 } as const satisfies Record<CaseView['state'], number>

/** Steps of the road; those after the notice come with the full process and say so. */
export function Road({ state }: { readonly state: CaseView['state'] }) {
  const { say } = useLook()
  const here = waitsFor[state]
  return (
    <ol className="road">
      {steps.map((step, index) => (
        <li
          key={step}
          className={index < here ? 'road-done' : index === here ? 'road-here' : ''}
          aria-current={index === here ? 'step' : undefined}
        >
          <span aria-hidden="true">{index < here ? '✓ ' : index === here ? '● ' : ''}</span>
          {say(step)}
        </li>
      ))}
    </ol>
  )
}
