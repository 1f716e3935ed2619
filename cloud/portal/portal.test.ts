import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import { openCloud, type CloudOptions, type TestCloud } from '../api/cloud.fixture.js'
import { codeChars, linkBounds, makeAccessCode, readAccessCode, showAccessCode } from '../delivery/index.js'
import { html } from './html.js'
import { sharpPart } from './party-copy.js'
import { readDraft, readFields } from './read-form.js'
import { portalCss } from './style.js'
import { texts } from './texts.js'

/** EXPERIENCE.md §5: not before a decision, on no page, message or file name. */
const accusing = [
  '违法者',
  '违法行为人',
  '违规者',
  '被处罚人',
  '肇事',
  '逃逸',
  '您违反了',
  '拒不',
  '罪',
  '违法行为',
  '请务必',
  '否则',
  '后果自负',
  '！',
  '该当事人',
  '你',
]
const accusingEn = /\b(offender|violator|culprit|guilty|criminal|illegal|offence|you must|fine of)\b|!/i
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** A case with its notice issued; what the party got. */
async function issued(t: { teardown(fn: () => Promise<void>): void }, options: CloudOptions = {}, unsure = false) {
  const cloud: TestCloud = await openCloud(options)
  t.teardown(() => cloud.close())
  const clock = {
    boot: '01a20169-1a78-7e3d-bf28-452afb50edbe',
    mono_us: 1,
    sync: 'unsynced' as const,
    src: '',
    off_us: null,
    err_us: null,
    step: 0,
  }
  const id = cloud.addLead({}, unsure ? { clock } : {})
  const post = async (who: string, url: string, body: object): Promise<Record<string, never>> => {
    const answer = await cloud.as(who, 'POST', url, body)
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body))
    return answer.body
  }
  await post('operator1', `/v1/leads/${id}/claim`, { version: 0 })
  await post('operator1', `/v1/leads/${id}/accept`, { version: 1 })
  for (const who of ['officer_a', 'officer_b'])
    await post(who, `/v1/leads/${id}/reviews`, { version: 2, verdict: 'confirm', note: '看到' })
  const party = { kind: 'person', name: '王某 <b>', contact: '' }
  const filed = await post('head', `/v1/leads/${id}/file`, { version: 3, party })
  const caseId = String(filed['id'])
  const preview = (
    await cloud.as(
      'legal_reviewer',
      'GET',
      `/p/${caseId}?preview&text_id=demo-notice-vending-1${unsure ? '&time_note=a%26b' : ''}`,
    )
  ).body as string
  const note = unsure ? { time_note: '到场 14:31，与录像相符。' } : {}
  const notice = await post('legal_reviewer', `/v1/cases/${caseId}/notice`, {
    version: 1,
    text_id: 'demo-notice-vending-1',
    ...note,
  })
  const token = String(notice['link']).split('/p/')[1] ?? ''
  const code = String(notice['access_code'])
  let cookie = ''
  const get = (path: string, ip = '10.0.0.1') =>
    cloud.app.inject({ url: `/p/${token}${path}`, headers: { cookie }, remoteAddress: ip })
  const send = (path: string, fields: Record<string, string> | [string, string][], ip = '10.0.0.1') =>
    cloud.app.inject({
      method: 'POST',
      url: `/p/${token}${path}`,
      headers: { cookie, ...form },
      payload: new URLSearchParams(fields).toString(),
      remoteAddress: ip,
    })
  const enter = async (): Promise<void> => {
    const answer = await send('', { code })
    if (answer.statusCode !== 303) throw new Error(answer.body)
    cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
  }
  return { cloud, id, caseId, token, code, preview, get, send, enter }
}

