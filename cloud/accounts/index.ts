export { AccountError, addAccount, changePassword, passwordCharsMin, type ManageDeps } from './manage.js'
export { argon2Hash, type SecretHash } from './password.js'
export { makeAccounts, signInBounds, type Accounts, type AccountsDeps, type SignedIn } from './sign-in.js'
