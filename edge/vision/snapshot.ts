import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { deflate, inflate } from 'node:zlib'
import type { CameraVision, KeptState } from './camera-vision.js'
import type { CameraSetup, VisionModels } from './setup.js'
import type { LayerScalars } from './static/layer.js'
import { arraysInOrder } from './static/state.js'
import type { Thing } from './static/things.js'

const format = 1
const bytesMost = 256 * 1024 * 1024

interface Snapshot {
  readonly format: number
  readonly binding: string
  readonly arrays: readonly ArrayBufferView[]
  readonly scalars: LayerScalars
  readonly things: readonly Thing[]
  readonly ignore: Uint8Array
  readonly masks: { readonly sharp: Float32Array; readonly flips: Float32Array; readonly frames: number }
  readonly kept: KeptState
}

/** What a snapshot is bound to: configuration, models, picture size and the form of the state. */
export function bindingOf({ seedFrames: _, ...setup }: CameraSetup, models: VisionModels): string {
  const bound = { format, setup, objects: models.objects?.sha256 ?? null, plume: models.plume?.sha256 ?? null }
  return createHash('sha256').update(JSON.stringify(bound)).digest('hex')
}

/** All that vision keeps of a camera, as one compressed block; a damaged one is told by the check sum inside. */
export async function takeSnapshot(vision: CameraVision, binding: string): Promise<Uint8Array> {
  const { layer } = vision
  const snapshot: Snapshot = {
    format,
    binding,
    arrays: arraysInOrder(layer.arrays),
    scalars: layer.scalars,
    things: layer.things,
    ignore: layer.ignore,
    masks: { sharp: layer.masks.sharp, flips: layer.masks.flips, frames: layer.masks.frames },
    kept: vision.kept,
  }
  return promisify(deflate)(serialize(snapshot), { level: 1 })
}

/** Puts a snapshot back; false, and nothing changed, when it is damaged or belongs to another configuration, model or size. */
export async function applySnapshot(vision: CameraVision, bytes: Uint8Array, binding: string): Promise<boolean> {
  const snapshot = await parse(bytes)
  if (snapshot?.format !== format || snapshot.binding !== binding) return false
  const { layer } = vision
  const targets = arraysInOrder(layer.arrays)
  if (!fits(snapshot.arrays, targets) || snapshot.ignore.length !== layer.ignore.length) return false
  targets.forEach((target, index) => {
    target.set(snapshot.arrays[index] as typeof target)
  })
  layer.ignore.set(snapshot.ignore)
  layer.masks.sharp.set(snapshot.masks.sharp)
  layer.masks.flips.set(snapshot.masks.flips)
  layer.masks.frames = snapshot.masks.frames
  layer.scalars = snapshot.scalars
  layer.things = [...snapshot.things]
  layer.endSettling()
  vision.kept = snapshot.kept
  return true
}

function fits(arrays: readonly ArrayBufferView[], targets: readonly ArrayBufferView[]): boolean {
  return (
    arrays.length === targets.length &&
    arrays.every((array, index) => {
      const target = targets[index]
      return target !== undefined && array.constructor === target.constructor && array.byteLength === target.byteLength
    })
  )
}

async function parse(bytes: Uint8Array): Promise<Snapshot | null> {
  try {
    const plain = await promisify(inflate)(bytes, { maxOutputLength: bytesMost })
    const value: unknown = deserialize(plain)
    return isSnapshot(value) ? value : null
  } catch {
    // cut short, altered or written by another version of Node: the camera starts fresh
    return null
  }
}

function isSnapshot(value: unknown): value is Snapshot {
  if (typeof value !== 'object' || value === null) return false
  const found = value as Partial<Record<keyof Snapshot, unknown>>
  return (
    typeof found.binding === 'string' &&
    Array.isArray(found.arrays) &&
    found.arrays.every((array) => ArrayBuffer.isView(array)) &&
    Array.isArray(found.things) &&
    found.ignore instanceof Uint8Array &&
    isObject(found.scalars) &&
    isObject(found.masks) &&
    isObject(found.kept)
  )
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
