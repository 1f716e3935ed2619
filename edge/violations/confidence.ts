import type { Cause } from '../../contracts/terms.js'
import type { Finding } from './types.js'

/**
 * Logistic score for the order of the queue (DETECTION.md §9): monotone in every input, inputs in 0..1, coefficients versioned
 * with the rule. They are set by hand so that the least that confirms gives about 0.6; feedback moves only the bias.
 */
const coefficients = {
  vending: { bias: -1.4, dwell: 0.8, attended: 1.4, lift: 0.8, stall: 1.6, carrier: 1.2 },
  grilling: { bias: -1.6, dwell: 0.6, emission: 1.6, flame: 1.4, flicker: 0.8, grill: 1.2 },
  spillage: { bias: -1.2, dwell: 0.6, texture: 1.2, vehicle: 1, actor: 1.4 },
  dust: { bias: -1.4, dwell: 0.6, emission: 1.6, warm: 0.8, motion: 0.8, opacity: 0.8 },
} as const satisfies Record<Cause, Readonly<Record<string, number>>>

type Inputs<C extends Cause> = Readonly<Record<Exclude<keyof (typeof coefficients)[C], 'bias'>, number>>

/** 0..1 for the queue. */
export function confidenceOf<C extends Cause>(cause: C, inputs: Inputs<C>): number {
  const weights: Readonly<Record<string, number>> = coefficients[cause]
  let sum = weights['bias'] ?? 0
  for (const [name, value] of Object.entries<number>(inputs))
    sum += (weights[name] ?? 0) * Math.min(1, Math.max(0, value))
  return 1 / (1 + Math.exp(-sum))
}

/** Four grades serve decisions better than three (Balaud and Manzey, cited in DETECTION.md §9). */
export function gradeOf(confidence: number): Finding['grade'] {
  if (confidence < 0.5) return 1
  if (confidence < 0.7) return 2
  return confidence < 0.85 ? 3 : 4
}
