import type { InputId, Process, Value } from '../process/index.js'
import { noPenaltyGrounds } from '../process/index.js'
import type { FileView } from './file-view.js'

const mustNot: ReadonlySet<string> = new Set(noPenaltyGrounds.filter((one) => one.mustNot).map(({ id }) => id))
const openRemedy: ReadonlySet<string> = new Set(['RM0', 'RM1', 'RM2', 'RM3', 'RM4'])

/**
 * Derived inputs that the file alone answers; they win over whatever a caller says. `undefined`: not one of them. The others
 * (registers, calendar, pack, evidence store) are computed by the caller at each step and stored with it.
 */
export function derivedFromFile(process: Process, view: FileView, id: InputId): Value | undefined {
  const running = (timer: string): boolean =>
    Object.entries(view.timers).some(
      ([key, { phase }]) =>
        (key === timer || key.startsWith(`${timer}@`)) && (phase === 'running' || phase === 'paused'),
    )
  switch (id) {
    case 'remedy.open':
      return view.runs.some(({ machine, state }) => machine === 'remedy' && openRemedy.has(state))
    case 'remedy.periods_over':
      // After an on-the-spot decision reconsideration comes first (RL 23): its period counts.
      return !running(view.inputs['decision.kind'] === 'onsite' ? 'T19' : 'T20') && !running('T21')
    case 't21.running':
      return running('T21')
    case 'companions.at_rest':
      // An open remedy is asked by its own input: it may stay open with a note (G23).
      return view.runs.every(({ machine, state }) => {
        if (machine === 'lead' || machine === 'case' || machine === 'remedy') return true
        return process.machines.find((one) => one.id === machine)?.rest.includes(state) ?? false
      })
    case 'screen.closing_ground': {
      const ground = view.inputs['screen.ground']
      return Array.isArray(ground) && ground.some((one: string) => mustNot.has(one))
    }
    default:
      return undefined
  }
}
