// Goal: the table of EVIDENCE.md §1.4 and no other behaviour; nothing a client sends makes ingest fail or store what it should not.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import mqtt from 'mqtt'
import t from 'tap'
import { ManualClock } from '../../contracts/base/manual-clock.js'
import { systemClock } from '../../contracts/base/system-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import { receiptPayload, type ReceiptPayload } from '../../contracts/commands/index.js'
import {
  decodeEnvelope,
  encodeBatch,
  jcs,
  keyIdOf,
  parseCanonical,
  payloadTypes,
  preAuthEncoding,
  publicKeyOf,
  sha256,
  verifySignature,
  type Json,
} from '../../contracts/evidence/index.js'
import { zeroDigest, type ChainHead } from '../../contracts/records/index.js'
import { topicOf } from '../../contracts/topics.js'
import { openCloudKeys } from '../evidence/index.js'
import { checkPlain, openBroker } from '../mqtt/index.js'
import { packetLimit } from '../mqtt/packet-limit.js'
import { openDatabase } from '../store/database.js'
import { recordMigrations } from '../store/records.js'
import { openIngest, type VerifiedRecord } from './index.js'

const device = 'kwdev-0001'
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const clockState = {
  boot: '01a20169-1a78-7e3d-bf28-452afb50edbe',
  mono_us: 1,
  sync: 'unsynced',
  src: 'none',
  off_us: null,
  err_us: null,
  step: 0,
}

interface Key {
  readonly privateKey: KeyObject
  readonly spki: Buffer
  readonly keyid: string
}
function makeKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return { privateKey, spki, keyid: keyIdOf(spki) }
}

/** A box that builds whatever it is told. */
class Box {
  chain = systemIds.uuidv7(systemClock.wallMs())
  seq = 0
  prev = zeroDigest
  key = makeKey()
  get head(): ChainHead {
    return { chain: this.chain, seq: this.seq - 1, h: this.prev }
  }
  next(kind: string, body: Json, signers: readonly Key[] = [this.key], change: Record<string, Json> = {}): string {
    const word = kind.split('.')[0] ?? kind
    const payload = Buffer.from(
      jcs({
        data: { clock: clockState, ...(kind === 'clock' ? {} : { [word]: body }) },
        datacontenttype: 'application/json',
        id: systemIds.uuidv7(systemClock.wallMs()),
        kwchain: this.chain,
        kwprev: this.prev,
        kwseq: this.seq,
        source: `urn:kerbwatch:edge:${device}`,
        specversion: '1.0',
        time: '2026-11-22T04:01:02.000Z',
        type: `kerbwatch.${kind}.v1`,
        ...change,
      }),
    )
    this.prev = sha256(payload)
    this.seq += 1
    return envelopeOf(payload, signers)
  }
  boot(reason: string, last: ChainHead | null): string {
    if (reason !== 'restart')
      Object.assign(this, { chain: systemIds.uuidv7(systemClock.wallMs()), seq: 0, prev: zeroDigest })
    return this.next('boot', {
      reason,
      last_chain: last === null ? null : { ...last },
      app: 'x',
      signing_key_spki: this.key.spki.toString('base64'),
      head_checked: true,
    })
  }
  gap(): string {
    return this.next('gap', {
      cam: 'c01',
      from: '2026-11-22T04:01:00.000Z',
      to: '2026-11-22T04:01:02.500Z',
      reason: 'closed',
    })
  }
}
function envelopeOf(payload: Buffer, signers: readonly Key[], payloadType: string = payloadTypes.record): string {
  const signatures = signers.map(({ keyid, privateKey }) => ({
    keyid,
    sig: sign('sha256', preAuthEncoding(payloadType, payload), privateKey).toString('base64'),
  }))
  return jcs({ payload: payload.toString('base64'), payloadType, signatures })
}

