import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import type { ClipFrames } from '../../contracts/api/index.js'
import type { CameraPlaceBody } from '../../contracts/records/index.js'
import { openCloud, password, seededIds, silentLog, type CloudOptions } from '../api/cloud.fixture.js'
import { buildApp } from '../api/index.js'
import { makePartyCopies } from '../portal/index.js'
import { consolePages } from './index.js'

const zones: CameraPlaceBody['zones'] = [
  {
    id: 'z1',
    kind: 'no_vending',
    polygon_e4: [
      [0, 5_300],
      [10_000, 4_500],
      [10_000, 6_500],
      [0, 7_700],
    ],
  },
]

/** Three windows of one second with breaks between them, at five pictures a second. */
function framesOf(firstAtMs: number): ClipFrames {
  const at = (ms: number): string => new Date(firstAtMs + ms).toISOString()
  const starts = [0, 400_000, 800_000]
  return {
    frames_ms: Array.from({ length: 15 }, (_, index) => index * 200),
    windows: starts.map((start, index) => ({
      from_ms: index * 1_000,
      to_ms: (index + 1) * 1_000,
      from_at: at(start),
      to_at: at(start + 1_000),
    })),
    breaks: starts.slice(1).map((start, index) => ({
      at_ms: (index + 1) * 1_000,
      from_at: at((starts[index] ?? 0) + 1_000),
      to_at: at(start),
      reason: 'not_fetched',
    })),
  }
}

/**
 * A server on loopback as the product composes it, with the console's pages, over the stations of `openCloud`; clip and
 * stills are made by ffmpeg. Its clock moves one second a second, so that the stream beats.
 */
export async function openConsole(folder: string, policy?: NonNullable<CloudOptions['policy']>) {
  const clipFile = join(folder, 'clip.mp4')
  const stillFile = join(folder, 'still.jpg')
  const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg'
  const make = (...args: string[]): void => {
    const { status, stderr } = spawnSync(ffmpeg, ['-v', 'error', '-y', ...args], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`ffmpeg: ${stderr}`)
  }
  make(
    '-f',
    'lavfi',
    '-i',
    'smptebars=s=640x360:d=3:r=5',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-movflags',
    '+faststart',
    clipFile,
  )
  make('-f', 'lavfi', '-i', 'smptebars=s=1280x720', '-frames:v', '1', stillFile)
  const partyFolder = join(folder, 'party')
  const cloud = await openCloud({ clipFile, stillFile, partyFolder, ...(policy === undefined ? {} : { policy }) })
  const firstAtMs = cloud.clock.wallMs() - 929_000
  const app = buildApp({
    ...cloud,
    ids: seededIds('console'),
    log: silentLog,
    publicUrl: 'http://127.0.0.1:8080',
    media: {
      clip: (sha256) => {
        const incident = cloud.leads.store.list({}, null, 1, '2026-03-02T06:30:00.000Z')[0]?.id
        return Promise.resolve(
          sha256 === cloud.clipSha256 && incident !== undefined ? { file: clipFile, incident } : null,
        )
      },
      clipFrames: () => Promise.resolve(framesOf(firstAtMs)),
      still: () => Promise.resolve(stillFile),
      original: () => Promise.resolve(null),
    },
    fleet: {
      devices: () => [
        {
          id: 'kwdev-0001',
          online: true,
          removed_at: null,
          last_record_at: '2026-03-02T06:29:58.000Z',
          health: {
            disk_free_mb: 41_000,
            outbox: 0,
            temp_c: 54,
            held_mb: 120,
            ring_oldest: '2026-02-24T01:00:00.000Z',
          },
          cameras: [
            { cam: 'c01', place: { name: '人民路12号' }, state: 'running', fault: null },
            { cam: 'c02', place: { name: '建设路口' }, state: 'waiting', fault: 'CAMERA_AUTH' },
          ],
        },
      ],
      gapsOf: (_device, _cam, fromAt) => [
        {
          from: new Date(Date.parse(fromAt) + 500_000).toISOString(),
          to: new Date(Date.parse(fromAt) + 541_000).toISOString(),
          reason: 'rtsp_timeout',
        },
      ],
      alarms: () => ({
        items: [
          {
            id: '1',
            device: 'kwdev-0001',
            kind: 'silent',
            raised_at: '2026-03-02T05:00:00.000Z',
            cleared_at: null,
            says: { zh: '设备超过 3 分钟没有消息。', en: 'The device has been silent for more than 3 minutes.' },
            details: {},
          },
        ],
        next: null,
      }),
    },
    partyCopies: makePartyCopies({
      folder: partyFolder,
      ffmpeg,
      clipFileOf: () => Promise.resolve(clipFile),
      stillFileOf: () => Promise.resolve(stillFile),
      log: silentLog,
    }),
    healthChecks: () => ({ database: 'ok' }),
    plugins: [consolePages({ publicUrl: 'http://127.0.0.1:8080', policy: cloud.policy, zonesOf: () => zones })],
  })
  cloud.records.register('kwdev-0001', { keyid: 'a'.repeat(64), spki: 'x' }, '2026-03-02T06:00:00.000Z')
  // Streams that are open now.
  let streams = 0
  app.addHook('onRequest', (request, reply, done) => {
    if (request.url === '/v1/stream') {
      streams += 1
      reply.raw.once('close', () => (streams -= 1))
    }
    done()
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const ticking = setInterval(() => cloud.clock.advance(1_000), 1_000)
  return {
    cloud,
    address,
    streams: () => streams,
    /** Signs a person in through the page, in a context of their own. */
    async signIn(
      browser: Browser,
      name: string,
      options: { dark?: boolean; width?: number; height?: number } = {},
    ): Promise<Page> {
      const { dark = false, width = 1_366, height = 768 } = options
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' })
      const page = await context.newPage()
      await page.goto(`${address}/signin`)
      await page.fill('input[name=name]', name)
      await page.fill('input[name=password]', password)
      await page.click('button[type=submit]')
      await page.waitForSelector('header.top')
      return page
    },
    async close(): Promise<void> {
      clearInterval(ticking)
      await app.close()
      await cloud.close()
    },
  }
}
export type TestConsole = Awaited<ReturnType<typeof openConsole>>
