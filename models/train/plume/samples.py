"""One training sample: 8 pictures of a place, its background and a label. Plumes are mixed into living scenes: I = (1 - a) F + a A."""

import subprocess

import cv2
import numpy as np

from features import CLASSES
from lookalikes import LOOKALIKES, WEIGHTS
from scenes import SIDE, XX, YY, cloud, noise_film

FRAMES = 8
NAMES = list(WEIGHTS)
CHANCE = np.array([WEIGHTS[n] for n in NAMES], float) / sum(WEIGHTS.values())


def _cut_film(rng, store, kind, step):
    """A square of a simulated film at a random zoom and place around the plume, [8, 64, 64] density."""
    pool = store[kind]
    film = pool[rng.integers(len(pool))]
    first = rng.integers(len(film) - FRAMES * step)
    film = film[first : first + FRAMES * step : step][:FRAMES]
    mean = film.mean(0, dtype=np.float32)
    heavy = np.argwhere(mean > max(2, 0.15 * mean.max()))
    cy, cx = heavy[rng.integers(len(heavy))] if len(heavy) else (70, 48)
    side = rng.uniform(26, 96) if kind != 'flame' else rng.uniform(22, 70)
    x, y = cx - side * rng.uniform(0.15, 0.85), cy - side * rng.uniform(0.15, 0.85)
    flip = rng.choice([-1, 1])
    move = np.array([[flip * 64 / side, 0, -x * 64 / side if flip > 0 else (x + side) * 64 / side], [0, 64 / side, -y * 64 / side]], np.float32)
    out = np.stack([cv2.warpAffine(f, move, (SIDE, SIDE), flags=cv2.INTER_LINEAR) for f in film]).astype(np.float32) / 127
    return out, side


def _mask(rng, label, store, dt):
    step = max(1, round(dt * 10 * rng.choice([0.5, 1, 1, 1.5])))
    if label in ('smoke', 'steam', 'dust') and rng.random() < 0.35:
        noise = noise_film(rng, FRAMES, dt)
        x, y = rng.uniform(5, 59), rng.uniform(30, 66)
        width, widen, lean = rng.uniform(2, 14), rng.uniform(0.05, 0.6), rng.normal(0, 0.5)
        rise = np.clip(y - YY, 0, None)
        hull = np.exp(-(((XX - x - lean * rise) / (width + widen * rise)) ** 2)) * (YY < y + width)
        if label == 'dust' or rng.random() < 0.25:
            hull = np.exp(-(((XX - x) / rng.uniform(12, 50)) ** 2) - ((YY - y) / rng.uniform(6, 25)) ** 2)
        if label == 'steam':
            hull = hull * np.exp(-rise / rng.uniform(8, 26))
        return noise * hull[None] * 1.5
    kind = {'smoke': 'column', 'steam': 'column', 'dust': 'puff', 'flame': 'flame'}[label]
    if label == 'smoke' and rng.random() < 0.25:
        kind = 'puff'
    film, side = _cut_film(rng, store, kind, step)
    if label == 'steam':
        heavy = film.mean(0)
        foot = np.average(YY, weights=heavy + 1e-6) + rng.uniform(0, 20)
        film = film * np.exp(-np.clip(foot - YY, 0, None) / rng.uniform(8, 26))[None]
    return film * (1 + 0.25 * cloud(rng)[None])


def _air(rng, label):
    """Colour of the plume's own light, RGB."""
    if label == 'steam':
        return np.full(3, rng.uniform(170, 250)) * rng.uniform(0.97, 1.03, 3)
    if label == 'dust':
        tone = rng.uniform(105, 230)
        return tone * np.array([1, rng.uniform(0.84, 0.98), rng.uniform(0.6, 0.92)])
    kind = rng.random()
    if kind < 0.2:
        return np.full(3, rng.uniform(12, 80)) * rng.uniform(0.95, 1.05, 3)
    if kind < 0.45:
        tone = rng.uniform(105, 225)
        return tone * np.array([rng.uniform(0.85, 1), rng.uniform(0.93, 1), rng.uniform(1, 1.12)])
    return np.full(3, rng.uniform(80, 235)) * rng.uniform(0.96, 1.04, 3)


def _add_plume(rng, film, back, label, store, dt):
    density = np.clip(_mask(rng, label, store, dt), 0, None)
    top = np.percentile(density, 99) + 1e-6
    if label == 'flame':
        heat = np.clip(density / top, 0, 1.3)[..., None] * rng.uniform(0.7, 1.25)
        colour = np.concatenate([np.clip(2.2 * heat, 0, 1), np.clip(1.9 * heat - rng.uniform(0.25, 0.6), 0, 1), np.clip(1.8 * heat - rng.uniform(0.9, 1.3), 0, 1)], 3) * rng.uniform(190, 275)
        a = np.clip(heat * rng.uniform(1, 2.5) - rng.uniform(0, 0.2), 0, 1) * rng.uniform(0.6, 1)
        if rng.random() < 0.5:
            _add_plume(rng, film, back, 'smoke', store, dt)
        film[:] = film * (1 - a) + colour * a
        glow = cv2.GaussianBlur(density[-1], (0, 0), 9)
        film += (glow / (glow.max() + 1e-6) * rng.uniform(0, 40))[None, ..., None] * np.array([1, 0.6, 0.25])
        return a.mean(0)
    thick = rng.choice(['thin', 'middle', 'thick'], p=[0.4, 0.35, 0.25])
    opacity = {'thin': rng.uniform(0.12, 0.3), 'middle': rng.uniform(0.3, 0.6), 'thick': rng.uniform(0.6, 0.95)}[thick]
    a = (1 - np.exp(np.log(1 - opacity) * density / top))[..., None]
    night = min(1.0, (back.mean() + 15) / 110)
    air = _air(rng, label) * (night if rng.random() < 0.8 else 1)
    shade = 1 + 0.12 * cloud(rng)[None, ..., None]
    if rng.random() < 0.3 and label == 'smoke':
        film *= 1 - 0.25 * cv2.GaussianBlur(a.mean(0)[..., 0], (0, 0), 4)[None, ..., None]
    film[:] = film * (1 - a) + air * shade * a
    return a.mean(0)


