// Goal: the party's pages in a real browser: nothing clipped at 320 and 360 px, in both languages and sizes, no axe violation,
// no CSP report, no script, prints on two sheets, and the whole way works with JavaScript off.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Page } from 'playwright-core'
import t from 'tap'
import { openCloud } from '../api/cloud.fixture.js'

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

/** Elements wider than their box, which a reader would see cut off or have to push sideways. */
const clipped = `[...document.querySelectorAll('body *')].filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline' && e.clientWidth > 0 && e.tagName !== 'VIDEO').map((e) => e.outerHTML.slice(0, 80)).concat(document.documentElement.scrollWidth > innerWidth ? ['the page itself'] : [])`
/** Text below 22 px, lines below 1.5, targets below 60 px: the floor of large print (U22). */
const small = `[...document.querySelectorAll('body *')].flatMap((e) => { const s = getComputedStyle(e); const r = e.getBoundingClientRect(); if (r.width === 0 || e.tagName === 'VIDEO') return []; const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== ''); const bad = []; if (own && parseFloat(s.fontSize) < 22) bad.push('font ' + s.fontSize); if (own && parseFloat(s.lineHeight) < 1.45 * parseFloat(s.fontSize)) bad.push('line ' + s.lineHeight); if (e.matches('a,button,summary,label.tick,input[type=text],textarea') && (r.height < 60 || r.width < 60)) bad.push('target ' + Math.round(r.width) + 'x' + Math.round(r.height)); return bad.map((b) => b + ': ' + e.outerHTML.slice(0, 80)) })`

t.setTimeout(180_000)
t.test(
  'the party’s pages in Chromium',
  { skip: existsSync(executablePath) ? false : `no Chromium at ${executablePath}`, timeout: 180_000 },
  async (t) => {
    const dir = t.testdir()
    const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg'
    spawnSync(ffmpeg, [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc=s=640x360:d=2:r=5',
      '-c:v',
      'libx264',
      '-pix_fmt',
      'yuv420p',
      `${dir}/clip.mp4`,
    ])
    spawnSync(ffmpeg, ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=s=1280x720', '-frames:v', '1', `${dir}/still.jpg`])
    const cloud = await openCloud({
      clipFile: `${dir}/clip.mp4`,
      stillFile: `${dir}/still.jpg`,
      partyFolder: `${dir}/party`,
    })
    t.teardown(() => cloud.close())
    const id = cloud.addLead()
    const post = async (who: string, url: string, body: object): Promise<Record<string, string>> =>
      (await cloud.as(who, 'POST', url, body)).body
    await post('operator1', `/v1/leads/${id}/claim`, { version: 0 })
    await post('operator1', `/v1/leads/${id}/accept`, { version: 1 })
    for (const who of ['officer_a', 'officer_b'])
      await post(who, `/v1/leads/${id}/reviews`, { version: 2, verdict: 'confirm', note: '看到' })
    const filed = await post('head', `/v1/leads/${id}/file`, {
      version: 3,
      party: { kind: 'person', name: '王某', contact: '' },
    })
    const notice = await post('legal_reviewer', `/v1/cases/${filed['id'] ?? ''}/notice`, {
      version: 1,
      text_id: 'demo-notice-vending-1',
    })
    const address = await cloud.app.listen({ host: '127.0.0.1', port: 0 })
    const link = `${address}/p/${notice['link']?.split('/p/')[1] ?? ''}`
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    t.teardown(() => browser.close())

    const reports: string[] = []
    const checkAxe = async (page: Page, name: string): Promise<void> => {
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
      const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
      t.same(
        violations.map((found) => `${found.id}: ${found.nodes[0]?.html ?? ''}`),
        [],
        `${name}: axe`,
      )
    }
    const look = async (page: Page, name: string, large: boolean): Promise<void> => {
      // Axe takes most of the time: both languages and both sizes, not all four pairs.
      if (name.startsWith('zh normal') || name.startsWith('en large')) await checkAxe(page, name)
      for (const width of [320, 360]) {
        await page.setViewportSize({ width, height: 740 })
        t.same(await page.evaluate(clipped), [], `${name}: nothing clipped at ${width}`)
      }
      if (large) t.same(await page.evaluate(small), [], `${name}: large print is large`)
    }
    for (const [lang, size] of [
      ['zh', 'normal'],
      ['en', 'large'],
      ['zh', 'large'],
      ['en', 'normal'],
    ] as const) {
      const context = await browser.newContext({ viewport: { width: 360, height: 740 } })
      const page = await context.newPage()
      page.on('console', (message) => {
        if (/Content Security|Refused/.test(message.text())) reports.push(message.text())
      })
      page.on('request', (request) => {
        if (!request.url().startsWith(address)) reports.push(request.url())
      })
      const large = size === 'large'
      await page.goto(`${link}?lang=${lang}&size=${size}`)
      await look(page, `${lang} ${size} code`, large)
      await page.fill('#code', (notice['access_code'] ?? '').toLowerCase())
      await page.click('button')
      await look(page, `${lang} ${size} first`, large)
      for (const path of ['evidence', 'notice', 'statement']) {
        await page.goto(`${link}/${path}`)
        await look(page, `${lang} ${size} ${path}`, large)
      }
      await page.fill('#name', '王某')
      await page.check('input[value=permit]')
      await page.click('button.main')
      await look(page, `${lang} ${size} check`, large)
      await page.click('button.main')
      await look(page, `${lang} ${size} receipt`, large)
      if (lang === 'zh' && !large)
        for (const path of ['notice', 'receipts/1', 'evidence']) {
          await page.goto(`${link}/${path}`)
          const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
          const sheets = (pdf.match(/\/Type\s*\/Page\b/g) ?? []).length
          t.ok(sheets >= 1 && sheets <= 2, `${lang} ${path} prints on ${sheets} sheets`)
        }
      await context.close()
    }
    t.same(reports, [], 'no CSP report, no request to others')

    const plain = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 800 } })
    const page = await plain.newPage()
    await page.goto(link)
    await page.fill('#code', notice['access_code'] ?? '')
    await page.click('button')
    await page.click('a[href$="ground=not_me"]')
    t.ok(await page.isChecked('input[value=not_me]'))
    await page.fill('#name', '李某')
    await page.click('button.main')
    await page.click('button.main')
    t.match(await page.textContent('h1'), '收到了您的说明')
    const clip = await page.goto(`${link}/clip`)
    t.equal(clip?.headers()['content-type'], 'video/mp4')
  },
)
