import type { LeadView } from '../contracts.js'
import { call } from '../lib/api.js'
import { isDecidedHere } from './held.js'

/**
 * The lead to work on: one that is already ours (a reload must not take a second one), else the next free one; null when
 * none waits. @throws ProblemError
 */
export async function takeNext(name: string, handedBack: readonly string[]): Promise<LeadView | null> {
  const { items } = await call<{ items: LeadView[] }>('GET', '/v1/leads?state=L3&limit=200')
  const mine = items.find(({ id, claim }) => claim?.by === name && !isDecidedHere(id) && !handedBack.includes(id))
  if (mine !== undefined) return call<LeadView>('GET', `/v1/leads/${mine.id}`)
  const skip = handedBack.length === 0 ? '' : `?skip=${handedBack.slice(-20).join(',')}`
  return call<LeadView | null>('GET', `/v1/leads/next${skip}`)
}

/** Opens one by its address, and claims it where that is possible. @throws ProblemError */
export async function takeOne(id: string, name: string): Promise<LeadView> {
  const lead = await call<LeadView>('GET', `/v1/leads/${id}`)
  if (lead.claim?.by === name || !lead.allowed.includes('claim')) return lead
  return call<LeadView>('POST', `/v1/leads/${id}/claim`, { version: lead.version })
}
