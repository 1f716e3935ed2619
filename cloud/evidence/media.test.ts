// Goal: from a wish for footage to a clip that plays: command, list, segments over HTTP, derivative with its breaks.
// A box of the test signs as a real one does; segments are made by ffmpeg.
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import fc from 'fast-check'
import t from 'tap'
import { toRfc3339, type EpochMs } from '../../contracts/base/index.js'
import { systemClock } from '../../contracts/base/system-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import { commandPayload, readCommand, objectPath, type CommandPayload } from '../../contracts/commands/index.js'
import {
  decodeEnvelope,
  jcs,
  keyIdOf,
  parseCanonical,
  payloadTypes,
  preAuthEncoding,
  sha256,
  verifySignature,
  publicKeyOf,
  type Json,
} from '../../contracts/evidence/index.js'
import { objectMigrationsForTests } from './media.fixture.js'
import { openDatabase } from '../store/database.js'
import { openFolderStore } from '../store/objects.js'
import { recordStore } from '../store/records.js'
import { objectRoutes, openCloudKeys, openCommandSender, openMedia } from './index.js'
import { partsOf } from './derivative.js'

const device = 'kwdev-0001'
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const never = new AbortController().signal

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const endMono = systemClock.monoMs() + 60_000
  while (!(await condition())) {
    if (systemClock.monoMs() > endMono) throw new Error(`not in time: ${what}`)
    await systemClock.sleep(20, never)
  }
}

async function setUp(t: { testdir: () => string; teardown: (handler: () => Promise<void>) => void }) {
  const dir = t.testdir()
  const database = openDatabase({ file: ':memory:', migrations: objectMigrationsForTests })
  const records = recordStore(database)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  records.register(device, { keyid: keyIdOf(spki), spki: spki.toString('base64') }, '2026-11-22T04:00:00.000Z')
  const keys = openCloudKeys(join(dir, 'keys'))
  const objects = await openFolderStore({ folder: join(dir, 'objects'), ids: systemIds, minFreeBytes: 1 })
  const sent: CommandPayload[] = []
  const payloads: Buffer[] = []
  const commands = openCommandSender({
    database,
    signer: keys.command,
    service: 'test',
    clock: systemClock,
    ids: systemIds,
    log: quiet,
    publish: (_topic, payload) => {
      const envelope = decodeEnvelope(Buffer.from(payload))
      if (!verifySignature(envelope, 0, publicKeyOf(keys.command.spki))) throw new Error('signature')
      payloads.push(envelope.payload)
      sent.push(commandPayload.parse(parseCanonical(envelope.payload)))
      return Promise.resolve()
    },
  })
  const media = openMedia({
    database,
    objects,
    commands,
    ffmpeg: 'ffmpeg',
    workFolder: join(dir, 'work'),
    clock: systemClock,
    log: quiet,
  })
  const app = Fastify()
  await app.register(objectRoutes, {
    objects,
    records,
    onObject: media.onObject,
    clock: systemClock,
    log: quiet,
    quotaBytesPerHour: 50e6,
  })
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    await app.close()
    await media.close()
    await commands.close()
    database.close()
  })
  const permit = (of: string, bytes: number, change: Record<string, Json> = {}): string => {
    const payload = Buffer.from(
      jcs({ at: toRfc3339(systemClock.wallMs()), bytes, device, sha256: of, v: 1, ...change }),
    )
    const sig = sign('sha256', preAuthEncoding(payloadTypes.upload, payload), privateKey).toString('base64')
    return `DSSE ${Buffer.from(jcs({ payload: payload.toString('base64'), payloadType: payloadTypes.upload, signatures: [{ keyid: keyIdOf(spki), sig }] })).toString('base64')}`
  }
  const put = async (
    bytes: Buffer,
    of = sha256(bytes),
    change: { authorization?: string; headers?: Record<string, string> } = {},
  ): Promise<number> =>
    (
      await fetch(new URL(objectPath(of), base), {
        method: 'PUT',
        body: new Uint8Array(bytes),
        headers: {
          authorization: change.authorization ?? permit(of, bytes.length),
          'content-type': 'application/octet-stream',
          ...change.headers,
        },
      })
    ).status
  const head = async (of: string): Promise<number> =>
    (await fetch(new URL(objectPath(of), base), { method: 'HEAD', headers: { authorization: permit(of, 0) } })).status
  const answer = (cseq: number, result: Record<string, Json>, status: 'ok' | 'refused' = 'ok'): void => {
    const payload = payloads.find((one) => commandPayload.parse(JSON.parse(one.toString('utf8'))).data.cseq === cseq)
    database.transaction(() => {
      media.applyRecord({
        device,
        chain: systemIds.uuidv7(systemClock.wallMs()),
        seq: 1,
        h: 'a'.repeat(64),
        time: '2026-11-22T04:00:00.000Z',
        receivedAt: toRfc3339(systemClock.wallMs()),
        clock: {
          boot: systemIds.uuidv7(systemClock.wallMs()),
          mono_us: 0,
          sync: 'unsynced',
          src: 'none',
          off_us: null,
          err_us: null,
          step: 0,
        },
        content: {
          kind: 'command.result',
          body: {
            cseq,
            name: 'clip.upload',
            sha256: sha256(payload ?? Buffer.alloc(0)),
            status,
            result: result as Record<string, never>,
          },
        },
      })
    })
  }
  return { dir, database, media, objects, commands, sent, put, head, permit, answer, records }
}