def make(rng, label, pictures, store):
    """RGB uint8 film [8, 64, 64, 3] and background [64, 64, 3]; None when the plume would be invisible."""
    scene = pictures.background(rng)
    back = scene.copy()
    film = np.repeat(scene[None], FRAMES, 0)
    dt = float(rng.choice([0.1, 0.2, 0.2, 0.2, 0.2, 0.3]))
    times = np.arange(FRAMES) * dt
    noise = rng.uniform(0.2, 3)
    if label == 'none':
        count = rng.choice([0, 1, 2, 3], p=[0.12, 0.5, 0.28, 0.1])
    else:
        count = rng.choice([0, 1, 2], p=[0.55, 0.35, 0.1])
    chosen = list(rng.choice(NAMES, count, replace=False, p=CHANCE)) if count else []
    before = [n for n in chosen if n not in ('rain', 'burnt_in', 'gain', 'tilt_gain', 'fog', 'shake')]
    for name in before:
        LOOKALIKES[name](rng, film, back, times, pictures)
    if label != 'none':
        clear = film.copy()
        mean = _add_plume(rng, film, back, label, store, dt)
        change = np.abs(film - clear).max(3)
        if (change > max(5, 2 * noise)).mean() < 0.03 or np.percentile(change, 99) < 9:
            return None
        if rng.random() < 0.3:
            k = rng.uniform(0.2, 0.8) * mean[..., :1]
            back[:] = back * (1 - k) + film.mean(0) * k
    for name in chosen:
        if name not in before:
            LOOKALIKES[name](rng, film, back, times, pictures)
    film *= 1 + rng.normal(0, 0.012, (FRAMES, 1, 1, 1))
    grain = rng.normal(0, noise, (FRAMES, SIDE, SIDE, 1)) + rng.normal(0, noise * 0.5, film.shape)
    film = np.clip(film + grain, 0, 255)
    back = np.clip(back + rng.normal(0, noise * 0.2, back.shape), 0, 255)
    return film.astype(np.uint8), back.astype(np.uint8), ' '.join(chosen)


def through_codec(rng, films):
    """Passes films through H.264 as a wall of tiles, as a camera would: [N, 8, 64, 64, 3] uint8. Groups share one quality."""
    out = films.copy()
    cols, rows = 10, 6
    for first in range(0, len(films), cols * rows):
        if rng.random() < 0.3:
            continue
        part = films[first : first + cols * rows]
        wall = np.zeros((FRAMES, rows * SIDE, cols * SIDE, 3), np.uint8)
        for i, film in enumerate(part):
            y, x = divmod(i, cols)
            wall[:, y * SIDE : (y + 1) * SIDE, x * SIDE : (x + 1) * SIDE] = film
        size = f'{cols * SIDE}x{rows * SIDE}'
        raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', size, '-r', '5']
        preset = ['-c:v', 'libx264', '-preset', 'veryfast', '-threads', '1', '-crf', str(rng.integers(18, 34)), '-pix_fmt', 'yuv420p']
        base = ['ffmpeg', '-v', 'error', '-threads', '1']
        coded = subprocess.run([*base, *raw, '-i', '-', *preset, '-f', 'matroska', '-'], input=wall.tobytes(), capture_output=True, check=True).stdout
        plain = subprocess.run([*base, '-i', '-', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], input=coded, capture_output=True, check=True).stdout
        wall = np.frombuffer(plain, np.uint8).reshape(wall.shape)
        for i in range(len(part)):
            y, x = divmod(i, cols)
            out[first + i] = wall[:, y * SIDE : (y + 1) * SIDE, x * SIDE : (x + 1) * SIDE]
    return out


MIX = {'none': 0.5, 'smoke': 0.22, 'dust': 0.11, 'flame': 0.1, 'steam': 0.07}
assert list(MIX) == list(CLASSES)


def draw(rng, count, pictures, store):
    """`count` samples: films, backgrounds, labels and the names of the look-alikes in them."""
    films, backs, labels, notes = [], [], [], []
    while len(labels) < count:
        label = str(rng.choice(CLASSES, p=list(MIX.values())))
        made = make(rng, label, pictures, store)
        if made is None:
            continue
        films.append(made[0])
        backs.append(made[1])
        labels.append(CLASSES.index(label))
        notes.append(made[2])
    return through_codec(rng, np.stack(films)), np.stack(backs), np.array(labels), notes
