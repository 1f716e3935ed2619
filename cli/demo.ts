import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Command } from 'commander'
import { KerbError } from '../contracts/base/index.js'
import { causes, type Cause } from '../contracts/terms.js'
import { probeFfmpeg } from '../edge/capture/index.js'
import { signIn } from './demo/api.js'
import { startChild, type DemoChild } from './demo/child.js'
import { decodesToEnd, findChromium, playInChromium } from './demo/playable.js'
import { assertPortsFree, demoPorts } from './demo/ports.js'
import { countRecords } from '../bench/compare-chains.js'
import { prepareDemo, type DemoPlace } from './demo/setup.js'
import { leadsByCause, walkTheRoad, type ClosedRoad, type Office } from './demo/staff.js'
import { untilStopped } from './until-stopped.js'

interface DemoOptions {
  readonly untilCases?: boolean
  readonly json?: string
  readonly reset?: boolean
  readonly portBase?: string
  readonly timeoutS: string
}

export const command = new Command('demo')
  .description(
    'Camera simulator, box and cloud on this machine. Prints the console’s address and accounts; ends on Ctrl-C.',
  )
  .option('--until-cases', 'scripted staff walk each cause to a notice that the party opens, then exit')
  .option('--json <file>', 'report of --until-cases')
  .option('--reset', 'empty .kerbwatch/demo first')
  .option('--port-base <port>', 'RTSP, MQTT, HTTP and panel on four ports in a row from here')
  .option('--timeout-s <seconds>', 'give up --until-cases after this long', '600')
  .action(async (options: DemoOptions) => {
    const startedMs = performance.now()
    const ports = demoPorts(options.portBase === undefined ? null : Number(options.portBase))
    await assertPortsFree(ports)
    const ffmpeg = await probeFfmpeg(null)
    const place = await prepareDemo({
      folder: join(process.cwd(), '.kerbwatch', 'demo'),
      ports,
      reset: options.reset ?? false,
      ffmpeg: null,
      copies: 1,
    })
    const stop = untilStopped()
    await using simulator = startChild(
      'camera-sim',
      ['camera-sim', '--port', String(ports.rtsp), '--clip', ...place.cameras.map(({ clip }) => clip)],
      join(place.folder, 'camera-sim.log'),
    )
    await using cloud = startChild('cloud', ['cloud', '--config', place.cloudFile], join(place.folder, 'cloud.log'))
    await untilHealthy(`${place.consoleUrl}/healthz`, cloud)
    await using edge = startChild('edge', ['edge', '--config', place.edgeFile], join(place.folder, 'edge.log'))
    const died = Promise.race([simulator, cloud, edge].map((child) => diedEarly(child, place)))
    died.catch(() => undefined) // told where it is awaited; at the end of the demo children are meant to end
    introduce(place, ports.panel)
    if (options.untilCases !== true) {
      await Promise.race([stop.asked, died])
      return
    }
    const giveUp = AbortSignal.timeout(
      Math.max(1, Math.round(Number(options.timeoutS) * 1000 - (performance.now() - startedMs))),
    )
    const report = await Promise.race([untilCases(place, ffmpeg.path, giveUp), died, stop.asked.then(() => null)])
    if (report === null) return
    const whole = {
      seconds: Math.round((performance.now() - startedMs) / 1000),
      cameras: place.cameras.length,
      ...report,
    }
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(whole, null, 2)}\n`)
    console.log(
      `demo: ${whole.cases} cases, ${whole.notices} notices, ${whole.portal_opened} opened by the party, ${whole.clips_playable} clips playable by ${whole.playable_by}, ${whole.seconds} s`,
    )
    if (whole.errors.length > 0 || whole.portal_opened < causes.length) {
      for (const error of whole.errors) console.error(`demo: ${error}`)
      process.exitCode = 1
    }
  })

function introduce(place: DemoPlace, panelPort: number): void {
  console.log(
    `\n  演示 DEMO   console ${place.consoleUrl}/   box panel http://127.0.0.1:${panelPort}/ (user panel, password in ${join(place.folder, 'secret/panel')})`,
  )
  for (const { name, role, password } of place.accounts) console.log(`    ${name.padEnd(15)} ${password}   ${role}`)
  console.log(`  cameras: ${place.cameras.map(({ id, clip }) => `${id} ${clip.split('/').at(-1) ?? ''}`).join(', ')}`)
  console.log('  the first leads appear after a minute or two; logs are in .kerbwatch/demo\n')
}

