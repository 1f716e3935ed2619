import { createHash } from 'node:crypto'
import { type Clock, type EpochMs, type Ids, toRfc3339 } from '../../contracts/base/index.js'
import type { LinkRow, PortalStore } from '../store/portal.js'
import { makeAccessCode, readAccessCode } from './access-code.js'

/** Limits of DESIGN.md §9.6: a stranger with the link cannot lock the party out, and 40 bits stay out of reach. */
export const linkBounds = {
  triesPairHour: 10,
  triesLinkDay: 100,
  hourMs: 3_600_000,
  dayMs: 24 * 3_600_000,
  sessionMs: 30 * 60_000,
} as const
export const tokenPattern = /^[A-Za-z0-9_-]{22}$/

/** Hash of secrets with salt; argon2 in the product. */
export interface CodeHash {
  hash(secret: string): Promise<string>
  verify(phc: string, secret: string): Promise<boolean>
}

export interface LinkDeps {
  readonly store: PortalStore
  readonly clock: Clock
  readonly ids: Ids
  readonly codeHash: CodeHash
}

export interface NewLink {
  readonly token: string
  readonly code: string
  readonly codeHash: string
}

export type CodeAnswer =
  | { readonly kind: 'in'; readonly secret: string }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'unknown' }

/** The party's way in. */
export interface Links {
  /** A fresh token (128 bit) and code; nothing is stored yet. */
  make(): Promise<NewLink>
  /** Stores it for the case and ends the one before. Inside the caller's transaction. */
  put(caseId: string, link: NewLink): void
  /** The case behind a live token; null for a malformed, unknown or revoked one. */
  find(token: string): LinkRow | null
  /** Checks what was typed. Tries are counted before the check, per link and client and per link. */
  tryCode(token: string, typed: string, client: string): Promise<CodeAnswer>
  /** A party's cookie counts for its own link only. */
  isIn(token: string, secret: string): boolean
  revoke(caseId: string): void
}

export function makeLinks({ store, clock, ids, codeHash }: LinkDeps): Links {
  const now = (backMs = 0): string => toRfc3339((clock.wallMs() - backMs) as EpochMs)
  const find = (token: string): LinkRow | null => (tokenPattern.test(token) ? store.findLink(sha256(token)) : null)
  return {
    async make() {
      const token = Buffer.from(ids.randomBytes(16)).toString('base64url')
      const code = makeAccessCode(ids.randomBytes(5))
      return { token, code, codeHash: await codeHash.hash(code) }
    },
    put(caseId, link) {
      store.replaceLink(caseId, sha256(link.token), link.codeHash, now())
    },
    find,
    async tryCode(token, typed, client) {
      const link = find(token)
      if (link === null) return { kind: 'unknown' }
      store.prune(now(), now(linkBounds.dayMs))
      // Bound to the link, so that the table cannot follow a client from link to link.
      const clientSha256 = sha256(`${link.token_sha256}|${client}`)
      const before = store.countTries(link.token_sha256, clientSha256, now(linkBounds.hourMs), now(linkBounds.dayMs))
      if (before.pair >= linkBounds.triesPairHour || before.link >= linkBounds.triesLinkDay) return { kind: 'wait' }
      const attempt = store.addTry(link.token_sha256, clientSha256, now())
      const triesLeft = Math.min(linkBounds.triesPairHour - before.pair - 1, linkBounds.triesLinkDay - before.link - 1)
      const code = readAccessCode(typed)
      if (code === null || !(await codeHash.verify(link.code_hash, code))) return { kind: 'wrong', triesLeft }
      store.removeTry(attempt)
      if (find(token) === null) return { kind: 'unknown' } // revoked while the code was checked
      const secret = Buffer.from(ids.randomBytes(16)).toString('base64url')
      store.startSession(sha256(secret), link.token_sha256, now(-linkBounds.sessionMs))
      return { kind: 'in', secret }
    },
    isIn: (token, secret) => find(token) !== null && store.hasSession(sha256(secret), sha256(token), now()),
    revoke(caseId) {
      store.revoke(caseId, now())
    },
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
