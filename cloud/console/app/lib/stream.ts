import { useEffect, useRef, useSyncExternalStore } from 'react'

export type ChangeKind = 'lead' | 'case' | 'device' | 'alarm' | 'clip'
export interface Change {
  readonly kind: ChangeKind
  readonly id: string
}

/** The server beats every 5 s; two missed beats count as broken. */
const silentMsMax = 10_000
const retryMs = 2_000
/** Lock and channel of the tabs of one browser. */
const name = 'kerbwatch-stream'

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

/** What the tab that reads the stream tells the others: something was heard, and perhaps what. */
interface Heard {
  readonly change: Change | 'again' | null
}

/**
 * Follows the stream until `signal` ends; comes back by itself. A browser grants a server six lines in all, so of its tabs
 * one reads and tells the others; without locks (plain http in an office network) each reads for itself.
 */
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
  const { locks } = navigator as { locks?: LockManager }
  if (locks === undefined || typeof BroadcastChannel === 'undefined') {
    await readOn(signal, hear)
    return
  }
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }: MessageEvent<Heard>) => hear(data)
  const tell = (heard: Heard): void => {
    hear(heard)
    if (!signal.aborted) channel.postMessage(heard)
  }
  await locks.request(name, { signal }, () => readOn(signal, tell)).catch(() => undefined)
  channel.close()
}

function hear({ change }: Heard): void {
  heardAtMs = performance.now()
  if (change !== null) for (const listener of listeners) listener(change)
}

async function readOn(signal: AbortSignal, tell: (heard: Heard) => void): Promise<void> {
  const isOver = (): boolean => signal.aborted
  while (!isOver()) {
    try {
      await readOnce(signal, tell)
    } catch {
      // Broken or aborted; the watch says so to people.
    }
    if (!isOver()) await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
}

/** `fetch`, because `EventSource` hides the beats. */
async function readOnce(signal: AbortSignal, tell: (heard: Heard) => void): Promise<void> {
  const response = await fetch('/v1/stream', { signal, headers: { accept: 'text/event-stream' } })
  if (!response.ok || response.body === null) return
  // What happened before the line stood is read once more.
  tell({ change: 'again' })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    tell({ change: null })
    const blocks = (rest + value).split('\n\n')
    rest = (blocks.pop() ?? '').slice(-65_536)
    for (const block of blocks) tell({ change: changeOf(block) })
  }
}

function changeOf(block: string): Change | null {
  const kind = /^event: (\w+)$/m.exec(block)?.[1]
  const id = /^data: \{"id":"([^"]*)"\}$/m.exec(block)?.[1]
  return kind === undefined || id === undefined ? null : { kind: kind as ChangeKind, id }
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
