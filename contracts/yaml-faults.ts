import { LineCounter, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml'
import type { Document, Node } from 'yaml'
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

/** YAML text through a schema: the value, or every fault with its place. Never throws. */
export function parseYaml<Out>(
  text: string,
  file: string,
  schema: z.ZodType<Out>,
): { readonly value: Out | null; readonly faults: ConfigFault[]; readonly at: (path: Path) => ConfigFault } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const at = (path: Path): ConfigFault => {
    const { line, col } = lines.linePos(offsetOf(document, path, false))
    return { file, line: Math.max(1, line), column: Math.max(1, col), key: keyText(path), message: '' }
  }
  const syntax = document.errors.map((error): ConfigFault => {
    const { line, col } = lines.linePos(error.pos[0])
    const message =
      error.code === 'DUPLICATE_KEY' ? 'stands here twice: remove one' : `${error.message}: correct the YAML here`
    return { file, line: Math.max(1, line), column: Math.max(1, col), key: '', message }
  })
  // A key that stands twice leaves the rest readable; other broken YAML would only lead to faults that are none.
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return { value: null, faults: syntax, at }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    // yaml's only way to tell unknown or exploding aliases
    return {
      value: null,
      faults: [...syntax, { ...at([]), key: '', message: `${(error as Error).message}: write the values out` }],
      at,
    }
  }
  const parsed = schema.safeParse(value, { reportInput: true })
  const faults = [...syntax, ...(parsed.success ? [] : faultsOf(parsed.error.issues, document, lines, file))].sort(
    byPlace,
  )
  return { value: parsed.success && faults.length === 0 ? parsed.data : null, faults, at }
}

function byPlace(a: ConfigFault, b: ConfigFault): number {
  return a.line - b.line || a.column - b.column
}

/** One fault per issue; an issue that names several unknown keys gives one for each. */
function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  document: Document,
  lines: LineCounter,
  file: string,
): ConfigFault[] {
  return issues
    .flatMap((issue) => flatten(issue, []))
    .map(({ path, message, atKey }) => {
      const { line, col } = lines.linePos(offsetOf(document, path, atKey))
      return { file, line: Math.max(1, line), column: Math.max(1, col), key: keyText(path), message }
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
