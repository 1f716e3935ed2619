import { setTimeout as delay } from 'node:timers/promises'
import type { Cause } from '../../contracts/terms.js'
import type { Staff } from './api.js'

interface LeadView {
  readonly id: string
  readonly cause: Cause
  readonly state: string
  readonly version: number
  readonly cam: string
  readonly stills: readonly { readonly url: string }[]
  readonly clip: { readonly state: string; readonly url: string | null; readonly missing_s: number }
  readonly time_unsure: boolean
  readonly case: string | null
}
interface CaseView {
  readonly id: string
  readonly version: number
}
interface PolicyView {
  readonly texts: readonly { readonly text_id: string; readonly cause: Cause }[]
}
interface IssuedNotice {
  readonly number: string
  readonly link: string
  readonly access_code: string
}

/** The people of the demo, each signed in with an own session. */
export interface Office {
  readonly operator: Staff
  readonly officerA: Staff
  readonly officerB: Staff
  readonly head: Staff
  readonly legal: Staff
}

export interface ClosedRoad {
  readonly cause: Cause
  readonly lead: string
  readonly clip: Buffer
  readonly number: string
  readonly portalOpened: boolean
}

/** What the staff tell while they work, for the person who watches the demo. */
export type Say = (sentence: string) => void

/** Leads as the operator's list has them: the oldest free one of each cause, and how many there are. */
export async function leadsByCause(operator: Staff) {
  const page = await operator.get<{ items: readonly LeadView[] }>('/v1/leads?limit=200')
  const items = page?.items ?? []
  const oldest = new Map<Cause, LeadView>()
  const counts = new Map<Cause, number>()
  for (const lead of items) {
    counts.set(lead.cause, (counts.get(lead.cause) ?? 0) + 1)
    const known = oldest.get(lead.cause)
    if (lead.state === 'L2' && (known === undefined || lead.id < known.id)) oldest.set(lead.cause, lead)
  }
  return { oldest, counts, total: items.length }
}

/**
 * Walks one lead down the whole thin road (DESIGN §9.6) through the public API: claim, clip, accept, two blind reviews,
 * filing, notice, and the party who opens the link. Every step is refused by the cloud if its gate does not hold.
 */
export async function walkTheRoad(lead: LeadView, office: Office, say: Say, signal: AbortSignal): Promise<ClosedRoad> {
  const { operator, officerA, officerB, head, legal } = office
  const path = `/v1/leads/${lead.id}`
  const read = async (who: Staff): Promise<LeadView> => {
    const view = await who.get<LeadView>(path)
    if (view === null) throw new Error(`lead ${lead.id} is gone`)
    return view
  }
  if (lead.state === 'L2') await operator.post(`${path}/claim`, { version: lead.version })
  say(`${lead.cause}: ${operator.name} claimed the lead of ${lead.cam}`)
  const withClip = await untilClip(() => read(operator), signal)
  const clip = await operator.bytes(withClip.clip.url ?? '')
  for (const still of withClip.stills) await operator.bytes(still.url)
  await operator.post(`${path}/accept`, { version: withClip.version, note: 'demo: seen in the clip' })
  for (const officer of [officerA, officerB])
    await officer.post(`${path}/reviews`, {
      version: (await read(officer)).version,
      verdict: 'confirm',
      note: 'demo: played to the end, act seen',
    })
  const file = await head.post<CaseView>(`${path}/file`, {
    version: (await read(head)).version,
    party: { kind: 'person', name: '（演示）当事人', contact: '演示' },
  })
  const policy = await legal.get<PolicyView>('/v1/policy')
  const text = policy?.texts.find(({ cause }) => cause === lead.cause)
  if (text === undefined) throw new Error(`the policy pack has no notice for ${lead.cause}`)
  const notice = await legal.post<IssuedNotice>(`/v1/cases/${file.id}/notice`, {
    version: file.version,
    text_id: text.text_id,
    ...(withClip.time_unsure ? { time_note: '演示：本机没有对时服务器，时间以本机时钟为准。' } : {}),
  })
  say(`${lead.cause}: case ${file.id} filed, notice ${notice.number} issued`)
  const portalOpened = await openAsParty(notice)
  say(`${lead.cause}: the party opened the link${portalOpened ? '' : ' — REFUSED'}`)
  return { cause: lead.cause, lead: lead.id, clip, number: notice.number, portalOpened }
}

async function untilClip(read: () => Promise<LeadView>, signal: AbortSignal): Promise<LeadView> {
  for (;;) {
    const view = await read()
    if (view.clip.state === 'present' && view.clip.url !== null) return view
    if (view.clip.state === 'gone') throw new Error(`the clip of lead ${view.id} is gone`)
    await delay(1000, undefined, { signal })
  }
}

/** The party with an old phone: types the code, reads the notice, looks at a still and the clip. No script runs. */
async function openAsParty(notice: IssuedNotice): Promise<boolean> {
  const before = await (await fetch(notice.link)).text()
  if (before.includes(notice.number)) return false // nothing may be told before the code
  const entered = await fetch(notice.link, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(notice.link).origin },
    body: new URLSearchParams({ code: notice.access_code }),
  })
  const cookie = entered.headers
    .getSetCookie()
    .map((text) => text.split(';')[0])
    .join('; ')
  const page = await fetch(`${notice.link}/notice`, { headers: { cookie } })
  const still = await fetch(`${notice.link}/still/1`, { headers: { cookie } })
  const clip = await fetch(`${notice.link}/clip`, { headers: { cookie } })
  const stillBytes = Buffer.from(await still.arrayBuffer())
  const clipBytes = Buffer.from(await clip.arrayBuffer())
  return (
    page.ok &&
    (await page.text()).includes(notice.number) &&
    stillBytes.subarray(0, 2).toString('hex') === 'ffd8' &&
    clipBytes.length > 10_000
  )
}
