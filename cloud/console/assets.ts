import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Assets {
  readonly script: string
  readonly style: string
  readonly files: readonly { readonly path: string; readonly type: string; readonly body: Buffer }[]
}

const appFolder = fileURLToPath(new URL('./app', import.meta.url))

/** The bundle that the build made; from a checkout it is bundled now, so that a change is seen at the next start. */
export async function loadAssets(): Promise<Assets> {
  const built = { script: `${appFolder}/main.js`, style: `${appFolder}/main.css` }
  const [script, style] = existsSync(built.script)
    ? [readFileSync(built.script), readFileSync(built.style)]
    : await bundleConsole(appFolder)
  const files = [
    { path: named('app', 'js', script), type: 'text/javascript; charset=utf-8', body: script },
    { path: named('app', 'css', style), type: 'text/css; charset=utf-8', body: style },
  ] as const
  return { script: files[0].path, style: files[1].path, files }
}

/** Addresses change with the content, so browsers may keep the files for ever. */
function named(name: string, ending: string, body: Buffer): string {
  return `/assets/${name}-${createHash('sha256').update(body).digest('hex').slice(0, 12)}.${ending}`
}

/** Bundles `main.tsx` with its styles. Used by the build and by a checkout. */
async function bundleConsole(folder: string): Promise<[script: Buffer, style: Buffer]> {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: [`${folder}/main.tsx`],
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome90', 'firefox90', 'safari15'],
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    outdir: 'out',
    write: false,
    logLevel: 'error',
  })
  const find = (ending: string): Buffer => Buffer.from(outputFiles.find(({ path }) => path.endsWith(ending))?.contents ?? '')
  return [find('.js'), find('.css')]
}