t.setTimeout(180_000)
t.test('access codes: 40 bits, read kindly, never two readings of one', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 5, maxLength: 5 }), (bytes) => {
      const code = makeAccessCode(bytes)
      const sloppy = showAccessCode(code).toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')
      return code.length === codeChars && readAccessCode(code) === code && readAccessCode(` ${sloppy} `) === code
    }),
    { seed: 20261122 },
  )
  fc.assert(
    fc.property(
      fc.string({ maxLength: 40 }),
      (typed) => readAccessCode(typed) === null || readAccessCode(typed)?.length === codeChars,
    ),
    { seed: 20261122 },
  )
  t.equal(readAccessCode('８Ｋ３Ｆ－２ＭＱＰ'), '8K3F2MQP', 'full-width, as a Chinese keyboard types it')
  t.equal(readAccessCode('8K3F-2MQU'), null, 'U is not in the alphabet')
})

t.test('before the code the page says only that there is a matter; every wrong token looks alike', async (t) => {
  const { cloud, get, token } = await issued(t)
  const page = await get('')
  t.equal(page.statusCode, 200)
  t.match(page.body, /有一件事请您核实/)
  t.notMatch(page.body, /人民路12号|占道|王某|〔2026〕|录像|14:/, 'neither place, act, name, number nor time')
  for (const path of ['/notice', '/evidence', '/still/1', '/clip', '/statement', '/receipts/1'])
    t.match((await get(path)).body, /查看码/, `${path} asks for the code`)
  const wrong = await Promise.all(
    ['x', 'A'.repeat(22), `${token}x`].map((word) => cloud.app.inject({ url: `/p/${word}` })),
  )
  for (const answer of wrong) {
    t.equal(answer.statusCode, 404)
    t.match(answer.body, /这个链接不能用了/)
  }
  t.match(
    page.headers['content-security-policy'],
    /^default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
  )
  t.match(page.headers, { 'referrer-policy': 'same-origin', 'cache-control': 'no-store', 'x-robots-tag': /noindex/ })
  t.notMatch(page.body, /<script|style=|onclick/i)
})

t.test(
  'tries: ten an hour per link and client, a hundred a day per link; a stranger cannot lock the party out',
  async (t) => {
    const { cloud, send, code } = await issued(t)
    for (let left = 9; left >= 0; left -= 1) {
      const answer = await send('', { code: 'WRONG-00' }, '6.6.6.6')
      t.equal(answer.statusCode, 422)
      t.match(answer.body, new RegExp(`还可以试 ${left} 次`))
    }
    t.equal((await send('', { code }, '6.6.6.6')).statusCode, 429, 'the stranger is stopped, even with the right code')
    t.equal((await send('', { code }, '10.0.0.1')).statusCode, 303, 'the party is not')
    cloud.clock.advance(linkBounds.hourMs)
    t.equal((await send('', { code: 'x' }, '6.6.6.6')).statusCode, 422, 'an hour later')
    for (let client = 0; client < 89; client += 1) await send('', { code: 'x' }, `7.0.0.${client}`)
    t.equal((await send('', { code }, '8.8.8.8')).statusCode, 429, 'a hundred wrong ones a day')
    cloud.clock.advance(linkBounds.dayMs)
    const parallel = await Promise.all(Array.from({ length: 30 }, () => send('', { code: '00000000' }, '9.9.9.9')))
    t.equal(parallel.filter(({ statusCode }) => statusCode === 422).length, 10, 'also when they come at once')
  },
)

