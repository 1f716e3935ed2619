import { isMap, isPair, isScalar, isSeq } from 'yaml'
import type { Document, LineCounter, Node } from 'yaml'
import type { z } from 'zod'

/** Something wrong with a configuration, and where. */
export interface ConfigFault {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
  /** `cameras[0].zones[1].polygon`; empty for the file as a whole. */
  readonly key: string
  /** What is wrong and what to do. */
  readonly message: string
}

type Path = readonly PropertyKey[]

/** `edge.yaml:12:5 cameras[0].url: …` */
export function faultLine({ file, line, column, key, message }: ConfigFault): string {
  return `${file}:${line}:${column} ${key === '' ? '' : `${key}: `}${message}`
}

/** One fault per issue; an issue that names several unknown keys gives one for each. */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  document: Document,
  lines: LineCounter,
  file: string,
): ConfigFault[] {
  return issues
    .flatMap((issue) => flatten(issue, []))
    .map(({ path, message, atKey }) => {
      const { line, col } = lines.linePos(offsetOf(document, path, atKey))
      return { file, line, column: col, key: keyText(path), message }
    })
}

interface Flat {
  readonly path: Path
  readonly message: string
  readonly atKey: boolean
}

function flatten(issue: z.core.$ZodIssue, prefix: Path): Flat[] {
  const path = [...prefix, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: 'is no key that stands here: remove it or correct its name',
      atKey: true,
    }))
  if (issue.code === 'invalid_union') {
    // The form that is nearest to what stands there tells what is wrong with it.
    const nearest = [...issue.errors].sort((a, b) => a.length - b.length)[0]
    if (nearest !== undefined && nearest.length > 0) return nearest.flatMap((inner) => flatten(inner, path))
  }
  const missing = issue.code === 'invalid_type' && issue.input === undefined
  return [
    { path, message: missing ? 'is missing: add it' : issue.message.replace(/^Invalid input: /, ''), atKey: false },
  ]
}

function keyText(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('')
}

/** Where the value (or the key) of a path begins; of what is missing, where the map begins that should hold it. */
function offsetOf(document: Document, path: Path, atKey: boolean): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part),
      )
      if (pair === undefined) return offset
      const keyOffset = startOf(pair.key)
      offset = (last && atKey ? keyOffset : (startOf(pair.value) ?? keyOffset)) ?? offset
      node = pair.value
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part]
      offset = startOf(node) ?? offset
    } else return offset
  }
  return offset
}

function startOf(node: unknown): number | null {
  return (node as Node | null)?.range?.[0] ?? null
}
