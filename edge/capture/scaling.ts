import type { Box } from '../../contracts/base/index.js'
import type { LookBackRequest, WatchFrame } from './types.js'

/**
 * All pictures of a camera are made small alike, so that a look back lies on the background of the watch pictures pixel by pixel.
 * `fast_bilinear` puts everything half a pixel beside its place, `bilinear` costs a third more (docs/measurements.md).
 */
export function scaleFilter(widthPx: number, heightPx: number): string {
  return `scale=${widthPx}:${heightPx}:flags=area`
}

/** Cuts whole chroma samples: what ffmpeg would round by itself, rounded in a way that `shownBy` can follow. */
export function cropFilter([x, y, w, h]: Box): string {
  const even = (side: string, share: number): string => `2*floor(${side}*${share.toFixed(6)}/2)`
  return `crop=w=${even('iw', w)}:h=${even('ih', h)}:x=${even('iw', x)}:y=${even('ih', y)}`
}

/** The part of a picture of so many pixels that `cropFilter` shows, 0..1. */
export function shownBy([x, y, w, h]: Box, pictureWidthPx: number, pictureHeightPx: number): Box {
  const even = (side: number, share: number): number => (2 * Math.floor((side * Number(share.toFixed(6))) / 2)) / side
  return [even(pictureWidthPx, x), even(pictureHeightPx, y), even(pictureWidthPx, w), even(pictureHeightPx, h)]
}

/** Size of a look back's picture and what it shows of the camera's own. */
export function pictureOf(
  { crop, widthPx, heightPx }: LookBackRequest,
  { pictureWidthPx, pictureHeightPx }: Pick<WatchFrame, 'pictureWidthPx' | 'pictureHeightPx'>,
): Pick<WatchFrame, 'widthPx' | 'heightPx' | 'shown'> {
  return { widthPx, heightPx, ...(crop === null ? {} : { shown: shownBy(crop, pictureWidthPx, pictureHeightPx) }) }
}