function setUp(t: { testdir: () => string; teardown: (handler: () => Promise<void>) => void }) {
  const dir = t.testdir()
  const database = openDatabase({ file: ':memory:', migrations: recordMigrations })
  const keys = openCloudKeys(join(dir, 'keys'))
  const clock = new ManualClock()
  const box = new Box()
  const [effects, receipts, published]: [VerifiedRecord[], ReceiptPayload[], { topic: string; retain: boolean }[]] = [
    [],
    [],
    [],
  ]
  const fault: { now: Error | null } = { now: null }
  const ingest = openIngest({
    database,
    signer: keys.receipt,
    publish: (topic, payload, how) => {
      const envelope = decodeEnvelope(Buffer.from(payload))
      receipts.push(receiptPayload.parse(parseCanonical(envelope.payload)))
      published.push({ topic, retain: how.retain })
      return Promise.resolve()
    },
    effects: (_tx, record) => {
      if (fault.now !== null) throw fault.now
      effects.push(record)
    },
    clock,
    log: quiet,
  })
  ingest.register(device, box.key.spki.toString('base64'))
  t.teardown(async () => {
    await ingest.close()
    database.close()
  })
  const send = async (...texts: string[]): Promise<void> => {
    await ingest.onMessage(topicOf(device, 'rec'), Buffer.from(encodeBatch(texts)))
    await ingest.settled()
  }
  const alarms = (): string[] =>
    ingest.store
      .alarms(100)
      .map(({ kind }) => kind)
      .sort()
  return { ingest, box, clock, send, alarms, effects, receipts, published, fault, keys, database }
}

t.test('records are stored once with their effect; a receipt says up to where', async (t) => {
  const { box, send, alarms, effects, receipts, published, ingest, keys } = setUp(t)
  const texts = [box.boot('first_start', null), box.gap(), box.gap()]
  await send(...texts)
  await send(...texts)
  await send(texts[1] ?? '')
  t.same(
    effects.map(({ seq, content }) => [seq, content.kind]),
    [
      [0, 'boot'],
      [1, 'gap'],
      [2, 'gap'],
    ],
  )
  t.equal(ingest.counts.duplicates, 4)
  const last = receipts.at(-1)
  t.same({ ...last, at: '' }, { at: '', chain: box.chain, device, h: box.prev, seq: 2, v: 1 })
  t.same(published.at(-1), { topic: topicOf(device, 'rcpt'), retain: true })
  t.same(alarms(), [])
  t.equal(keys.receipt.alg, 'ES256')
})

t.test('an effect that fails takes the record with it; the next try brings both', async (t) => {
  const { box, send, effects, ingest, fault } = setUp(t)
  const boot = box.boot('first_start', null)
  fault.now = new Error('disk')
  await send(boot)
  t.equal(ingest.store.count(), 0)
  fault.now = null
  await send(boot)
  t.equal(ingest.store.count(), 1)
  t.equal(effects.length, 1)
})

t.test(
  'another record at a stored place is a fork: kept in the branch, the chain frozen until a new one begins',
  async (t) => {
    const { box, send, alarms, ingest, effects } = setUp(t)
    await send(box.boot('first_start', null))
    const before = { seq: box.seq, prev: box.prev }
    await send(box.gap(), box.gap())
    const head = box.head
    Object.assign(box, before)
    await send(
      box.next('gap', { cam: 'c02', from: '2026-11-22T04:01:00.000Z', to: '2026-11-22T04:01:02.500Z', reason: 'auth' }),
    )
    t.same(alarms(), ['fork'])
    t.equal(ingest.store.currentChain(device)?.state, 'frozen')
    Object.assign(box, { seq: head.seq + 1, prev: head.h })
    await send(box.gap())
    t.equal(ingest.store.branchCount(device), 2, 'later records are kept too')
    t.equal(effects.length, 3, 'but have no effect')
    await send(box.boot('rollback_detected', head))
    t.same(alarms(), ['fork', 'rollback'])
    t.equal(ingest.store.currentChain(device)?.chain, box.chain)
    await send(box.gap())
    t.equal(effects.length, 5)
  },
)

