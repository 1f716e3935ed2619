declare const unit: unique symbol
type Unit<T, Name extends string> = T & { readonly [unit]: Name }

/** Wall clock, milliseconds since 1970-01-01T00:00:00Z. May step; for evidence and people. */
export type EpochMs = Unit<number, 'EpochMs'>
/** Monotonic clock of this process, milliseconds. Never steps; for durations and time-outs. */
export type MonoMs = Unit<number, 'MonoMs'>
/** `^[a-z0-9-]{2,20}$` */
export type CameraId = Unit<string, 'CameraId'>
/** `^[a-z0-9-]{3,40}$` */
export type DeviceId = Unit<string, 'DeviceId'>
/** UUIDv7. */
export type IncidentId = Unit<string, 'IncidentId'>

/** `[x, y, w, h]`, normalised to 0..1 of the picture, origin top left. */
export type Box = readonly [x: number, y: number, w: number, h: number]
/** `[x, y]`, normalised to 0..1 of the picture. */
export type Point = readonly [x: number, y: number]

/** The only source of time. Real in `system-clock.ts`; moved by hand in tests with `manual-clock.ts`. */
export interface Clock {
  wallMs(): EpochMs
  monoMs(): MonoMs
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted first. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>
}

/** The only source of ids and chance. */
export interface Ids {
  /** UUIDv7 whose time part is `atMs`. */
  uuidv7(atMs: EpochMs): string
  /** `count` random bytes fit for secrets. */
  randomBytes(count: number): Uint8Array
}

/** What a station may say; pino satisfies it. The first argument carries ids and values, the second is one sentence. */
export interface Log {
  debug(values: object, message: string): void
  info(values: object, message: string): void
  warn(values: object, message: string): void
  error(values: object, message: string): void
}

/** An expected failure that a caller may act on by `code` (`NOUN_FACT`). A programmer's error is an assertion, not a KerbError. */
export class KerbError<Code extends string = string> extends Error {
  override readonly name = 'KerbError'
  readonly code: Code
  readonly details: Readonly<Record<string, unknown>>
  constructor(code: Code, message: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.details = details
  }
}

/** Shows the compiler that a switch is complete; if corrupt data gets here, the process ends. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}

/** `2026-11-22T04:01:02.000Z`: the only form in which an instant crosses a border. */
export function toRfc3339(ms: EpochMs): string {
  return new Date(ms).toISOString()
}

/** @throws KerbError `TIME_MALFORMED` for anything but an RFC 3339 instant. */
export function fromRfc3339(text: string): EpochMs {
  const ms = Date.parse(text)
  if (!Number.isFinite(ms) || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text))
    throw new KerbError('TIME_MALFORMED', `not an RFC 3339 instant: ${text}`, { text })
  return ms as EpochMs
}
