import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Clock } from '../../contracts/base/index.js'
import { probeFfmpeg } from '../../edge/capture/index.js'
import { ffmpegAdvice } from '../../edge/health/index.js'
import { listPresent } from '../models/catalogue.js'
import { findModelsFolder } from '../models/home.js'
import { verifyModel } from '../models/verify.js'
import { check, fromAdvice, plain, type Check } from './check.js'

const run = promisify(execFile)

/** Node 20.19 or 22.13 and newer, as `package.json` asks. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const good = (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major > 22
  return good
    ? check('node', 'ok', plain(`Node ${version}`))
    : check('node', 'bad', plain(`Node ${version}`), {
        zh: '请装 Node 20.19 以上或 22.13 以上。',
        en: 'Install Node 20.19 or 22.13, or newer.',
      })
}

/** Which ffmpeg, its age, and the flags that differ between builds. */
export async function checkFfmpeg(configured: string | null, clock: Clock): Promise<Check> {
  const ffmpeg = await probeFfmpeg(configured)
  const { level, says, todo } = fromAdvice('ffmpeg', ffmpegAdvice(ffmpeg, new Date(clock.wallMs()).getUTCFullYear()))
  const flags = `${ffmpeg.path}; ${ffmpeg.socketTimeoutFlag} ${ffmpeg.passthrough.join(' ')}`
  return check('ffmpeg', level, { zh: `${says.zh}（${flags}）`, en: `${says.en} (${flags})` }, todo)
}

export async function checkSqlite(): Promise<Check> {
  try {
    const { default: Database } = await import('better-sqlite3')
    const database = new Database(':memory:')
    const version = database.prepare('select sqlite_version()').pluck().get()
    database.close()
    return check('sqlite', 'ok', plain(`better-sqlite3, SQLite ${String(version)}`))
  } catch (error) {
    return check('sqlite', 'bad', plain(`better-sqlite3: ${(error as Error).message}`), {
      zh: '请装 C++ 编译器、Python 3 和 Node 头文件，再运行 npm rebuild better-sqlite3。',
      en: 'Install a C++ compiler, Python 3 and Node’s headers, then run npm rebuild better-sqlite3.',
    })
  }
}

export async function checkOnnx(): Promise<Check> {
  try {
    const { InferenceSession } = await import('onnxruntime-node')
    return check(
      'onnxruntime',
      'ok',
      plain(`onnxruntime-node (${typeof InferenceSession.create === 'function' ? 'loads' : 'odd'})`),
    )
  } catch (error) {
    return check('onnxruntime', 'bad', plain(`onnxruntime-node: ${(error as Error).message}`), {
      zh: '请查处理器是否为 x86-64 或 arm64、系统是否为 glibc，再运行 npm ci。',
      en: 'It needs x86-64 or arm64 with glibc; then run npm ci.',
    })
  }
}

/** Digest and shape of every model that is here; an objects model is also run once. */
export async function checkModels(): Promise<Check[]> {
  const checks: Check[] = []
  for (const model of await listPresent(await findModelsFolder())) {
    const { name, fault } = await verifyModel(model)
    checks.push(
      fault === null
        ? check(`model ${name}`, 'ok', { zh: '校验一致', en: 'verified' })
        : check(`model ${name}`, 'bad', plain(fault), {
            zh: '请从发行包恢复这个文件。',
            en: 'Restore it from the release.',
          }),
    )
  }
  return checks
}

/** Programs that only tests use. */
export async function checkTestPrograms(): Promise<Check[]> {
  const chromium = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
  const mosquitto =
    ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto'].find((path) => existsSync(path)) ?? null
  const browser = existsSync(chromium)
    ? await run(chromium, ['--version'], { timeout: 20_000 }).then(
        ({ stdout }) => stdout.trim(),
        () => null,
      )
    : null
  const absent = { zh: '没有（只有测试用到，测试会跳过）', en: 'not here (only tests use it; they skip)' }
  return [
    check('chromium', 'ok', browser === null ? absent : plain(browser)),
    check('mosquitto', 'ok', mosquitto === null ? absent : plain(mosquitto)),
  ]
}
