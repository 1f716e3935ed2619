/** Crockford's base 32 without I, L, O, U: https://www.crockford.com/base32.html */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
export const codeChars = 8

/** 8 characters from 40 random bits (5 bytes). */
export function makeAccessCode(random: Uint8Array): string {
  if (random.length !== 5) throw new RangeError(`an access code is made from 5 bytes, not ${random.length}`)
  let bits = 0n
  for (const byte of random) bits = (bits << 8n) | BigInt(byte)
  let code = ''
  for (let index = codeChars - 1; index >= 0; index -= 1)
    code += alphabet.charAt(Number((bits >> BigInt(index * 5)) & 31n))
  return code
}

/** What a person typed, read kindly: case, dashes, spaces and full-width forms do not count; O is 0, I and L are 1. Null when it cannot be a code. */
export function readAccessCode(typed: string): string | null {
  const plain = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-‐‑–—_.·]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  return plain.length === codeChars && Array.from(plain).every((sign) => alphabet.includes(sign)) ? plain : null
}

/** `8K3F2MQP` -> `8K3F-2MQP`, as people read it aloud. */
export function showAccessCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}
