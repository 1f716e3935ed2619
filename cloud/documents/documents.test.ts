import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { type EpochMs } from '../../contracts/base/index.js'
import { faultLine } from '../../contracts/yaml-faults.js'
import { dayText, loadPolicy, numberText, parsePolicy, spanText, timeText, yearOf } from './index.js'

const folder = new URL('../../policy/demo', import.meta.url).pathname
const source = readFileSync(`${folder}/policy.yaml`, 'utf8')

t.test('the demo pack loads: DEMO, an invented basis, a text for each cause', async (t) => {
  const policy = loadPolicy(folder)
  t.equal(policy.demo, true)
  t.match(policy.law_basis, { zh: /虚构/, en: /invented/ })
  t.same(policy.texts.map(({ cause }) => cause).sort(), ['dust', 'grilling', 'spillage', 'vending'])
})

t.test('every fault of a pack has its line and key', async (t) => {
  const broken = source
    .replace('demo: true', 'demo: maybe')
    .replace('tz: Asia/Shanghai', 'tz: Mars/Olympus')
    .replace('vending: EVIDENCE_MODE,', 'vending: PUNISH_MODE,')
    .replace('budget_leads_per_operator_hour: 6', 'budget_leads_per_operator_hour: -1\nextra_key: 1')
    .replace('text_id: demo-notice-dust-1', 'text_id: Demo Notice')
  const { policy, faults } = parsePolicy(broken, 'policy.yaml')
  t.equal(policy, null)
  const said = faults.map(faultLine).join('\n')
  for (const wanted of [
    /policy\.yaml:3:\d+ demo:/,
    /policy\.yaml:5:\d+ tz:/,
    /:\d+:\d+ modes\.vending:/,
    /budget_leads_per_operator_hour:/,
    /extra_key/,
    /texts\[3\]\.text_id:/,
  ])
    t.match(said, wanted)
  t.match(
    parsePolicy(source.replace(/^law_basis:.*$/m, 'law_basis: null'), 'p')
      .faults.map(faultLine)
      .join(),
    /modes\.vending: EVIDENCE_MODE needs a law_basis/,
  )
  t.match(parsePolicy('a: [', 'p').faults.map(faultLine).join(), /^p:1:/)
  t.throws(() => loadPolicy(t.testdir()), { code: 'POLICY_UNREADABLE' })
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => parsePolicy(text, 'p').policy === null),
    { seed: 20261122 },
  )
})

t.test('dates, times, spans and numbers as the paper writes them, in the authority’s time zone', async (t) => {
  const newYear = Date.UTC(2026, 11, 31, 16, 0, 5) as EpochMs
  t.equal(dayText(newYear, 'Asia/Shanghai', 'zh'), '2027 年 1 月 1 日')
  t.equal(dayText(newYear, 'Asia/Shanghai', 'en'), '1 January 2027')
  t.equal(timeText(newYear, 'Asia/Shanghai'), '00:00:05')
  t.equal(yearOf(newYear, 'Asia/Shanghai'), 2027, 'numbers restart with the local year')
  t.equal(numberText('演示〔{year}〕{n} 号', 2027, 42), '演示〔2027〕0042 号')
  for (const [ms, zh, en] of [
    [929_000, '15 分 29 秒', '15 min 29 s'],
    [59_499, '59 秒', '59 s'],
    [120_000, '2 分钟', '2 min'],
  ] as const) {
    t.equal(spanText(ms, 'zh'), zh)
    t.equal(spanText(ms, 'en'), en)
  }
})
