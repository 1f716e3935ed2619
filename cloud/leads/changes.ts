/** What changed, by id only: whoever hears it fetches what they may see. */
export interface Change {
  readonly kind: 'lead' | 'case' | 'file' | 'device' | 'alarm' | 'clip'
  readonly id: string
}

/** Tells listeners of committed changes. Publish only after the commit. */
export interface Changes {
  publish(change: Change): void
  /** Returns the function that ends the subscription. A listener must not throw and must not block. */
  subscribe(listener: (change: Change) => void): () => void
}

export function makeChanges(): Changes {
  const listeners = new Set<(change: Change) => void>()
  return {
    publish(change) {
      for (const listener of [...listeners]) listener(change)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
