// Goal: staff do a whole lead in a real browser: triage by keys with undo, blind reviews, filing, issuing; nothing breaks the
// CSP, nothing asks another server, no serious axe violation, nothing clipped, and a decision that comes too late says why.
import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Page } from 'playwright-core'
import t from 'tap'
import { openConsole } from './console.fixture.js'

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const shotsFolder = process.env['KW_SHOTS']

/** Elements whose content is wider than their box, those that scroll by purpose left out. */
const clipped = `[...document.querySelectorAll('body *')].filter((e) => { const s = getComputedStyle(e); return e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && s.display !== 'inline' && s.overflowX !== 'auto' && s.overflowX !== 'scroll' && !e.matches('video, svg, svg *, input, textarea, select, progress, .screen, .stage') }).map((e) => e.outerHTML.slice(0, 90)).concat(document.documentElement.scrollWidth > innerWidth ? ['the page itself'] : [])`

/** Pixels that the page is higher than the window. */
const tooTall = 'Math.max(0, document.documentElement.scrollHeight - innerHeight)'

t.setTimeout(240_000)
t.test(
  'the console in Chromium',
  { skip: existsSync(executablePath) ? false : `no Chromium at ${executablePath}`, timeout: 240_000 },
  async (t) => {
    const server = await openConsole(t.testdir())
    t.teardown(() => server.close())
    const { cloud, address } = server
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    t.teardown(() => browser.close())
    const reports: string[] = []
    const enter = async (name: string, options?: Parameters<typeof server.signIn>[2]): Promise<Page> => {
      const page = await server.signIn(browser, name, options)
      page.setDefaultTimeout(30_000)
      page.on('console', (message) => {
        if (/Content Security|Refused to/.test(message.text())) reports.push(message.text())
      })
      page.on('pageerror', (error) => reports.push(error.message))
      page.on('request', (request) => {
        if (!request.url().startsWith(address) && !request.url().startsWith('data:')) reports.push(request.url())
      })
      return page
    }
    const shoot = async (page: Page, name: string): Promise<void> => {
      if (shotsFolder !== undefined) await page.screenshot({ path: `${shotsFolder}/${name}.png` })
    }
    const checkAxe = async (page: Page, name: string): Promise<void> => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      const grave = violations.filter(({ impact }) => impact !== 'minor')
      t.same(
        grave.map((found) => `${found.id}: ${found.nodes[0]?.html ?? ''}`),
        [],
        `${name}: axe`,
      )
    }
    const narrow = async (page: Page, name: string): Promise<void> => {
      await page.setViewportSize({ width: 360, height: 740 })
      t.same(await page.evaluate(clipped), [], `${name}: nothing clipped at 360`)
      await shoot(page, `${name}-360`)
      await page.setViewportSize({ width: 1_366, height: 768 })
      t.same(await page.evaluate(clipped), [], `${name}: nothing clipped at 1366`)
    }
    const stateOf = (id: string) => cloud.leads.find(id)?.state
    const until = async (what: string, holds: () => boolean): Promise<void> => {
      for (let tries = 0; tries < 300 && !holds(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50))
      t.ok(holds(), what)
    }
    /** Waits until the page shows another lead long enough for a decision to count. */
    const onLead = async (page: Page, id: string): Promise<void> => {
      await page.waitForURL(`**/triage/${id}`)
      await page.waitForSelector('.bar .verdict:not([disabled])')
      await page.waitForTimeout(400)
    }

    const first = cloud.addLead({
      grade: 4,
      measurements: { dwell_s: 929, attended_milli: 920, area_cm2: 21_000, unseen_s: 41 },
      thresholds: { dwell_s: 900 },
    })
    const second = cloud.addLead({ cam: 'c02', grade: 3 })
    const third = cloud.addLead({ cam: 'c03', grade: 2 })
    const press = (page: Page, ...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())

    await t.test('triage by keys, with undo', async (t) => {
      const page = await enter('operator1')
      await onLead(page, first)
      await page.waitForSelector('.screen video:not(.hidden)')
      await page.waitForSelector('polygon.zone-line')
      t.same(
        await page.evaluate(
          '[document.documentElement.scrollHeight <= innerHeight, document.documentElement.scrollWidth <= innerWidth]',
        ),
        [true, true],
        '1366 × 768 needs no scrolling',
      )
      t.same(
        await page.evaluate(
          '(() => { const r = document.querySelector(".screen").getBoundingClientRect(); return [Math.round(r.width), Math.round(r.height)] })()',
        ),
        [784, 441],
      )
      t.equal(await page.locator('.window').count(), 3, 'one bar a window')
      t.match(
        await page.getAttribute('.seen-strip svg', 'aria-label'),
        /在场；.*没有画面（摄像机没有应答）；记录里共 41 秒 没看清/,
        'what was not seen is said beside what was seen',
      )
      await page.waitForSelector('text=下一条已预载')
      t.equal(stateOf(second), 'L2', 'and nothing of it was claimed')
      await shoot(page, 'triage-zh-light')
      await checkAxe(page, 'triage')
      await narrow(page, 'triage')

      const gap = page.locator('button.break').first()
      t.match(await gap.getAttribute('aria-label'), /调取中间这段（6 分 39 秒）/)
      await gap.click()
      await page.waitForSelector('.break-fetching')
      t.match(cloud.spans, [{ incident: first, by: 'operator1' }], 'the break is asked for from the page')

      await page.evaluate(
        `for (const extra of [{ isComposing: true }, { repeat: true }, { ctrlKey: true }]) window.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyA', key: 'a', ...extra }))`,
      )
      t.equal(await page.locator('.held').count(), 0, 'no key fires while composing, on repeat, with a modifier')

      await press(page, 'a')
      await page.waitForSelector('.held')
      await onLead(page, second)
      await press(page, 'u')
      await onLead(page, first)
      t.equal(stateOf(first), 'L3', 'taken back: the server never heard of it')
      t.notMatch(JSON.stringify(cloud.leads.store.logAfter(first, 0)), 'accept')

      await press(page, 'a')
      await onLead(page, second)
      await press(page, 'r')
      await page.waitForSelector('.dock')
      await page.click('button:has-text("深色")')
      await shoot(page, 'reject-zh-dark')
      await checkAxe(page, 'reject, dark')
      await press(page, '1')
      await until('the decision before goes out with the next one', () => stateOf(first) === 'L8')

      // Too late: the claims lapse, a colleague takes the second lead.
      await onLead(page, third)
      cloud.clock.advance(11 * 60_000)
      const { status } = await cloud.as('operator2', 'POST', `/v1/leads/${second}/claim`, {
        version: cloud.leads.find(second)?.version,
      })
      t.equal(status, 200)
      await page.waitForSelector('.bar-why')
      await press(page, 'c')
      await onLead(page, third)
      await press(page, 'a')
      await page.waitForSelector('.banner .problem')
      t.match(await page.textContent('.banner .problem'), /operator2/, 'says who changed it')
      await shoot(page, 'too-late-dark')
      t.equal(stateOf(second), 'L3', 'and nothing was decided')
      await page.goto('about:blank')
      await until('leaving the page sends what it held', () => stateOf(third) === 'L8')
      await page.context().close()
    })

    await t.test('two blind reviews', async (t) => {
      for (const officer of ['officer_a', 'officer_b']) {
        const page = await enter(officer)
        await page.waitForSelector('.lead-row')
        await page.goto(`${address}/reviews/${first}`)
        await page.waitForSelector('.check-lines')
        for (const line of await page.locator('.check-lines li').all()) await line.locator('label').first().click()
        await page.fill('textarea[name=favour]', '没有发现')
        await page.fill('textarea[name=note]', '看到摊位和交易')
        const confirm = page.locator('.check button', { hasText: '同意采用' })
        t.ok(await confirm.isDisabled(), 'not before the clip was seen to its end')
        await shoot(page, `review-${officer}-before`)
        await page.locator('.controls button').first().click()
        await page.waitForSelector('.check button:has-text("同意采用"):not([disabled])')
        if (officer === 'officer_a') {
          await shoot(page, 'review-zh-light')
          t.equal(await page.evaluate(tooTall), 0, 'review: 1366 × 768 needs no scrolling')
          await checkAxe(page, 'review')
          await narrow(page, 'review')
        }
        await confirm.click()
        await page.waitForSelector('.state')
        await page.context().close()
      }
      const { body } = await cloud.as('head', 'GET', `/v1/leads/${first}`)
      t.match(body, { reviews: [{ verdict: 'confirm' }, { verdict: 'confirm' }] })
    })

    await t.test('filing and issuing', async (t) => {
      const head = await enter('head')
      await head.waitForSelector('.lead-row')
      await head.goto(`${address}/filing/${first}`)
      await head.fill('input[name=party]', '王某')
      await shoot(head, 'filing')
      await head.click('button.main')
      await head.waitForURL('**/cases/*')
      await head.waitForSelector('.timeline')
      await shoot(head, 'case')
      await narrow(head, 'case')
      const caseUrl = head.url()
      await head.goto(`${address}/figures`)
      await head.waitForSelector('table.figures')
      await shoot(head, 'figures')
      await head.context().close()

      const legal = await enter('legal_reviewer')
      await legal.goto(`${caseUrl}/notice`)
      await legal.waitForSelector('iframe.preview')
      await legal.locator('iframe.preview').first().contentFrame().locator('h1').waitFor()
      await shoot(legal, 'notice')
      t.equal(await legal.evaluate(tooTall), 0, 'notice: 1366 × 768 needs no scrolling')
      await legal.click('button.main:not([disabled])')
      await legal.waitForSelector('.qr path')
      t.match(await legal.inputValue('input.code-large'), /^[0-9A-Z]{8}$/)
      t.match(await legal.inputValue('input.mono'), /\/p\/[\w-]{22}$/)
      await shoot(legal, 'issued')
      await legal.click('button.main')
      await legal.goto(`${address}/filing/${first}`)
      t.match(await legal.textContent('main'), '行政机关负责人', 'who may do it is said')
      await legal.context().close()
    })

    await t.test('lists, devices and sign-in', async (t) => {
      const page = await enter('supervisor', { dark: true })
      await page.click('button:has-text("EN")')
      for (const path of ['leads?state=L8', 'devices', 'alarms', 'wall', `leads/${third}`]) {
        await page.goto(`${address}/${path}`)
        await page.waitForSelector('main .card')
        await shoot(page, path.replace(/\W.*/, path.startsWith('leads/') ? '-one' : ''))
        if (path.startsWith('leads?')) await narrow(page, 'leads')
      }
      await page.click('button:has-text("Sign out")')
      await page.waitForSelector('input[name=password]')
      t.equal(new URL(page.url()).pathname, '/signin')
      await page.fill('input[name=name]', 'nobody')
      await page.fill('input[name=password]', 'wrong')
      await page.click('button[type=submit]')
      await page.waitForSelector('.problem')
      t.match(await page.textContent('.problem'), /password|account/i)
      await shoot(page, 'signin')
      await page.context().close()
    })
    await t.test('orders to a box: the id is typed, the answer is shown', async (t) => {
      const page = await enter('technician')
      await page.waitForSelector('.orders')
      await page.click('button:has-text("核对时钟")')
      await page.waitForSelector('.order-rows li')
      t.match(await page.textContent('.order-rows'), /等设备回答/)
      await page.click('button:has-text("重启盒子")')
      const go = page.locator('button[type=submit]:has-text("重启")')
      t.ok(await go.isDisabled(), 'a click alone does nothing')
      await page.fill('input[name=confirm]', 'kwdev-0001')
      await shoot(page, 'orders')
      await checkAxe(page, 'orders')
      await narrow(page, 'orders')
      await go.click()
      await page.waitForSelector('.order-rows li:nth-child(2)')
      t.match(await page.textContent('.order-rows li:first-child'), /重启盒子/)
      await page.context().close()
    })

    await t.test('eight tabs of one browser: all live over one stream, and signing out ends all of them', async (t) => {
      const page = await enter('supervisor')
      const tabs: Page[] = []
      for (let n = 0; n < 7; n += 1) {
        const tab = await page.context().newPage()
        await tab.goto(`${address}/leads/${third}`)
        await tab.waitForSelector('.chip-good.live')
        await tab.waitForSelector('.screen video')
        tabs.push(tab)
      }
      t.equal(server.streams(), 1, 'the tabs share one line')
      await page.click('button:has-text("退出")')
      await page.waitForSelector('input[name=password]')
      t.equal(new URL(page.url()).pathname, '/signin')
      await tabs[0]?.reload()
      await tabs[0]?.waitForSelector('input[name=password]')
      await page.context().close()
    })
    t.same(reports, [], 'no CSP report, no request to others, no error in a page')
  },
)
