/** A value in this browser; storage that is switched off is no reason to stop. */
export function readKept(key: string): string | null {
  try {
    return localStorage.getItem(`kw_${key}`)
  } catch {
    return null
  }
}

export function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`kw_${key}`)
    else localStorage.setItem(`kw_${key}`, value)
  } catch {
    // The page works without.
  }
}
