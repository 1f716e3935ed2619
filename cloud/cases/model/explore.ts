import type { EpochMs } from '../../../contracts/base/index.js'
import {
  applyEntry,
  emptyFile,
  evaluate,
  inputsOf,
  newestRun,
  propose,
  proposeTimerEnd,
  type FileEntry,
  type FileView,
  type StepRequest,
} from '../engine/index.js'
import { entryBreaches } from '../engine/log-invariants.js'
import { inputRow } from '../engine/rows.js'
import { gateExpr, sightOf } from '../engine/sight.js'
import type { Expr, FactId, GateId, InputId, Process, Transition, TransitionId, Value } from '../process/index.js'
import { expressionsOf } from './check.js'
import { lawfulRequest, type Extra, type Set as Inputs } from './lawful.js'
import { roadFacts, variants, worlds, type World } from './roads.js'

/** A road to something that must not be. */
export interface Breach {
  readonly what: string
  /** Steps from an empty file, the last one breaks the rule. */
  readonly trace: readonly string[]
}

export interface Exploration {
  /** Different states of a file that were looked at. */
  readonly states: number
  /** Steps, facts and ends of periods that the interpreter accepted. */
  readonly steps: number
  /** Requests put to the interpreter, those with a wrong value included. */
  readonly asked: number
  /** False when `statesMax` ended it. */
  readonly complete: boolean
  /** Roads of the check itself that could not be taken to their end: none for the process as it should be. */
  readonly lost: readonly string[]
  readonly breaches: readonly Breach[]
}

interface Node {
  readonly view: FileView
  readonly did: string
  readonly before: Node | null
}

/** How often a gate is tried with wrong values at one step; more states teach nothing new about the same expression. */
const triesMax = 3

/**
 * Walks the process with the product's own interpreter: from an empty file every step, fact and end of a period that lawful people
 * could bring, least visited main states first. At each accepted step the gates of `reference` must hold and no invariant may break;
 * at each step with gates every input that they read is also tried with every wrong value.
 */
export function explore(process: Process, reference: Process, statesMax: number, stopAtBreach: boolean): Exploration {
  const run = new Explorer(process, reference, statesMax, stopAtBreach)
  for (const world of worlds) run.walk(world)
  return run.result()
}

class Explorer {
  readonly #process: Process
  readonly #reference: Process
  readonly #statesMax: number
  readonly #stopAtBreach: boolean
  readonly #seen = new Set<string>()
  readonly #breaches = new Map<string, Breach>()
  readonly #tries = new Map<string, number>()
  readonly #asked: ReadonlySet<InputId>
  readonly #lost: string[] = []
  #steps = 0
  #requests = 0
  #complete = true

  constructor(process: Process, reference: Process, statesMax: number, stopAtBreach: boolean) {
    this.#process = process
    this.#reference = reference
    this.#statesMax = statesMax
    this.#stopAtBreach = stopAtBreach
    const gateOf = (id: GateId): Expr => reference.gates.find((one) => one.id === id)?.expr ?? ['and']
    this.#asked = new Set(expressionsOf(reference).flatMap(({ expr }) => inputsOf(expr, gateOf)))
  }

