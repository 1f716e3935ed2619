import { KerbError } from '../../contracts/base/index.js'
import type { Bilingual } from '../../contracts/terms.js'
import type { ConfigFault } from '../../contracts/yaml-faults.js'

/** A refusal on its way to the caller as problem+json (RFC 9457). */
export class PanelProblem extends KerbError {
  readonly status: number
  readonly says: Bilingual
  readonly faults: readonly ConfigFault[]
  constructor(status: number, code: string, says: Bilingual, faults: readonly ConfigFault[] = []) {
    super(code, says.en)
    this.status = status
    this.says = says
    this.faults = faults
  }
}

export function problemOf({ status, code, says, faults }: PanelProblem): object {
  const words = code.toLowerCase().replaceAll('_', ' ')
  return {
    type: `urn:kerbwatch:problem:${code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status,
    code,
    says,
    ...(faults.length === 0 ? {} : { faults }),
  }
}

export const noCamera = (id: string): PanelProblem =>
  new PanelProblem(404, 'CAMERA_UNKNOWN', {
    zh: `edge.yaml 里没有摄像机 ${id}。`,
    en: `edge.yaml has no camera ${id}.`,
  })
