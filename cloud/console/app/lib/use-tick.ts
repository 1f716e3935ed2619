import { useEffect, useState } from 'react'

/** Draws again every so often; returns the count. */
export function useTick(everyMs: number, on = true): number {
  const [count, setCount] = useState(0)
  useEffect(() => {
    if (!on) return undefined
    const timer = setInterval(() => setCount((before) => before + 1), everyMs)
    return () => clearInterval(timer)
  }, [everyMs, on])
  return count
}