t.test('objects: content-addressed, permitted, bounded, all or nothing', async (t) => {
  const { put, head, permit, objects, dir, records } = await setUp(t)
  const bytes = Buffer.from('synthetic segment c01 1\n'.repeat(8))
  const digest = sha256(bytes)
  t.equal(await head(digest), 404)
  t.equal(await put(bytes), 201)
  t.equal(await put(bytes), 200, 'again is harmless')
  t.equal(await head(digest), 200)
  t.equal(readFileSync(objects.file(digest)).compare(bytes), 0)
  const other = Buffer.from('other')
  t.equal(await put(other, digest.replace(/^./, 'e')), 422, 'bytes that are not those of the address')
  t.same(
    records.alarms(5).map(({ kind }) => kind),
    ['object_digest'],
  )
  t.equal(
    await put(other, sha256(other), {
      headers: { 'content-digest': `sha-256=:${Buffer.from(digest, 'hex').toString('base64')}:` },
    }),
    422,
  )
  t.equal(await put(other, sha256(other), { authorization: 'Bearer x' }), 401)
  t.equal(await put(other, sha256(other), { authorization: 'DSSE x' }), 403)
  t.equal(
    await put(other, sha256(other), { authorization: permit(digest, other.length) }),
    403,
    'a permit for another object',
  )
  t.equal(
    await put(other, sha256(other), { authorization: permit(sha256(other), other.length, { device: 'kwdev-0002' }) }),
    403,
    'an unknown device',
  )
  t.equal(await put(other, sha256(other), { authorization: permit(sha256(other), 3) }), 400, 'another length')
  t.equal(await put(Buffer.alloc(30e6)), 201)
  t.equal(await put(Buffer.alloc(30e6, 1)), 429, 'over the quota of the hour')
  t.same(readdirSync(join(dir, 'objects', 'partial')), [], 'nothing half written stays')
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1, maxLength: 60 }), async (text) => {
      const status = await put(other, sha256(other), { authorization: `DSSE ${Buffer.from(text).toString('base64')}` })
      if (status !== 403) throw new Error(String(status))
    }),
    { numRuns: 20 },
  )
})

