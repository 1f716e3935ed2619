import { useEffect, useRef } from 'react'
import { roleTerms, type Counts, type Role } from './contracts.js'
import { useKeys } from './lib/keys.js'
import { useLook } from './lib/look.js'
import { Link, navigate } from './lib/router.js'
import { hasAny, useSession } from './lib/session.js'
import { settings } from './lib/settings.js'
import { useLive } from './lib/stream.js'
import type { TextKey } from './texts.js'

interface Item {
  readonly path: string
  readonly label: TextKey
  readonly roles: readonly Role[]
  /** Lead or case states that wait for this page. */
  readonly leads?: readonly string[]
  readonly cases?: readonly string[]
  readonly key?: string
}
const items: readonly Item[] = [
  { path: '/triage', label: 'nav.triage', roles: ['operator'], leads: ['L2'], key: 'KeyT' },
  { path: '/reviews', label: 'nav.reviews', roles: ['officer_a', 'officer_b'], leads: ['L8'], key: 'KeyR' },
  { path: '/filing', label: 'nav.filing', roles: ['head'], leads: ['L8'] },
  {
    path: '/cases',
    label: 'nav.cases',
    roles: ['officer_a', 'officer_b', 'head', 'legal_reviewer', 'supervisor'],
    cases: ['C5'],
    key: 'KeyC',
  },
  {
    path: '/leads',
    label: 'nav.leads',
    roles: ['operator', 'officer_a', 'officer_b', 'head', 'legal_reviewer', 'supervisor'],
  },
  { path: '/devices', label: 'nav.devices', roles: ['technician', 'supervisor', 'head'], key: 'KeyD' },
  { path: '/alarms', label: 'nav.alarms', roles: ['technician', 'supervisor'] },
  { path: '/figures', label: 'nav.figures', roles: ['supervisor', 'head'], key: 'KeyF' },
  { path: '/wall', label: 'nav.wall', roles: ['wall', 'supervisor'] },
]
const itemsMax = 6
const goMs = 1_500

/** 48 px: at most six words with the number waiting, then the line, the demo mark, language, light, name. */
export function TopBar({ address, counts }: { readonly address: URL; readonly counts: Counts | null }) {
  const { say, of, lang, theme, setLang, setTheme } = useLook()
  const { session, signOut } = useSession()
  const mine = items.filter(({ roles }) => hasAny(session, roles))
  useJumps(mine)
  const waiting = ({ leads = [], cases = [] }: Item): number =>
    [
      ...(counts?.leads ?? []).filter(({ state }) => leads.includes(state)),
      ...(counts?.cases ?? []).filter(({ state }) => cases.includes(state)),
    ].reduce((sum, { n }) => sum + n, 0)
  const role = session.roles[0]
  return (
    <header className="top">
      <Link to="/" className="brand" aria-label="kerbwatch">
        <svg width="20" height="22" viewBox="0 0 20 22" aria-hidden="true">
          <circle cx="10" cy="8" r="5.4" className="brand-ring" />
          <circle cx="10" cy="8" r="1.7" className="brand-dot" />
          <rect x="1" y="16" width="18" height="5" rx="1.5" className="brand-dot" />
        </svg>
        <span>kerbwatch</span>
      </Link>
      <nav aria-label={say('nav.main')}>
        {mine.slice(0, itemsMax).map((item) => {
          const here = address.pathname === item.path || address.pathname.startsWith(`${item.path}/`)
          return (
            <Link key={item.path} to={item.path} className="nav" aria-current={here ? 'page' : undefined}>
              {say(item.label)}
              {(item.leads ?? item.cases) !== undefined && <span className="count">{waiting(item)}</span>}
            </Link>
          )
        })}
      </nav>
      <span className="grow" />
      <LiveChip />
      {settings.demo && <span className="chip">{say('bar.demo')}</span>}
      <button
        type="button"
        className="plain"
        lang={lang === 'zh' ? 'en' : 'zh-CN'}
        aria-label={say('bar.langName')}
        onClick={() => setLang(lang === 'zh' ? 'en' : 'zh')}
      >
        {say('bar.lang')}
      </button>
      <button type="button" className="plain" onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}>
        <span aria-hidden="true">◐</span> {say(theme === 'dark' ? 'bar.toLight' : 'bar.toDark')}
      </button>
      <span className="who">
        {role !== undefined && `${of(roleTerms[role])} `}
        {session.name}
      </span>
      <button type="button" className="plain" onClick={signOut}>
        {say('bar.out')}
      </button>
    </header>
  )
}

function LiveChip() {
  const { say } = useLook()
  const { connected, silentS } = useLive()
  return (
    <span className={`chip live ${connected ? 'chip-good' : 'chip-warn'}`} role="status">
      {connected ? (
        <>
          <span aria-hidden="true">●</span> {say('live.on')}
        </>
      ) : (
        <>! {say('live.off', { s: silentS })}</>
      )}
    </span>
  )
}

/** `g`, then a letter. While `g` waits, no other key of the page fires. */
function useJumps(mine: readonly Item[]): void {
  const goAtMs = useRef(Number.NEGATIVE_INFINITY)
  useKeys({
    KeyG: () => {
      goAtMs.current = performance.now()
    },
  })
  const latest = useRef(mine)
  useEffect(() => {
    latest.current = mine
  })
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (performance.now() - goAtMs.current > goMs || event.code === 'KeyG') return
      goAtMs.current = Number.NEGATIVE_INFINITY
      const item = latest.current.find(({ key }) => key === event.code)
      if (item === undefined) return
      event.preventDefault()
      navigate(item.path)
    }
    window.addEventListener('keydown', listener, true)
    return () => window.removeEventListener('keydown', listener, true)
  }, [])
}
