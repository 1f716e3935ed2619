import { accountName, roles, type Role } from '../../contracts/api/index.js'
import { type Clock, KerbError, toRfc3339 } from '../../contracts/base/index.js'
import type { AccountStore } from '../store/accounts.js'
import type { SecretHash } from './password.js'
import { tryKey } from './sign-in.js'

export class AccountError extends KerbError<
  'ACCOUNT_NAME' | 'ACCOUNT_ROLE' | 'ACCOUNT_PASSWORD' | 'ACCOUNT_TAKEN' | 'ACCOUNT_NOT_FOUND'
> {}

export interface ManageDeps {
  readonly store: AccountStore
  readonly clock: Clock
  readonly secretHash: SecretHash
}

/** Shortest password; long words are better than odd signs (NIST SP 800-63B-4, 15 without a second factor). */
export const passwordCharsMin = 15

/** @throws AccountError with the reason in one sentence. */
export async function addAccount(
  deps: ManageDeps,
  account: { readonly name: string; readonly roles: readonly string[]; readonly password: string },
): Promise<void> {
  if (!accountName.safeParse(account.name).success)
    throw new AccountError(
      'ACCOUNT_NAME',
      `${JSON.stringify(account.name)} is no account name: 2 to 40 of a-z, 0-9, "_", "-", ".", starting with a letter`,
    )
  const known = account.roles.filter((role): role is Role => (roles as readonly string[]).includes(role))
  if (known.length === 0 || known.length !== account.roles.length)
    throw new AccountError('ACCOUNT_ROLE', `roles are one or more of: ${roles.join(', ')}`)
  const password_hash = await hashPassword(deps, account.password)
  const created_at = toRfc3339(deps.clock.wallMs())
  if (!deps.store.add({ name: account.name, roles: known, password_hash, created_at }))
    throw new AccountError('ACCOUNT_TAKEN', `there is already an account ${account.name}`)
}

/** Sets a new password, ends the account's sessions and forgets its wrong tries. @throws AccountError */
export async function changePassword(deps: ManageDeps, name: string, password: string): Promise<void> {
  const password_hash = await hashPassword(deps, password)
  if (!deps.store.setPassword(name, password_hash))
    throw new AccountError('ACCOUNT_NOT_FOUND', `there is no account ${name}`)
  deps.store.removeTries(tryKey(name))
}

function hashPassword({ secretHash }: ManageDeps, password: string): Promise<string> {
  if (Array.from(password).length < passwordCharsMin)
    throw new AccountError('ACCOUNT_PASSWORD', `a password has at least ${passwordCharsMin} characters`)
  return secretHash.hash(password)
}
