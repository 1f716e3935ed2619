import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Assets {
  /** Addresses of the script and the style sheet. */
  readonly script: string
  readonly style: string
  readonly files: readonly { readonly path: string; readonly type: string; readonly body: Buffer }[]
}
export interface ConsoleBundle {
  readonly script: Buffer
  readonly style: Buffer
}

const appFolder = fileURLToPath(new URL('./app', import.meta.url))

/** The bundle that the build made; from a checkout it is bundled now, so that a change is seen at the next start. */
export async function loadAssets(): Promise<Assets> {
  const built = join(appFolder, 'main.js')
  const { script, style } = existsSync(built)
    ? { script: readFileSync(built), style: readFileSync(join(appFolder, 'main.css')) }
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

/** Bundles `main.tsx` and `main.css` of a folder. @throws what esbuild says about a file that does not compile */
export async function bundleConsole(folder = appFolder): Promise<ConsoleBundle> {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'main.tsx'), join(folder, 'main.css')],
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
  const find = (ending: string): Buffer => {
    const file = outputFiles.find(({ path }) => path.endsWith(ending))
    if (file === undefined) throw new Error(`esbuild made no ${ending} from ${folder}`)
    return Buffer.from(file.contents)
  }
  return { script: find('.js'), style: find('.css') }
}

/** Writes `main.js` and `main.css` into a folder of the build: `writeConsole('cloud/console/app', 'dist/cloud/console/app')`. */
export async function writeConsole(sourceFolder: string, outFolder: string): Promise<void> {
  const { script, style } = await bundleConsole(sourceFolder)
  mkdirSync(outFolder, { recursive: true })
  writeFileSync(join(outFolder, 'main.js'), script)
  writeFileSync(join(outFolder, 'main.css'), style)
}
