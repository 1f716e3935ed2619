import { createHash, timingSafeEqual } from 'node:crypto'

export interface SimAuth {
  readonly kind: 'basic' | 'digest'
  readonly user: string
  readonly password: string
}

export const realm = 'camera'

/** What a 401 answer asks for. */
export function challenge(auth: SimAuth, nonce: string): string {
  return auth.kind === 'basic' ? `Basic realm="${realm}"` : `Digest realm="${realm}", nonce="${nonce}", algorithm=MD5`
}

/** Checks an Authorization header: RFC 7617 (basic), RFC 2617 without qop (digest), as cameras do it. */
export function authorized(auth: SimAuth, nonce: string, method: string, header: string | undefined): boolean {
  if (header === undefined) return false
  if (auth.kind === 'basic') {
    const sent = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(header)?.[1]
    return sent !== undefined && same(Buffer.from(sent, 'base64').toString('utf8'), `${auth.user}:${auth.password}`)
  }
  if (!/^Digest\s/i.test(header)) return false
  const field = (name: string): string | undefined => new RegExp(`[\\s,]${name}="([^"]*)"`, 'i').exec(header)?.[1]
  const [user, uri, response] = [field('username'), field('uri'), field('response')]
  if (user !== auth.user || field('nonce') !== nonce || uri === undefined || response === undefined) return false
  const secret = md5(`${auth.user}:${realm}:${auth.password}`)
  return same(response, md5(`${secret}:${nonce}:${md5(`${method}:${uri}`)}`))
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
