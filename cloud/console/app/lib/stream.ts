import { useEffect, useRef, useSyncExternalStore } from 'react'

export type ChangeKind = 'lead' | 'case' | 'device' | 'alarm' | 'clip'
export interface Change {
  readonly kind: ChangeKind
  readonly id: string
}

/** The server beats every 5 s; two missed beats count as broken. */
const silentMsMax = 10_000
const retryMs = 2_000

interface Live {
  readonly connected: boolean
  /** Seconds since anything was heard; 0 while connected. */
  readonly silentS: number
}

let live: Live = { connected: true, silentS: 0 }
let heardAtMs = performance.now()
const watchers = new Set<() => void>()
const listeners = new Set<(change: Change | 'again') => void>()

function setLive(next: Live): void {
  if (next.connected === live.connected && next.silentS === live.silentS) return
  live = next
  for (const watcher of watchers) watcher()
}

/** Reads the stream until `signal` ends; comes back by itself. `fetch`, because `EventSource` hides the beats. */
export async function runStream(signal: AbortSignal): Promise<void> {
  const watch = setInterval(() => {
    const silentMs = performance.now() - heardAtMs
    setLive(
      silentMs > silentMsMax
        ? { connected: false, silentS: Math.round(silentMs / 1_000) }
        : live.connected
          ? live
          : { connected: true, silentS: 0 },
    )
  }, 1_000)
  signal.addEventListener('abort', () => clearInterval(watch))
  heardAtMs = performance.now()
  while (!signal.aborted) {
    try {
      await readOnce(signal)
    } catch {
      // Broken or aborted; the watch says so to people.
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
}

async function readOnce(signal: AbortSignal): Promise<void> {
  const response = await fetch('/v1/stream', { signal, headers: { accept: 'text/event-stream' } })
  if (!response.ok || response.body === null) return
  // What happened before the line stood is read once more.
  for (const listener of listeners) listener('again')
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    heardAtMs = performance.now()
    const blocks = (rest + value).split('\n\n')
    rest = (blocks.pop() ?? '').slice(-65_536)
    for (const block of blocks) tellBlock(block)
  }
}

function tellBlock(block: string): void {
  const kind = /^event: (\w+)$/m.exec(block)?.[1]
  const id = /^data: \{"id":"([^"]*)"\}$/m.exec(block)?.[1]
  if (kind === undefined || id === undefined) return
  for (const listener of listeners) listener({ kind: kind as ChangeKind, id })
}

/** State of the line to the server. */
export function useLive(): Live {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => live,
  )
}

/** Calls back when something of these kinds changed (many at once count as one), and when the line came back. */
export function useChanges(wanted: (change: Change) => boolean, then: () => void): void {
  const latest = useRef({ wanted, then })
  useEffect(() => {
    latest.current = { wanted, then }
  })
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const listener = (change: Change | 'again'): void => {
      if (change !== 'again' && !latest.current.wanted(change)) return
      clearTimeout(timer)
      timer = setTimeout(() => latest.current.then(), 200)
    }
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      clearTimeout(timer)
    }
  }, [])
}
