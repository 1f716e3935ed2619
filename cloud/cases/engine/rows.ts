import type { InputId, InputRow, Process } from '../process/index.js'

type Row = InputRow & { readonly id: InputId }
const indexes = new WeakMap<Process, ReadonlyMap<InputId, Row>>()

/** The row of an input; undefined when the process does not have it. Looked up once per process: gates read dozens at each step. */
export function inputRow(process: Process, id: InputId): Row | undefined {
  let index = indexes.get(process)
  if (index === undefined) {
    index = new Map(process.inputs.map((row) => [row.id, row]))
    indexes.set(process, index)
  }
  return index.get(id)
}
