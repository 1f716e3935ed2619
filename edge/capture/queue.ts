import { CaptureError } from './errors.js'

/**
 * Hand-over that never drops: what is put comes out once, in order, to one taker; `end()` lets the rest be taken first.
 * It is bounded by its maker: segments and gaps are small descriptions of what already lies on disk, at most one every 0.5 s
 * a camera, and their taker (the evidence station) works through them in milliseconds.
 */
export class Queue<Item> {
  readonly #items: Item[] = []
  #wake: (() => void) | undefined
  #ended = false
  #taken = false
  get size(): number {
    return this.#items.length
  }
  put(item: Item): void {
    if (this.#ended) return
    this.#items.push(item)
    this.#wake?.()
  }
  end(): void {
    this.#ended = true
    this.#wake?.()
  }
  /** @throws CaptureError `ITERATOR_TAKEN` on the second call. */
  take(): AsyncGenerator<Item, void, void> {
    if (this.#taken) throw new CaptureError('ITERATOR_TAKEN', 'this iterator has a taker already')
    this.#taken = true
    return this.#drain()
  }
  async *#drain(): AsyncGenerator<Item, void, void> {
    for (;;) {
      const item = this.#items.shift()
      if (item !== undefined) yield item
      else if (this.#ended) return
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
    }
  }
}
