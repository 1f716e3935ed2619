/** What no sequence of steps may break (DOMAIN.md §5.4, last list); `cloud/cases/invariants` tests those that a log alone can show. */
export const invariantRules = [
  {
    id: 'I1',
    rule: 'no transition into L7-L11, C3, C5, C6, C12, C13, C18, C20-C24, C26, C28, C29 is performed by R01 or R02 alone',
  },
  {
    id: 'I2',
    rule: 'a case that ever entered C13 has an earlier SV5 of its latest D17, and the decision is not heavier than that D17',
  },
  { id: 'I3', rule: 'in one case R05, R06, R07, R09, R12 are five different persons; R11 is none of R06, R07, R09' },
  { id: 'I4', rule: 'an object with evidence_grade LEAD_ONLY is never in the evidence set of t19 or t35' },
  { id: 'I5', rule: 'no legal clock starts before an SV5 date; a recalled document (SV7) starts none' },
  { id: 'I6', rule: 'total taken for one decision <= 2 x the fine; surcharge days inside RM1-RM4 or PY1 count zero' },
  { id: 'I7', rule: 'for one party, cause family and act there is at most one decision with a fine in force' },
  { id: 'I8', rule: 'document numbers are gapless per series; a void number has a void record' },
  {
    id: 'I9',
    rule: 'every transition stores actor, time, expected version, gate report (inputs by digest) and is never edited or deleted',
  },
  {
    id: 'I10',
    rule: 'after s1 or a finding of unlawfulness the publicity machine is in PB1, PB2, PB5 or within 3 working days in PB4',
  },
  { id: 'I11', rule: 'the same population and seed give the same sample' },
  {
    id: 'I12',
    rule: 'no report, list or screen sorts, scores or targets persons, teams, cameras or places by amounts of fines or by number of penalties',
  },
  { id: 'I13', rule: 'silence of the party never moves a case except by the end of T10, T11, T15, T17' },
  { id: 'I15', rule: 'after s1 every sum taken is refunded (PY7) or credited to the next run before the case closes' },
  {
    id: 'I16',
    rule: 'no person holds two roles named together in separation.conflicts in the same scope; past acts count, not only present appointments',
  },
  {
    id: 'I17',
    rule: 'a statement of the party is accepted in every state before C13, any number of times, and blocks t35 until answered',
  },
  {
    id: 'I14',
    rule: 'a policy pack version is chosen by the date of the act for the law and by the date of the step for the procedure; the milder-law comparison is stored when they differ',
  },
] as const
