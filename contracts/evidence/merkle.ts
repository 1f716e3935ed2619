import { createHash } from 'node:crypto'

/** RFC 6962 §2.1: leaf `SHA-256(00 || bytes)`. */
export function leafHash(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(bytes).digest()
}

/** RFC 6962 §2.1: node `SHA-256(01 || left || right)`. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest()
}

/** Root over leaf hashes; of none: SHA-256 of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest()
  return subRoot(leaves, 0, leaves.length)
}

/** Sibling hashes of leaf `index`, leaf's own sibling first. */
export function inclusionPath(leaves: readonly Uint8Array[], index: number): Buffer[] {
  assertIndex(index, leaves.length)
  const path: Buffer[] = []
  let [from, to] = [0, leaves.length]
  while (to - from > 1) {
    const middle = from + splitOf(to - from)
    if (index < middle) {
      path.unshift(subRoot(leaves, middle, to))
      to = middle
    } else {
      path.unshift(subRoot(leaves, from, middle))
      from = middle
    }
  }
  return path
}

/** RFC 9162 §2.1.3.2: does this path lead from the leaf to the root of a tree of `size`? */
export function verifyInclusion(proof: {
  readonly index: number
  readonly size: number
  readonly leaf: Uint8Array
  readonly path: readonly Uint8Array[]
  readonly root: Uint8Array
}): boolean {
  if (!Number.isSafeInteger(proof.index) || proof.index < 0 || proof.index >= proof.size) return false
  let fn = proof.index
  let sn = proof.size - 1
  let hash: Buffer = Buffer.from(proof.leaf)
  for (const sibling of proof.path) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash)
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2)
        sn = Math.floor(sn / 2)
      }
    } else hash = nodeHash(hash, sibling)
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  return sn === 0 && hash.equals(proof.root)
}

/** Hashes that show the tree of the first `size` leaves to be a prefix of the whole (RFC 9162 §2.1.4.1). */
export function consistencyProof(leaves: readonly Uint8Array[], size: number): Buffer[] {
  assertIndex(size - 1, leaves.length)
  const proof = (from: number, to: number, part: number, whole: boolean): Buffer[] => {
    if (part === to - from) return whole ? [] : [subRoot(leaves, from, to)]
    const split = splitOf(to - from)
    if (part <= split) return [...proof(from, from + split, part, whole), subRoot(leaves, from + split, to)]
    return [...proof(from + split, to, part - split, false), subRoot(leaves, from, from + split)]
  }
  return proof(0, leaves.length, size, true)
}

/** RFC 9162 §2.1.4.2. */
export function verifyConsistency(proof: {
  readonly size1: number
  readonly size2: number
  readonly root1: Uint8Array
  readonly root2: Uint8Array
  readonly path: readonly Uint8Array[]
}): boolean {
  const { size1, size2, root1, root2 } = proof
  if (size1 < 1 || size1 > size2) return false
  if (size1 === size2) return proof.path.length === 0 && Buffer.from(root1).equals(root2)
  const path = Number.isInteger(Math.log2(size1)) ? [root1, ...proof.path] : proof.path
  let fn = size1 - 1
  let sn = size2 - 1
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  const [first, ...rest] = path
  if (first === undefined) return false
  let old: Buffer = Buffer.from(first)
  let now: Buffer = old
  for (const hash of rest) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      old = nodeHash(hash, old)
      now = nodeHash(hash, now)
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2)
        sn = Math.floor(sn / 2)
      }
    } else now = nodeHash(now, hash)
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  return sn === 0 && old.equals(root1) && now.equals(root2)
}

/** Largest power of two below `size`. */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

function subRoot(leaves: readonly Uint8Array[], from: number, to: number): Buffer {
  if (to - from === 1) return Buffer.from(leaves[from] ?? Buffer.alloc(0))
  const middle = from + splitOf(to - from)
  return nodeHash(subRoot(leaves, from, middle), subRoot(leaves, middle, to))
}

function assertIndex(index: number, size: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError(`leaf ${index} of ${size}`)
}