t.test(
  'the opening is recorded, the case stays where it is; the cookie lasts 30 minutes for its link alone',
  async (t) => {
    const { cloud, caseId, enter, get, token } = await issued(t)
    await enter()
    const seen = (await cloud.as('legal_reviewer', 'GET', `/v1/cases/${caseId}`)).body as unknown as {
      state: string
      log: { kind: string }[]
      notice: { opened_at: string }
    }
    t.equal(seen.state, 'C6')
    t.same(
      seen.log.map(({ kind }) => kind),
      ['filed', 'notice_issued', 'link_opened'],
    )
    t.type(seen.notice.opened_at, 'string')
    const page = (await get('')).body
    for (const words of [
      '可能有人占道设摊',
      '还没有作出处罚决定',
      '现在没有期限在走',
      '不说明不等于承认',
      '不是我',
      '演示。本页不是真的通知',
    ])
      t.ok(page.includes(words), words)
    const other = await issued(t)
    const foreign = await other.cloud.app.inject({ url: `/p/${other.token}`, headers: { cookie: `kw_party=${token}` } })
    t.match(foreign.body, /查看码/)
    cloud.clock.advance(30 * 60_000)
    t.match((await get('')).body, /查看码/, 'after 30 minutes the code again')
  },
)

t.test(
  'a statement: several grounds, check, one receipt however often it is sent, kept words when the time ran out',
  async (t) => {
    const { cloud, caseId, enter, get, send, code } = await issued(t)
    await enter()
    const blank = (await get('/statement?ground=not_me')).body
    t.match(blank, /value="not_me"\s+checked/)
    const key = /name="key"\s+value="([\w-]{22})"/.exec(blank)?.[1] ?? ''
    const fields: [string, string][] = [
      ['key', key],
      ['acting', 'keeper'],
      ['name', '李 <i>'],
      ['contact', ''],
      ['grounds', 'permit'],
      ['grounds', 'not_me'],
      ['grounds', 'made_up'],
      ['words', '我有证。\r\n"A&B"'],
    ]
    const empty = await send('/statement', { key, step: 'check' })
    t.equal(empty.statusCode, 422)
    t.match(empty.body, /href="#name"[\s\S]*请写怎么称呼您/)
    const check = await send('/statement', [...fields, ['step', 'check']])
    t.match(check.body, /我有许可[\s\S]*不是我[\s\S]*我有证/)
    t.notMatch(check.body, /<i>|made_up/)
    t.match((await send('/statement', [...fields, ['step', 'edit']])).body, /我有证/, 'going back keeps the words')
    const [sent, again] = [
      await send('/statement', [...fields, ['step', 'send']]),
      await send('/statement', [...fields, ['step', 'send']]),
    ]
    t.equal(sent.statusCode, 303)
    t.equal(sent.headers.location, again.headers.location)
    const receipt = (await get('/receipts/1')).body
    t.match(receipt, /2026-0001-01/)
    t.match(receipt, /执法人员逐条答复/)
    t.equal((await get('/receipts/2')).statusCode, 404)
    const staff = (await cloud.as('officer_a', 'GET', `/v1/cases/${caseId}`)).body as unknown as {
      statements: object[]
      state: string
    }
    t.match(staff, {
      state: 'C6',
      statements: [
        { receipt: '2026-0001-01', acting: 'keeper', grounds: ['permit', 'not_me'], words: '我有证。\n"A&B"' },
      ],
    })
    t.equal(staff.statements.length, 1)
    cloud.clock.advance(30 * 60_000)
    const late = await send('/statement', [...fields.slice(1), ['words', '晚了'], ['step', 'check']])
    t.equal(late.statusCode, 401)
    t.match(late.body, /您写的话还在/)
    const hidden = [...late.body.matchAll(/type="hidden"\s+name="(\w+)"\s+value="([^"]*)"/g)].map(
      ([, name = '', value = '']): [string, string] => [name, value.replaceAll('&quot;', '"').replaceAll('&amp;', '&')],
    )
    const resumed = await send('', [...hidden, ['code', code]])
    t.equal(resumed.statusCode, 200)
    t.match(resumed.body, /我有证/, 'and stand in the form again')
  },
)

