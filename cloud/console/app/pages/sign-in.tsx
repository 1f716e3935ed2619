import { useState } from 'react'
import type { Problem, Session } from '../contracts.js'
import { call, problemOf } from '../lib/api.js'
import { useLook } from '../lib/look.js'
import { settings } from '../lib/settings.js'
import { ProblemBox } from '../parts/problem-box.js'

interface SignInPageProps {
  /** The session ended while somebody worked. */
  readonly ended: boolean
  readonly onSignedIn: (session: Session) => void
}

/** One form; pasting is allowed, remaining tries are said by the server (picture 10). */
export function SignInPage({ ended, onSignedIn }: SignInPageProps) {
  const { say, of, lang, theme, setLang, setTheme } = useLook()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [shown, setShown] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const send = async (): Promise<void> => {
    setBusy(true)
    try {
      onSignedIn(await call<Session>('POST', '/v1/session', { name: name.trim(), password }))
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <main id="main" className="signin">
      <form
        className="card"
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <h1>{say('signin.title')}</h1>
        <p className="note">
          {of(settings.authority)}
          {settings.demo && ` · ${say('bar.demo')}`}
        </p>
        {ended && <p className="banner banner-warn">{say('signin.ended')}</p>}
        <label className="field">
          <span>{say('signin.name')}</span>
          <input
            name="name"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            maxLength={40}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label className="field">
          <span>{say('signin.password')}</span>
          <input
            name="password"
            type={shown ? 'text' : 'password'}
            autoComplete="current-password"
            required
            maxLength={200}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </label>
        <button type="button" className="link" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {say(shown ? 'signin.hide' : 'signin.show')}
        </button>
        {problem !== null && <ProblemBox problem={problem} />}
        <button type="submit" className="main" disabled={busy}>
          {say('signin.go')}
        </button>
        <p className="note">{say('signin.note')}</p>
        <div className="row">
          <button type="button" className="plain" onClick={() => setLang(lang === 'zh' ? 'en' : 'zh')}>
            {say('bar.lang')}
          </button>
          <button type="button" className="plain" onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}>
            {say(theme === 'dark' ? 'bar.toLight' : 'bar.toDark')}
          </button>
        </div>
      </form>
    </main>
  )
}
