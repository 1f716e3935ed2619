// Goal: what the box says happened can be proved later, whatever happens to the box. Real SQLite, real files, real ffmpeg;
// time is moved by hand.
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { EpochMs } from '../../contracts/base/index.js'
import { ManualClock } from '../../contracts/base/manual-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import type { ReceiptPayload } from '../../contracts/commands/index.js'
import { decodeEnvelope, leafHash, merkleRoot, publicKeyOf, verifySignature } from '../../contracts/evidence/index.js'
import { zeroDigest } from '../../contracts/records/index.js'
import { openChain } from './chain.js'
import { findBrokenLink } from './start.js'
import { camera, until, open, segmentOf } from './evidence.fixture.js'

t.test('a chain: boot first, linked, signed by a key file of mode 0600, sealed each minute', async (t) => {
  const clock = new ManualClock()
  const dataDir = join(t.testdir(), 'data')
  const box = await open(dataDir, clock)
  const { evidence } = box
  await evidence.configure({
    policySha256: null,
    models: { objects: 'a'.repeat(64) },
    camerasSha256: 'b'.repeat(64),
    calibrationSha256: 'c'.repeat(64),
  })
  await until('first seal', () => box.records().some(({ content }) => content.kind === 'heartbeat'))
  const segments = [segmentOf(dataDir, clock, 0), segmentOf(dataDir, clock, 1)]
  for (const one of segments) await evidence.addSegment(one)
  await evidence.addSegment(segments[0] ?? segmentOf(dataDir, clock, 0))
  await evidence.addGap({
    camera,
    fromMs: clock.wallMs(),
    toMs: (clock.wallMs() + 3_000) as EpochMs,
    reason: 'rtsp_timeout',
  })
  clock.advance(63_000)
  await until('a seal with both', () =>
    box.records().some(({ content }) => content.kind === 'seal' && content.body.n === 2),
  )
  const records = box.records()
  t.equal(records[0]?.frame.kwprev, zeroDigest)
  t.equal(records[0]?.content.kind, 'boot')
  for (const [index, { frame }] of records.entries()) {
    t.equal(frame.kwseq, index)
    if (index > 0) t.equal(frame.kwprev, records[index - 1]?.h)
  }
  const key = publicKeyOf(evidence.outbox.signer.spki)
  for (const { env } of evidence.outbox.pending(0, 100)) t.ok(verifySignature(decodeEnvelope(Buffer.from(env)), 0, key))
  t.equal(statSync(join(dataDir, 'secret', 'record.key')).mode & 0o777, 0o600)
  const seal = records.find(({ content }) => content.kind === 'seal' && content.body.n === 2)
  if (seal?.content.kind !== 'seal') throw new Error('seal expected')
  const leafFile = join(dataDir, 'seals', seal.frame.kwchain, `${String(seal.frame.kwseq).padStart(9, '0')}.jsonl`)
  const leaves = readFileSync(leafFile, 'utf8').trimEnd().split('\n')
  t.equal(
    merkleRoot(leaves.map((leaf) => leafHash(Buffer.from(leaf)))).toString('hex'),
    seal.content.body.root,
    'leaf list leads to the sealed root',
  )
  t.same(seal.content.body.cams, [{ cam: camera, first: 0, last: 1, n: 2 }])
  t.equal(seal.content.body.to, new Date(Math.floor(clock.wallMs() / 60_000) * 60_000).toISOString())
  t.equal(evidence.known(camera).length, 2)
  rmSync(segments[0]?.file ?? '')
  t.equal(evidence.known(camera).length, 1, 'a file that is gone is not known')
  await evidence.close()
})

