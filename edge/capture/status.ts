import type { CameraId, Clock } from '../../contracts/base/index.js'
import type { CameraHealth } from './types.js'

/** What a camera does now and what is wrong with it. A fault that stays keeps the time since when it is there. */
export class CameraStatus {
  state: CameraHealth['state'] = 'starting'
  readonly #camera: CameraId
  readonly #clock: Clock
  #fault: CameraHealth['fault'] = null

  constructor(camera: CameraId, clock: Clock) {
    this.#camera = camera
    this.#clock = clock
  }

  get fault(): CameraHealth['fault'] {
    return this.#fault
  }

  setFault(code: string, message: string): void {
    const text = `${this.#camera}: ${message}`
    if (this.#fault?.code === code && this.#fault.message === text) return
    this.#fault = { code, message: text, sinceMs: this.#clock.wallMs() }
  }

  clearFault(): void {
    this.#fault = null
  }
}

/** Faults that pictures show although they come, in words for the operator; null when all is well. */
export function conditionOf(seen: {
  readonly fullDecode: boolean
  readonly clockUsable: boolean
  readonly damagedOfLastTen: number
  readonly gopMs: number | null
}): { readonly code: string; readonly message: string } | null {
  if (seen.fullDecode)
    return {
      code: 'NO_KEY_FRAMES',
      message: 'no key frames: every picture is decoded. Set an I-frame interval of 2 s and switch smart codec off',
    }
  if (!seen.clockUsable)
    return {
      code: 'CLOCK_UNUSABLE',
      message: 'its time stamps run off real time by more than 2 %: times of arrival are used. Set a fixed frame rate',
    }
  if (seen.damagedOfLastTen >= 3)
    return { code: 'PICTURES_DAMAGED', message: 'pictures arrive damaged; use TCP or check the network' }
  if (seen.gopMs !== null && seen.gopMs > 10_500)
    return {
      code: 'GOP_LONG',
      message: `a key frame comes only every ${Math.round(seen.gopMs / 1000)} s; set an I-frame interval of 2 s and switch smart codec off`,
    }
  return null
}
