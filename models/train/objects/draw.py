"""Draws one training view: mosaic or single picture, scale, aspect, flip, colour; and the weight of negatives per cell."""

import cv2
import numpy as np

from classes import CLASSES

FILL = 114


def resized_window(sample, scale_x, scale_y, offset_x, offset_y, width, height, mode):
    """The part of `sample` that a tile of width x height shows when its origin lies at offset (network pixels) of the scaled picture."""
    tile = np.full((height, width, 3), FILL, np.uint8)
    h, w = sample.image.shape[:2]
    x1, y1 = max(0, int(np.floor(offset_x / scale_x))), max(0, int(np.floor(offset_y / scale_y)))
    x2, y2 = min(w, int(np.ceil((offset_x + width) / scale_x))), min(h, int(np.ceil((offset_y + height) / scale_y)))
    if x2 - x1 < 2 or y2 - y1 < 2:
        return tile
    part = cv2.resize(sample.image[y1:y2, x1:x2], (max(1, round((x2 - x1) * scale_x)), max(1, round((y2 - y1) * scale_y))), interpolation=mode)
    tx, ty = round(x1 * scale_x - offset_x), round(y1 * scale_y - offset_y)
    sx, sy = max(0, -tx), max(0, -ty)
    dx, dy = max(0, tx), max(0, ty)
    pw, ph = min(part.shape[1] - sx, width - dx), min(part.shape[0] - sy, height - dy)
    if pw > 0 and ph > 0:
        tile[dy : dy + ph, dx : dx + pw] = part[sy : sy + ph, sx : sx + pw]
    return tile


def place(sample, canvas, rect, size, rng, spread):
    """Draws `sample` into `rect` of the canvas; returns its boxes there, their classes, soft scores and ignore flags."""
    rx, ry, rw, rh = rect
    h, w = sample.image.shape[:2]
    long_side = size * np.exp(rng.uniform(*spread))
    # pictures are fitted, not stretched (measured: measure.py), but lenses and crops differ
    squeeze = np.exp(rng.uniform(-0.2, 0.3)) if rng.random() < 0.3 else np.exp(rng.normal(0, 0.08))
    scale_x = long_side / max(w, h)
    scale_y = scale_x * (squeeze if w >= h else 1 / squeeze)
    full_w, full_h = w * scale_x, h * scale_y
    slack_x, slack_y = full_w - rw, full_h - rh
    offset_x = rng.uniform(min(0, slack_x), max(0, slack_x))
    offset_y = rng.uniform(min(0, slack_y), max(0, slack_y))
    if len(sample.boxes) and rng.random() < 0.7:
        # look at something: most of an enlarged picture is empty road
        pick = sample.boxes[rng.integers(len(sample.boxes))]
        cx, cy = (pick[0] + pick[2]) / 2 * scale_x, (pick[1] + pick[3]) / 2 * scale_y
        offset_x = np.clip(cx - rw * rng.uniform(0.2, 0.8), min(0, slack_x), max(0, slack_x))
        offset_y = np.clip(cy - rh * rng.uniform(0.2, 0.8), min(0, slack_y), max(0, slack_y))
    mode = cv2.INTER_AREA if rng.random() < 0.5 else cv2.INTER_LINEAR
    canvas[ry : ry + rh, rx : rx + rw] = resized_window(sample, scale_x, scale_y, offset_x, offset_y, rw, rh, mode)
    boxes = sample.boxes * np.array([scale_x, scale_y, scale_x, scale_y], np.float32) - np.array([offset_x, offset_y] * 2, np.float32)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    cut = np.clip(boxes, 0, np.array([rw, rh, rw, rh], np.float32))
    cut_w, cut_h = cut[:, 2] - cut[:, 0], cut[:, 3] - cut[:, 1]
    left = cut_w * cut_h / np.maximum(area, 1e-6)
    keep = left > 0.08
    # too small to tell, or mostly cut off: neither positive nor negative
    ignore = sample.ignore | (left < 0.35) | (np.minimum(cut_w, cut_h) < 4)
    return cut[keep] + np.array([rx, ry, rx, ry], np.float32), sample.classes[keep], sample.soft[keep], ignore[keep]


def colour(canvas, rng):
    image = canvas.astype(np.float32) / 255
    image = image ** np.exp(rng.uniform(-0.4, 0.4)) * rng.uniform(0.7, 1.25)
    grey = image.mean(2, keepdims=True)
    image = grey + (image - grey) * (0 if rng.random() < 0.06 else rng.uniform(0.5, 1.4))
    if rng.random() < 0.3:
        image = image + rng.normal(0, rng.uniform(0.005, 0.035), image.shape[:2] + (1,)).astype(np.float32)
    out = (np.clip(image, 0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.2:
        out = cv2.GaussianBlur(out, (3, 3), rng.uniform(0.3, 1.0))
    return out


def draw_view(samples, weights, size, rng, mosaic):
    """One view: uint8 [size, size, 3], boxes, classes, soft, ignore, and tiles [(rect, known weights)]."""
    canvas = np.full((size, size, 3), FILL, np.uint8)
    if mosaic:
        cx, cy = (int(size * rng.uniform(0.35, 0.65)) for _ in range(2))
        rects = [(0, 0, cx, cy), (cx, 0, size - cx, cy), (0, cy, cx, size - cy), (cx, cy, size - cx, size - cy)]
        spread = (-0.8, 0.45)
    else:
        rects, spread = [(0, 0, size, size)], (-0.25, 0.6)
    parts, tiles = [], []
    for rect in rects:
        sample = samples[rng.choice(len(samples), p=weights)]
        parts.append(place(sample, canvas, rect, size, rng, spread))
        tiles.append((rect, sample.known))
    boxes, classes, soft, ignore = (np.concatenate([p[k] for p in parts]) for k in range(4))
    canvas = colour(canvas, rng)
    if rng.random() < 0.5:
        canvas = canvas[:, ::-1]
        boxes = np.stack([size - boxes[:, 2], boxes[:, 1], size - boxes[:, 0], boxes[:, 3]], 1)
        tiles = [((size - x - w, y, w, h), known) for (x, y, w, h), known in tiles]
    return np.ascontiguousarray(canvas), boxes, classes, soft, ignore, tiles


def known_per_cell(tiles, centres):
    """[cells, classes] weight of a negative; everything is known to be absent outside all tiles."""
    known = np.ones((len(centres), len(CLASSES)), np.float32)
    for (x, y, w, h), weights in tiles:
        inside = (centres[:, 0] >= x) & (centres[:, 0] < x + w) & (centres[:, 1] >= y) & (centres[:, 1] < y + h)
        known[inside] = weights
    return known
