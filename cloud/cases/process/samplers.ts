import type { Sampler } from './types.js'

/** Samplers QS1–QS5 (DOMAIN.md §5.9). */
export const samplers: readonly Sampler[] = [
  {
    id: 'QS1',
    name: { zh: '全过程记录抽查', en: 'process-record spot check' },
    population:
      'cases and on-the-spot decisions with at least one recorded step in the month, stratified by team and cause',
    rate: '>= 30 %',
    draw: "end of month, seed = digest of the month's case list, published with the result",
    unit: 'case',
    output: 'sheet per case: steps recorded / due, quality; feeds K02',
    mark: 'S 001',
  },
  {
    id: 'QS2',
    name: { zh: '事中评查', en: 'in-process file review' },
    population:
      'cases entering t22/t23, marked complex, major or doubtful first; then random from the rest until the quota is met',
    rate: '>= 10 % of all cases of the year',
    draw: 'at the moment both officers agree, before the investigation is concluded; probability raised when the running ratio is under quota',
    unit: 'case',
    output: 'D15; feeds K05',
    mark: 'S 001',
  },
  {
    id: 'QS3',
    name: { zh: '事后评查', en: 'after-the-fact file review' },
    population:
      'closed cases; stratum A = every case that went through major legal review (100 %), stratum B = the rest',
    rate: '>= 10 % of all closed cases, stratum A all',
    draw: 'quarterly',
    unit: 'case',
    output: 'review sheet, findings to training and pack; feeds K04',
    mark: 'S 001',
  },
  {
    id: 'QS4',
    name: { zh: '研判质量抽查', en: 'triage quality sample' },
    population: 'leads closed by t12 and edge events under the alarm threshold kept for audit',
    rate: '5 % of closed leads, at least 20 a month per cause (pack)',
    draw: 'weekly, blind second triage by another operator',
    unit: 'lead',
    output: 'agreement, wrongly closed -> t15, false-alarm figures back to the model team; feeds K16',
    mark: 'P',
  },
  {
    id: 'QS5',
    name: { zh: '满意度回访', en: 'satisfaction call-back' },
    population: 'complainants of answered leads, parties of closed cases and of no-penalty decisions (separately)',
    rate: 'complainants all reachable; parties 10 % (pack)',
    draw: 'weekly, by a person outside the team',
    unit: 'person',
    output: 'resolved? satisfied? respected? feeds K08, K09',
    mark: 'P; rates named in S 000',
  },
]
