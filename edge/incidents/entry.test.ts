import t from 'tap'
import type { Box } from '../../contracts/base/index.js'
import type { Cause } from '../../contracts/terms.js'
import { at } from '../violations/hand-made.fixture.js'
import { isPieceOf } from './entry.js'

t.test('pieces of one act, and what is another', async (t) => {
  const stall: Box = [0.57, 0.32, 0.12, 0.14]
  const rows: [name: string, cause: Cause, a: Box, b: Box, one: boolean, laterS?: number][] = [
    ['a crate before a stall', 'vending', stall, [0.65, 0.5, 0.03, 0.03], true],
    ['seen the other way round', 'vending', [0.65, 0.5, 0.03, 0.03], stall, true],
    ['its table and its umbrella', 'vending', [0.597, 0.433, 0.052, 0.089], [0.569, 0.55, 0.084, 0.056], true],
    ['a second stall beside it, a minute later', 'vending', stall, [0.7, 0.33, 0.1, 0.13], false, 60],
    ['a crate at the other side of the road', 'vending', stall, [0.65, 0.7, 0.03, 0.03], false],
    ['two parts of one veil', 'dust', [0.42, 0.28, 0.1, 0.15], [0.29, 0.33, 0.15, 0.16], true],
    ['a veil elsewhere', 'dust', [0.42, 0.28, 0.1, 0.15], [0.1, 0.33, 0.1, 0.16], false],
    ['two grills side by side', 'grilling', [0.42, 0.28, 0.1, 0.1], [0.53, 0.28, 0.02, 0.02], false],
  ]
  for (const [name, cause, a, b, one, laterS] of rows)
    t.equal(isPieceOf({ cause, firstMs: at(0), box: a }, { cause, sinceMs: at(laterS ?? 5), box: b }, null), one, name)
})
