import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { process as law } from '../process/index.js'
import {
  diffPacks,
  figureKeys,
  joinLayers,
  lawFor,
  missingKeys,
  openValues,
  parseLayer,
  usableFigure,
  usableItem,
  type Item,
  type PackLayer,
  type PolicyPack,
} from './index.js'

const read = (name: string): string =>
  readFileSync(new URL(`../../../policy/${name}/pack.yaml`, import.meta.url), 'utf8')
function layer(name: string): PackLayer {
  const { layer: found, faults } = parseLayer(read(name), name)
  if (found === null)
    throw new Error(faults.map(({ key, message, line }) => `${name}:${line} ${key}: ${message}`).join('\n'))
  return found
}
const base = layer('base')
const pack = (name: string): PolicyPack => joinLayers(base, layer(name))

t.test('base, Shanghai and Xiamen have every key; nothing unverified can enter a case', async (t) => {
  for (const name of ['shanghai', 'xiamen']) {
    const city = pack(name)
    t.same(missingKeys(city), [], name)
    t.same(
      city.items.filter((one) => usableItem(one, '2026-03-02', false)),
      [],
      `${name}: no item is verified, so no case can use one (G12)`,
    )
    t.ok(openValues(city).length > 20, `${name}: ${openValues(city).length} values open`)
  }
  t.same(usableFigure(pack('xiamen'), 'complaint.reply_days'), {
    ok: false,
    why: 'unknown',
    key: 'complaint.reply_days',
  })
  t.same(usableFigure(pack('shanghai'), 'hearing.threshold'), {
    ok: false,
    why: 'unverified',
    key: 'hearing.threshold',
  })
  t.match(usableFigure({ ...pack('shanghai'), acknowledged: ['hearing.threshold'] }, 'hearing.threshold'), {
    ok: true,
    value: { person_fen: 500_000 },
  })
  t.match(
    usableFigure(pack('shanghai'), 'service.public_notice_days'),
    { ok: true, value: 60 },
    'the city wins over the base',
  )
  t.match(usableFigure(pack('xiamen'), 'service.public_notice_days'), { ok: true, value: 30 })
})

t.test('every key that a timer names is a key of the pack', async (t) => {
  const named = law.timers.flatMap(({ packKey }) => packKey?.split(', ') ?? [])
  t.same(
    named.filter((key) => !figureKeys.includes(key as (typeof figureKeys)[number])),
    [],
  )
})

t.test('every fault has its line and key', async (t) => {
  const broken = read('shanghai')
    .replace('min_fen: 10000, max_fen: 100000', 'min_fen: 100000, max_fen: 10000')
    .replace("version: '2026-11-22'", 'version: newest')
    .replace('mode: LEAD_MODE', 'mode: EVIDENCE_MODE')
    .replace('surplus', '')
    .replace('complaint.reply_days:', 'complaint.answer_days:')
    .replace('signed: { author: null, approver: null }', 'signed: { author: li, approver: li }')
  const { layer: found, faults } = parseLayer(broken, 'pack.yaml')
  t.equal(found, null)
  const said = faults.map(({ line, key, message }) => `${line > 0} ${key}: ${message}`).join('\n')
  for (const wanted of [/version:/, /figures\.complaint\.answer_days|complaint\.answer_days/]) t.match(said, wanted)
  const items = parseLayer(
    broken
      .replace('version: newest', "version: '2026-11-22'")
      .replace('complaint.answer_days:', 'complaint.reply_days:'),
    'pack.yaml',
  )
  const more = items.faults.map(({ key, message }) => `${key}: ${message}`).join('\n')
  for (const wanted of [
    /items\[0\]\.fines\[0\]\.amount: the upper end/,
    /items\[0\]\.mode: EVIDENCE_MODE needs a law_basis/,
  ])
    t.match(more, wanted)
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), (text) => parseLayer(text, 'x').layer === null || true),
    { numRuns: 100 },
  )
})

const [grilling] = base.items
if (grilling === undefined) throw new Error('the base has no item')
const version = (change: Partial<Item>): Item => ({ ...grilling, ...change })
const fines = (low: number, high: number): Item['fines'] => [
  { party: ['person'], amount: { type: 'range', min_fen: low, max_fen: high }, is: 'shall', precondition: 'none' },
]

t.test(
  'law by date: the day of the act, the milder law of the decision, a person where neither is milder',
  async (t) => {
    const old = version({
      code: 'OLD',
      valid_from: '2020-01-01',
      valid_to: '2026-06-30',
      fines: fines(50_000, 2_000_000),
    })
    const next = (change: Partial<Item>): Item =>
      version({ code: 'NEW', valid_from: '2026-07-01', valid_to: null, ...change })
    const choose = (items: readonly Item[], act: string, decision: string): unknown => {
      const choice = lawFor(items, old.family, act, decision)
      return choice.kind === 'one'
        ? `${choice.item.code} ${choice.why}`
        : choice.kind === 'none'
          ? choice.why
          : choice.kind
    }
    const milder = next({ fines: fines(20_000, 1_000_000) })
    t.equal(choose([old, milder], '2026-03-01', '2026-03-20'), 'OLD unchanged')
    t.equal(choose([old, milder], '2026-03-01', '2026-08-20'), 'NEW milder_new')
    t.equal(choose([old, next({ fines: fines(50_000, 5_000_000) })], '2026-03-01', '2026-08-20'), 'OLD act_date')
    t.equal(choose([old, next({ fines: fines(10_000, 5_000_000) })], '2026-03-01', '2026-08-20'), 'person_decides')
    t.equal(choose([old], '2026-03-01', '2026-08-20'), 'no_longer_an_offence')
    t.equal(choose([old], '2026-07-02', '2026-08-20'), 'not_in_force')
    t.equal(
      choose([old, next({ fines: fines(50_000, 2_000_000), kinds: ['fine'] })], '2026-03-01', '2026-08-20'),
      'NEW milder_new',
      'fewer kinds',
    )
    t.equal(choose([], '2026-03-01', '2026-08-20'), 'no_item')
    t.equal(
      lawFor(base.items, 'open_air_grilling', '2026-08-15', '2026-09-01').kind,
      'none',
      'no act after the Code is filed under the old law (Q10)',
    )
  },
)

t.test('diff says what changes for whom, and nothing when nothing does', async (t) => {
  const [shanghai, xiamen] = [pack('shanghai'), pack('xiamen')]
  t.same(diffPacks(shanghai, shanghai), [])
  const changes = diffPacks(shanghai, xiamen)
  t.match(
    changes.find(({ key }) => key === 'service.public_notice_days'),
    { before: '60', after: '30', whom: { zh: /当事人/, en: /party/ } },
  )
  t.ok(changes.some(({ key, after }) => key === 'items.SH-SR-21-1' && after === '—'))
  t.ok(changes.some(({ key }) => key === 'zones.siming-huli-grilling'))
  const cheaper = {
    ...shanghai,
    items: shanghai.items.map((one) => (one.code === 'CN-AIR-116' ? { ...one, fines: fines(100, 200) } : one)),
  }
  t.match(
    diffPacks(shanghai, cheaper)
      .map(({ key, after }) => `${key} ${after}`)
      .join('\n'),
    /items\.CN-AIR-116\.fines .*person: upper end milder/,
  )
})