t.test('a hole is asked for, and is an alarm when it stays open', async (t) => {
  const { box, send, alarms, receipts, clock, ingest } = setUp(t)
  await send(box.boot('first_start', null))
  const missing = box.gap()
  const later = box.gap()
  await send(later)
  t.equal(receipts.at(-1)?.want, 1)
  t.equal(ingest.store.count(), 1, 'nothing behind a hole is stored')
  clock.advance(11 * 60_000)
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.ok(alarms().includes('hole'))
  await send(missing, later)
  t.equal(receipts.at(-1)?.want, undefined)
  t.equal(ingest.store.alarms(10).find(({ kind }) => kind === 'hole')?.cleared_at === null, false, 'filled: cleared')
})

t.test('a record that does not follow is a mismatch', async (t) => {
  const { box, send, alarms } = setUp(t)
  await send(box.boot('first_start', null))
  await send(box.next('gap', { cam: 'c01' }, [box.key], { kwprev: 'f'.repeat(64) }))
  t.same(alarms(), ['prev_mismatch'])
})

t.test('new chains: after our head without alarm, after an older one, out of nothing', async (t) => {
  const { box, send, alarms } = setUp(t)
  await send(box.boot('first_start', null), box.gap())
  await send(box.boot('disk_lost', box.head))
  t.same(alarms(), [])
  const older = box.head
  await send(box.gap(), box.gap())
  await send(box.boot('disk_lost', older))
  t.same(alarms(), ['rollback'])
  await send(box.boot('first_start', null))
  t.same(alarms(), ['chain_lost', 'rollback'])
})

t.test('signatures: unknown key, one of a rotation missing, the old key after it', async (t) => {
  const { box, send, alarms, ingest, effects } = setUp(t)
  const boot = box.boot('first_start', null)
  await send(boot)
  const before = { seq: box.seq, prev: box.prev }
  const again = (): void => void Object.assign(box, before)
  const stranger = makeKey()
  await send(box.next('gap', { cam: 'c01' }, [stranger]))
  t.same(alarms(), ['bad_signature'])
  const next = makeKey()
  const rotation = { old_keyid: box.key.keyid, new_spki: next.spki.toString('base64') }
  for (const signers of [[box.key], [next], [next, box.key], [box.key, stranger], [box.key, box.key]]) {
    again()
    await send(box.next('key.rotate', rotation, signers))
  }
  t.equal(ingest.store.count(), 1, 'none of them')
  again()
  await send(box.next('key.rotate', rotation, [box.key, next]))
  t.equal(ingest.store.count(), 2)
  await send(boot)
  t.equal(ingest.counts.duplicates, 1, 'an old record sent again is a duplicate, whoever signed it')
  const old = box.key
  const rest = { seq: box.seq, prev: box.prev }
  await send(box.next('gap', { cam: 'c01' }, [old]))
  t.equal(ingest.store.count(), 2, 'the old key is dead')
  Object.assign(box, rest)
  box.key = next
  await send(box.gap())
  t.equal(effects.length, 3)
})

t.test(
  'a device that the configuration no longer names: key closed, history verifiable, later records an alarm',
  async (t) => {
    const { box, send, alarms, ingest } = setUp(t)
    await send(box.boot('first_start', null), box.gap())
    t.same(ingest.keepOnly([device, 'kwdev-0002']), [], 'named: nothing happens')
    t.same(ingest.keepOnly(['kwdev-0002']), [device])
    t.same(ingest.keepOnly(['kwdev-0002']), [], 'once')
    t.equal(ingest.store.openKey(device), null)
    const rest = { seq: box.seq, prev: box.prev }
    await send(box.gap())
    t.equal(ingest.store.count(), 2, 'what comes later is refused')
    t.same(alarms(), ['key_closed'])
    ingest.strangerCame('kwdev-0404')
    t.same(alarms(), ['key_closed'], 'a name that never was ours is no alarm')
    ingest.strangerCame(device)
    t.equal(ingest.store.alarms(10).length, 2, 'its connection is')
    const [key] = ingest.store.keysOf(device)
    t.match(key, { keyid: box.key.keyid, closed_why: 'removed', closed_at: String })
    for (const { envelope } of ingest.store.list(device, box.chain, 0, 10))
      t.ok(verifySignature(decodeEnvelope(Buffer.from(envelope)), 0, publicKeyOf(key?.spki ?? '')), 'history verifies')

    ingest.register(device, box.key.spki.toString('base64'))
    Object.assign(box, rest)
    await send(box.gap())
    t.equal(ingest.store.count(), 3, 'named again with a key it had: goes on where it stopped')
  },
)