async function diedEarly(child: DemoChild, place: DemoPlace): Promise<never> {
  const code = await child.ended
  throw new KerbError(
    'DEMO_CHILD_ENDED',
    `${child.name} ended with status ${code ?? 'signal'}: see ${join(place.folder, `${child.name}.log`)}`,
  )
}

async function untilHealthy(url: string, child: DemoChild): Promise<void> {
  for (let attempt = 0; attempt < 240 && child.process.exitCode === null; attempt += 1) {
    const healthy = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    if (healthy) return
    await delay(250)
  }
  throw new KerbError('DEMO_CLOUD_DOWN', 'the cloud did not start: see .kerbwatch/demo/cloud.log')
}

async function untilCases(place: DemoPlace, ffmpeg: string, signal: AbortSignal) {
  const say = (sentence: string): void => {
    console.log(`  ${new Date().toISOString().slice(11, 19)} ${sentence}`)
  }
  const office = await openOffice(place)
  const roads: ClosedRoad[] = []
  const errors: string[] = []
  const done = new Set<Cause>()
  const walks: Promise<void>[] = []
  const incidents: Partial<Record<Cause, number>> = {}
  let leads = 0
  try {
    while (done.size < causes.length) {
      const all = await leadsByCause(office.operator)
      leads = all.total
      for (const cause of causes) incidents[cause] = all.counts.get(cause) ?? 0
      for (const [cause, lead] of all.oldest) {
        if (done.has(cause)) continue
        done.add(cause)
        say(`${cause}: a lead of ${lead.cam} is in the cloud`)
        walks.push(
          walkTheRoad(lead, office, say, signal).then(
            (road) => void roads.push(road),
            (error: unknown) => void errors.push(`${cause}: ${error instanceof Error ? error.message : String(error)}`),
          ),
        )
      }
      await delay(1000, undefined, { signal })
    }
    await Promise.all(walks)
  } catch (error) {
    for (const cause of causes) if (!done.has(cause)) errors.push(`${cause}: no lead came in time`)
    if (!signal.aborted) errors.push(String(error))
    await Promise.race([Promise.allSettled(walks), delay(20_000)])
  }
  const play = await playable(roads, ffmpeg)
  return {
    incidents,
    leads,
    clips_fetched: roads.length,
    ...play,
    cases: roads.length,
    notices: roads.length,
    portal_opened: roads.filter(({ portalOpened }) => portalOpened).length,
    ...countRecords(place.folder),
    errors,
  }
}

async function openOffice(place: DemoPlace): Promise<Office> {
  const as = (name: string) => {
    const account = place.accounts.find((one) => one.name === name)
    if (account === undefined) throw new KerbError('DEMO_ACCOUNT_MISSING', `no account ${name}: start with --reset`)
    return signIn(place.consoleUrl, account.name, account.password)
  }
  return {
    operator: await as('operator1'),
    officerA: await as('officer_a'),
    officerB: await as('officer_b'),
    head: await as('head'),
    legal: await as('legal_reviewer'),
  }
}

async function playable(roads: readonly ClosedRoad[], ffmpeg: string) {
  const clips = new Map(roads.map(({ lead, clip }) => [lead, clip]))
  const chromium = findChromium()
  if (chromium !== null) {
    const played = await playInChromium(chromium, clips)
    return { clips_playable: [...played.values()].filter(Boolean).length, playable_by: 'chromium' }
  }
  const decoded = await Promise.all([...clips.values()].map((clip) => decodesToEnd(ffmpeg, clip)))
  return { clips_playable: decoded.filter(Boolean).length, playable_by: 'decoder' }
}
