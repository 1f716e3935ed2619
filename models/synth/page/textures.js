/** Procedural textures, drawn once per page and shared by all streets (streets tint them). */
import * as THREE from 'three'
import { clamp, makeRng } from './rng.js'

/** Tileable value noise, `octaves` octaves, side `n` (power of two), values about 0..1. */
export function noiseTile(n, cells, octaves, seed) {
  const rng = makeRng(seed)
  const out = new Float32Array(n * n)
  let gain = 0.5
  for (let o = 0; o < octaves; o++) {
    const c = Math.min(n, cells << o)
    const g = Float32Array.from({ length: c * c }, () => rng.f())
    const step = n / c
    for (let y = 0; y < n; y++) {
      const gy = Math.floor(y / step)
      const fy = y / step - gy
      const uy = fy * fy * (3 - 2 * fy)
      for (let x = 0; x < n; x++) {
        const gx = Math.floor(x / step)
        const fx = x / step - gx
        const ux = fx * fx * (3 - 2 * fx)
        const x1 = (gx + 1) % c
        const y1 = (gy + 1) % c
        const a = g[gy * c + gx] * (1 - ux) + g[gy * c + x1] * ux
        const b = g[y1 * c + gx] * (1 - ux) + g[y1 * c + x1] * ux
        out[y * n + x] += gain * (a * (1 - uy) + b * uy)
      }
    }
    gain /= 2
  }
  return out
}

const canvasOf = (w, h) => {
  const c = document.createElement('canvas')
  c.width = w
  c.height = h
  return c
}

function toTexture(canvas, repeat = true, srgb = true) {
  const t = new THREE.CanvasTexture(canvas)
  t.colorSpace = srgb ? THREE.SRGBColorSpace : THREE.NoColorSpace
  t.wrapS = t.wrapT = repeat ? THREE.RepeatWrapping : THREE.ClampToEdgeWrapping
  t.anisotropy = 4
  t.generateMipmaps = true
  t.minFilter = THREE.LinearMipmapLinearFilter
  return t
}

/** Fills a canvas per pixel: `paint(x, y, i)` returns [r, g, b] or [r, g, b, a] in 0..255. */
function pixels(n, paint, h = n) {
  const c = canvasOf(n, h)
  const ctx = c.getContext('2d')
  const im = ctx.createImageData(n, h)
  for (let y = 0, i = 0; y < h; y++)
    for (let x = 0; x < n; x++, i++) {
      const p = paint(x, y, i)
      im.data[i * 4] = p[0]
      im.data[i * 4 + 1] = p[1]
      im.data[i * 4 + 2] = p[2]
      im.data[i * 4 + 3] = p[3] ?? 255
    }
  ctx.putImageData(im, 0, 0)
  return c
}

/** Lays speckle and low noise over a drawn canvas, as dirt and wear. */
function grime(canvas, seed, amount, cells = 4) {
  const n = 256
  const low = noiseTile(n, cells, 5, seed)
  const rng = makeRng(seed + 1)
  const ctx = canvas.getContext('2d')
  const im = ctx.getImageData(0, 0, canvas.width, canvas.height)
  const w = canvas.width
  for (let i = 0; i < im.data.length / 4; i++) {
    const x = i % w
    const y = (i / w) | 0
    const v = 1 + amount * ((low[(y % n) * n + (x % n)] - 0.5) * 2 + (rng.f() - 0.5) * 0.5)
    for (let k = 0; k < 3; k++) im.data[i * 4 + k] = clamp(im.data[i * 4 + k] * v, 0, 255)
  }
  ctx.putImageData(im, 0, 0)
  return canvas
}

