import t from 'tap'
import { process as law, type Gate, type Process, type Transition } from '../process/index.js'
import { checkProcess, expressionsOf } from './check.js'

const step = (process: Process, id: string, change: (one: Transition) => Transition): Process => ({
  ...process,
  transitions: process.transitions.map((one) => (one.id === id ? change(one) : one)),
})
const gate = (process: Process, id: string, change: (one: Gate) => Gate): Process => ({
  ...process,
  gates: process.gates.map((one) => (one.id === id ? change(one) : one)),
})
const saysOf = (process: Process): string =>
  checkProcess(process)
    .map(({ row, what }) => `${row}: ${what}`)
    .join('\n')

t.test('the process is sound: names, expressions, states, roads, gates, separation, portal, timers', async (t) => {
  t.equal(saysOf(law), '')
  t.comment(
    `${law.transitions.length} steps, ${law.machines.reduce((sum, { states }) => sum + states.length, 0)} states, ${law.gates.length} gates, ` +
      `${law.timers.length} timers, ${law.documents.length} documents, ${law.inputs.length} inputs, ${law.facts.length} facts, ${expressionsOf(law).length} expressions`,
  )
  t.equal(law.transitions.length, 120)
  t.equal(law.gates.length, 23)
  t.equal(law.timers.length, 34)
  t.equal(law.documents.length, 45)
  t.equal(law.portal.length, 27)
})

t.test('each kind of fault is found', async (t) => {
  const found = (process: Process, wanted: RegExp): void => void t.match(saysOf(process), wanted)
  found(
    step(law, 't35', (one) => ({ ...one, gates: (one.gates ?? []).filter((id) => id !== 'G13') })),
    /t35: skips G13/,
  )
  found(
    step(law, 't29', (one) => ({ ...one, to: 'C13' })),
    /t29: enters C13/,
  )
  found(
    step(law, 't19', (one) => ({ ...one, to: 'C3' })),
    /C13: can be reached around C2/,
  )
  found(
    step(law, 't35', (one) => ({ ...one, by: ['system'] })),
    /t35: a machine alone leads into C13/,
  )
  found(
    step(law, 't48', (one) => ({ ...one, from: ['C17'] })),
    /C23: nothing leads out/,
  )
  found(
    step(law, 't23', (one) => ({ ...one, to: 'C5' })),
    /C4: no road leads there/,
  )
  found(
    step(law, 't2', (one) => ({ ...one, starts: ['T99'] })),
    /t2: there is no timer T99/,
  )
  found(
    step(law, 't1', (one) => ({ ...one, documents: ['D99'] })),
    /t1: there is no document D99/,
  )
  found(
    gate(law, 'G13', (one) => ({ ...one, refusal: { zh: '', en: one.refusal.en } })),
    /G13: refusal has no Chinese/,
  )
  found(
    gate(law, 'G4', (one) => ({ ...one, source: 'practice' })),
    /G4: names no article/,
  )
  found(
    gate(law, 'G9', (one) => ({ ...one, expr: ['==', 'audit.legal', 'passed'] })),
    /G9: audit.legal is never passed/,
  )
  found(
    { ...law, inputs: law.inputs.filter(({ id }) => id !== 'limitation.open') },
    /G4: there is no input limitation.open/,
  )
  found({ ...law, portal: law.portal.filter(({ id }) => id !== 'P14') }, /EV04: belongs to the party/)
  found(
    { ...law, separation: law.separation.filter(({ id }) => id !== 'SD3' && id !== 'SD1') },
    /SD3: lets officer_a be/,
  )
  found({ ...law, timers: law.timers.map((one) => ({ ...one, stopOnFact: [] })) }, /T31: nothing stops it/)
})
