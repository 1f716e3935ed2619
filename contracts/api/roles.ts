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
  'tech_reviewer',
  'team_leader',
  'case_reviewer',
  'hearing_chair',
  'publicity_officer',
  'finance',
  'archivist',
  'sysadmin',
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
  tech_reviewer: { zh: '技术审核员', en: 'technical reviewer' },
  team_leader: { zh: '中队长', en: 'team leader' },
  case_reviewer: { zh: '案件评查员', en: 'file reviewer' },
  hearing_chair: { zh: '听证主持人', en: 'hearing chair' },
  publicity_officer: { zh: '公示管理员', en: 'publicity officer' },
  finance: { zh: '财政(非税)对账员', en: 'treasury reconciliation clerk' },
  archivist: { zh: '档案员', en: 'archivist' },
  sysadmin: { zh: '系统管理员', en: 'system administrator' },
  wall: { zh: '值班大屏', en: 'duty wall' },
} as const satisfies Record<Role, Bilingual>
