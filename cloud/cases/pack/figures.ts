import { z } from 'zod'
import type { Bilingual } from '../../../contracts/terms.js'

const days = z.int().min(1).max(400)
const minutes = z.int().min(1).max(1440)
const fen = z.int().min(0)
const perCause = <T extends z.ZodType>(value: T) =>
  z.strictObject({ vending: value, grilling: value, spillage: value, dust: value })
/** An amount in fen; `>=` where the rule says 以上, which includes the figure itself (Civil Code Art. 1259). */
const threshold = z.strictObject({ operator: z.enum(['>=', '>']), person_fen: fen, organisation_fen: fen })
const row = <T extends z.ZodType>(value: T, whom: Bilingual) => ({ value, whom })

const party = (zh: string, en: string): Bilingual => ({ zh: `当事人：${zh}`, en: `party: ${en}` })
const staff = (zh: string, en: string): Bilingual => ({ zh: `办案人员：${zh}`, en: `staff: ${en}` })
const complainant = (zh: string, en: string): Bilingual => ({ zh: `投诉人：${zh}`, en: `complainant: ${en}` })

/**
 * Every single value of DOMAIN.md §7 that a city may set, by its key: the schema, and for whom a change matters (`policy diff`).
 * The keys are those that `cloud/cases/process/timers.ts` names. Durations carry their unit in the key.
 */
export const figureRows = {
  'act.radius_m': row(z.number().positive().max(500), party('多远以内算同一地点', 'how near two acts are one place')),
  'case.master': row(z.enum(['kerbwatch', 'province']), staff('案件在哪里办', 'where cases are kept')),
  'collective.rules': row(
    z.array(z.enum(['amount', 'mitigation', 'transfer', 'complex'])),
    staff('哪些案件集体讨论', 'which cases are discussed'),
  ),
  'collective.amount': row(threshold, staff('多大金额集体讨论', 'amount that asks discussion')),
  'complaint.reply_days': row(days, complainant('多少工作日内答复', 'working days to an answer')),
  'complaint.transfer_days': row(days, complainant('移送后多少工作日内告知', 'working days to hear of a transfer')),
  'decision.days': row(days, party('办案期限', 'days to a decision')),
  'decision.extensions': row(
    z.array(days).max(3),
    party('可以延长几次、每次几天', 'extensions of the decision period'),
  ),
  'decision.excluded': row(
    z.array(z.enum(['public_notice', 'hearing', 'appraisal', 'suspension'])),
    party('哪些时间不计入办案期限', 'time that the decision period leaves out'),
  ),
  'defence.start_on': row(
    z.enum(['service', 'message']),
    party('陈述申辩期从何时起算', 'what starts the defence window'),
  ),
  'defence.window_days': row(z.int().min(3).max(60), party('陈述申辩的工作日', 'working days to state and defend')),
  'device.purpose_basis.required': row(
    z.boolean(),
    staff('摄像机要不要写明用途依据', 'whether a camera needs a purpose basis'),
  ),
  'device.review_months': row(z.int().min(1).max(12), staff('设备复核周期', 'months between device reviews')),
  'device.shared_agreement': row(z.boolean(), staff('能否用约定共享的摄像机', 'whether shared cameras may be used')),
  'dispatch.minutes': row(minutes, staff('多少分钟到场', 'minutes to arrive')),
  'dissuasion.grace_min': row(
    perCause(minutes.nullable()),
    party('劝导后留多少分钟改正', 'minutes to correct after dissuasion'),
  ),
  'dissuasion.loudspeaker_hours': row(
    z.strictObject({ from: z.string().regex(/^\d{2}:\d{2}$/), to: z.string().regex(/^\d{2}:\d{2}$/) }),
    party('什么时间可以喊话', 'hours of the loudspeaker'),
  ),
  'identify.days': row(days, staff('查找当事人的天数', 'days to identify the party')),
  'intake.quarantine_days': row(days, staff('隔离核查的工作日', 'working days to check quarantine')),
  'kpi.targets': row(z.record(z.string().regex(/^K\d\d$/), z.number()), staff('考核指标', 'targets')),
  'lead.verify_days': row(days, party('线索核查天数', 'days to verify a lead')),
  'lead.verify_extension_days': row(days, party('线索核查可延长', 'extension of lead verification')),
  'legal_review.amount': row(threshold, staff('多大金额法制审核', 'amount that asks legal review')),
  'legal_review.kinds': row(z.array(z.string().min(1)), staff('哪些种类法制审核', 'kinds that ask legal review')),
  'legal_review.scope': row(
    z.enum(['statute', 'all_nonsite', 'all']),
    staff('哪些案件法制审核', 'which cases are legally reviewed'),
  ),
  'limitation.years': row(
    z.strictObject({ ordinary: z.int().min(1).max(5), grave: z.int().min(1).max(10) }),
    party('追诉时效', 'limitation in years'),
  ),
  'nonsite.items': row(z.array(z.string().min(1)), party('哪些事项可以非现场执法', 'items for the non-site road')),
  'no_penalty.first.area': row(
    z.enum(['authority', 'city', 'province']),
    party('“初次”看多大范围', 'area in which "first" is judged'),
  ),
  'no_penalty.first.items': row(
    z.enum(['item', 'family']),
    party('“初次”看同一事项还是同类', 'whether "first" means item or family'),
  ),
  'no_penalty.first.look_back_years': row(
    z.int().min(1).max(10),
    party('“初次”回看几年', 'years that "first" looks back'),
  ),
  'notice.facts_days': row(days, party('多少工作日内告知违法事实', 'working days to be told of the recorded facts')),
  'party.keeper_presumption': row(
    z.boolean(),
    party('能否推定车主为当事人', 'whether a keeper is presumed to be the party'),
  ),
  'portal.link_days': row(days, party('链接有效天数', 'days that a link lives')),
  'publicity.days': row(days, party('多少工作日内公示', 'working days to publication')),
  'publicity.fields': row(z.array(z.string().min(1)), party('公示哪些内容', 'what is published')),
  'publicity.persons': row(
    z.enum(['excluded', 'reduced']),
    party('自然人是否公示', 'whether natural persons are published'),
  ),
  'publicity.scope': row(
    z.enum(['all_anonymised', 'influence_only']),
    party('公示范围', 'which decisions are published'),
  ),
  'publicity.term_months': row(
    z.strictObject({ light: z.int().min(0).max(12), general: z.int().min(1).max(24), serious: z.int().min(1).max(60) }),
    party('公示多久', 'months of publication'),
  ),
  'hearing.threshold': row(threshold, party('多大金额可以要求听证', 'amount that gives a right to a hearing')),
  'rectify.days': row(
    perCause(z.int().min(0).max(90)),
    party('责令改正的期限，0 为当场', 'days to correct, 0 at once'),
  ),
  'retention.clip_days': row(
    z.strictObject({ box: days, cloud: days }),
    party('未立案录像保存多久', 'days that clips without a case are kept'),
  ),
  'retention.file_years': row(
    z.strictObject({ ordinary: z.int().min(1).max(100), major: z.int().min(1).max(100) }),
    staff('卷宗保管年限', 'years that files are kept'),
  ),
  'risk.colours': row(
    z.array(z.strictObject({ colour: z.enum(['green', 'yellow', 'orange', 'red']), visits_a_year: z.number().min(0) })),
    staff('各颜色检查频次', 'visits by colour'),
  ),
  'service.confirmation_for': row(
    z.array(z.string().regex(/^D\d\d$/)),
    party('哪些文书电子送达要先确认', 'documents whose e-service needs consent'),
  ),
  'service.public_notice_days': row(days, party('公告送达天数', 'days of service by public notice')),
  'service.ways': row(
    z.array(z.enum(['direct', 'leave', 'post', 'electronic', 'notice'])).min(1),
    party('有哪些送达方式', 'ways of service'),
  ),
  'surcharge.enabled': row(z.boolean(), party('逾期是否加处罚款', 'whether late payment is surcharged')),
  'time.max_offset_ms': row(z.int().min(0).max(60_000), staff('记录时间允许误差', 'clock offset of a usable record')),
  'triage.claim_minutes': row(minutes, staff('领取多久不办自动释放', 'minutes after which a claim lapses')),
  'triage.minutes': row(perCause(minutes), staff('多少分钟内研判', 'minutes to triage')),
} as const
export type FigureKey = keyof typeof figureRows
export type FigureValue<Key extends FigureKey> = z.infer<(typeof figureRows)[Key]['value']>
export const figureKeys = Object.keys(figureRows) as FigureKey[]