function asphalt(seed) {
  const n = 512
  const rng = makeRng(seed)
  const low = noiseTile(n, 2, 4, seed + 1)
  const mid = noiseTile(n, 32, 3, seed + 2)
  const base = rng.range(82, 128)
  const warm = rng.range(-4, 6)
  const c = pixels(n, (x, y, i) => {
    const v = base + (low[i] - 0.5) * 34 + (mid[i] - 0.45) * 30 + rng.gauss() * 11
    return [v + warm, v, v - warm]
  })
  const ctx = c.getContext('2d')
  for (let k = rng.int(2, 7); k > 0; k--) {
    ctx.strokeStyle = `rgba(38,36,34,${rng.range(0.3, 0.75)})`
    ctx.lineWidth = rng.range(0.7, 2.2)
    let [x, y, a] = [rng.range(0, n), rng.range(0, n), rng.range(0, 6.3)]
    ctx.beginPath()
    ctx.moveTo(x, y)
    for (let s = rng.int(20, 70); s > 0; s--) {
      a += rng.gauss() * 0.4
      x += Math.cos(a) * 7
      y += Math.sin(a) * 7
      ctx.lineTo(x, y)
    }
    ctx.stroke()
  }
  return toTexture(c)
}

function paving(seed) {
  const n = 512
  const rng = makeRng(seed)
  const c = canvasOf(n, n)
  const ctx = c.getContext('2d')
  const [r, g, b] = rng.pick([
    [168, 160, 150],
    [150, 150, 150],
    [176, 150, 132],
    [140, 136, 128],
    [158, 108, 92],
    [186, 178, 164],
  ])
  const nx = rng.pick([4, 6, 8])
  const ny = rng.pick([8, 12, 16])
  const bond = rng.chance(0.6)
  const alt = rng.chance(0.35)
  for (let j = 0; j < ny; j++)
    for (let i = -1; i < nx; i++) {
      const k = 1 + rng.gauss() * 0.06 - (alt && (i + j) % 2 ? 0.18 : 0)
      ctx.fillStyle = `rgb(${r * k},${g * k},${b * k})`
      ctx.fillRect(((i + (bond && j % 2 ? 0.5 : 0)) * n) / nx, (j * n) / ny, n / nx, n / ny)
      ctx.strokeStyle = 'rgba(60,56,50,0.75)'
      ctx.lineWidth = 2
      ctx.strokeRect(((i + (bond && j % 2 ? 0.5 : 0)) * n) / nx, (j * n) / ny, n / nx, n / ny)
    }
  return toTexture(grime(c, seed + 5, 0.32))
}

function facade(seed) {
  const [w, h] = [512, 512]
  const rng = makeRng(seed)
  const c = canvasOf(w, h)
  const ctx = c.getContext('2d')
  const wall = rng.pick([
    '#b9ab98',
    '#a9a39b',
    '#c7bda9',
    '#9c6f5c',
    '#8d8a86',
    '#cfc6b8',
    '#a78f77',
    '#b4a7a0',
    '#7f8a90',
  ])
  ctx.fillStyle = wall
  ctx.fillRect(0, 0, w, h)
  ctx.strokeStyle = 'rgba(60,50,40,0.16)'
  const tile = rng.pick([8, 12, 16, 0])
  for (let y = 0; tile > 0 && y < h; y += tile)
    for (let x = 0; x < w; x += tile * 2) ctx.strokeRect(x + ((y / tile) % 2) * tile, y, tile * 2, tile)
  const ww = rng.range(110, 170)
  const wh = rng.range(110, 150)
  for (let j = 0; j < 2; j++)
    for (let i = 0; i < 2; i++) {
      const x = i * 256 + (256 - ww) / 2
      const y = j * 256 + 50
      const gr = ctx.createLinearGradient(x, y, x + ww * 0.4, y + wh)
      const d = rng.range(30, 90)
      gr.addColorStop(0, `rgb(${d + 60},${d + 75},${d + 88})`)
      gr.addColorStop(1, `rgb(${d * 0.5},${d * 0.55},${d * 0.6})`)
      ctx.fillStyle = '#e3e0da'
      ctx.fillRect(x - 6, y - 6, ww + 12, wh + 12)
      ctx.fillStyle = gr
      ctx.fillRect(x, y, ww, wh)
      if (rng.chance(0.6)) {
        ctx.fillStyle = rng.pick(['rgba(220,210,190,0.75)', 'rgba(170,60,50,0.5)', 'rgba(120,140,160,0.6)'])
        ctx.fillRect(x, y, ww * rng.range(0.2, 0.5), wh)
      }
      ctx.fillStyle = '#dcd9d2'
      ctx.fillRect(x + ww / 2 - 3, y, 6, wh)
      ctx.fillRect(x, y + wh * 0.3, ww, 5)
      if (rng.chance(0.45)) {
        ctx.strokeStyle = 'rgba(70,70,70,0.9)'
        ctx.lineWidth = 3
        for (let k = 1; k < 9; k++) ctx.strokeRect(x - 8, y - 4, ((ww + 16) * k) / 9, wh + 8)
      }
      if (rng.chance(0.55)) {
        ctx.fillStyle = '#d6d5d0'
        ctx.fillRect(x + ww * 0.3, y + wh + 12, 66, 44)
        ctx.fillStyle = '#4c4f52'
        ctx.beginPath()
        ctx.arc(x + ww * 0.3 + 24, y + wh + 34, 17, 0, 7)
        ctx.fill()
        ctx.fillStyle = 'rgba(60,45,30,0.25)'
        ctx.fillRect(x + ww * 0.3 + 20, y + wh + 56, 8, 60)
      }
      ctx.fillStyle = 'rgba(40,35,30,0.18)'
      ctx.fillRect(x + rng.range(0, ww), y + wh, rng.range(6, 30), 80)
    }
  return toTexture(grime(c, seed + 3, 0.22))
}