t.test('a removed device that had changed its key comes back with the newer one', async (t) => {
  const { box, send, ingest } = setUp(t)
  await send(box.boot('first_start', null))
  const [old, next] = [box.key, makeKey()]
  await send(box.next('key.rotate', { old_keyid: old.keyid, new_spki: next.spki.toString('base64') }, [old, next]))
  box.key = next
  ingest.keepOnly([])
  ingest.register(device, old.spki.toString('base64'))
  t.equal(ingest.store.openKey(device)?.keyid, next.keyid, 'the configuration still names the first one')
  await send(box.gap())
  t.equal(ingest.store.count(), 3)
  ingest.keepOnly([])
  const other = makeKey()
  ingest.register(device, other.spki.toString('base64'))
  t.equal(ingest.store.openKey(device)?.keyid, other.keyid, 'a new key: enrolled anew')
  ingest.keepOnly([])
  ingest.register(device, old.spki.toString('base64'))
  t.equal(ingest.store.openKey(device)?.keyid, other.keyid, 'never one that was closed for another reason')
})

t.test('what is no record of this device leaves no trace', async (t) => {
  const { box, send, alarms, ingest } = setUp(t)
  const boot = box.boot('first_start', null)
  const payload = decodeEnvelope(Buffer.from(boot)).payload
  const bad = [
    envelopeOf(payload, [box.key], payloadTypes.receipt),
    envelopeOf(Buffer.from(payload.toString('utf8').replace('kwdev-0001', 'kwdev-0002')), [box.key]),
    envelopeOf(Buffer.from(payload.toString('utf8').replace('{', '{ ')), [box.key]),
    envelopeOf(Buffer.from('{}'), [box.key]),
    box.next('gap', { cam: 'c01', milli: 0.5 }),
    box.next('gap', { cam: 'x'.repeat(40_000) }),
  ]
  for (const one of bad) await send(one)
  await ingest.onMessage(topicOf('kwdev-0009', 'rec'), Buffer.from(boot))
  await ingest.onMessage('kw/v1/x/rec/more', Buffer.from(boot))
  t.equal(ingest.store.count(), 0)
  t.same(alarms(), [])
})

t.test('property: no bytes make ingest throw or store', async (t) => {
  const { box, ingest } = setUp(t)
  const text = box.boot('first_start', null)
  const mutated = fc
    .tuple(fc.nat(text.length - 1), fc.integer({ min: 1, max: 40 }), fc.string({ maxLength: 6 }))
    .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut))
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), mutated), async (message) => {
      fc.pre(message !== text)
      await ingest.onMessage(topicOf(device, 'rec'), Buffer.from(message))
      await ingest.settled()
      if (ingest.store.count() !== 0) throw new Error('stored')
    }),
    { numRuns: 200 },
  )
  t.pass()
})

