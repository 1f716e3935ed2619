"""Backgrounds and the things that happen in streets without any plume. Pictures are float32 RGB 0..255, [64, 64, 3]."""

import json
from pathlib import Path

import cv2
import numpy as np

SIDE = 64
YY, XX = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)


class Pictures:
    """Small copies of the permitted pictures and cut-outs of their labelled boxes, drawn at random."""

    def __init__(self, folder, rng, limit=900):
        self.backgrounds, self.cars, self.people = [], [], []
        folder = Path(folder)
        objects = folder / 'street_objects'
        allowed = (objects / 'train_shippable.txt').read_text().split()
        notes = json.loads((objects / 'annotations.json').read_text())
        names = {c['id']: c['name'] for c in notes['categories']}
        by_file = {i['file_name']: i for i in notes['images'] if i['permitted_use'] == 'train'}
        boxes = {}
        for note in notes['annotations']:
            boxes.setdefault(note['image_id'], []).append((names[note['category_id']], note['bbox']))
        picked = [f for f in allowed if f in by_file]
        fixed = [f for f in picked if f.startswith(('atl', 'manaus'))]
        rest = [f for f in picked if f not in set(fixed)]
        rng.shuffle(rest)
        for name in fixed + rest[: limit - len(fixed)]:
            picture = cv2.imread(str(objects / name))
            if picture is None:
                continue
            picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
            self.backgrounds.append(picture)
            for label, (x, y, w, h) in boxes.get(by_file[name]['id'], []):
                if min(w, h) < 12:
                    continue
                cut = picture[int(y) : int(y + h), int(x) : int(x + w)]
                if min(cut.shape[:2]) < 10:
                    continue
                cut = cv2.resize(cut, (48, max(12, int(48 * h / w))) if w > h else (max(12, int(48 * w / h)), 48), interpolation=cv2.INTER_AREA)
                (self.people if label in ('person', 'two_wheeler') else self.cars).append(cut)
        for group in ('litter_taco', 'dust_site'):
            for path in sorted((folder / group).glob('*.jpg')):
                picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
                scale = 400 / max(picture.shape[:2])
                self.backgrounds.append(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))

    def background(self, rng):
        if rng.random() < 0.12:
            return procedural(rng)
        picture = self.backgrounds[rng.integers(len(self.backgrounds))]
        h, w = picture.shape[:2]
        side = int(min(h, w) * rng.uniform(0.2, 1) ** 1.3)
        side = max(40, min(side, h, w))
        x, y = rng.integers(w - side + 1), rng.integers(h - side + 1)
        crop = cv2.resize(picture[y : y + side, x : x + side], (SIDE, SIDE), interpolation=cv2.INTER_AREA if side > SIDE else cv2.INTER_LINEAR)
        crop = crop[:, ::-1] if rng.random() < 0.5 else crop
        return light(rng, crop.astype(np.float32))

    def cut(self, rng, people=False):
        pool = self.people if people else self.cars
        cut = pool[rng.integers(len(pool))].astype(np.float32)
        if rng.random() < 0.3:
            cut = np.clip(cut * rng.uniform(0.5, 1.4, 3), 0, 255)
        h, w = cut.shape[:2]
        yy, xx = np.mgrid[0:h, 0:w]
        p = rng.uniform(2.5, 6)
        far = np.abs((xx + 0.5) / w * 2 - 1) ** p + np.abs((yy + 0.5) / h * 2 - 1) ** p
        return np.ascontiguousarray(cut[:, :: rng.choice([-1, 1])]), np.clip((1.05 - far) * 6, 0, 1).astype(np.float32)


