/** Waits double from the first to the longest, and begin anew after a success. */
export function backOff(firstMs: number, longestMs: number): { next(): number; reset(): void } {
  let waitMs = firstMs
  return {
    next() {
      const now = waitMs
      waitMs = Math.min(longestMs, waitMs * 2)
      return now
    },
    reset() {
      waitMs = firstMs
    },
  }
}
