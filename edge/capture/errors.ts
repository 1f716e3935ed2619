import { KerbError } from '../../contracts/base/index.js'

/**
 * - `FFMPEG_MISSING` no usable binary; `FFMPEG_FAILED` a decoder ended with an error;
 * - `WINDOW_GONE` nothing of a look-back window is left; `LOOK_BACK_BUSY` too many wait already;
 * - `JOIN_MISMATCH` segments of different pictures; `SEGMENT_BROKEN` a file without a readable part;
 * - `SOURCE_INVALID` a URL or path that cannot be a source; `ITERATOR_TAKEN` a second taker.
 */
export type CaptureErrorCode =
  | 'FFMPEG_MISSING'
  | 'FFMPEG_FAILED'
  | 'WINDOW_GONE'
  | 'LOOK_BACK_BUSY'
  | 'JOIN_MISMATCH'
  | 'SEGMENT_BROKEN'
  | 'SOURCE_INVALID'
  | 'ITERATOR_TAKEN'

/** Expected failures of this station. */
export class CaptureError extends KerbError<CaptureErrorCode> {}