/** Where a value comes from: S seed document, L statute that was read, P practice (the authority sets it), M memory: unverified. */
export const marks = ['S', 'L', 'P', 'M'] as const

/** A value with its origin. `null`: not known, must not be guessed; nothing may use it. */
export interface Figure<Value> {
  readonly value: Value | null
  readonly mark: (typeof marks)[number]
  readonly source: string | null
  readonly verified: boolean
  readonly verified_by?: string | undefined
  readonly verified_on?: string | undefined
}
export type Figures = { readonly [Key in FigureKey]?: Figure<FigureValue<Key>> | undefined }

function figure(value: z.ZodType): z.ZodType {
  return z
    .strictObject({
      value: value.nullable(),
      mark: z.enum(marks),
      source: z.string().min(1).nullable().default(null),
      verified: z.boolean().default(false),
      verified_by: z.string().min(1).optional(),
      verified_on: z.string().min(1).optional(),
    })
    .superRefine((one, context) => {
      if (one.verified && (one.verified_by === undefined || one.verified_on === undefined))
        context.addIssue({ code: 'custom', path: ['verified'], message: 'needs verified_by and verified_on' })
      if (one.verified && one.value === null)
        context.addIssue({ code: 'custom', path: ['verified'], message: 'what is not known cannot be verified' })
    })
}

/** All figures, each optional: a layer holds some, the base the rest. */
export const figuresSchema = z.strictObject(
  Object.fromEntries(figureKeys.map((key) => [key, figure(figureRows[key].value).optional()])),
) as unknown as z.ZodType<Figures> // Object.fromEntries loses the keys that figureRows has