t.test('words (U16): no accusing word, no shouting, short sentences, in all texts and on all pages', async (t) => {
  const { enter, get, cloud } = await issued(t, {}, true)
  await enter()
  const pages: string[] = []
  for (const path of ['', '/evidence', '/notice', '/statement'])
    for (const lang of ['zh', 'en']) pages.push((await get(`${path}?lang=${lang}`)).body.replace(/<[^>]+>/g, ' '))
  const own = Object.values(texts)
  const bodies = cloud.policy.texts.flatMap(({ body, title, act }) => [
    ...body.zh,
    ...body.en,
    title.zh,
    title.en,
    act.zh,
    act.en,
  ])
  for (const text of [...pages, ...bodies, ...own.flatMap(({ zh, en }) => [zh, en])]) {
    for (const word of accusing) if (text.includes(word)) t.fail(`${word}: ${text.slice(0, 60)}`)
    if (accusingEn.test(text.replace('<!doctype', ''))) t.fail(`${String(accusingEn.exec(text))}: ${text.slice(0, 60)}`)
  }
  for (const { zh } of own)
    for (const sentence of zh.split(/[。？]/))
      if (sentence.replace(/\{\w+\}/g, '').length > 40) t.fail(`too long: ${sentence}`)
  t.notMatch(pages.join(), /\{\w+\}/, 'every name in a text was filled in')
  t.match(pages[0] ?? '', /时间待核：设备没有对时，误差估计 没有估计。到场 14:31，与录像相符。/)
  t.match(pages[1] ?? '', /No deadline is running now/)
})

t.test('every page is escaped, marked DEMO, in both languages and sizes, and small', async (t) => {
  const { enter, get } = await issued(t)
  t.match((await get('?lang=en')).body, /DEMO. This is not a real notice/)
  await enter()
  for (const path of ['', '/evidence', '/notice', '/statement', '/statement?about=1']) {
    const { body } = await get(`${path}${path.includes('?') ? '&' : '?'}size=large`)
    t.match(body, /lang="zh-CN"\s+class="large"/)
    t.match(body, /演示。本页不是真的通知，没有法律效力。/)
    t.ok(Buffer.byteLength(body) <= 15_000, `${path}: ${Buffer.byteLength(body)} bytes`)
    t.notMatch(body, /<b>/, 'what people wrote is text')
  }
  t.match((await get('/notice')).body, /王某 &lt;b&gt;/)
  t.match((await get('/statement?about=2')).body, /关于图 2：/)
  t.ok(Buffer.byteLength(portalCss) <= 10_000, `CSS ${Buffer.byteLength(portalCss)} bytes`)
  t.equal(html`${'<&"\'>'}${[html`<b></b>`, 'x']}${null}${false}${3}`.text, '&lt;&amp;&quot;&#39;&gt;<b></b>x3')
})

t.test('the preview shows staff what the party will read, and nobody else', async (t) => {
  const { cloud, caseId, preview, enter, get } = await issued(t, {}, true)
  await enter()
  const words = (page: string): string =>
    page
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ')
      .replace('a&amp;b', '到场 14:31，与录像相符。')
  t.equal(words(preview), words((await get('')).body), 'the same words (U9)')
  const stranger = await cloud.app.inject({ url: `/p/${caseId}?preview` })
  t.equal(stranger.statusCode, 404)
  t.equal((await cloud.as('operator1', 'GET', `/p/${caseId}?preview`)).status, 404)
  const framed = await cloud.as('legal_reviewer', 'GET', `/p/${caseId}?preview`)
  t.match(framed.headers['content-security-policy'], /frame-ancestors 'self'/)
  t.equal((await cloud.as('legal_reviewer', 'POST', `/p/${caseId}/statement?preview`, {})).status, 404, 'reads only')
})

t.test('forms of any bytes are read without throwing, within bounds', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (words) => {
      const draft = readDraft(
        readFields(
          new URLSearchParams([
            ['words', words],
            ['name', words],
            ['key', words],
            ['grounds', words],
          ]).toString(),
        ),
        'k',
      )
      readDraft(readFields(words), 'k')
      return (
        draft.words.length <= 4_000 &&
        draft.name.length <= 120 &&
        !/[\p{Cc}\u202e]/u.test((draft.words + draft.name).replace(/[\t\n]/g, ''))
      )
    }),
    { seed: 20261122 },
  )
  t.pass()
})

