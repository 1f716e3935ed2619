/** Points are `[x, y]` in 0..1 of the picture; nothing here touches the page. */

const clamp = (value) => Math.min(1, Math.max(0, value))
/** Four places are a tenth of a pixel of 1080p. */
export const tidy = (value) => Math.round(clamp(value) * 10000) / 10000

export function moved(points, index, dxPx, dyPx, widthPx, heightPx) {
  return points.map(([x, y], at) => (at === index ? [tidy(x + dxPx / widthPx), tidy(y + dyPx / heightPx)] : [x, y]))
}

/** After `index`: half way to the next one; beside the last one while there are fewer than 3; the middle for the first. */
export function withPointAfter(points, index) {
  const here = points[index]
  if (here === undefined) return { points: [...points, [0.5, 0.5]], index: points.length }
  const next =
    points.length < 3 ? [here[0] + (here[0] > 0.8 ? -0.1 : 0.1), here[1]] : points[(index + 1) % points.length]
  const between =
    points.length < 3 ? [tidy(next[0]), here[1]] : [tidy((here[0] + next[0]) / 2), tidy((here[1] + next[1]) / 2)]
  return { points: [...points.slice(0, index + 1), between, ...points.slice(index + 1)], index: index + 1 }
}

/** `tooFew`, `crosses` or null: the names of their texts. */
export function faultOf(points) {
  if (points.length < 3) return 'tooFew'
  const count = points.length
  for (let i = 0; i < count; i += 1)
    for (let j = i + 2; j < count; j += 1) {
      if (i === 0 && j === count - 1) continue
      if (cross(points[i], points[i + 1], points[j], points[(j + 1) % count])) return 'crosses'
    }
  return null
}

const side = ([ax, ay], [bx, by], [cx, cy]) => Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))

function cross(a, b, c, d) {
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)
}

/** Where a zone's name stands: inside its upper left, never outside the picture. */
export function labelAt(points) {
  const [x, y] = [...points].sort((a, b) => a[0] + a[1] - b[0] - b[1])[0] ?? [0, 0]
  return [Math.min(0.85, x + 0.008), Math.min(0.97, y + 0.045)]
}