const NAMES = [
  '兰州牛肉面',
  '老王水果店',
  '便民超市',
  '沙县小吃',
  '五金建材',
  '大药房',
  '美发沙龙',
  '中国移动',
  '烟酒副食',
  '川味火锅',
  '奶茶饮品',
  '手机维修',
  '母婴生活馆',
  '彩票站',
  '房产中介',
  '图文打印',
  '洗衣店',
  '早餐包子铺',
  '电动车行',
  '眼镜店',
  '鲜花礼品',
  '东北饺子馆',
  '粮油批发',
  '服装折扣',
  '快递驿站',
  '棋牌室',
  '骨汤麻辣烫',
  '汽车美容',
]

function signBoard(seed) {
  const [w, h] = [512, 128]
  const rng = makeRng(seed)
  const c = canvasOf(w, h)
  const ctx = c.getContext('2d')
  const [bg, fg] = rng.pick([
    ['#b3201d', '#ffe36b'],
    ['#b3201d', '#ffffff'],
    ['#16508c', '#ffffff'],
    ['#0f6b3c', '#ffffff'],
    ['#e8b51d', '#a01010'],
    ['#f3f0e8', '#b81f1f'],
    ['#33302e', '#f0d9a0'],
    ['#6b2c7a', '#fff'],
    ['#e8661d', '#fff'],
    ['#f1f1ef', '#115a2c'],
    ['#3d2417', '#e8cf95'],
  ])
  ctx.fillStyle = bg
  ctx.fillRect(0, 0, w, h)
  ctx.fillStyle = 'rgba(0,0,0,0.15)'
  ctx.fillRect(0, h - 10, w, 10)
  ctx.fillStyle = fg
  const name = rng.pick(NAMES)
  ctx.font = `bold ${rng.int(62, 82)}px "Noto Sans CJK SC"`
  ctx.textAlign = 'center'
  ctx.textBaseline = 'middle'
  ctx.fillText(name, w / 2 + rng.range(-40, 30), 58, 440)
  ctx.font = '17px "Noto Sans CJK SC"'
  ctx.fillText(`电话 ${rng.int(130, 189)}****${rng.int(1000, 9999)}`, w / 2, 112)
  return toTexture(grime(c, seed + 3, 0.16), false)
}

