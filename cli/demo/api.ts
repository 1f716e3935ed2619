import { KerbError } from '../../contracts/base/index.js'

/** One member of staff, signed in through the public API like a browser would be. */
export interface Staff {
  readonly name: string
  get<T>(path: string): Promise<T | null>
  post<T>(path: string, body: object): Promise<T>
  bytes(path: string): Promise<Buffer>
}

/** @throws KerbError `API_REFUSED` with the problem's own sentence when the cloud says no. */
export async function signIn(baseUrl: string, name: string, password: string): Promise<Staff> {
  const origin = new URL(baseUrl).origin
  const headers: Record<string, string> = { origin, accept: 'application/json' }
  const call = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(new URL(path, baseUrl), {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (response.ok) return response
    const text = await response.text()
    throw new KerbError('API_REFUSED', `${name}: ${method} ${path} → ${response.status} ${text.slice(0, 400)}`, {
      status: response.status,
    })
  }
  const session = await call('POST', '/v1/session', { name, password })
  headers['cookie'] = session.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
  return {
    name,
    async get<T>(path: string) {
      const response = await call('GET', path)
      return response.status === 204 ? null : ((await response.json()) as T)
    },
    async post<T>(path: string, body: object) {
      const response = await call('POST', path, body)
      return (response.status === 204 ? {} : await response.json()) as T
    },
    async bytes(path: string) {
      return Buffer.from(await (await call('GET', path)).arrayBuffer())
    },
  }
}
