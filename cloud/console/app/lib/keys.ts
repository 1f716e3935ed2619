import { useEffect, useRef } from 'react'

/** What a key does, by `event.code`; `Shift+` in front for the shifted ones. */
export type KeyMap = Readonly<Record<string, (() => void) | undefined>>

/** Input elements that take no letters: keys go on working after a click on them. */
const wordless = ['range', 'checkbox', 'radio', 'button']

/** True where a person writes. */
function writes(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.matches('textarea, select')) return true
  return target instanceof HTMLInputElement && !wordless.includes(target.type)
}

/**
 * The code of a stroke that may count: by place on the keyboard, because an input method turns `,` into `，`; never while
 * composing, in a field, repeated or with a modifier (U17).
 */
export function strokeOf(event: KeyboardEvent): string | null {
  if (event.isComposing || event.key === 'Process' || event.repeat) return null
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return null
  if (event.code === 'Escape') return 'Escape'
  if (writes(event.target)) return null
  const presses = event.code === 'Space' || event.code === 'Enter'
  if (presses && event.target instanceof HTMLElement && event.target.matches('button, a, summary, input')) return null
  return event.shiftKey ? `Shift+${event.code}` : event.code
}

/** Listens while mounted. The map may change at every render. `first`: before all others, who then do not hear the stroke. */
export function useKeys(map: KeyMap, first = false): void {
  const latest = useRef(map)
  useEffect(() => {
    latest.current = map
  })
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      const stroke = strokeOf(event)
      const act = stroke === null ? undefined : latest.current[stroke]
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', listener, first)
    return () => window.removeEventListener('keydown', listener, first)
  }, [first])
}

/** A decision needs the page in front of somebody on this lead for this long, so that a double stroke hits no next one. */
export const settleMs = 300

/** Whether the page has been focused on `subject` for long enough. */
export function useSettled(subject: string | null): () => boolean {
  const sinceMs = useRef(Number.POSITIVE_INFINITY)
  useEffect(() => {
    const start = (): void => {
      sinceMs.current = performance.now()
    }
    const stop = (): void => {
      sinceMs.current = Number.POSITIVE_INFINITY
    }
    if (subject !== null && document.hasFocus()) start()
    else stop()
    window.addEventListener('focus', start)
    window.addEventListener('blur', stop)
    return () => {
      window.removeEventListener('focus', start)
      window.removeEventListener('blur', stop)
    }
  }, [subject])
  return () => performance.now() - sinceMs.current >= settleMs
}
