import t from 'tap'
import { generators, staleFiles } from './generate.js'

t.test('generated schemas and documents are up to date', async (t) => {
  t.same(await staleFiles(), [], 'run: npm run generate')
})

t.test('a stale file is found', async (t) => {
  const [first] = generators
  if (first === undefined) throw new Error('no generator')
  t.same(await staleFiles([{ file: first.file, make: () => Promise.resolve('other') }]), [
    `contracts/generated/${first.file}`,
  ])
  t.same(await staleFiles([{ home: 'docs/reference', file: 'process.md', make: () => Promise.resolve('other') }]), [
    'docs/reference/process.md',
  ])
})
