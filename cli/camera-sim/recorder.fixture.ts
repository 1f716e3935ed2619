import type { CameraId } from '../../contracts/base/index.js'
import { systemClock } from '../../contracts/base/system-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import { lookBackGate, openCamera, openRing, probeFfmpeg } from '../../edge/capture/index.js'

// Records one camera and prints a line a segment, until it is killed: `recorder.fixture.ts URL RING_FOLDER`.
const [url = '', dir = ''] = process.argv.slice(2)
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const ring = await openRing({ dir, ringMb: 100, ringDays: 1, minFreePercent: 0 }, { clock: systemClock, log })
const camera = openCamera(
  {
    camera: 'c01' as CameraId,
    url,
    password: null,
    transport: 'tcp',
    watchPx: [160, 90],
    priority: 1,
    known: [],
    lastIndex: -1,
    limits: { spreadMs: 0, analyzeFirstMs: 2_500 },
  },
  {
    clock: systemClock,
    ids: systemIds,
    log,
    ffmpeg: await probeFfmpeg(null),
    ring,
    gate: lookBackGate({ concurrent: 1, queued: 1 }),
  },
)
for await (const segment of camera.segments()) process.stdout.write(`${JSON.stringify(segment)}\n`)
