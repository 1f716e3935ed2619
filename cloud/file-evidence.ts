import type { EvidenceState } from './cases/derived/index.js'
import type { LeadRow } from './store/leads.js'
import type { AlarmRow } from './store/record-alarms.js'

/** Faults of a box's chain of records: while one is open, nothing of that box counts as unbroken (G1). */
const chainFaults: ReadonlySet<string> = new Set(['fork', 'prev_mismatch', 'hole', 'rollback', 'chain_lost'])
const alarmsMax = 1_000

/**
 * What is known of the electronic objects of a lead. Its records were verified before they became a lead (`cloud/ingest`), so a lead of a
 * box has valid signatures; digests are computed anew when asked.
 */
export function evidenceDesk(parts: {
  readonly digestsHold: (lead: LeadRow) => Promise<boolean | null>
  readonly alarms: (limit: number) => readonly AlarmRow[]
}): (lead: LeadRow | null, hash: boolean) => Promise<EvidenceState> {
  return async (lead, hash) => {
    if (lead === null)
      return { fromBox: false, signatures: null, digests: null, chain: null, clockErrorMs: null, clockNamed: false }
    const broken = parts
      .alarms(alarmsMax)
      .some(
        ({ device, kind, cleared_at }) => device === lead.facts.device && chainFaults.has(kind) && cleared_at === null,
      )
    return {
      fromBox: true,
      signatures: true,
      digests: hash ? await parts.digestsHold(lead) : null,
      chain: !broken,
      clockErrorMs: lead.facts.time_error_ms,
      clockNamed: !lead.facts.time_unsure,
    }
  }
}
