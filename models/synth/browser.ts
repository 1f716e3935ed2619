/** Headless Chromium with the renderer's page in it: a local file server, raw frames posted back. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PAGE = `<!doctype html><meta charset="utf-8"><body><script type="importmap">{"imports":{"three":"/node_modules/three/build/three.module.js"}}</script><script type="module" src="/models/synth/page/main.js"></script>`
const ALLOWED = [/^\/models\/synth\/page\/[\w-]+\.js$/, /^\/node_modules\/three\/build\/[\w.]+\.js$/]

/** An open renderer; `onFrame` receives what the page posts (a JPEG file, or RGBA rows from the top). */
export interface Studio {
  readonly page: Page
  close(): Promise<void>
}

/**
 * Starts the page at a picture size.
 * @param samples samples per pixel of moving things (4 for stills, 0 where the lens blur hides edges)
 */
export async function openStudio(
  width: number,
  height: number,
  samples: number,
  onFrame: (name: string, body: Buffer) => Promise<void>,
): Promise<Studio> {
  const server = createServer((request, response) => {
    const path = normalize((request.url ?? '/').split('?')[0] ?? '/')
    if (request.method === 'POST') {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        onFrame(path.slice('/out/'.length), Buffer.concat(chunks)).then(
          () => response.end('ok'),
          (error: unknown) => response.writeHead(500).end(String(error)),
        )
      })
    } else if (path === '/') response.setHeader('content-type', 'text/html').end(PAGE)
    else if (ALLOWED.some((rule) => rule.test(path)))
      readFile(join(ROOT, path)).then(
        (body) =>
          response.setHeader('content-type', extname(path) === '.js' ? 'text/javascript' : 'text/plain').end(body),
        () => response.writeHead(404).end(),
      )
    else response.writeHead(path === '/favicon.ico' ? 204 : 404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const browser = await chromium.launch({
    // The default handlers would turn a stop from outside into a failed clip that is tried again.
    handleSIGTERM: false,
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
    ],
  })
  const page = await browser.newPage()
  page.setDefaultTimeout(0)
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') console.error(`page: ${message.text()}`)
  })
  page.on('pageerror', (error) => {
    console.error(`page: ${error.message}`)
  })
  await page.goto(`http://127.0.0.1:${port}/?w=${width}&h=${height}&samples=${samples}`)
  await page.waitForFunction('window.ready === true', undefined, { timeout: 120_000 })
  return {
    page,
    async close() {
      await browser.close()
      server.close()
    },
  }
}
