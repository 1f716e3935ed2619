import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import type { Bilingual } from '../contracts.js'
import { texts, type TextKey } from '../texts.js'
import { keep, readKept } from './kept.js'

export type Lang = 'zh' | 'en'
export type Theme = 'light' | 'dark'
export type Say = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string

interface Look {
  readonly lang: Lang
  readonly theme: Theme
  readonly setLang: (lang: Lang) => void
  readonly setTheme: (theme: Theme) => void
  /** A text of `texts.ts` with its `{values}`. */
  readonly say: Say
  /** A text that came in both languages. */
  readonly of: (both: Bilingual) => string
}

const LookContext = createContext<Look | null>(null)

/** Language and light of the pages; kept in this browser. */
export function LookProvider({ children }: { readonly children: ReactNode }) {
  const [lang, setLang] = useState<Lang>(() => (readKept('lang') === 'en' ? 'en' : 'zh'))
  const [theme, setTheme] = useState<Theme>(firstTheme)
  useEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en'
    document.documentElement.dataset['theme'] = theme
    keep('lang', lang)
  }, [lang, theme])
  const look = useMemo<Look>(
    () => ({
      lang,
      theme,
      setLang,
      setTheme: (wanted) => {
        keep('theme', wanted)
        setTheme(wanted)
      },
      say: (key, values = {}) =>
        texts[key][lang].replace(/\{(\w+)\}/g, (_all, name: string) => String(values[name] ?? '')),
      of: (both) => both[lang],
    }),
    [lang, theme],
  )
  return <LookContext.Provider value={look}>{children}</LookContext.Provider>
}

function firstTheme(): Theme {
  const kept = readKept('theme')
  if (kept === 'light' || kept === 'dark') return kept
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export function useLook(): Look {
  const look = useContext(LookContext)
  if (look === null) throw new Error('outside LookProvider')
  return look
}