t.test('commands: one at a time, the same bytes until answered, numbered anew above what the box knows', async (t) => {
  const { commands, sent, database, answer } = await setUp(t)
  const incident = systemIds.uuidv7(systemClock.wallMs())
  database.transaction(() => {
    commands.request(device, 'ring.hold', { incident })
  })
  database.transaction(() => {
    commands.request(device, 'clip.upload', { incident })
    commands.request(device, 'clip.upload', { incident })
  })
  t.throws(() =>
    database.transaction(() => {
      commands.request(device, 'restart', {})
      throw new Error('back')
    }),
  )
  await until('the first', () => sent.length === 1)
  t.equal(sent[0]?.data.cseq, 1)
  answer(1, {})
  await until('the second', () => sent.length === 2)
  t.same(sent[1]?.data.args, { incident })
  answer(2, { why: 'cseq', last: 41 }, 'refused')
  await until('numbered anew', () => sent.length === 3)
  t.equal(sent[2]?.data.cseq, 42)
  answer(42, { n: 0 })
  t.same(
    sent.map(({ data }) => data.name),
    ['ring.hold', 'clip.upload', 'clip.upload'],
    'the same wish once; what was rolled back never',
  )
})

const hasFfmpeg = ((): boolean => {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

for (const codec of ['h264', 'h265'] as const)
  t.test(
    `a clip of ${codec}: asked for, brought, joined, playing to its end, with the break shown`,
    { skip: hasFfmpeg ? false : 'no ffmpeg' },
    async (t) => {
      const { dir, media, sent, put, answer, objects, database, commands } = await setUp(t)
      const encoder =
        codec === 'h264'
          ? ['-c:v', 'libx264']
          : ['-c:v', 'libx265', '-x265-params', 'log-level=error', '-tag:v', 'hvc1']
      execFileSync('ffmpeg', [
        '-v',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc2=s=320x180:r=10:d=8',
        ...encoder,
        '-preset',
        'ultrafast',
        '-g',
        '20',
        '-keyint_min',
        '20',
        '-f',
        'segment',
        '-segment_time',
        '2',
        '-segment_format',
        'mp4',
        '-segment_format_options',
        'movflags=+frag_keyframe+empty_moov+default_base_moof',
        '-reset_timestamps',
        '1',
        join(dir, '%09d.mp4'),
      ])
      const startMs = Date.UTC(2026, 10, 22, 4) as EpochMs
      const at = (seconds: number): string => toRfc3339((startMs + seconds * 1_000) as EpochMs)
      const files = [0, 1, 3].map((idx) => ({
        idx,
        bytes: readFileSync(join(dir, `${String(idx).padStart(9, '0')}.mp4`)),
      })) // 2 is missing: a break
      const incident = systemIds.uuidv7(startMs)
      const list = Buffer.from(
        jcs({
          incident,
          segments: files.map(({ idx, bytes }) => ({
            bytes: bytes.length,
            cam: 'c01',
            codec,
            end: at(idx * 2 + 2),
            idx,
            sha256: sha256(bytes),
            start: at(idx * 2),
          })),
          v: 1,
          windows: [{ cam: 'c01', from: at(0), to: at(8) }],
        }),
      )
      t.equal(media.clipOf(incident).state, 'none')
      database.transaction(() => {
        media.requestClip({ incident, device, cam: 'c01' })
      })
      t.equal(media.clipOf(incident).state, 'requested')
      await until('the command', () => sent.length === 1)
      answer(1, { list: sha256(list), n: 3, missing_s: 2, pending_s: 0, objects: [] })
      t.equal(media.clipOf(incident).state, 'uploading')
      t.equal(await put(list), 201)
      for (const { bytes } of files.slice(1)) t.equal(await put(bytes), 201)
      await until('two thirds', () => media.clipOf(incident).percent === 66)
      t.equal(await put(files[0]?.bytes ?? Buffer.alloc(0)), 201)
      await until('the clip', () => media.clipOf(incident).state === 'present')
      const { sha256: clip, missingS } = media.clipOf(incident)
      t.equal(missingS, 2)
      if (clip === null) throw new Error('clip expected')
      t.equal(sha256(readFileSync(objects.file(clip))), clip)
      const frames = media.frames(clip)
      t.equal(frames?.frames_ms.length, 60, 'every frame of three segments')
      t.same(
        frames?.parts.map(({ at_ms, first, last }) => [at_ms, first, last]),
        [
          [0, 0, 1],
          [4_000, 3, 3],
        ],
      )
      t.same(frames?.breaks, [{ at_ms: 4_000, from: at(4), to: at(6) }])
      t.equal(media.incidentOfClip(clip), incident)
      const decoded = execFileSync(
        'ffmpeg',
        ['-v', 'error', '-xerror', '-i', objects.file(clip), '-vsync', '0', '-f', 'framemd5', '-'],
        { encoding: 'utf8' },
      )
      t.equal(decoded.split('\n').filter((line) => /^0,/.test(line)).length, 60, 'decodes to its end without an error')
      const head = readFileSync(objects.file(clip))
      t.ok(head.indexOf('moov') < head.indexOf('mdat'), 'its index is in front')

      // A person wants what lies in the break: a command of its own, whose segments join the clip.
      const fetch = (fromS: number, toS: number): void =>
        database.transaction(() => {
          const [fromMs, toMs] = [startMs + fromS * 1_000, startMs + toS * 1_000] as EpochMs[]
          media.requestSpan({
            incident,
            device,
            cam: 'c01',
            fromMs: fromMs ?? startMs,
            toMs: toMs ?? startMs,
            by: 'operator1',
          })
        })
      fetch(4, 6)
      fetch(4, 6)
      await until('the second command', () => sent.length === 2)
      t.same(sent[1]?.data.args, { cam: 'c01', from: at(4), to: at(6) })
      t.match(sent[1] && readCommand(sent[1].data), { name: 'clip.upload' }, 'a box understands it')
      const middle = readFileSync(join(dir, '000000002.mp4'))
      const leaf = { bytes: middle.length, cam: 'c01', codec, end: at(6), idx: 2, sha256: sha256(middle), start: at(4) }
      const spanList = Buffer.from(
        jcs({ incident: null, segments: [leaf], v: 1, windows: [{ cam: 'c01', from: at(4), to: at(6) }] }),
      )
      answer(2, { list: sha256(spanList), n: 1, missing_s: 0, pending_s: 0, objects: [] })
      t.match(media.spansOf(incident), [{ state: 'listed', asked_by: 'operator1' }])
      t.equal(media.clipOf(incident).state, 'present', 'the clip stays playable meanwhile')
      t.equal(await put(spanList), 201)
      t.equal(await put(middle), 201)
      await until('the longer clip', () => media.clipOf(incident).sha256 !== clip)
      const whole = media.frames(media.clipOf(incident).sha256 ?? '')
      t.equal(whole?.frames_ms.length, 80)
      t.same(whole?.breaks, [], 'no break any more')
      t.match(media.spansOf(incident), [{ state: 'taken' }])

      // The box has nothing of that time: said, and not asked again.
      fetch(8, 9)
      await until('the third command', () => sent.length === 3)
      answer(3, { list: sha256(spanList), n: 0, missing_s: 1, pending_s: 0, objects: [] })
      t.same(
        media.spansOf(incident).map(({ state }) => state),
        ['taken', 'gone'],
      )
      fetch(8, 9)

      // Footage of now belongs to the incident: its clip is asked for once more, and what was fetched stays in it.
      database.transaction(() => commands.request(device, 'recapture', { incident, cam: 'c01' }, { by: 'operator1' }))
      await until('the recapture', () => sent.length === 4)
      t.equal(sent[3]?.data.name, 'recapture', 'and the empty stretch was not asked for again')
      answer(4, { from: at(7), to: at(8) })
      await until('the clip is asked for again', () => sent.length === 5)
      answer(5, { list: sha256(list), n: 3, missing_s: 0, pending_s: 0, objects: [] })
      await until('it was looked at', () => media.clipOf(incident).missingS === 0)
      t.equal(media.frames(media.clipOf(incident).sha256 ?? '')?.frames_ms.length, 80)
    },
  )

t.test('what is not consecutive is a break', async (t) => {
  const row = (idx: number, cam = 'c01') => ({ cam, idx, sha256: '', from_at: '', to_at: '', codec: 'h264' })
  t.same(
    partsOf([row(1), row(2), row(4), row(5, 'c02')]).map((part) => part.map(({ idx }) => idx)),
    [[1, 2], [4], [5]],
  )
})
