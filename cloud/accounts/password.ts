import { hash, verify } from '@node-rs/argon2'

/** argon2id with OWASP's first choice for servers: 19 MiB, 2 passes, 1 lane (Password Storage Cheat Sheet, 2025). */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Hash and check of secrets that people type. Runs off the main thread. */
export interface SecretHash {
  /** PHC string, salted. */
  hash(secret: string): Promise<string>
  verify(phc: string, secret: string): Promise<boolean>
}

export const argon2Hash: SecretHash = {
  hash: (secret) => hash(secret.normalize('NFC'), cost),
  verify: (phc, secret) => verify(phc, secret.normalize('NFC')),
}
