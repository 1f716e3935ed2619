import { existsSync } from 'node:fs'
import mqtt from 'mqtt'
import { readCloudConfig } from '../../cloud/config.js'
import { faultLine } from '../../contracts/yaml-faults.js'
import { readSecret, type EdgeConfig } from '../../edge/config/index.js'
import { check, plain, type Check } from './check.js'

const timeoutMs = 5_000

/** The cloud as the box reaches it: HTTP and MQTT with its own password. Away is a warning: records wait. */
export async function checkCloudOfBox({ cloud, device }: EdgeConfig): Promise<Check[]> {
  return Promise.all([
    checkHttp('cloud http', cloud.http, 'cloud.http'),
    checkMqtt(cloud.mqtt, device, cloud.password_file),
  ])
}

async function checkHttp(name: string, base: string, key: string): Promise<Check> {
  try {
    const response = await fetch(new URL('/healthz', base), { signal: AbortSignal.timeout(timeoutMs) })
    await response.body?.cancel()
    if (response.ok) return check(name, 'ok', plain(`${base} ${response.status}`))
    return check(name, 'warn', plain(`${base}/healthz ${response.status}`), {
      zh: `请核对 ${key}，再看云端的日志。`,
      en: `Check ${key}, then the cloud’s log.`,
    })
  } catch (error) {
    const cause = (error as Error).cause
    const why = cause instanceof Error ? cause.message : (error as Error).message
    return check(name, 'warn', plain(`${base}: ${why}`), {
      zh: `云端没开，或 ${key} 不对。记录会等着，一条不丢。`,
      en: `The cloud is off, or ${key} is wrong. Records wait; none is lost.`,
    })
  }
}

async function checkMqtt(url: string, device: string, passwordFile: string): Promise<Check> {
  const name = 'cloud mqtt'
  let password: string
  try {
    password = await readSecret(passwordFile)
  } catch (error) {
    return check(name, 'bad', plain((error as Error).message), {
      zh: '请把密码写进 cloud.password_file 指的文件。',
      en: 'Write the password into the file that cloud.password_file names.',
    })
  }
  // Another client id than the box's own, or a running box would be thrown out.
  const client = mqtt.connect(url, {
    clientId: `${device}-doctor`,
    username: device,
    password,
    connectTimeout: timeoutMs,
    reconnectPeriod: 0,
    clean: true,
  })
  try {
    const why = await new Promise<Error | null>((resolve) => {
      client.once('connect', () => { resolve(null) }) // prettier-ignore
      client.once('error', resolve)
      client.once('close', () => { resolve(new Error('closed')) }) // prettier-ignore
    })
    if (why === null) return check(name, 'ok', plain(`${url} as ${device}`))
    const code = (why as { code?: unknown }).code
    if (code === 4 || code === 5 || code === 134 || code === 135)
      return check(
        name,
        'warn',
        {
          zh: `${url} 拒绝了设备 ${device} 的登录，或只认它自己的客户端号`,
          en: `${url} refused the login of ${device}, or takes only its own client id`,
        },
        {
          zh: '请核对 cloud.password_file 和云端登记的密码。',
          en: 'Compare cloud.password_file with the password registered in the cloud.',
        },
      )
    return check(name, 'warn', plain(`${url}: ${why.message}`), {
      zh: '云端没开，或 cloud.mqtt 不对。记录会等着，一条不丢。',
      en: 'The cloud is off, or cloud.mqtt is wrong. Records wait; none is lost.',
    })
  } finally {
    await client.endAsync(true)
  }
}

/** `cloud.yaml` of this machine: its faults, its policy pack, and whether it answers. */
export async function checkCloudConfig(file: string): Promise<Check[]> {
  const { config, faults } = readCloudConfig(file)
  if (config === null)
    return faults.map((fault) =>
      check('cloud.yaml', 'bad', plain(faultLine(fault)), { zh: '请改这一行。', en: 'Mend this line.' }),
    )
  return [
    check('cloud.yaml', 'ok', {
      zh: `没有错误，登记了 ${config.devices.length} 台设备`,
      en: `no faults, ${config.devices.length} devices registered`,
    }),
    existsSync(config.policy)
      ? check('policy', 'ok', plain(config.policy))
      : check(
          'policy',
          'bad',
          { zh: `${config.policy} 不在`, en: `${config.policy} is not there` },
          { zh: '请改 cloud.yaml 的 policy。', en: 'Correct policy in cloud.yaml.' },
        ),
    await checkHttp('cloud', `http://${config.listen}`, 'listen'),
  ]
}
