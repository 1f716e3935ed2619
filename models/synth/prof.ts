import { openStudio } from './browser.js'
import { CLIPS } from './specs.js'
const studio = await openStudio(854, 480, 0, async () => {})
const spec = { ...CLIPS.find((c) => c.name === (process.argv[2] ?? 'vending-day'))!, twin: false }
const t0 = performance.now()
await studio.page.evaluate(`kw.clip(${JSON.stringify(spec)})`)
console.log('setup', performance.now() - t0)
console.log(await studio.page.evaluate(`kw.profile(400)`))
await studio.close()
