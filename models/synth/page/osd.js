/** The burned-in text of a camera: running time (camera's zone, UTC+8) top left, name bottom right. */
const pad = (n) => String(n).padStart(2, '0')
const DAYS = ['日', '一', '二', '三', '四', '五', '六']

/** Draws when the second has changed. `at` = camera wall time as if it were UTC, in ms. */
export function drawOsd(view, { at, name }) {
  if (view.osdShown === `${at}${name}`) return
  view.osdShown = `${at}${name}`
  view.osdTexture.needsUpdate = true
  const canvas = view.osd
  const ctx = canvas.getContext('2d')
  const { width: w, height: h } = canvas
  ctx.clearRect(0, 0, w, h)
  const d = new Date(at)
  const size = Math.round(h / 21)
  ctx.font = `${size}px "DejaVu Sans Mono", "Noto Sans CJK SC"`
  ctx.lineWidth = Math.max(2, size / 9)
  ctx.strokeStyle = 'rgba(10,10,10,0.9)'
  ctx.fillStyle = '#f4f4f4'
  const put = (text, x, y, align) => {
    ctx.textAlign = align
    ctx.strokeText(text, x, y)
    ctx.fillText(text, x, y)
  }
  put(
    `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())} 星期${DAYS[d.getUTCDay()]} ${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`,
    size * 0.7,
    size * 1.4,
    'left',
  )
  put(name, w - size * 0.7, h - size * 0.6, 'right')
}
