import { readFileSync, readdirSync } from 'node:fs'

export interface ProcessCost {
  readonly pid: number
  readonly name: string
  /** User and system time since the process began. */
  readonly cpuS: number
  /** Proportional set size: shared pages are divided among those that share them. */
  readonly pssMb: number
}

const ticksPerSecond = 100 // USER_HZ, fixed at 100 on Linux for what /proc reports

/** A process and everything below it, as Linux counts them; processes that end meanwhile are left out. */
export function processTree(rootPid: number): ProcessCost[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const fields = statFields(Number(entry))
    if (fields !== null) parents.set(Number(entry), Number(fields[1]))
  }
  const inTree = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === rootPid) return true
    return false
  }
  return [...parents.keys()].filter(inTree).flatMap((pid) => {
    const cost = processCost(pid)
    return cost === null ? [] : [cost]
  })
}

export function processCost(pid: number): ProcessCost | null {
  const fields = statFields(pid)
  if (fields === null) return null
  try {
    const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
    return {
      pid,
      name: readFileSync(`/proc/${pid}/comm`, 'utf8').trim(),
      cpuS: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      pssMb: Number(pss?.[1] ?? 0) / 1024,
    }
  } catch {
    return null // ended between the two reads
  }
}

/** CPU of the busiest thread that is not the main one: the vision worker of an edge process. */
export function workerCpuS(pid: number): number {
  const seconds = readdirSync(`/proc/${pid}/task`)
    .filter((thread) => Number(thread) !== pid)
    .map((thread) => statFields(Number(thread), `/proc/${pid}/task/${thread}/stat`))
    .map((fields) => (fields === null ? 0 : (Number(fields[11]) + Number(fields[12])) / ticksPerSecond))
  return Math.max(0, ...seconds)
}

/** Fields of /proc/PID/stat after the name, `[0]` = state (proc(5) field 3). */
function statFields(pid: number, file = `/proc/${pid}/stat`): string[] | null {
  try {
    const text = readFileSync(file, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}
