import type { Value } from '../process/index.js'

/** Whether a value has the type that the table of inputs names (`bool`, `int`, `decimal`, `time`, `date`, `list…`, `a|b|c`, `RX01..RX12`). */
export function valueFits(type: string, value: Value): boolean {
  if (type === 'bool') return typeof value === 'boolean'
  if (type === 'int') return typeof value === 'number' && Number.isInteger(value) && value >= 0
  if (type === 'decimal') return value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0)
  if (type === 'time' || type === 'date')
    return value === null || (typeof value === 'string' && !Number.isNaN(Date.parse(value)))
  if (type.startsWith('list')) return Array.isArray(value) && value.every((one: unknown) => typeof one === 'string')
  if (type.includes('|')) return typeof value === 'string' && type.split('|').includes(value)
  return typeof value === 'string' && value !== ''
}
