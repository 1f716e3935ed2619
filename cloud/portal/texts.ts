import type { Bilingual } from '../../contracts/terms.js'

/** Words of the party's pages (EXPERIENCE.md §5). No accusing word, one thought a sentence, at most 40 characters in Chinese. */
export const texts = {
  'mark.demo': { zh: '演示', en: 'DEMO' },
  'demo.note': {
    zh: '演示。本页不是真的通知，没有法律效力。',
    en: 'DEMO. This is not a real notice and has no legal effect.',
  },
  'foot.large': { zh: '大字版', en: 'Large print' },
  'foot.normal': { zh: '标准版', en: 'Normal print' },
  'foot.lang': { zh: 'English', en: '中文' },
  'foot.phone': { zh: '电话 {hotline}', en: 'Call {hotline}' },
  'nav.back': { zh: '返回', en: 'Back' },
  'nav.label': { zh: '其他', en: 'More' },

  'code.title': { zh: '有一件事请您核实', en: 'A matter for you to check' },
  'code.lead': {
    zh: '请输入纸上或短信里的 8 位查看码。',
    en: 'Please enter the 8-character code from the paper or message.',
  },
  'code.label': { zh: '查看码', en: 'Code' },
  'code.hint': {
    zh: '大小写都行。O 和 0、I 和 1 不用区分。横线可以不写。',
    en: 'Capitals or not, O or 0, I or 1: all the same. Dashes may be left out.',
  },
  'code.button': { zh: '查看', en: 'Open' },
  'code.lost': { zh: '找不到查看码？', en: 'Code lost?' },
  'code.lost.how': {
    zh: '可以到{counter}，或打 {hotline}。没有打开链接，不算已经通知您。',
    en: 'Come to the {counter}, or call {hotline}. An unopened link does not count as telling you.',
  },
  'code.safe': {
    zh: '不用注册，不用下载软件。本页不收钱，不要银行卡号。有人自称本局要您转账，请挂断。',
    en: 'No account, no app. This page takes no money and asks for no card. If someone claims to be us and wants a transfer, hang up.',
  },
  'code.wrong': {
    zh: '查看码不对，还可以试 {n} 次。也可以打 {hotline} 或到窗口。',
    en: 'That code does not match. {n} tries left. You can also call {hotline} or come to the counter.',
  },
  'code.wait': {
    zh: '试的次数到了，请过一小时再试。也可以打 {hotline} 或到窗口。',
    en: 'No tries left for now. Please try again in an hour, call {hotline}, or come to the counter.',
  },
  'code.again': {
    zh: '过了 30 分钟，请再输一次查看码。您写的话还在。',
    en: 'After 30 minutes the code is needed again. What you wrote is still here.',
  },
  'gone.title': { zh: '这个链接不能用了', en: 'This link no longer works' },
  'gone.text': {
    zh: '可能已经换了新链接。请打 {hotline}，或到{counter}。',
    en: 'It may have been replaced. Please call {hotline} or come to the {counter}.',
  },

  'first.title': { zh: '我们想请您核实一件事', en: 'We would like you to check something' },
  'first.evidence': {
    zh: '{date} {from} 至 {to}，{place}的监控记录里，可能有人{act}。',
    en: 'The camera record of {place}, {date}, {from} to {to}, may show {act}.',
  },
  'first.reviewed': {
    zh: '记录已由两名人员审核，我们想先听您的说明。',
    en: 'Two people have checked the record. We would like to hear you first.',
  },
  'first.lead': {
    zh: '我们收到一条监控线索：{date} {from} 至 {to}，在{place}，可能有人{act}。',
    en: 'A camera raised a possible matter: on {date}, {from} to {to}, at {place}, there may have been {act}.',
  },
  'first.lead.only': {
    zh: '这只是线索，事实要由执法人员另外查明。',
    en: 'It is only a lead; officers must establish the facts.',
  },
  'no.decision': { zh: '还没有作出处罚决定。', en: 'No decision has been made.' },
  'no.decision.how': { zh: '怎么认定，要等听完您的说明。', en: 'We will decide only after hearing you.' },
  'no.period': {
    zh: '现在没有期限在走。正式告知另外送达，那时才开始计算。',
    en: 'No deadline is running now. A formal notice will be served separately; time starts then.',
  },
  silence: { zh: '不说明不等于承认。', en: 'Silence is not an admission.' },
  'not.heavier': { zh: '不会因为您说明而罚得更重。', en: 'Speaking up never makes the outcome heavier.' },
  'time.unsure': { zh: '时间待核', en: 'Time to be confirmed' },
  'door.look': { zh: '看录像和图片', en: 'See the clip and pictures' },
  'door.look.size': {
    zh: '看录像和图片（{s} 秒，约 {mb} MB）',
    en: 'See the clip and pictures ({s} s, about {mb} MB)',
  },
  'door.state': { zh: '我要说明，或提出异议', en: 'State my side, or object' },
  'door.not.me': { zh: '不是我', en: 'It was not me' },
  'door.notice': { zh: '看通知全文', en: 'Read the whole notice' },
  'still.caption': { zh: '图 {n} / {of} · {time}', en: 'Picture {n} of {of} · {time}' },
  'still.masked': { zh: '别处已打马赛克', en: 'blurred elsewhere' },
  'still.alt': { zh: '监控图片 {n}，{time}', en: 'Camera picture {n}, {time}' },
  'still.comment': { zh: '对图 {n} 说两句', en: 'Comment on picture {n}' },
  'still.about': { zh: '关于图 {n}：', en: 'About picture {n}: ' },

  'evidence.title': { zh: '录像和图片', en: 'Clip and pictures' },
  'evidence.video': { zh: '监控录像', en: 'Camera clip' },
  'evidence.same': {
    zh: '和执法人员看的是同一段，只是别处打了马赛克。',
    en: 'It is the clip that the officers saw; only places elsewhere are blurred.',
  },
  'evidence.windows': { zh: '这段录像由 {n} 段组成', en: 'The clip has {n} parts' },
  'evidence.window': { zh: '第 {n} 段：{from} 至 {to}', en: 'Part {n}: {from} to {to}' },
  'evidence.break': { zh: '这里隔 {t} 没有调取。', en: '{t} not fetched here.' },
  'evidence.break.gap': { zh: '这里隔 {t} 没有录到。', en: '{t} not recorded here.' },
  'evidence.break.overwritten': { zh: '这里隔 {t} 已不在设备里。', en: '{t} no longer kept by the device here.' },
  'evidence.none': {
    zh: '录像还没有传到这里。图片可以先看。',
    en: 'The clip is not here yet. The pictures are ready.',
  },
  'evidence.download': { zh: '放不出来？下载录像', en: 'Does not play? Download the clip' },
  'evidence.stills': { zh: '图片', en: 'Pictures' },
  'evidence.trust': { zh: '这段录像可靠吗', en: 'Can this record be trusted?' },
  'trust.digest': {
    zh: '每张原图都有指纹（SHA-256），打马赛克之前算的。',
    en: 'Each original picture has a digest (SHA-256), made before blurring.',
  },
  'trust.digest.show': { zh: '看指纹', en: 'Show the digests' },
  'trust.time': {
    zh: '时间：设备已对时，误差不超过 {x} 秒。',
    en: 'Time: the device clock was synchronised, error at most {x} s.',
  },
  'trust.device': {
    zh: '设备：{device}，摄像机 {cam}，规则 {rule}。',
    en: 'Device: {device}, camera {cam}, rule {rule}.',
  },
  'trust.basis': { zh: '依据：{basis}。', en: 'Basis: {basis}.' },
  'trust.views': { zh: '录像被看过 {n} 次，都有记录。', en: 'The clip was viewed {n} times; each view is on record.' },

  'notice.number': { zh: '编号', en: 'Number' },
  'notice.to': { zh: '当事人：{name}', en: 'To: {name}' },
  'notice.officers': { zh: '执法人员：{names}', en: 'Officers: {names}' },
  'notice.phone': { zh: '咨询电话：{hotline} · 窗口：{counter}', en: 'Questions: {hotline} · in person: {counter}' },
  'notice.print': { zh: '要留底，请用浏览器打印这一页。', en: 'To keep it, print this page with your browser.' },

  'state.title': { zh: '说明情况，或提出异议', en: 'State your side, or object' },
  'state.term': { zh: '法律上叫陈述、申辩。', en: 'The law calls this statement and defence.' },
  'state.fix': { zh: '还差一点：', en: 'Something is missing:' },
  'state.who': { zh: '您是谁', en: 'Who you are' },
  'acting.party': { zh: '我是当事人', en: 'I am the person or firm concerned' },
  'acting.agent': { zh: '我代当事人说', en: 'I speak for them' },
  'acting.keeper': { zh: '我管车辆或场地', en: 'I keep the vehicle or the site' },
  'state.name': { zh: '怎么称呼您', en: 'Your name' },
  'state.contact': { zh: '联系方式（可以不填）', en: 'How to reach you (optional)' },
  'state.grounds': { zh: '哪些符合您的情况？', en: 'What applies to you?' },
  'state.grounds.hint': { zh: '可以选几项，也可以都不选。', en: 'Choose several, or none.' },
  'ground.permit': { zh: '我有许可，或这里允许', en: 'I have a permit, or it is allowed here' },
  'ground.not_me': { zh: '不是我，我不在那里，车不是我开的', en: 'Not me; I was not there; I was not driving' },
  'ground.not_me.hint': {
    zh: '您可以只选这一项，不必说出别人是谁。',
    en: 'You may choose just this; you need not name anyone.',
  },
  'ground.wrong': { zh: '时间或地点不对', en: 'Time or place is wrong' },
  'ground.exception': { zh: '是应急、装卸、活动或自用', en: 'It was an emergency, loading, an event or own use' },
  'ground.corrected': { zh: '我当时就收了，或已改正', en: 'I stopped at once, or put it right' },
  'ground.slight': { zh: '这是第一次，情况轻微', en: 'It was the first time, and slight' },
  'ground.unclear': { zh: '录像看不清、不完整', en: 'The record is unclear or incomplete' },
  'state.words': { zh: '您想说的话', en: 'In your own words' },
  'state.words.hint': { zh: '想到什么写什么。最多 4000 字。', en: 'Write what you like, up to 4000 characters.' },
  'state.next': { zh: '下一步：核对', en: 'Next: check' },
  'state.need.name': { zh: '请写怎么称呼您。', en: 'Please write your name.' },
  'state.need.something': { zh: '请选一项，或写几句话。', en: 'Please choose something or write a few words.' },
  'check.title': { zh: '请核对', en: 'Please check' },
  'check.none': { zh: '没有选', en: 'none chosen' },
  'check.nothing': { zh: '没有写', en: 'nothing written' },
  'check.send': { zh: '提交', en: 'Send' },
  'check.edit': { zh: '回去改', en: 'Change it' },

  'receipt.title': { zh: '收到了您的说明', en: 'We have received your statement' },
  'receipt.number': { zh: '回执号', en: 'Receipt' },
  'receipt.next': { zh: '接下来：执法人员逐条答复。', en: 'Next: officers will answer each point.' },
  'receipt.more': { zh: '再补充一点', en: 'Add something' },
  'receipt.home': { zh: '回到第一页', en: 'Back to the first page' },
  'receipt.said': { zh: '您说的', en: 'What you said' },
  'fault.title': { zh: '这一步没有成功', en: 'That did not work' },
  'fault.many': {
    zh: '这里收到的说明太多了。请打 {hotline} 或到窗口。',
    en: 'Too many statements here. Please call {hotline} or come to the counter.',
  },
} as const satisfies Record<string, Bilingual>
export type TextKey = keyof typeof texts

/** Grounds that a party may tick, several at once. */
export const grounds = ['permit', 'not_me', 'wrong', 'exception', 'corrected', 'slight', 'unclear'] as const
export type Ground = (typeof grounds)[number]
export const actings = ['party', 'agent', 'keeper'] as const
export type Acting = (typeof actings)[number]

/** A text with its `{names}` filled in; a name without a value stays, so that a test can see it. */
export function say(
  lang: keyof Bilingual,
  key: TextKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return texts[key][lang].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
