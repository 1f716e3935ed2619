// Prints failures in full, one line per test file, and at the very end `N passed, N failed, N skipped`.
import { Transform } from 'node:stream'
import { writeSync } from 'node:fs'

const resultLine = /^((?: {4})*)(not )?ok\b\s*(?:\d+)?\s*-?\s*(.*)$/

/** A TAP stream goes in; counts are of leaf assertions, so a subtest's closing line is not counted again. */
export class LeafCountingReporter extends Transform {
  passed = 0
  failed = 0
  skipped = 0
  #rest = ''
  #previousDepth = 0
  #inYaml = false
  #startedMs = performance.now()

  constructor() {
    super()
    process.once('exit', () =>
      writeSync(1, `\n${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped\n`),
    )
  }

  _transform(chunk, _encoding, done) {
    const lines = (this.#rest + chunk.toString()).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
    done()
  }

  _flush(done) {
    if (this.#rest) this.#line(this.#rest)
    done()
  }

  #line(line) {
    if (/^ *Bail out!/.test(line)) {
      this.failed += 1
      this.push(`${line}\n`)
      return
    }
    if (/^\s*---\s*$/.test(line)) this.#inYaml = true
    const match = this.#inYaml ? null : resultLine.exec(line)
    if (this.#showYaml) this.push(`${line}\n`)
    if (/^\s*\.\.\.\s*$/.test(line)) {
      this.#inYaml = false
      this.#showYaml = false
    }
    if (!match) return
    const depth = match[1].length / 4
    const closesSubtest = depth < this.#previousDepth
    this.#previousDepth = depth
    if (/# (SKIP|TODO)/i.test(line)) {
      this.skipped += 1
      this.push(`${line}\n`)
      return
    }
    this.#showYaml = match[2] !== undefined
    if (match[2]) this.push(`${line}\n`)
    if (closesSubtest) {
      if (depth === 0 && !match[2])
        this.push(`${((performance.now() - this.#startedMs) / 1000).toFixed(0).padStart(4)} s  ${match[3]}\n`)
      return
    }
    if (match[2]) this.failed += 1
    else this.passed += 1
  }
  #showYaml = false
}

// tap loads the reporter as a default export.
export default LeafCountingReporter
