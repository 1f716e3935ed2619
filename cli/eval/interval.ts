/** Two-sided 95 % limits. */
export type Interval = readonly [low: number, high: number]
const tail = 0.025

/** Clopper and Pearson 1934: the exact interval of a share `found` of `all`; [0, 1] when there is nothing to count. */
export function clopperPearson(found: number, all: number): Interval {
  if (all === 0) return [0, 1]
  const low = found === 0 ? 0 : solve((p) => 1 - binomialUpTo(found - 1, all, p) - tail)
  const high = found === all ? 1 : solve((p) => tail - binomialUpTo(found, all, p))
  return [low, high]
}

/** Exact Poisson interval (Garwood 1936) of a count, per unit of `exposure`; null without exposure. */
export function poissonRate(count: number, exposure: number): Interval | null {
  if (exposure <= 0) return null
  const top = 10 * (count + 10)
  const low = count === 0 ? 0 : solve((x) => 1 - poissonUpTo(count - 1, x * top) - tail) * top
  const high = solve((x) => tail - poissonUpTo(count, x * top)) * top
  return [low / exposure, high / exposure]
}

/** Root of an increasing function on 0..1 by bisection. */
function solve(increasing: (x: number) => number): number {
  let low = 0
  let high = 1
  for (let round = 0; round < 80; round++) {
    const middle = (low + high) / 2
    if (increasing(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function binomialUpTo(count: number, all: number, p: number): number {
  if (p <= 0) return 1
  if (p >= 1) return count >= all ? 1 : 0
  let sum = 0
  let logTerm = all * Math.log1p(-p)
  for (let k = 0; k <= count; k++) {
    sum += Math.exp(logTerm)
    logTerm += Math.log((all - k) / (k + 1)) + Math.log(p) - Math.log1p(-p)
  }
  return Math.min(1, sum)
}

function poissonUpTo(count: number, mean: number): number {
  let sum = 0
  let logTerm = -mean
  for (let k = 0; k <= count; k++) {
    sum += Math.exp(logTerm)
    logTerm += Math.log(mean / (k + 1))
  }
  return Math.min(1, sum)
}

/**
 * Exact two-sided binomial test: the chance of a result at least as unlikely as `count` of `all` when each falls this way with
 * probability `p`. With p = 1/2 over the pairs that differ this is McNemar's exact test; with the share of the exposure it compares
 * two Poisson counts.
 */
export function binomialTest(count: number, all: number, p: number): number {
  if (all === 0) return 1
  const own = binomialLog(count, all, p)
  let sum = 0
  for (let k = 0; k <= all; k++) {
    const log = binomialLog(k, all, p)
    if (log <= own + 1e-9) sum += Math.exp(log)
  }
  return Math.min(1, sum)
}

function binomialLog(count: number, all: number, p: number): number {
  let log = 0
  for (let k = 0; k < count; k++) log += Math.log((all - k) / (k + 1))
  const term = (times: number, share: number): number => (times === 0 ? 0 : times * Math.log(share))
  return log + term(count, p) + term(all - count, 1 - p)
}
