import { useCallback, useEffect, useRef, useState } from 'react'
import type { Problem } from '../contracts.js'
import { call, problemOf } from './api.js'
import { useChanges, type Change } from './stream.js'

export interface Read<Answer> {
  readonly data: Answer | null
  /** Why there is nothing newer; `data` keeps what was read before. */
  readonly problem: Problem | null
  readonly reload: () => void
}

const never = (): boolean => false

/** Reads an address, and again when a change concerns it. `null` reads nothing. */
export function useRead<Answer>(url: string | null, concerns: (change: Change) => boolean = never): Read<Answer> {
  const [state, setState] = useState<{ url: string | null; data: Answer | null; problem: Problem | null }>({
    url,
    data: null,
    problem: null,
  })
  const turn = useRef(0)
  const reload = useCallback(() => {
    if (url === null) return
    const mine = (turn.current += 1)
    call<Answer>('GET', url).then(
      (data) => {
        if (mine === turn.current) setState({ url, data, problem: null })
      },
      (error: unknown) => {
        if (mine === turn.current)
          setState((before) => ({ url, data: before.url === url ? before.data : null, problem: problemOf(error) }))
      },
    )
  }, [url])
  useEffect(reload, [reload])
  useChanges(concerns, reload)
  const current = state.url === url
  return { data: current ? state.data : null, problem: current ? state.problem : null, reload }
}