function shopFront(seed) {
  const [w, h] = [512, 384]
  const rng = makeRng(seed)
  const c = canvasOf(w, h)
  const ctx = c.getContext('2d')
  ctx.fillStyle = rng.pick(['#8f877c', '#6c6a68', '#a89c88', '#5a4a40', '#9aa0a2'])
  ctx.fillRect(0, 0, w, h)
  if (rng.chance(0.28)) {
    ctx.fillStyle = rng.pick(['#8f9499', '#a3a29d', '#7b868f'])
    ctx.fillRect(14, 8, w - 28, h - 8)
    for (let y = 8; y < h; y += 9) {
      ctx.fillStyle = y % 18 ? 'rgba(0,0,0,0.22)' : 'rgba(255,255,255,0.16)'
      ctx.fillRect(14, y, w - 28, 3)
    }
  } else {
    const bays = rng.int(2, 4)
    for (let i = 0; i < bays; i++) {
      const bw = (w - 30) / bays
      const x = 15 + i * bw
      const g = ctx.createLinearGradient(x, 0, x + bw, h)
      const d = rng.range(18, 60)
      g.addColorStop(0, `rgb(${d + 40},${d + 46},${d + 50})`)
      g.addColorStop(0.5, `rgb(${d},${d + 2},${d + 4})`)
      g.addColorStop(1, `rgb(${d + 18},${d + 14},${d + 8})`)
      ctx.fillStyle = g
      ctx.fillRect(x + 4, 8, bw - 8, h - 14)
      for (let k = rng.int(4, 14); k > 0; k--) {
        ctx.fillStyle = `hsla(${rng.range(0, 360)},${rng.range(20, 60)}%,${rng.range(30, 65)}%,0.55)`
        ctx.fillRect(x + rng.range(8, bw - 40), rng.range(120, h - 60), rng.range(10, 40), rng.range(8, 46))
      }
      if (rng.chance(0.5)) {
        ctx.fillStyle = rng.pick(['#c02626', '#e4c33a', '#f0ede6', '#2763a5'])
        ctx.fillRect(x + 14, rng.range(40, 120), bw * 0.5, rng.range(30, 100))
        ctx.fillStyle = '#fff'
        ctx.font = '28px "Noto Sans CJK SC"'
        ctx.fillText(rng.pick(['特价', '招工', '转让', '开业', '优惠', '欢迎']), x + 20, 110)
      }
      ctx.strokeStyle = rng.pick(['#c4c4c4', '#4b4640', '#7a2f24'])
      ctx.lineWidth = 6
      ctx.strokeRect(x + 4, 8, bw - 8, h - 12)
    }
  }
  return toTexture(grime(c, seed + 9, 0.2), false)
}

function leaves(seed) {
  const n = 256
  const rng = makeRng(seed)
  const c = canvasOf(n, n)
  const ctx = c.getContext('2d')
  const hue = rng.range(70, 115)
  for (let k = 0; k < 260; k++) {
    const a = rng.range(0, 6.3)
    const r = Math.sqrt(rng.f()) * 100
    ctx.save()
    ctx.translate(128 + Math.cos(a) * r, 128 + Math.sin(a) * r)
    ctx.rotate(rng.range(0, 6.3))
    ctx.fillStyle = `hsl(${hue + rng.gauss() * 9},${rng.range(14, 34)}%,${rng.range(18, 46)}%)`
    ctx.beginPath()
    ctx.ellipse(0, 0, rng.range(7, 15), rng.range(3, 6), 0, 0, 7)
    ctx.fill()
    ctx.restore()
  }
  return toTexture(c, false)
}

/** Heaps of small round things in one or several colours: fruit, vegetables, snacks. */
function heap(seed) {
  const n = 256
  const rng = makeRng(seed)
  const c = canvasOf(n, n)
  const ctx = c.getContext('2d')
  const hues = rng.pick([[8], [28, 34], [52], [95, 110], [350, 20], [300], [25, 95, 5], [40, 15], [200, 340, 50]])
  ctx.fillStyle = '#3a2d22'
  ctx.fillRect(0, 0, n, n)
  const s = rng.range(7, 17)
  for (let k = 0; k < 900; k++) {
    const [x, y] = [rng.range(-10, n + 10), rng.range(-10, n + 10)]
    const l = rng.range(32, 58)
    const hue = rng.pick(hues) + rng.gauss() * 4
    ctx.fillStyle = `hsl(${hue},70%,${l * 0.6}%)`
    ctx.beginPath()
    ctx.arc(x, y, s, 0, 7)
    ctx.fill()
    ctx.fillStyle = `hsl(${hue},75%,${l}%)`
    ctx.beginPath()
    ctx.arc(x - s * 0.15, y - s * 0.2, s * 0.75, 0, 7)
    ctx.fill()
    ctx.fillStyle = 'rgba(255,255,255,0.25)'
    ctx.beginPath()
    ctx.arc(x - s * 0.3, y - s * 0.35, s * 0.25, 0, 7)
    ctx.fill()
  }
  return toTexture(c)
}

