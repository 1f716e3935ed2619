import { argon2Hash, makeAccounts } from '../accounts/index.js'
import { caseDesk, makeLinks } from '../delivery/index.js'
import type { Policy } from '../documents/index.js'
import { leadDesk, makeChanges } from '../leads/index.js'
import { accountStore } from '../store/accounts.js'
import { openDatabase } from '../store/database.js'
import { portalStore } from '../store/portal.js'
import type { Clock, EpochMs, Ids, MonoMs } from '../../contracts/base/index.js'
import { stationMigrations } from '../store/migrations.js'
import { buildApp } from './app.js'

/** The OpenAPI 3.1 document of all routes, as JSON with a line end: the same bytes each time. */
export async function makeOpenApi(): Promise<string> {
  const database = openDatabase({ file: ':memory:', migrations: stationMigrations })
  const clock: Clock = {
    wallMs: () => 0 as EpochMs,
    monoMs: () => 0 as MonoMs,
    sleep: () => new Promise(() => undefined),
  }
  const ids: Ids = { uuidv7: () => '', randomBytes: (count) => new Uint8Array(count) }
  const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const changes = makeChanges()
  const placeOf = () => ({ name: '' })
  const clips = {
    requestClip: ignore,
    requestSpan: ignore,
    hold: ignore,
    clipOf: () => ({ state: 'none', sha256: null, missingS: 0, percent: 0 }) as const,
  }
  const leads = leadDesk({ database, clock, clips, changes, modeOf: () => 'LEAD_MODE', placeOf })
  const views = portalStore(database)
  const links = makeLinks({ store: views, clock, ids, codeHash: argon2Hash })
  const base = {
    database,
    clock,
    ids,
    leads,
    links,
    changes,
    policy: emptyPolicy,
    placeOf,
    publicUrl: 'http://127.0.0.1:8080',
  }
  const app = buildApp({
    ...base,
    log: silent,
    accounts: makeAccounts({ store: accountStore(database), clock, ids, secretHash: argon2Hash }),
    cases: caseDesk({ ...base, digestsHold: () => Promise.resolve(null) }),
    files: null,
    views,
    media: { clip: none, clipFrames: none, still: none, original: none },
    fleet: { devices: () => [], gapsOf: () => [], alarms: () => ({ items: [], next: null }) },
    orders: { order: never, list: () => [] },
    partyCopies: { clip: none, still: none, clipBytes: none },
    healthChecks: () => ({}),
  })
  try {
    await app.ready()
    return `${JSON.stringify(withoutUnused(app.swagger()), null, 2)}\n`
  } finally {
    await app.close()
    database.close()
  }
}

/** The generator adds a second schema for what is sent in; ours have one form, so those that nothing points to go. */
function withoutUnused(document: object): object {
  const text = JSON.stringify(document)
  const { components } = document as { components?: { schemas?: Record<string, unknown> } }
  for (const name of Object.keys(components?.schemas ?? {}))
    if (components?.schemas !== undefined && !text.includes(`"#/components/schemas/${name}"`))
      Reflect.deleteProperty(components.schemas, name)
  return document
}

const ignore = (): void => undefined
const never = (): never => {
  throw new Error('no box here')
}
const none = (): Promise<null> => Promise.resolve(null)
const emptyPolicy: Policy = {
  version: '0',
  demo: true,
  organ: 'none',
  tz: 'UTC',
  authority: { name: { zh: '', en: '' }, counter: { zh: '', en: '' }, hotline: '' },
  numbers: { notice: '{year}{n}', case: '{year}{n}' },
  modes: { vending: 'LEAD_MODE', grilling: 'LEAD_MODE', spillage: 'LEAD_MODE', dust: 'LEAD_MODE' },
  law_basis: null,
  budget_leads_per_operator_hour: 6,
  texts: [],
}
