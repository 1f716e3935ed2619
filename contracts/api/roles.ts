import type { Bilingual } from '../terms.js'

/** Roles of local accounts. The names are DOMAIN.md §5.1's keys; `wall` is a read-only session without media. */
export const roles = [
  'operator',
  'officer_a',
  'officer_b',
  'head',
  'legal_reviewer',
  'technician',
  'supervisor',
  'wall',
] as const
export type Role = (typeof roles)[number]

export const roleTerms = {
  operator: { zh: '研判员', en: 'operator' },
  officer_a: { zh: '主办人员', en: 'lead officer' },
  officer_b: { zh: '协办人员', en: 'second officer' },
  head: { zh: '行政机关负责人', en: 'head of the authority' },
  legal_reviewer: { zh: '法制审核人员', en: 'legal reviewer' },
  technician: { zh: '技术员', en: 'technician' },
  supervisor: { zh: '督察人员', en: 'supervisor' },
  wall: { zh: '值班大屏', en: 'duty wall' },
} as const satisfies Record<Role, Bilingual>
