import {
  checklists,
  commonChecklist,
  exceptions,
  invariantRules,
  noPenaltyGrounds,
  process as law,
  processRoles,
  type Machine,
  type Process,
  type StateId,
  type Transition,
} from '../cloud/cases/process/index.js'

const head = (title: string): string =>
  `# ${title}\n\nGenerated from \`cloud/cases/process\` by \`npm run generate\`; change the data, not this page. Process ${law.version}.\n`
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${heads.join(' | ')} |`,
    `|${' --- |'.repeat(heads.length)}`,
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
  ].join('\n')

/** Roles that may take a step from a state, as the engine asks them. */
function rolesFrom(step: Transition, state: StateId): readonly string[] {
  return step.byState?.[state] ?? step.by
}

/** One state diagram; steps between the same two states share an arrow. */
function diagram(process: Process, machine: Machine): string {
  const arrows = new Map<string, string[]>()
  const add = (from: string, to: string, id: string): void =>
    void arrows.set(`${from} --> ${to}`, [...(arrows.get(`${from} --> ${to}`) ?? []), id])
  const born = process.transitions.flatMap(({ id, creates }) => (creates ?? []).map((one) => ({ ...one, id })))
  for (const step of process.transitions.filter((one) => one.machine === machine.id)) {
    for (const from of step.from) add(from, step.to, step.id)
    if (step.from.length === 0) add('[*]', step.to, step.id)
  }
  for (const one of born) if (one.machine === machine.id && one.run === undefined) add('[*]', one.state, one.id)
  if (machine.id === 'service') add('[*]', 'SV0', 'issue of a served document')
  for (const { id, final } of machine.states) if (final === true) arrows.set(`${id} --> [*]`, [])
  const names = machine.states.map(({ id, name }) => `  ${id} : ${id} ${name.zh} / ${name.en.replaceAll(':', ' ')}`)
  const lines = [...arrows].map(([arrow, ids]) => `  ${arrow}${ids.length === 0 ? '' : ` : ${ids.join(', ')}`}`)
  return ['```mermaid', 'stateDiagram-v2', '  direction LR', ...names, ...lines, '```'].join('\n')
}

/** docs/reference/process.md: diagrams of all machines, and every step, fact, gate, timer and document as tables. */
export function processDoc(process: Process = law): string {
  const role = (key: string): string => processRoles.find((one) => one.key === key)?.name.en ?? key
  const machines = process.machines.map((machine) => {
    const steps = process.transitions.filter((one) => one.machine === machine.id)
    const rows = steps.map((step) => [
      step.id,
      `${step.name.zh} / ${step.name.en}`,
      `${step.from.join(' ') || '(new)'} → ${step.to}`,
      step.by.map(role).join(step.allSign === true ? ' + ' : ', '),
      (step.gates ?? []).join(' '),
      (step.documents ?? []).map((one) => (typeof one === 'string' ? one : `${one.id}?`)).join(' '),
      [
        ...(step.starts ?? []).map((one) => `+${typeof one === 'string' ? one : `${one.id}?`}`),
        ...(step.stops ?? []).map((id) => `−${id}`),
      ].join(' '),
    ])
    return [
      `## ${machine.name.zh} / ${machine.name.en}`,
      `One ${machine.scope.replace(/^(at most )?one /, '')}.`,
      diagram(process, machine),
      table(['id', 'step', 'from → to', 'who', 'gates', 'documents', 'timers'], rows),
    ].join('\n\n')
  })
  return [
    head('The legal process'),
    ...machines,
    '## Facts',
    table(
      ['id', 'fact', 'who', 'where', 'sets'],
      process.facts.map(({ id, name, by, states, sets }) => [
        id,
        `${name.zh} / ${name.en}`,
        by.map(role).join(', '),
        states === 'any' ? 'any' : states.join(' '),
        (sets ?? []).join(' '),
      ]),
    ),
    '## Gates',
    table(
      ['id', 'gate', 'true when', 'source', 'refusal'],
      process.gates.map(({ id, name, predicate, source, refusal }) => [
        id,
        `${name.zh} / ${name.en}`,
        predicate,
        source,
        `${refusal.zh} ${refusal.en}`,
      ]),
    ),
    '## Timers',
    table(
      ['id', 'timer', 'starts', 'length', 'calendar', 'at the end', 'source'],
      process.timers.map(({ id, name, start, length, calendar, effect, source, mark }) => [
        id,
        `${name.zh} / ${name.en}`,
        start,
        length,
        calendar,
        effect,
        `[${mark}] ${source}`,
      ]),
    ),
    '## Documents',
    table(
      ['id', 'document', 'type', 'numbering', 'signed by', 'served'],
      process.documents.map(({ id, name, type, numbering, signers, served }) => [
        id,
        `${name.zh} / ${name.en}`,
        type,
        numbering,
        signers,
        served ? 'yes' : 'no',
      ]),
    ),
    '## Samplers',
    table(
      ['id', 'sampler', 'population', 'rate', 'draw'],
      process.samplers.map(({ id, name, population, rate, draw }) => [
        id,
        `${name.zh} / ${name.en}`,
        population,
        rate,
        draw,
      ]),
    ),
    '## Checklists and exceptions (G6)',
    checklistTable(),
    '## Grounds of a no-penalty decision',
    table(
      ['id', 'ground', 'punishing is'],
      noPenaltyGrounds.map(({ id, name, mustNot }) => [
        id,
        `${name.zh} / ${name.en}`,
        mustNot ? 'closed' : 'open with written reasons',
      ]),
    ),
    '## Invariants',
    table(
      ['id', 'rule'],
      invariantRules.map(({ id, rule }) => [id, rule]),
    ),
    '## Portal',
    table(
      ['id', 'function', 'level', 'takes'],
      process.portal.map(({ id, name, level, takes }) => [id, `${name.zh} / ${name.en}`, `L${level}`, takes.join(' ')]),
    ),
    '',
  ].join('\n\n')
}

