import { useSyncExternalStore } from 'react'
import type { CloseCode, LeadView, Problem } from '../contracts.js'
import { call, isOffline, problemOf } from '../lib/api.js'

/** How long a decision waits in the browser before it is sent; after that only a supervisor reopens it. */
export const undoMs = 10_000
const retryMs = 3_000

export type Decision =
  | { readonly action: 'accept'; readonly note: string }
  | { readonly action: 'reject'; readonly code: CloseCode; readonly note: string }
  | { readonly action: 'merge'; readonly into: string; readonly note: string }

export interface Held {
  readonly lead: LeadView
  readonly decision: Decision
  readonly untilMs: number
}
export interface Failed {
  readonly lead: LeadView
  readonly decision: Decision
  readonly problem: Problem
}
interface HeldState {
  /** The one that can be taken back. */
  readonly held: Held | null
  /** On their way, or waiting for the line: neither taken back nor lost. */
  readonly unsent: readonly Held[]
  readonly failed: readonly Failed[]
  /** Decisions that counted in this page. */
  readonly sent: number
}

let state: HeldState = { held: null, unsent: [], failed: [], sent: 0 }
const watchers = new Set<() => void>()
function set(next: HeldState): void {
  state = next
  for (const watcher of watchers) watcher()
}

let timer: ReturnType<typeof setTimeout> | undefined
let sending = false

/** Holds a decision for `undoMs`. The one before goes out at once. */
export function holdDecision(lead: LeadView, decision: Decision): void {
  sendHeld()
  set({ ...state, held: { lead, decision, untilMs: performance.now() + undoMs } })
  timer = setTimeout(sendHeld, undoMs)
}

/** Takes the held decision back; nothing ever left this page. */
export function takeBack(): Held | null {
  const { held } = state
  if (held === null) return null
  clearTimeout(timer)
  set({ ...state, held: null })
  return held
}

/** Sends the held decision now. */
export function sendHeld(): void {
  clearTimeout(timer)
  if (state.held === null) return
  set({ ...state, held: null, unsent: [...state.unsent, state.held] })
  void sendAll()
}

/** One after the other, in the order of deciding; waits where there is no line. The server compares versions. */
async function sendAll(): Promise<void> {
  if (sending) return
  sending = true
  try {
    for (let next = state.unsent[0]; next !== undefined; next = state.unsent[0]) {
      const { lead, decision } = next
      try {
        await call('POST', ...requestOf(next), { keepalive: true })
        set({ ...state, unsent: state.unsent.slice(1), sent: state.sent + 1 })
      } catch (error) {
        if (isOffline(error)) {
          await new Promise((resolve) => setTimeout(resolve, retryMs))
          continue
        }
        const problem = problemOf(error)
        set({ ...state, unsent: state.unsent.slice(1), failed: [...state.failed, { lead, decision, problem }] })
      }
    }
  } finally {
    sending = false
  }
}

function requestOf({ lead, decision: { action, ...rest } }: Held): [url: string, body: object] {
  return [`/v1/leads/${lead.id}/${action}`, { version: lead.version, ...rest }]
}

/** A page that goes away sends what it holds with a request that outlives it. */
window.addEventListener('pagehide', () => {
  clearTimeout(timer)
  const { held } = state
  if (held === null) return
  set({ ...state, held: null })
  void call('POST', ...requestOf(held), { keepalive: true }).catch(() => undefined)
})

export function dismissFailed(failed: Failed): void {
  set({ ...state, failed: state.failed.filter((one) => one !== failed) })
}

export function useHeld(): HeldState {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => state,
  )
}

/** Leads that this page has decided on and the server may not know of yet. */
export function isDecidedHere(id: string): boolean {
  return state.held?.lead.id === id || state.unsent.some(({ lead }) => lead.id === id)
}
