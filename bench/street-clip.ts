import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Makes the bench's camera content once per folder: 24 s of 1920x1080 at 25 fps, a fixed textured background with light
 * noise and two moving objects, H.264 at 3 Mbit/s, GOP 2 s, no B-frames (VIDEO.md §2 "Content used for measurements").
 */
export async function streetClip(ffmpeg: string, folder: string): Promise<string> {
  const clip = join(folder, 'street-1080p25.mp4')
  if (existsSync(clip)) return clip
  const texture = join(folder, 'texture.pgm')
  await writeFile(texture, texturePgm(1920, 1080))
  const partial = `${clip}.partial.mp4`
  const filter =
    '[0:v]format=yuv420p,noise=alls=4:allf=t[a];' +
    "[a]drawbox=x='mod(t*160,2100)-180':y=620:w=180:h=90:color=0x303a60:t=fill[b];" +
    "[b]drawbox=x='1900-mod(t*90,2000)':y=780:w=60:h=140:color=0x7a3030:t=fill"
  const args = [
    '-v',
    'error',
    '-y',
    '-loop',
    '1',
    '-framerate',
    '25',
    '-i',
    texture,
    '-t',
    '24',
    '-filter_complex',
    filter,
  ]
  const code = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-b:v',
    '3M',
    '-maxrate',
    '4M',
    '-bufsize',
    '6M',
    '-g',
    '50',
    '-keyint_min',
    '50',
    '-sc_threshold',
    '0',
    '-bf',
    '0',
    '-pix_fmt',
    'yuv420p',
  ]
  const child = spawn(ffmpeg, [...args, ...code, partial], { stdio: ['ignore', 'inherit', 'inherit'] })
  const [status] = (await once(child, 'close')) as [number]
  if (status !== 0) throw new Error(`${ffmpeg} could not make the bench clip (status ${status}); is libx264 in it?`)
  await rename(partial, clip)
  return clip
}

/** Cloudy grey texture with tiles and lines: key frames of 358 kB and others of 8.3 kB, as the content of VIDEO.md §2 (351 and 8.5). */
function texturePgm(widthPx: number, heightPx: number): Buffer {
  let seed = 0x2f6e2b1
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
  const coarse = Array.from({ length: 61 * 35 }, () => random() * 90)
  const header = Buffer.from(`P5\n${widthPx} ${heightPx}\n255\n`)
  const pixels = Buffer.alloc(widthPx * heightPx)
  for (let y = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx; x += 1) {
      const u = x / 32
      const v = y / 32
      const at = Math.floor(v) * 61 + Math.floor(u)
      const fx = u % 1
      const fy = v % 1
      const top = (coarse[at] ?? 0) * (1 - fx) + (coarse[at + 1] ?? 0) * fx
      const bottom = (coarse[at + 61] ?? 0) * (1 - fx) + (coarse[at + 62] ?? 0) * fx
      const tile = x % 64 === 0 || y % 48 === 0 ? -25 : 0
      pixels[y * widthPx + x] = Math.max(0, Math.min(255, 70 + top * (1 - fy) + bottom * fy + tile + random() * 14))
    }
  return Buffer.concat([header, pixels])
}
