// Goal: the console's bundle stays small, its colours readable, and its clip arithmetic right.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import {
  frameIndexAt,
  instantMsOf,
  mediaMsOf,
  seekSecondsOf,
  unseenSeconds,
  windowIndexAt,
} from './app/player/clip-time.js'
import { bundleConsole } from './assets.js'

const gzipBytesMax = 250_000

t.test('script and styles together are at most 250 KB gzip', async (t) => {
  const { script, style } = await bundleConsole()
  const bytes = gzipSync(script).length + gzipSync(style).length
  t.ok(bytes <= gzipBytesMax, `${bytes} bytes`)
  t.notMatch(script.toString('utf8'), /https?:\/\/(?!www\.w3\.org|reactjs\.org|127\.0\.0\.1)/, 'names no other server')
})

t.test('text has 4.5 : 1 and borders of controls 3 : 1 in both themes (U12)', (t) => {
  const css = readFileSync(new URL('./app/css/tokens.css', import.meta.url), 'utf8')
  const blocks = css.split(':root').slice(1)
  t.equal(blocks.length, 2)
  for (const [index, block] of blocks.entries()) {
    const color = (name: string): string => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(block)?.[1] ?? ''
    const pairs: (readonly [string, string, number])[] = [
      ...['surface', 'layout', 'sunken'].flatMap((ground) => [
        ...['text', 'text2', 'text3', 'primary', 'good', 'warn', 'bad'].map((text) => [text, ground, 4.5] as const),
        ['border', ground, 3] as const,
      ]),
      ...['good', 'warn', 'bad'].flatMap((name) => [
        [name, `${name}-pale`, 4.5] as const,
        ['text', `${name}-pale`, 4.5] as const,
        ['text2', `${name}-pale`, 4.5] as const,
      ]),
      ['on-primary', 'primary', 4.5],
      ...['vending', 'grilling', 'spillage'].map((cause) => ['on-mark', cause, 4.5] as const),
      ['on-dust', 'dust', 4.5],
    ]
    for (const [text, ground, least] of pairs) {
      const ratio = contrast(color(text), color(ground))
      t.ok(ratio >= least, `theme ${index}: ${text} on ${ground} ${ratio.toFixed(1)}`)
    }
  }
  t.end()
})

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, blue = 0] = [1, 3, 5]
      .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue
  }
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

const frames = {
  frames_ms: [0, 200, 400, 600, 800, 1_000, 1_200],
  windows: [
    { from_ms: 0, to_ms: 600, from_at: '2026-03-02T06:00:00.000Z', to_at: '2026-03-02T06:00:00.600Z' },
    { from_ms: 600, to_ms: 1_400, from_at: '2026-03-02T06:10:00.000Z', to_at: '2026-03-02T06:10:00.800Z' },
  ],
  breaks: [],
}

t.test('media time and instants', (t) => {
  t.equal(mediaMsOf(frames, '2026-03-02T06:10:00.300Z'), 900)
  t.equal(mediaMsOf(frames, '2026-03-02T06:05:00.000Z'), null, 'the break is in no window')
  t.equal(instantMsOf(frames, 900), Date.parse('2026-03-02T06:10:00.300Z'))
  t.same(
    [0, 599, 600, 9_999].map((ms) => windowIndexAt(frames, ms)),
    [0, 0, 1, 1],
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), (index) => {
      t.equal(
        frameIndexAt(frames, seekSecondsOf(frames, index) * 1_000),
        index,
        `frame ${index} is found where it was sought`,
      )
    }),
    { seed: 7, numRuns: 20 },
  )
  t.end()
})

t.test('what was not played counts, whatever the order of looking', (t) => {
  t.equal(unseenSeconds([], 3), 3)
  t.equal(unseenSeconds([[0, 3]], 3), 0)
  t.equal(
    unseenSeconds(
      [
        [2, 3],
        [0, 1],
      ],
      3,
    ),
    1,
  )
  t.equal(unseenSeconds([[0, 2.9]], 3), 0, 'the last frame’s rounding is forgiven')
  t.equal(unseenSeconds([[2.5, 3]], 3), 2.5, 'jumping to the end is no looking')
  t.end()
})
