import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

export type PlayableBy = 'chromium' | 'decoder'

/** Chromium where it is installed: what an operator's browser can play is what counts. */
export function findChromium(): string | null {
  const candidates = [
    process.env['CHROMIUM_PATH'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]
  return candidates.find((path): path is string => path !== undefined && path !== '' && existsSync(path)) ?? null
}

/** Plays each clip to its end in one headless Chromium and gives those that did. Played at 4 times the speed. */
export async function playInChromium(
  chromium: string,
  clips: ReadonlyMap<string, Buffer>,
): Promise<Map<string, boolean>> {
  const { chromium: browserType } = await import('playwright-core')
  const server = createServer((request, response) => {
    const clip = clips.get(decodeURIComponent((request.url ?? '/').slice(1)))
    if (clip === undefined) {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>clip</title>')
      return
    }
    response.setHeader('content-type', 'video/mp4')
    response.setHeader('content-length', clip.length)
    response.end(clip)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const browser = await browserType.launch({
    executablePath: chromium,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  })
  const played = new Map<string, boolean>()
  try {
    const page = await browser.newPage()
    await page.goto(`${origin}/`)
    for (const name of clips.keys())
      played.set(
        name,
        await page.evaluate<boolean>(`(${playToEnd})(${JSON.stringify(`${origin}/${encodeURIComponent(name)}`)})`),
      )
  } finally {
    await browser.close()
    server.close()
  }
  return played
}

/** Runs inside the page: true when the clip at `url` played to its end. */
const playToEnd = `(url) => new Promise((resolve) => {
  const video = document.createElement('video')
  video.muted = true
  video.src = url
  video.playbackRate = 4
  const giveUp = setTimeout(() => done(false), 120000)
  const done = (good) => { clearTimeout(giveUp); video.remove(); resolve(good) }
  video.addEventListener('ended', () => done(video.videoWidth > 0 && video.currentTime > 0))
  video.addEventListener('error', () => done(false))
  document.body.append(video)
  video.play().catch(() => done(false))
})`

/** Decodes to the end without a complaint: the weaker proof, used only where no browser is. */
export async function decodesToEnd(ffmpeg: string, clip: Buffer): Promise<boolean> {
  const child = spawn(ffmpeg, ['-v', 'error', '-xerror', '-i', 'pipe:0', '-f', 'null', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (text: Buffer) => {
    complaint += text.toString()
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(clip)
  const [code] = (await once(child, 'close')) as [number | null]
  return code === 0 && complaint === ''
}