/** Small wares on a cloth or rack: clothes, toys, phone cases. */
function wares(seed) {
  const n = 256
  const rng = makeRng(seed)
  const c = canvasOf(n, n)
  const ctx = c.getContext('2d')
  ctx.fillStyle = rng.pick(['#7a1e22', '#24406e', '#d7d2c6', '#40423f', '#5b7a4e'])
  ctx.fillRect(0, 0, n, n)
  const step = rng.pick([18, 26, 36])
  for (let y = 4; y < n; y += step)
    for (let x = 4; x < n; x += step) {
      ctx.fillStyle = `hsl(${rng.range(0, 360)},${rng.range(10, 75)}%,${rng.range(20, 80)}%)`
      ctx.fillRect(x + rng.range(0, 3), y + rng.range(0, 3), step * rng.range(0.5, 0.85), step * rng.range(0.5, 0.85))
    }
  return toTexture(grime(c, seed, 0.2))
}

function stripes(seed) {
  const rng = makeRng(seed)
  const c = canvasOf(256, 256)
  const ctx = c.getContext('2d')
  const [a, b] = rng.pick([
    ['#b6262a', '#e9e4da'],
    ['#1f5fa8', '#e9e4da'],
    ['#2b7a45', '#e3dfcf'],
    ['#c8381f', '#e8b83a'],
    ['#2a5f9e', '#2a5f9e'],
    ['#a82324', '#a82324'],
    ['#d8d4c8', '#d8d4c8'],
    ['#e2661f', '#f0e9dc'],
  ])
  for (let i = 0; i < 8; i++) {
    ctx.fillStyle = i % 2 ? a : b
    ctx.fillRect(i * 32, 0, 32, 256)
  }
  return toTexture(grime(c, seed, 0.22))
}

function words(seed, list) {
  const rng = makeRng(seed)
  const c = canvasOf(256, 128)
  const ctx = c.getContext('2d')
  const [bg, fg] = rng.pick([
    ['#c02420', '#ffe56a'],
    ['#f2c21d', '#b01010'],
    ['#f4efe2', '#b3201d'],
    ['#17508c', '#fff'],
    ['#1c7a40', '#fff'],
    ['#e8641c', '#fff'],
  ])
  ctx.fillStyle = bg
  ctx.fillRect(0, 0, 256, 128)
  ctx.fillStyle = fg
  ctx.font = 'bold 52px "Noto Sans CJK SC"'
  ctx.textAlign = 'center'
  ctx.fillText(rng.pick(list), 128, 62, 236)
  ctx.font = '24px "Noto Sans CJK SC"'
  ctx.fillText(`${rng.int(3, 15)}元 一份`, 128, 106)
  return toTexture(grime(c, seed, 0.15), false)
}

/** One soft, ragged puff of smoke: red = density, green = light from above. */
function puff(seed) {
  const n = 128
  const a = noiseTile(n, 4, 5, seed)
  const b = noiseTile(n, 4, 5, seed + 7)
  return toTexture(
    pixels(n, (x, y, i) => {
      const u = (x / n - 0.5) * 2
      const v = (y / n - 0.5) * 2
      const r = Math.hypot(u, v) + (a[i] - 0.5) * 0.9
      const d = clamp(1 - r, 0, 1) ** 1.3 * (0.35 + b[i] * 1.15)
      return [d * 255, clamp(0.5 - v * 0.35 + (b[i] - 0.5) * 0.8, 0, 1) * 255, 0, 255]
    }),
    false,
    false,
  )
}

/** Round soft darkness under things, in alpha. */
function blob() {
  const n = 64
  return toTexture(
    pixels(n, (x, y) => {
      const r =
        Math.max(Math.abs(x / n - 0.5), Math.abs(y / n - 0.5)) * 0.9 + Math.hypot(x / n - 0.5, y / n - 0.5) * 1.1
      return [255, 255, 255, clamp((1 - r) * 1.9, 0, 1) ** 1.5 * 255]
    }),
    false,
  )
}

