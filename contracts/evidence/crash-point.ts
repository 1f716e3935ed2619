/**
 * A place at which a test may kill this process without warning: `KW_CRASH=E2:3` kills at the third pass of point E2
 * (table: EVIDENCE.md §5). Several points are separated by commas; the first one reached ends the process. Outside
 * `NODE_ENV=test` this is a function that does nothing.
 */
export const crashPoint: (point: string) => void =
  process.env['NODE_ENV'] === 'test' ? armed(process.env['KW_CRASH'] ?? '') : () => undefined

function armed(plan: string): (point: string) => void {
  const left = new Map<string, number>()
  for (const part of plan.split(',')) {
    const [point, nth] = part.split(':')
    if (point !== undefined && point !== '') left.set(point, Number(nth ?? 1))
  }
  return (point) => {
    const count = left.get(point)
    if (count === undefined) return
    if (count <= 1) process.kill(process.pid, 'SIGKILL')
    left.set(point, count - 1)
  }
}
