import { useEffect, useMemo, useState } from 'react'
import type { Counts, Session } from './contracts.js'
import { call, isOffline, learnServerTime, onSignedOut } from './lib/api.js'
import { useLook } from './lib/look.js'
import { navigate, useAddress } from './lib/router.js'
import { firstPageOf, SessionContext } from './lib/session.js'
import { runStream } from './lib/stream.js'
import { useRead } from './lib/use-read.js'
import { useTick } from './lib/use-tick.js'
import { pageOf } from './pages/page-of.js'
import { SignInPage } from './pages/sign-in.js'
import { StateCard } from './parts/state-card.js'
import { TopBar } from './top-bar.js'
import { sendHeld } from './triage/held.js'

/** Who is there: not known yet, nobody, or a person. */
export function Shell() {
  const { say } = useLook()
  const [session, setSession] = useState<Session | null | undefined>(undefined)
  const [ended, setEnded] = useState(false)
  const [offline, setOffline] = useState(false)
  const [leaving, setLeaving] = useState(false)
  const retry = useTick(3_000, offline)
  useEffect(() => {
    onSignedOut(() => {
      setEnded(true)
      setSession(null)
    })
  }, [])
  useEffect(() => {
    if (session !== undefined) return
    call<Session>('GET', '/v1/session').then(
      (known) => {
        setOffline(false)
        setSession(known)
      },
      (error: unknown) => {
        if (isOffline(error)) setOffline(true)
        else setSession(null)
      },
    )
  }, [session, retry])
  useEffect(() => {
    if (!leaving) return
    // After the pages are gone: a page that still knows the session would lead away from /signin again, and their clips
    // hold lines to the server.
    call('DELETE', '/v1/session').then(
      () => {
        setEnded(false)
        setSession(null)
        navigate('/signin')
        setLeaving(false)
      },
      () => {
        // Still signed in, and the page shows it again; whether the server answers is asked anew.
        setSession(undefined)
        setLeaving(false)
      },
    )
  }, [leaving])
  const desk = useMemo(
    () =>
      session
        ? {
            session,
            signOut: () => {
              sendHeld()
              setLeaving(true)
            },
          }
        : null,
    [session],
  )
  if (session === undefined)
    return offline ? (
      <main id="main">
        <StateCard sign="!" title={say('triage.offline')} words={say('any.loading')} />
      </main>
    ) : null
  if (leaving) return null
  if (desk === null)
    return (
      <SignInPage
        ended={ended}
        onSignedIn={(known) => {
          setEnded(false)
          setSession(known)
          // A deep link wins over the role's first page.
          if (location.pathname === '/' || location.pathname === '/signin')
            navigate(firstPageOf(known), { replace: true })
        }}
      />
    )
  return (
    <SessionContext.Provider value={desk}>
      <Inside session={desk.session} />
    </SessionContext.Provider>
  )
}

function Inside({ session }: { readonly session: Session }) {
  const address = useAddress()
  const counts = useRead<Counts>('/v1/counts', ({ kind }) => kind === 'lead' || kind === 'case')
  const at = counts.data?.at
  useEffect(() => {
    if (at !== undefined) learnServerTime(at)
  }, [at])
  useEffect(() => {
    const stop = new AbortController()
    void runStream(stop.signal)
    return () => stop.abort()
  }, [])
  const home = address.pathname === '/' || address.pathname === '/signin'
  useEffect(() => {
    if (home) navigate(firstPageOf(session), { replace: true })
  }, [home, session])
  return (
    <>
      <TopBar address={address} counts={counts.data} />
      {!home && pageOf(address, counts.data, session)}
    </>
  )
}