function grain(seed, cells, contrast) {
  const n = 256
  const low = noiseTile(n, cells, 6, seed)
  const rng = makeRng(seed)
  return toTexture(
    pixels(n, (_x, _y, i) => {
      const v = 218 * (1 + (low[i] - 0.5) * contrast) + rng.gauss() * 5
      return [v, v * 0.99, v * 0.97]
    }),
  )
}

function coloured(seed, [r, g, b], cells, contrast, speckle) {
  const n = 256
  const low = noiseTile(n, cells, 6, seed)
  const rng = makeRng(seed)
  return toTexture(
    pixels(n, (_x, _y, i) => {
      const k = 1 + (low[i] - 0.48) * contrast + rng.gauss() * speckle
      return [r * k, g * k, b * k]
    }),
  )
}

/** Road dirt as darkness in alpha: patches, stains and wheel tracks are drawn with it. */
function stain(seed) {
  const n = 128
  const a = noiseTile(n, 4, 5, seed)
  return toTexture(
    pixels(n, (x, y, i) => {
      const r = Math.hypot(x / n - 0.5, y / n - 0.5) * 2 + (a[i] - 0.5) * 0.9
      return [255, 255, 255, clamp((1 - r) * 2.2, 0, 1) * 255]
    }),
    false,
  )
}

const many = (count, seed, make) => Array.from({ length: count }, (_, i) => make(seed + i * 101))

/** Builds the whole library; takes about two seconds. */
export function makeTextures(seed = 7) {
  const white = toTexture(pixels(4, () => [255, 255, 255]))
  return {
    white,
    asphalt: many(6, seed, asphalt),
    paving: many(8, seed + 1, paving),
    facade: many(10, seed + 2, facade),
    sign: many(28, seed + 3, signBoard),
    shop: many(16, seed + 4, shopFront),
    leaves: many(4, seed + 5, leaves),
    heap: many(12, seed + 6, heap),
    wares: many(6, seed + 7, wares),
    stripes: many(8, seed + 8, stripes),
    menu: many(12, seed + 9, (s) =>
      words(s, [
        '煎饼果子',
        '烤冷面',
        '新鲜水果',
        '臭豆腐',
        '烤红薯',
        '鸡蛋灌饼',
        '铁板鱿鱼',
        '凉皮',
        '糖炒栗子',
        '袜子内衣',
        '手机贴膜',
        '煮玉米',
      ]),
    ),
    bbq: many(3, seed + 10, (s) => words(s, ['羊肉串', '烧烤', '烤面筋'])),
    slogan: many(3, seed + 11, (s) => words(s, ['安全施工', '文明工地', '建设集团'])),
    puff: many(4, seed + 12, puff),
    stain: many(4, seed + 13, stain),
    blob: blob(),
    grain: [grain(seed + 14, 4, 0.5), grain(seed + 115, 4, 0.14), grain(seed + 216, 4, 0.3)],
    dirty: many(3, seed + 15, (s) => grain(s, 3, 1.0)),
    cloth: many(2, seed + 16, (s) => grain(s, 16, 0.5)),
    bark: many(2, seed + 17, (s) => coloured(s, [104, 90, 74], 8, 0.9, 0.08)),
    card: many(3, seed + 18, (s) => coloured(s, [176, 136, 92], 3, 0.35, 0.03)),
    sand: many(3, seed + 19, (s) => coloured(s, [186, 158, 116], 6, 0.5, 0.1)),
    soil: many(2, seed + 20, (s) => coloured(s, [132, 106, 80], 5, 0.7, 0.1)),
    rubble: many(2, seed + 21, (s) => coloured(s, [150, 142, 134], 8, 0.8, 0.1)),
    coals: many(2, seed + 22, (s) => coloured(s, [120, 52, 26], 24, 1.9, 0.2)),
    sky: many(5, seed + 23, (s) =>
      toTexture(
        pixels(256, ((t) => (_x, _y, i) => [t[i] * 255, t[i] * 255, t[i] * 255])(noiseTile(256, 3, 6, s))),
        true,
        false,
      ),
    ),
  }
}