/** What each cause asks: common lines, elements, exceptions. */
function checklistTable(): string {
  const both = ({ id, name }: { id: string; name: { zh: string; en: string } }): string =>
    `${id} ${name.zh} / ${name.en}`
  const rows = (Object.keys(checklists) as (keyof typeof checklists)[]).map((cause) => [
    cause,
    checklists[cause].map((line) => `${both(line)}${line.obligatory ? '' : ' (not obligatory)'}`).join('<br>'),
    exceptions[cause].map(both).join('<br>'),
  ])
  return table(
    ['cause', 'elements', 'exceptions asked'],
    [['every', commonChecklist.map(both).join('<br>'), ''], ...rows],
  )
}

/** docs/reference/permissions.md: which role may do what in which state. */
export function permissionsDoc(process: Process = law): string {
  const blocks = process.machines.map((machine) => {
    const roles = processRoles.filter(({ key }) =>
      process.transitions.some(
        (step) =>
          step.machine === machine.id && [...step.by, ...Object.values(step.byState ?? {}).flat()].includes(key),
      ),
    )
    const rows = machine.states.map(({ id, name }) => [
      `${id} ${name.zh} / ${name.en}`,
      ...roles.map(({ key }) =>
        [
          ...process.transitions
            .filter(
              (step) =>
                step.machine === machine.id &&
                step.trigger !== 'inside' &&
                step.from.includes(id) &&
                rolesFrom(step, id).includes(key),
            )
            .map((step) => `${step.id} ${step.command}`),
          ...process.facts
            .filter((fact) => fact.states !== 'any' && fact.states.includes(id) && fact.by.includes(key))
            .map((fact) => `${fact.id} ${fact.command}`),
        ].join('<br>'),
      ),
    ])
    return [
      `## ${machine.name.zh} / ${machine.name.en}`,
      table(['state', ...roles.map(({ name }) => `${name.zh} / ${name.en}`)], rows),
    ].join('\n\n')
  })
  const anywhere = process.facts
    .filter(({ states }) => states === 'any')
    .map(({ id, command, by }) => [`${id} ${command}`, by.join(', ')])
  return [head('Who may do what'), ...blocks, '## In any state', table(['fact', 'who'], anywhere), ''].join('\n\n')
}
