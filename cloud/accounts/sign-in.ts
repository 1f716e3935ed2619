import { createHash } from 'node:crypto'
import type { Refusal, Role } from '../../contracts/api/index.js'
import { RefusedError } from '../../contracts/api/index.js'
import { type Clock, type EpochMs, type Ids, toRfc3339 } from '../../contracts/base/index.js'
import type { AccountStore } from '../store/accounts.js'
import type { SecretHash } from './password.js'

export const signInBounds = {
  /** Wrong tries of one name from one client in a quarter of an hour. */
  triesPair: 10,
  windowMs: 15 * 60_000,
  /** Wrong tries of one name from anywhere in a day: a spread attack ends here, after which only a new password helps sooner. */
  triesName: 200,
  dayMs: 24 * 3_600_000,
  sessionMs: 12 * 3_600_000,
  /** The wall survives nights; it reads counts only. */
  wallSessionMs: 30 * 24 * 3_600_000,
} as const

export interface SignedIn {
  readonly name: string
  readonly roles: readonly Role[]
}

/** Sign-in, sessions and lock-out. */
export interface Accounts {
  /**
   * @returns the session's secret for the cookie, shown nowhere else. Unknown name and wrong password give the same answer after the same work.
   * @throws RefusedError `SIGN_IN_WRONG` (401) with the tries left in words, or `SIGN_IN_LOCKED` (429).
   */
  signIn(
    name: string,
    password: string,
    client: string,
  ): Promise<{ account: SignedIn; secret: string; untilMs: EpochMs }>
  /** Who a cookie belongs to; null when it runs out or was ended. */
  who(secret: string): SignedIn | null
  signOut(secret: string): void
}

export interface AccountsDeps {
  readonly store: AccountStore
  readonly clock: Clock
  readonly ids: Ids
  readonly secretHash: SecretHash
}

export function makeAccounts({ store, clock, ids, secretHash }: AccountsDeps): Accounts {
  // A hash of nobody's password: checking against it makes an unknown name as slow as a wrong password.
  const nobody = secretHash.hash(Buffer.from(ids.randomBytes(16)).toString('hex'))
  nobody.catch(() => undefined) // reported where it is awaited
  return {
    async signIn(name, password, client) {
      const nowMs = clock.wallMs()
      const nameSha256 = tryKey(name)
      const clientSha256 = sha256(client)
      const since = toRfc3339((nowMs - signInBounds.windowMs) as EpochMs)
      const day = toRfc3339((nowMs - signInBounds.dayMs) as EpochMs)
      store.prune(toRfc3339(nowMs), day)
      const before = store.countTries(nameSha256, clientSha256, since, day)
      if (before.pair >= signInBounds.triesPair || before.name >= signInBounds.triesName)
        throw new RefusedError(locked(before.pair >= signInBounds.triesPair))
      // Counted before the slow check, so that parallel tries cannot pass the bound.
      const attempt = store.addTry(nameSha256, clientSha256, toRfc3339(nowMs))
      const account = store.find(name)
      const right = await secretHash.verify(account?.password_hash ?? (await nobody), password)
      if (!right || account === null || account.disabled)
        throw new RefusedError(wrong(signInBounds.triesPair - before.pair - 1))
      store.removeTry(attempt)
      const secret = Buffer.from(ids.randomBytes(32)).toString('base64url')
      const lengthMs = account.roles.every((role) => role === 'wall')
        ? signInBounds.wallSessionMs
        : signInBounds.sessionMs
      const untilMs = (nowMs + lengthMs) as EpochMs
      store.startSession(sha256(secret), account.name, toRfc3339(nowMs), toRfc3339(untilMs))
      return { account: { name: account.name, roles: account.roles }, secret, untilMs }
    },
    who(secret) {
      const account = store.sessionAccount(sha256(secret), toRfc3339(clock.wallMs()))
      return account === null ? null : { name: account.name, roles: account.roles }
    },
    signOut(secret) {
      store.endSession(sha256(secret))
    },
  }
}

/** Digest under which the tries of a name are counted. */
export function tryKey(name: string): string {
  return sha256(name.toLowerCase())
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function wrong(triesLeft: number): Refusal {
  return {
    code: 'SIGN_IN_WRONG',
    status: 401,
    says: {
      zh: `名字或密码不对，还可以试 ${triesLeft} 次。`,
      en: `Name or password does not match. ${triesLeft} tries left.`,
    },
    next: { zh: '再试一次，或请管理员换密码。', en: 'Try again, or ask the administrator for a new password.' },
    details: { tries_left: triesLeft },
  }
}

function locked(pair: boolean): Refusal {
  return {
    code: 'SIGN_IN_LOCKED',
    status: 429,
    says: {
      zh: pair ? '试错太多次，15 分钟后可以再试。' : '这个名字今天试错太多次，24 小时后可以再试。',
      en: pair
        ? 'Too many wrong tries. Try again in 15 minutes.'
        : 'Too many wrong tries for this name. Try again in 24 hours.',
    },
    next: { zh: '急用时请管理员换密码。', en: 'If it is urgent, ask the administrator for a new password.' },
    retryAfterS: (pair ? signInBounds.windowMs : signInBounds.dayMs) / 1_000,
  }
}