t.test('the party’s copies: sharp inside the grown box, squares outside, sound and metadata gone', async (t) => {
  const dir = t.testdir()
  const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg'
  const run = (...args: string[]): Buffer => {
    const { status, stdout, stderr } = spawnSync(ffmpeg, ['-v', 'error', '-y', ...args], { maxBuffer: 1e8 })
    if (status !== 0) throw new Error(stderr.toString())
    return stdout
  }
  // Fine noise: every pixel differs from its neighbour, until something is averaged.
  run(
    '-f',
    'lavfi',
    '-i',
    'nullsrc=s=640x360:d=1:r=5,geq=lum=random(1)*255:cb=128:cr=128',
    '-f',
    'lavfi',
    '-i',
    'sine=d=1',
    '-metadata',
    'title=secret',
    '-c:v',
    'libx264',
    '-crf',
    '10',
    '-pix_fmt',
    'yuv420p',
    `${dir}/clip.mp4`,
  )
  run('-i', `${dir}/clip.mp4`, '-frames:v', '1', '-vf', 'scale=1280:720:flags=neighbor', `${dir}/still.jpg`)
  const { enter, get, cloud, id } = await issued(t, {
    clipFile: `${dir}/clip.mp4`,
    stillFile: `${dir}/still.jpg`,
    partyFolder: `${dir}/party`,
  })
  await enter()
  const { writeFileSync } = await import('node:fs')
  const sharp = sharpPart([0.4, 0.5, 0.2, 0.3])
  t.same(
    sharp.map((part) => Number(part.toFixed(3))),
    [0.35, 0.425, 0.3, 0.45],
    'grown by half',
  )
  for (const [path, file, type] of [
    ['/clip', 'party.mp4', 'video/mp4'],
    ['/still/1', 'party.jpg', 'image/jpeg'],
  ] as const) {
    const answer = await get(path)
    t.equal(answer.statusCode, 200, JSON.stringify(cloud.errors))
    t.equal(answer.headers['content-type'], type)
    writeFileSync(`${dir}/${file}`, answer.rawPayload)
    const grey = run(
      '-i',
      `${dir}/${file}`,
      '-frames:v',
      '1',
      '-vf',
      'scale=640:360:flags=neighbor',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gray',
      '-',
    )
    // Mean step between neighbours in a row: large in noise, small inside a square.
    const texture = (x: number, y: number): number => {
      let sum = 0
      for (let dy = 0; dy < 36; dy += 1)
        for (let dx = 0; dx < 60; dx += 1)
          sum += Math.abs((grey[(y + dy) * 640 + x + dx] ?? 0) - (grey[(y + dy) * 640 + x + dx + 1] ?? 0))
      return sum / (36 * 60)
    }
    const inside = texture(290, 220)
    const outside = Math.max(texture(5, 5), texture(560, 20), texture(20, 320), texture(570, 322), texture(300, 90))
    t.ok(inside > 15, `${file} is sharp inside: ${inside.toFixed(1)}`)
    t.ok(outside < inside / 4, `${file} is squares outside: ${outside.toFixed(1)}`)
  }
  t.notMatch(Buffer.from((await get('/clip')).rawPayload).toString('latin1'), /secret|soun/, 'no title, no sound track')
  t.match((await get('/clip')).headers, { 'accept-ranges': 'bytes' })
  t.same(
    cloud.views.views(id).map(({ by, what }) => [by, what]),
    [['party', 'party_clip']],
  )
  const page = (await get('/evidence')).body
  t.match(page, /第 1 段：14:01:41 至 14:02:26[\s\S]*这里隔 14 分 30 秒 没有调取[\s\S]*第 2 段/)
  t.match(page, /preload="none"/)
})