t.test(
  'a restart goes on with the chain; a restored backup, a lost key or a lost disk begins a new one and says so',
  async (t) => {
    const clock = new ManualClock()
    const dataDir = join(t.testdir(), 'data')
    let box = await open(dataDir, clock)
    await box.evidence.close()
    const backup = join(t.testdirName, 'backup.db')
    copyFileSync(join(dataDir, 'chain.db'), backup)
    box = await open(dataDir, clock)
    await box.evidence.addGap({ camera, fromMs: clock.wallMs(), toMs: clock.wallMs(), reason: 'closed' })
    const boots = (): (string | undefined)[] =>
      box.records().flatMap(({ content }) => (content.kind === 'boot' ? [content.body.reason] : []))
    t.same(boots(), ['first_start', 'restart'])
    const all = box.records()
    const head = all.at(-1)
    const first = all[0]?.frame.kwchain ?? ''
    await box.evidence.close()

    const atHead: ReceiptPayload = {
      at: '2026-03-02T02:00:00.000Z',
      chain: first,
      device: 'kwdev-0001',
      h: head?.h ?? '',
      seq: head?.frame.kwseq ?? 0,
      v: 1,
    }
    box = await open(dataDir, clock, { receipt: atHead })
    t.same(boots(), ['restart'], 'the receipt frees what it covers')
    t.ok(box.records().every(({ frame }) => frame.kwchain === first))
    await box.evidence.close()

    for (const name of readdirSync(dataDir)) if (name.startsWith('chain.db')) rmSync(join(dataDir, name))
    copyFileSync(backup, join(dataDir, 'chain.db'))
    box = await open(dataDir, clock, { receipt: atHead })
    const boot = box.records()[0]
    if (boot?.content.kind !== 'boot') throw new Error('boot expected')
    t.equal(boot.content.body.reason, 'rollback_detected')
    t.same(boot.content.body.last_chain, { chain: first, seq: atHead.seq, h: atHead.h })
    t.not(boot.frame.kwchain, first)
    t.equal(boot.frame.kwseq, 0)
    await box.evidence.close()

    rmSync(join(dataDir, 'secret', 'record.key'))
    box = await open(dataDir, clock)
    t.same(boots(), ['key_lost'])
    await box.evidence.close()

    for (const name of readdirSync(dataDir)) if (name.startsWith('chain.db')) rmSync(join(dataDir, name))
    box = await open(dataDir, clock)
    t.same(boots(), ['disk_lost'])
    await box.evidence.close()

    // The cloud's receipt alone, without head.json, tells too.
    rmSync(join(dataDir, '..', 'head.json'))
    box = await open(dataDir, clock, { receipt: { ...atHead, chain: systemIds.uuidv7(clock.wallMs()) } })
    t.same(boots(), ['rollback_detected'])
    t.equal(
      await box.evidence.outbox.acknowledge({
        ...atHead,
        chain: box.records()[0]?.frame.kwchain ?? '',
        seq: 0,
        h: 'f'.repeat(64),
      }),
      'fork',
      'another record at our place',
    )
    t.equal(box.records()[0]?.frame.kwseq, 0)
    t.same(boots(), ['rollback_detected'])
    await box.evidence.close()
  },
)

t.test('a changed row in the database is found at start', async (t) => {
  const clock = new ManualClock()
  const dataDir = join(t.testdir(), 'data')
  const box = await open(dataDir, clock)
  await box.evidence.close()
  const chain = openChain(join(dataDir, 'chain.db'))
  const rows = chain.lastRows(10)
  t.equal(findBrokenLink(rows), null)
  const [first, second] = rows
  if (first === undefined || second === undefined) throw new Error('two rows expected')
  t.equal(findBrokenLink([first, { ...second, prev: 'f'.repeat(64) }]), second.ord)
  t.equal(findBrokenLink([{ ...first, h: second.h }, second]), first.ord)
  t.equal(findBrokenLink([{ ...first, env: first.env.replace('"payload":"e', '"payload":"f') }, second]), first.ord)
  chain.close()
})

t.test('key rotation: two signatures, then only the new key, also after a restart', async (t) => {
  const clock = new ManualClock()
  const dataDir = join(t.testdir(), 'data')
  let box = await open(dataDir, clock)
  const old = box.evidence.outbox.signer.keyId
  const next = await box.evidence.orders.rotateKey(5)
  t.not(next, old)
  t.equal(await box.evidence.orders.rotateKey(5), next, 'the same command again rotates nothing')
  t.equal(box.records().find(({ content }) => content.kind === 'key.rotate')?.signers, 2)
  await box.evidence.close()
  box = await open(dataDir, clock)
  t.equal(box.evidence.outbox.signer.keyId, next)
  t.notOk(box.records().some(({ content }) => content.kind === 'boot' && content.body.reason === 'key_lost'))
  await box.evidence.close()
})