  result(): Exploration {
    return {
      states: this.#seen.size,
      steps: this.#steps,
      asked: this.#requests,
      complete: this.#complete,
      lost: this.#lost,
      breaches: [...this.#breaches.values()],
    }
  }

  /** Each world has the same share of `statesMax`. */
  walk({ answers: world, roads }: World): void {
    const limit = this.#seen.size + Math.ceil(this.#statesMax / worlds.length)
    // Waiting files by main state; the least visited main state goes first, so that depth is reached as well as breadth.
    const waiting = new Map<string, { nodes: Node[]; taken: number }>()
    const put = (node: Node): void => {
      const key = `${JSON.stringify(world)}${this.#keyOf(node.view)}`
      if (this.#seen.has(key)) return
      this.#seen.add(key)
      const main = ['lead', 'case', 'payment', 'remedy', 'hearing']
        .map((one) => newestRun(node.view, one as 'lead')?.state ?? '')
        .join()
      const bucket = waiting.get(main) ?? { nodes: [], taken: 0 }
      bucket.nodes.push(node)
      waiting.set(main, bucket)
    }
    const start: Node = { view: emptyFile, did: '', before: null }
    put(start)
    for (const road of roads) this.#follow(start, road, world, put)
    for (;;) {
      const open = [...waiting.values()].filter(({ nodes }) => nodes.length > 0)
      const next = open.reduce<(typeof open)[number] | null>(
        (best, one) => (best === null || one.taken < best.taken ? one : best),
        null,
      )
      // By turns the oldest and the newest: breadth, and a way on to the states behind.
      const node = next === null || next.taken % 2 === 1 ? next?.nodes.shift() : next.nodes.pop()
      if (next === null || node === undefined) return
      if (this.#seen.size >= limit || (this.#stopAtBreach && this.#breaches.size > 0)) {
        this.#complete = false
        return
      }
      next.taken++
      for (const after of this.#after(node, world)) put(after)
    }
  }

  /** Takes a road as far as this process lets it be taken. */
  #follow(start: Node, road: readonly string[], world: Inputs, put: (node: Node) => void): void {
    let node: Node = start
    for (const token of road) {
      if (this.#stopAtBreach && this.#breaches.size > 0) return
      const next = this.#after(node, world)
      for (const one of next) put(one)
      // `end of T15` also means the one of a run: `end of T15@payment/1`.
      const on = next.find(({ did }) => did === token || did.startsWith(`${token} `) || did.startsWith(`${token}@`))
      if (on === undefined) {
        this.#lost.push(`${token} after ${node.did}`)
        return
      }
      node = on
    }
    for (const one of this.#after(node, world)) put(one)
  }

  #after(node: Node, world: Inputs): Node[] {
    const atMs = (node.view.version * 60_000) as EpochMs
    const ends = Object.entries(node.view.timers)
      .filter(([key, { phase }]) => phase === 'running' && this.#matters(key))
      .map(([key]) => ({
        did: `end of ${key}`,
        request: null,
        outcome: proposeTimerEnd(this.#process, node.view, { key, dueMs: atMs, version: node.view.version }),
      }))
    const steps = this.#requestsAt(node.view, world, atMs).map(({ did, request, step }) => {
      if (step !== null) this.#tryWrong(node, step, request)
      return { did, request, outcome: this.#ask(node.view, request) }
    })
    return [...ends, ...steps].flatMap(({ did, request, outcome }) => {
      if (!outcome.ok) return []
      this.#steps++
      this.#judge(node, did, outcome.entry, request)
      return [{ view: applyEntry(node.view, outcome.entry), did, before: node }]
    })
  }

  #requestsAt(
    view: FileView,
    world: Inputs,
    atMs: EpochMs,
  ): { did: string; request: StepRequest; step: Transition | null }[] {
    const steps = this.#process.transitions.filter(({ trigger, from, machine }) => {
      if (trigger === 'inside' || machine === 'device') return false
      if (from.length === 0)
        return machine === 'lead'
          ? view.runs.length === 0
          : newestRun(view, machine) === null && newestRun(view, 'case') !== null
      return view.runs.some((run) => run.machine === machine && from.includes(run.state))
    })
    const ids = [...steps.map(({ id }) => id), ...roadFacts]
    return ids.flatMap((id) =>
      this.#extras(view, id).flatMap((extra) => {
        const request = lawfulRequest(this.#process, view, id, atMs, {
          ...extra,
          derived: { ...world, ...extra.derived },
        })
        const step = steps.find((one) => one.id === id) ?? null
        const who = extra.by === undefined ? '' : ` by ${extra.by.join(' and ')}`
        return request === null
          ? []
          : [{ did: `${id}${who}${extra.doc === undefined ? '' : ` of ${extra.doc}`}`, request, step }]
      }),
    )
  }

  /** Ways to take a step: by whom, with what, of which document. */
  #extras(view: FileView, id: TransitionId | FactId): readonly Extra[] {
    const step = this.#process.transitions.find((one) => one.id === id)
    if (step?.machine === 'service') {
      const open = view.runs.filter((run) => run.machine === 'service' && step.from.includes(run.state))
      // One document stands for all: the ways of service of D17, for the others only the hand-over in person.
      const ways = step.id === 'sv2' || step.id === 'sv4'
      const docs = [...new Set(open.flatMap(({ doc }) => doc ?? []))].filter((doc) => ways || doc === 'D17')
      return docs.flatMap((doc) => step.by.map((role) => ({ doc, by: [role] })))
    }
    const own = variants[id]
    if (own !== undefined || step === undefined || step.allSign === true || step.byState !== undefined)
      return own ?? [{}]
    return step.by.map((role) => ({ by: [role] }))
  }

  #ask(view: FileView, request: StepRequest): ReturnType<typeof propose> {
    this.#requests++
    return propose(this.#process, view, request)
  }

  /** The accepted step against the reference: its gates on the file before, and the invariants. */
  #judge(node: Node, did: string, entry: FileEntry, request: StepRequest | null, more = ''): void {
    const say = (what: string): void => this.#say(node, what, [`${did}${more}`])
    for (const what of entryBreaches(this.#reference, node.view, entry)) say(`${entry.did}: ${what}`)
    for (const gate of request === null ? [] : this.#failing(node.view, entry, request))
      say(`${entry.did} is taken although ${gate} does not hold`)
  }

  #say(node: Node, what: string, last: readonly string[]): void {
    if (!this.#breaches.has(what)) this.#breaches.set(what, { what, trace: [...traceOf(node), ...last] })
  }

  /** Gates of the reference that do not hold for the step, with what the interpreter itself read at other gates put beside the file. */
  #failing(view: FileView, entry: FileEntry, request: StepRequest): GateId[] {
    const step = this.#reference.transitions.find(({ id }) => id === entry.did)
    if (step === undefined || entry.effects.every(({ kind }) => kind === 'sign')) return []
    return (step.gates ?? []).filter((gate) => !this.#holds(view, step, gate, request))
  }

  #holds(view: FileView, step: Transition, gate: GateId, request: StepRequest): boolean {
    const from =
      view.runs.findLast(
        (one) =>
          one.machine === step.machine &&
          step.from.includes(one.state) &&
          (request.doc === undefined || one.doc === request.doc),
      ) ?? null
    const doc = step.gateDoc?.[gate] ?? from?.doc ?? null
    const brought = { set: request.set ?? {}, derived: request.derived ?? {}, documents: [] }
    const { sight } = sightOf(this.#reference, view, { id: step.id, run: from, doc }, brought)
    const verdict = evaluate(gateExpr(this.#reference, gate, step.id), sight)
    return verdict.holds && verdict.missing.length === 0
  }
  /** Each input that the step's gates read, with each wrong value, on a file that holds it. */
  #tryWrong(node: Node, step: Transition, request: StepRequest): void {
    const gates = this.#reference.transitions.find(({ id }) => id === step.id)?.gates ?? []
    // A step that is refused as it is shows nothing about a single wrong value.
    if (!gates.every((gate) => this.#holds(node.view, step, gate, request))) return
    for (const gate of gates) {
      const pair = `${step.id} ${gate}`
      const tries = this.#tries.get(pair) ?? 0
      if (tries >= triesMax) continue
      this.#tries.set(pair, tries + 1)
      const gateOf = (id: GateId): Expr => gateExpr(this.#reference, id, step.id)
      for (const input of new Set(inputsOf(gateOf(gate), gateOf)))
        for (const value of this.#wrongValues(input)) {
          const now = request.set?.[input] ?? request.derived?.[input] ?? node.view.inputs[input]
          if (JSON.stringify(value) === JSON.stringify(now)) continue
          const wrong = this.#patched(node.view, request, input, value)
          const outcome = this.#ask(wrong.view, wrong.request)
          if (!outcome.ok) continue
          this.#judge(
            { ...node, view: wrong.view },
            step.id,
            outcome.entry,
            wrong.request,
            ` with ${input} = ${JSON.stringify(value)}`,
          )
        }
    }
  }

  #wrongValues(input: InputId): Value[] {
    const type = inputRow(this.#reference, input)?.type ?? 'bool'
    if (type === 'bool') return [true, false]
    if (type === 'int') return [0, 2]
    if (type.startsWith('list')) return [[], ['NP1'], ['NP4']]
    return type.includes('|') ? type.split('|') : []
  }

  #patched(
    view: FileView,
    request: StepRequest,
    input: InputId,
    value: Value,
  ): { view: FileView; request: StepRequest } {
    const row = inputRow(this.#reference, input)
    if (row?.kind !== 'fact') return { view, request: { ...request, derived: { ...request.derived, [input]: value } } }
    const set =
      request.set !== undefined && input in request.set ? { ...request.set, [input]: value } : (request.set ?? {})
    const inRun = row.scope === 'service' || row.scope === 'remedy'
    const runs = view.runs.map((one) =>
      inRun && one.machine === row.scope ? { ...one, inputs: { ...one.inputs, [input]: value } } : one,
    )
    return {
      view: { ...view, runs, inputs: inRun ? view.inputs : { ...view.inputs, [input]: value } },
      request: { ...request, set },
    }
  }

  /** A timer whose phase some expression asks or whose end fires a step. */
  #matters(key: string): boolean {
    const id = key.split('@')[0] ?? ''
    return timersAsked(this.#reference).has(id)
  }

  /** What of a file decides about its future, in one line. Papers are left out: steps that must make one anew say so. */
  #keyOf(view: FileView): string {
    const runs = new Map(
      view.runs.map((one) => [one.machine === 'service' ? `sv:${one.doc ?? ''}` : one.machine, one.state]),
    )
    const timers = Object.entries(view.timers)
      .filter(([key]) => this.#matters(key))
      .map(([key, { phase }]) => `${key.split('@')[0] ?? ''}${phase}`)
    const inputs = Object.entries(view.inputs).filter(([id]) => this.#asked.has(id as InputId))
    return JSON.stringify([[...runs].sort(), timers.sort(), inputs.sort(([a], [b]) => (a < b ? -1 : 1))])
  }
}

const askedTimers = new WeakMap<Process, ReadonlySet<string>>()
function timersAsked(process: Process): ReadonlySet<string> {
  const known = askedTimers.get(process)
  if (known !== undefined) return known
  const text = JSON.stringify(expressionsOf(process).map(({ expr }) => expr))
  const asked = new Set([
    ...process.timers.map(({ id }) => id).filter((id) => text.includes(`["timer","${id}"`)),
    ...process.transitions.flatMap(({ timer }) => timer ?? []),
    ...process.timers.flatMap(({ startOnTimer }) => startOnTimer?.timers ?? []),
  ])
  askedTimers.set(process, asked)
  return asked
}

function traceOf(node: Node): string[] {
  const trace: string[] = []
  for (let at = node; at.before !== null; at = at.before) trace.unshift(at.did)
  return trace
}

/** The same process with one gate less at every step: what the check must notice. */
export function withoutGate(process: Process, gate: GateId): Process {
  return {
    ...process,
    transitions: process.transitions.map((one) => ({ ...one, gates: (one.gates ?? []).filter((id) => id !== gate) })),
  }
}
