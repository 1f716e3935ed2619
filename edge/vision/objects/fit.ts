import type { Box } from '../../../contracts/base/index.js'
import type { ObjectInput } from './manifest.js'

/** How a part of a picture lies on the network's input. Source in picture pixels (whole), target in input pixels (whole). */
export interface Fitted {
  readonly pictureWidthPx: number
  readonly pictureHeightPx: number
  readonly sourceX: number
  readonly sourceY: number
  readonly sourceWidth: number
  readonly sourceHeight: number
  readonly targetX: number
  readonly targetY: number
  readonly targetWidth: number
  readonly targetHeight: number
}

type Corners = readonly [x1: number, y1: number, x2: number, y2: number]

function wholePixels(from: number, size: number, limitPx: number): [start: number, length: number] {
  const start = Math.min(Math.max(0, Math.floor(from * limitPx)), Math.max(0, limitPx - 2))
  const end = Math.max(Math.min(limitPx, Math.ceil((from + size) * limitPx)), Math.min(limitPx, start + 2))
  return [start, end - start]
}

/** Lays `region` (0..1 of the picture; all of it when null), grown to whole pixels, onto the input. Both sides keep >= 1 px. */
export function fitRegion(
  picture: { readonly widthPx: number; readonly heightPx: number },
  region: Box | null,
  input: Pick<ObjectInput, 'widthPx' | 'heightPx' | 'fit' | 'place'>,
): Fitted {
  const [x, y, w, h] = region ?? [0, 0, 1, 1]
  const [sourceX, sourceWidth] = wholePixels(x, w, picture.widthPx)
  const [sourceY, sourceHeight] = wholePixels(y, h, picture.heightPx)
  let targetWidth = input.widthPx
  let targetHeight = input.heightPx
  if (input.fit === 'letterbox') {
    const ratio = Math.min(input.widthPx / sourceWidth, input.heightPx / sourceHeight)
    targetWidth = Math.max(1, Math.min(input.widthPx, Math.round(sourceWidth * ratio)))
    targetHeight = Math.max(1, Math.min(input.heightPx, Math.round(sourceHeight * ratio)))
  }
  const centred = input.place === 'centre'
  return {
    pictureWidthPx: picture.widthPx,
    pictureHeightPx: picture.heightPx,
    sourceX,
    sourceY,
    sourceWidth,
    sourceHeight,
    targetX: centred ? Math.floor((input.widthPx - targetWidth) / 2) : 0,
    targetY: centred ? Math.floor((input.heightPx - targetHeight) / 2) : 0,
    targetWidth,
    targetHeight,
  }
}

/** Input pixels -> 0..1 of the whole picture. The exact inverse of `toInput`; not cut to the picture. */
export function toPicture(fitted: Fitted, [x1, y1, x2, y2]: Corners): Box {
  const scaleX = fitted.sourceWidth / fitted.targetWidth
  const scaleY = fitted.sourceHeight / fitted.targetHeight
  const x = (x1 - fitted.targetX) * scaleX + fitted.sourceX
  const y = (y1 - fitted.targetY) * scaleY + fitted.sourceY
  return [
    x / fitted.pictureWidthPx,
    y / fitted.pictureHeightPx,
    ((x2 - x1) * scaleX) / fitted.pictureWidthPx,
    ((y2 - y1) * scaleY) / fitted.pictureHeightPx,
  ]
}

/** 0..1 of the whole picture -> corners in input pixels. */
export function toInput(fitted: Fitted, [x, y, w, h]: Box): Corners {
  const scaleX = fitted.targetWidth / fitted.sourceWidth
  const scaleY = fitted.targetHeight / fitted.sourceHeight
  const x1 = (x * fitted.pictureWidthPx - fitted.sourceX) * scaleX + fitted.targetX
  const y1 = (y * fitted.pictureHeightPx - fitted.sourceY) * scaleY + fitted.targetY
  return [x1, y1, x1 + w * fitted.pictureWidthPx * scaleX, y1 + h * fitted.pictureHeightPx * scaleY]
}

/** The part of a box inside the picture, or null when nothing is left of it. */
export function cutToPicture([x, y, w, h]: Box): Box | null {
  const x1 = Math.max(0, x)
  const y1 = Math.max(0, y)
  const x2 = Math.min(1, x + w)
  const y2 = Math.min(1, y + h)
  return x2 > x1 && y2 > y1 ? [x1, y1, x2 - x1, y2 - y1] : null
}