t.test('silence is an alarm, and ends with the next record', async (t) => {
  const { box, send, alarms, clock, ingest } = setUp(t)
  await send(box.boot('first_start', null))
  for (let minute = 0; minute < 5; minute += 1) {
    clock.advance(60_000)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  t.same(alarms(), ['silent'])
  await send(box.gap())
  t.ok(ingest.store.alarms(1)[0]?.cleared_at)
})

t.test('embedded broker: a device has its own topics and nothing else', async (t) => {
  const got: string[] = []
  const broker = await openBroker({
    host: '127.0.0.1',
    port: 0,
    authenticate: (id, password) => password === `pw-${id}`,
    onMessage: (topic, payload) => {
      got.push(`${topic} ${payload.toString()}`)
      return Promise.resolve()
    },
    clock: systemClock,
    log: quiet,
  })
  t.teardown(() => broker.close())
  const url = `mqtt://127.0.0.1:${broker.port}`
  const connect = (clientId: string, username: string, password: string) =>
    mqtt.connectAsync(url, {
      protocolVersion: 4,
      clientId,
      username,
      password,
      reconnectPeriod: 0,
      connectTimeout: 5_000,
    })
  await t.rejects(connect(device, device, 'wrong'))
  await t.rejects(connect('other', device, `pw-${device}`), 'a client id that is not its user')
  await broker.publish(topicOf(device, 'rcpt'), 'receipt', { retain: true })
  const client = await connect(device, device, `pw-${device}`)
  const retained = new Promise<string>((resolve) =>
    client.once('message', (_topic, payload) => {
      resolve(payload.toString())
    }),
  )
  await client.subscribeAsync(topicOf(device, 'rcpt'), { qos: 1 })
  t.equal(await retained, 'receipt')
  await client.publishAsync(topicOf(device, 'rec'), 'record', { qos: 1 })
  t.same(got, [`${topicOf(device, 'rec')} record`])
  for (const bad of ['#', 'kw/v1/+/rcpt', topicOf(device, 'rec'), topicOf('kwdev-0002', 'rcpt')]) {
    const other = await connect(device, device, `pw-${device}`)
    const answer = await other.subscribeAsync(bad, { qos: 1 }).then(
      (grants) => grants[0]?.qos,
      () => 128,
    )
    t.equal(answer, 128, `no subscription to ${bad}`)
    other.end(true)
  }
  for (const bad of [topicOf(device, 'rcpt'), topicOf(device, 'cmd'), topicOf('kwdev-0002', 'rec'), '$SYS/x']) {
    const other = await connect(device, device, `pw-${device}`)
    const closed = new Promise<void>((resolve) =>
      other.once('close', () => {
        resolve()
      }),
    )
    other.publish(bad, 'x', { qos: 1 })
    await closed
    other.end(true)
  }
  const flood = await connect(device, device, `pw-${device}`)
  flood.on('error', () => undefined)
  const closed = new Promise<void>((resolve) =>
    flood.once('close', () => {
      resolve()
    }),
  )
  flood.publish(topicOf(device, 'rec'), Buffer.alloc(2_000_000), { qos: 1 })
  await closed
  t.equal(got.length, 1, 'a packet that is too large ends the connection')
  client.end(true)
})

t.test('packet limit: finds the large packet wherever the chunks end', async (t) => {
  const small = Buffer.concat([Buffer.of(0x30, 0xc8, 0x01), Buffer.alloc(200)])
  const large = Buffer.of(0x30, 0x80, 0x80, 0x04)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 12 }), fc.nat(5), (cuts, count) => {
      const accepts = packetLimit(1_000)
      const bytes = Buffer.concat([...Array.from({ length: count }, () => small), large])
      let at = 0
      let good = true
      for (const cut of [...cuts, bytes.length]) {
        good = accepts(bytes.subarray(at, at + cut)) && good
        at += cut
      }
      if (good) throw new Error('missed')
      const fine = packetLimit(1_000)
      if (!fine(Buffer.concat(Array.from({ length: count }, () => small)))) throw new Error('false alarm')
    }),
  )
  t.throws(() => checkPlain('mqtt://10.0.0.1:1883', false), 'plain MQTT off loopback')
  t.ok(checkPlain('mqtt://10.0.0.1:1883', true))
  t.ok(checkPlain('mqtt://127.0.0.1:1883', false))
})

t.test('migrations: each once, never changed, unique', async (t) => {
  const file = join(t.testdir(), 'a.db')
  const first = { id: 1, sql: 'create table a (x integer) strict' }
  const db = openDatabase({ file, migrations: [first] })
  t.throws(() =>
    db.transaction(() => {
      db.prepare('insert into a values (1)').run()
      throw new Error('back')
    }),
  )
  t.same(db.prepare('select count(*) as n from a').get(), { n: 0 }, 'all or nothing')
  db.close()
  openDatabase({ file, migrations: [{ id: 2, sql: 'create table b (x integer) strict' }, first] }).close()
  t.throws(() => openDatabase({ file, migrations: [{ ...first, sql: 'create table c (x integer) strict' }] }), {
    code: 'DATABASE_MIGRATION',
  })
  t.throws(() => openDatabase({ file, migrations: [first, first] }), { code: 'DATABASE_MIGRATION' })
})
