import t from 'tap'
import type { Box } from '../../../contracts/base/index.js'
import { ActorPaths } from './actors.js'
import type { PlaceLook } from './scene.js'

const place: Box = [0.5, 0.5, 0.04, 0.04]

/** Something large that comes from the left over the place within 1.5 s; the place looks as `look` says while it is covered. */
function passing(look: PlaceLook): number | undefined {
  const paths = new ActorPaths()
  const history: { atMs: number; look: PlaceLook }[] = []
  for (let step = 0; step < 20; step++) {
    const atMs = 1_000 + step * 80
    const box: Box = [0.1 + step * 0.03, 0.35, 0.2, 0.2]
    const covered = box[0] + box[2] >= place[0] + place[2] && box[0] <= place[0]
    history.push({ atMs, look: covered ? look : 'before' })
    paths.add(atMs, [box], null)
  }
  const { actors } = paths.rank({ place, arrivedMs: 2_600, known: true, history })
  return actors[0]?.hid
}

t.test('what passes hides the place; a change of light hides nothing', async (t) => {
  t.equal(passing('hidden'), 1)
  t.equal(passing('before'), 0)
  t.equal(passing('after'), 0)
})

t.test('what never stood before the place has hidden nothing', async (t) => {
  const paths = new ActorPaths()
  for (let step = 0; step < 5; step++) paths.add(1_000 + step * 80, [[0.1 + step * 0.02, 0.36, 0.415, 0.15]], null)
  const history = [{ atMs: 1_000, look: 'before' as const }]
  t.match(paths.rank({ place, arrivedMs: 1_400, known: true, history }).actors[0], { hid: 0 })
})
