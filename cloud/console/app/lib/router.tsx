import { useSyncExternalStore, type AnchorHTMLAttributes, type ReactNode } from 'react'

const listeners = new Set<() => void>()
const tell = (): void => {
  for (const listener of listeners) listener()
}
window.addEventListener('popstate', tell)

let guard: (() => boolean) | null = null
/** While set, leaving the address asks it first; null takes it away. */
export function setLeaveGuard(ask: (() => boolean) | null): void {
  guard = ask
}

/** Goes to an address of the console without loading a page. */
export function navigate(address: string, options: { readonly replace?: boolean } = {}): void {
  if (address === location.pathname + location.search) return
  if (guard !== null && !guard()) return
  guard = null
  if (options.replace === true) history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  tell()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Path and query as they are now. */
export function useAddress(): URL {
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search)
  return new URL(address, location.origin)
}

type LinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> & {
  readonly to: string
  readonly children: ReactNode
}
/** A real link: the middle button opens a tab, a plain click stays in the page. */
export function Link({ to, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        navigate(to)
      }}
    >
      {children}
    </a>
  )
}