def light(rng, picture):
    """Day, dusk, night with lamps, infra-red; contrast and tint of a camera."""
    mode = rng.choice(['day', 'flat', 'night', 'infrared'], p=[0.55, 0.15, 0.22, 0.08])
    mean = picture.mean()
    if mode == 'flat':
        picture = mean + (picture - mean) * rng.uniform(0.25, 0.7)
    if mode == 'night':
        picture = 255 * (picture / 255) ** rng.uniform(1.2, 2) * rng.uniform(0.15, 0.6)
        for _ in range(rng.integers(0, 4)):
            glow = np.exp(-(((XX - rng.uniform(0, 64)) ** 2 + (YY - rng.uniform(0, 64)) ** 2) / rng.uniform(8, 900)))
            picture = picture * (1 + glow[..., None] * rng.uniform(0, 3)) + glow[..., None] * rng.uniform(0, 160) * np.array([1, rng.uniform(0.7, 1), rng.uniform(0.3, 1)])
    if mode == 'infrared':
        picture = np.repeat(picture.mean(2, keepdims=True), 3, 2)
    tint = rng.uniform(0.93, 1.07, 3)
    picture = picture * tint * rng.uniform(0.75, 1.2) + rng.uniform(-5, 15)
    if rng.random() < 0.4:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.2))
    return np.clip(picture, 0, 255).astype(np.float32)


def procedural(rng):
    """Plain ground, sky, walls: the places where nothing textured can be lost."""
    base = rng.uniform(40, 220) * np.array([1, rng.uniform(0.92, 1.05), rng.uniform(0.85, 1.15)])
    angle = rng.uniform(0, 6.3)
    ramp = ((XX - 32) * np.cos(angle) + (YY - 32) * np.sin(angle)) / 32
    picture = base + ramp[..., None] * rng.normal(0, 15) + cloud(rng)[..., None] * rng.uniform(0, 12)
    picture = picture + rng.normal(0, rng.uniform(0, 6), (SIDE, SIDE, 1))
    for _ in range(rng.integers(0, 4)):
        a, c, width = rng.uniform(0, 3.2), rng.uniform(-25, 25), rng.uniform(0.6, 5)
        band = np.clip(width - np.abs((XX - 32) * np.cos(a) + (YY - 32) * np.sin(a) - c), 0, 1)[..., None]
        picture = picture * (1 - band) + band * rng.uniform(20, 235)
    return light(rng, np.clip(picture, 0, 255).astype(np.float32))


def cloud(rng, side=SIDE, slope=None):
    """Fractal noise with mean 0 and deviation 1."""
    slope = slope or rng.uniform(1.3, 2.2)
    f = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    f[0, 0] = 1
    spectrum = f**-slope * np.exp(2j * np.pi * rng.random(f.shape))
    spectrum[0, 0] = 0
    noise = np.fft.irfft2(spectrum, s=(side, side))
    return ((noise - noise.mean()) / (noise.std() + 1e-9)).astype(np.float32)


def paste(picture, cut, mask, x, y, size, dim=1.0):
    """Lays a cut-out with its centre at x, y and its longer side `size`; may hang over the edge."""
    scale = size / max(cut.shape[:2])
    move = np.array([[scale, 0, x - scale * cut.shape[1] / 2], [0, scale, y - scale * cut.shape[0] / 2]], np.float32)
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    body = cv2.warpAffine(cut, move, (SIDE, SIDE), flags=flags)
    a = cv2.warpAffine(mask, move, (SIDE, SIDE), flags=flags)[..., None]
    return picture * (1 - a) + np.clip(body * dim, 0, 255) * a


def noise_film(rng, count, step_s):
    """Drifting, slowly changing fractal noise 0..1, [count, 64, 64]: the second plume machine, and soft shadows."""
    one, two = cloud(rng, 128), cloud(rng, 128)
    speed, angle = rng.uniform(2, 45), rng.uniform(0, 6.3)
    bend_x, bend_y = cloud(rng, 64, 2.5), cloud(rng, 64, 2.5)
    zoom, floor, power, change = rng.uniform(0.5, 1.8), rng.uniform(0, 0.55), rng.uniform(0.7, 1.6), rng.uniform(0.1, 0.8)
    out = []
    for t in np.arange(count) * step_s:
        wave = 6 * np.sin(t * rng.uniform(0.9, 1.1))
        mx = (XX * zoom + speed * t * np.cos(angle) + wave * bend_x + 200) % 127
        my = (YY * zoom + speed * t * np.sin(angle) + wave * bend_y + 200) % 127
        w = 0.5 + 0.5 * np.sin(change * t * 3)
        field = w * cv2.remap(one, mx, my, 1) + (1 - w) * cv2.remap(two, my, mx, 1)
        out.append(np.clip((field + 1.8) / 3.6 - floor, 0, 1) ** power)
    return np.stack(out).astype(np.float32)
