import type { Refusal } from '../../../contracts/api/index.js'
import type { Bilingual } from '../../../contracts/terms.js'
import {
  processRoles,
  type DocumentId,
  type Gate,
  type InputId,
  type Process,
  type RoleKey,
  type StateId,
} from '../process/index.js'

/** The sentences of refusals that are no gates. Each names what is wrong and what to do next. */
export const refuse = {
  unknown: (name: string): Refusal => ({
    code: 'STEP_UNKNOWN',
    status: 404,
    says: { zh: `没有“${name}”这一步。`, en: `There is no step "${name}".` },
    next: { zh: '从可办事项里选。', en: 'Choose from the allowed steps.' },
  }),
  stale: (version: number, wanted: number): Refusal => ({
    code: 'FILE_CHANGED',
    status: 409,
    says: { zh: '已有人处理。请看新内容再决定。', en: 'Somebody acted on it. Look again, then decide.' },
    next: { zh: '重新读取。', en: 'Read it again.' },
    details: { version, wanted },
  }),
  inside: (within: readonly string[]): Refusal => ({
    code: 'STEP_INSIDE',
    status: 409,
    says: { zh: '这一步随别的步骤自动完成。', en: 'This step is done as a part of another one.' },
    next: { zh: `由 ${within.join('、')} 带出。`, en: `It comes with ${within.join(', ')}.` },
  }),
  state: (process: Process, state: StateId | 'none'): Refusal => {
    const name = stateName(process, state)
    return {
      code: 'FILE_STATE',
      status: 409,
      says: { zh: `现在是“${name.zh}”，这一步不在这里办。`, en: `It is "${name.en}"; this step does not belong here.` },
      next: { zh: '请看最新内容。', en: 'Look at it again.' },
      details: { state },
    }
  },
  role: (roles: readonly RoleKey[]): Refusal => {
    const names = roles.map(roleName)
    return {
      code: 'ROLE_WRONG',
      status: 403,
      says: {
        zh: `这一步由${names.map(({ zh }) => zh).join('、')}办理。`,
        en: `This step belongs to: ${names.map(({ en }) => en).join(', ')}.`,
      },
      next: { zh: '请有这个角色的人办理。', en: 'Ask somebody who has that role.' },
    }
  },
  only: (role: RoleKey, condition: string): Refusal => ({
    code: 'ROLE_CONDITION',
    status: 403,
    says: {
      zh: `${roleName(role).zh}只在规定的条件下办这一步。`,
      en: `The ${roleName(role).en} takes this step only when: ${condition}.`,
    },
    next: { zh: '由别的角色办理，或等条件成立。', en: 'Let another role do it, or wait for the condition.' },
  }),
  separation: (id: string, did: RoleKey, wants: RoleKey): Refusal => ({
    code: 'SEPARATION',
    status: 403,
    gate: id,
    says: {
      zh: `您已以${roleName(did).zh}身份办过这件事，不能再作${roleName(wants).zh}（${id}）。`,
      en: `You acted in this matter as ${roleName(did).en}; you cannot act as ${roleName(wants).en} (${id}).`,
    },
    article: { zh: '行政处罚法第四十二条、第五十七条、第五十八条', en: 'APL Art. 42, 57, 58' },
    next: { zh: '请没有参与过的同事办理。', en: 'Ask a colleague who took no part.' },
  }),
  reason: (): Refusal => ({
    code: 'REASON_MISSING',
    status: 422,
    says: { zh: '这一步要写明理由。', en: 'This step needs a reason.' },
    next: { zh: '写一句理由。', en: 'Write the reason.' },
  }),
  notRecorded: (input: InputId): Refusal => ({
    code: 'INPUT_MISSING',
    status: 422,
    says: { zh: `还没有登记：${input}`, en: `not recorded: ${input}` },
    next: { zh: '先登记这一项。', en: 'Record it first.' },
    details: { input },
  }),
  notHere: (input: InputId, by: readonly string[]): Refusal => ({
    code: 'INPUT_NOT_HERE',
    status: 422,
    says: { zh: `“${input}”不在这一步登记。`, en: `"${input}" is not recorded with this step.` },
    next: { zh: `由 ${by.join('、')} 登记。`, en: `It is recorded with ${by.join(', ')}.` },
    details: { input },
  }),
  notYours: (input: InputId, owners: readonly RoleKey[]): Refusal => ({
    code: 'INPUT_NOT_YOURS',
    status: 403,
    says: {
      zh: `“${input}”由${owners.map((role) => roleName(role).zh).join('、')}登记。`,
      en: `"${input}" is recorded by: ${owners.map((role) => roleName(role).en).join(', ')}.`,
    },
    next: { zh: '请有这个角色的人登记。', en: 'Ask somebody who has that role.' },
    details: { input },
  }),
  value: (input: InputId, type: string): Refusal => ({
    code: 'INPUT_VALUE',
    status: 422,
    says: { zh: `“${input}”的值不对，应为 ${type}。`, en: `"${input}" must be ${type}.` },
    next: { zh: '改正这一项。', en: 'Correct it.' },
    details: { input, type },
  }),
  guard: (note: string): Refusal => ({
    code: 'STEP_CONDITION',
    status: 422,
    says: { zh: '这一步的条件还不具备。', en: `The condition of this step does not hold: ${note}` },
    next: { zh: '先具备条件，或走别的步骤。', en: 'Meet the condition, or take another step.' },
  }),
  document: (process: Process, id: DocumentId, lacking: readonly string[]): Refusal => {
    const name = process.documents.find((one) => one.id === id)?.name ?? { zh: id, en: id }
    const fields = lacking.join(', ')
    return {
      code: lacking.length > 0 ? 'DOCUMENT_INCOMPLETE' : 'DOCUMENT_MISSING',
      status: 422,
      says: {
        zh: lacking.length > 0 ? `《${name.zh}》缺少：${fields}。` : `还没有《${name.zh}》（${id}）。`,
        en: lacking.length > 0 ? `The ${name.en} lacks: ${fields}.` : `The ${name.en} (${id}) does not exist yet.`,
      },
      next: { zh: '制作并签署这份文书。', en: 'Make and sign the document.' },
      details: { document: id, lacking },
    }
  },
  documentNotHere: (id: DocumentId): Refusal => ({
    code: 'DOCUMENT_NOT_HERE',
    status: 422,
    says: { zh: `这一步不制作 ${id}。`, en: `${id} is not made at this step.` },
    next: { zh: '在它所属的步骤制作。', en: 'Make it at the step to which it belongs.' },
    details: { document: id },
  }),
  gate: (gate: Gate, lists: Readonly<Record<string, string>>): Refusal => ({
    code: `GATE_${gate.id}`,
    status: 422,
    gate: gate.id,
    says: { zh: filled(gate.refusal.zh, lists), en: filled(gate.refusal.en, lists) },
    article: gate.article,
    next: gate.next,
  }),
  twice: (): Refusal => ({
    code: 'TIMER_NOT_RUNNING',
    status: 409,
    says: { zh: '这个期限没有在走。', en: 'That period is not running.' },
    next: { zh: '无需处理。', en: 'Nothing to do.' },
  }),
} as const

export function roleName(role: RoleKey): Bilingual {
  return processRoles.find(({ key }) => key === role)?.name ?? { zh: role, en: role }
}

export function stateName(process: Process, state: StateId | 'none'): Bilingual {
  const found = process.machines.flatMap(({ states }) => states).find(({ id }) => id === state)
  return found?.name ?? { zh: '还没有', en: 'not there yet' }
}

function filled(text: string, lists: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => lists[name] ?? '…')
}
