import { useEffect, useState } from 'react'
import type { LeadView } from '../contracts.js'
import { call } from '../lib/api.js'
import { isDecidedHere } from './held.js'

/** Only what waits at the front of the queue; more would be gone before it is reached. */
const lookedAt = 5

/**
 * Once the present lead can be judged, reads the one that will most likely come next: its stills lie in the browser's cache,
 * and its clip is asked for. Nothing is claimed, and no clip is played, so that nobody is logged as having looked.
 * True when the pictures are here.
 */
export function usePreload(current: LeadView, ready: boolean): boolean {
  const [loaded, setLoaded] = useState(false)
  useEffect(() => {
    if (!ready) return undefined
    const stop = new AbortController()
    const isGone = (): boolean => stop.signal.aborted
    // Kept until the next lead is on the page: a picture that nobody holds may leave the cache.
    let pictures: HTMLImageElement[] = []
    const load = async (): Promise<void> => {
      const { items } = await call<{ items: LeadView[] }>('GET', `/v1/leads?state=L2&limit=${lookedAt}`)
      const next = items.find(({ id }) => id !== current.id && !isDecidedHere(id))
      if (isGone() || next === undefined) return
      const { stills } = await call<LeadView>('GET', `/v1/leads/${next.id}`)
      if (isGone()) return
      pictures = stills.slice(0, 3).map(({ url }) => {
        const picture = new Image()
        picture.src = url
        return picture
      })
      await Promise.all(pictures.map((picture) => picture.decode()))
      if (!isGone()) setLoaded(true)
    }
    // Without it the next lead only comes a little later.
    load().catch(() => undefined)
    return () => {
      stop.abort()
      for (const picture of pictures) picture.src = ''
    }
  }, [current.id, ready])
  return loaded
}
