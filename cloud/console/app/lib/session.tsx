import { createContext, useContext } from 'react'
import type { Role, Session } from '../contracts.js'

export interface SessionDesk {
  readonly session: Session
  readonly signOut: () => void
}
export const SessionContext = createContext<SessionDesk | null>(null)

/** Who is signed in. Only pages behind the sign-in ask. */
export function useSession(): SessionDesk {
  const desk = useContext(SessionContext)
  if (desk === null) throw new Error('not signed in')
  return desk
}

export function hasAny(session: Session, roles: readonly Role[]): boolean {
  return roles.some((role) => session.roles.includes(role))
}

/** The page that each role starts with; the first role that matches wins. */
const firstPages: readonly (readonly [Role, string])[] = [
  ['operator', '/triage'],
  ['officer_a', '/reviews'],
  ['officer_b', '/reviews'],
  ['head', '/filing'],
  ['legal_reviewer', '/cases?state=C5'],
  ['technician', '/devices'],
  ['supervisor', '/figures'],
  ['wall', '/wall'],
]

export function firstPageOf(session: Session): string {
  return firstPages.find(([role]) => session.roles.includes(role))?.[1] ?? '/leads'
}
