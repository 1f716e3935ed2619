import { unreachable } from '../../../contracts/base/index.js'
import type {
  DocumentId,
  Expr,
  GateId,
  InputId,
  RunName,
  StateId,
  TimerId,
  TimerPhase,
  Value,
} from '../process/index.js'

/** All that an expression can see. */
export interface Sight {
  input(id: InputId): Value | undefined
  /** State of the newest run, `none` when there is none. */
  state(run: RunName): StateId | 'none'
  timer(id: TimerId): TimerPhase
  gate(id: GateId): Expr
  /** Whether the document is made at this very step. */
  doc(id: DocumentId): boolean
}

/** `missing` names every input without value that was reached; then the step is refused, whatever `holds` says. */
export interface Verdict {
  readonly holds: boolean
  readonly missing: readonly InputId[]
}

/**
 * Evaluates a gate or guard, left to right: `and` looks at every branch, `or` stops at the first true one, and an input without
 * value that is reached counts as not recorded; nothing is guessed. Total: data of any depth that the model check accepted.
 */
export function evaluate(expr: Expr, sight: Sight): Verdict {
  if (typeof expr === 'string') return compare(expr, sight, (value) => value === true)
  switch (expr[0]) {
    case 'and': {
      const parts = branches(expr).map((branch) => evaluate(branch, sight))
      return { holds: parts.every(({ holds }) => holds), missing: parts.flatMap(({ missing }) => missing) }
    }
    case 'or': {
      const missing: InputId[] = []
      for (const branch of branches(expr)) {
        const verdict = evaluate(branch, sight)
        missing.push(...verdict.missing)
        if (verdict.holds) return { holds: true, missing }
      }
      return { holds: false, missing }
    }
    case 'not': {
      const inner = evaluate(expr[1], sight)
      return { holds: inner.missing.length === 0 && !inner.holds, missing: inner.missing }
    }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(expr[1], sight, (value) => relates(expr[0], value, expr[2]))
    case 'in':
      return compare(expr[1], sight, (value) => expr[2].some((one) => same(one, value)))
    case 'has':
      return compare(expr[1], sight, (value) => Array.isArray(value) && value.includes(expr[2]))
    case 'state':
      return known(expr[2].includes(sight.state(expr[1])))
    case 'timer':
      return known(expr[2].includes(sight.timer(expr[1])))
    case 'gate':
      return evaluate(sight.gate(expr[1]), sight)
    case 'doc':
      return known(sight.doc(expr[1]))
    default:
      return unreachable(expr)
  }
}

/** Every input that an expression can reach, gates inside it included. */
export function inputsOf(expr: Expr, gateOf: (id: GateId) => Expr): InputId[] {
  if (typeof expr === 'string') return [expr]
  switch (expr[0]) {
    case 'and':
    case 'or':
      return branches(expr).flatMap((branch) => inputsOf(branch, gateOf))
    case 'not':
      return inputsOf(expr[1], gateOf)
    case 'gate':
      return inputsOf(gateOf(expr[1]), gateOf)
    case 'state':
    case 'timer':
    case 'doc':
      return []
    default:
      return [expr[1]]
  }
}

/** The parts of an expression, itself first; gates inside it are not opened. */
export function partsOf(expr: Expr): Expr[] {
  if (typeof expr === 'string') return [expr]
  if (expr[0] === 'and' || expr[0] === 'or') return [expr, ...branches(expr).flatMap(partsOf)]
  return expr[0] === 'not' ? [expr, ...partsOf(expr[1])] : [expr]
}

function branches(expr: readonly ['and' | 'or', ...Expr[]]): Expr[] {
  return expr.slice(1) as Expr[]
}

const known = (holds: boolean): Verdict => ({ holds, missing: [] })

function compare(id: InputId, sight: Sight, test: (value: Value) => boolean): Verdict {
  const value = sight.input(id)
  return value === undefined ? { holds: false, missing: [id] } : known(test(value))
}

function same(a: Value, b: Value): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => one === b[i]))
}

/** Order exists between numbers only; anything else is not smaller and not larger. */
function relates(operator: '==' | '!=' | '<' | '<=' | '>' | '>=', value: Value, literal: Value): boolean {
  if (operator === '==') return same(value, literal)
  if (operator === '!=') return !same(value, literal)
  if (typeof value !== 'number' || typeof literal !== 'number') return false
  if (operator === '<') return value < literal
  if (operator === '<=') return value <= literal
  return operator === '>' ? value > literal : value >= literal
}
