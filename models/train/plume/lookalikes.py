"""What is not a plume and may look like one (DETECTION 5.2). Each function changes a film [8, 64, 64, 3] and its background."""

import cv2
import numpy as np

from scenes import SIDE, XX, YY, noise_film, paste


def shadow_bar(rng, film, back, times, pictures):
    a, c, v, w = rng.uniform(0, 6.3), rng.uniform(-30, 30), rng.uniform(-60, 60), rng.uniform(4, 40)
    depth, soft = rng.uniform(0.25, 0.7), rng.uniform(0.5, 4)
    for i, t in enumerate(times):
        far = (XX - 32) * np.cos(a) + (YY - 32) * np.sin(a) - c - v * t
        film[i] *= 1 - depth * (np.clip((w - np.abs(far)) / soft, 0, 1)[..., None])


def shadow_soft(rng, film, back, times, pictures):
    """Cloud and leaf shadows: the plume's own noise with nothing but darkness in it."""
    noise = noise_film(rng, len(times), times[1] - times[0])
    film *= 1 - rng.uniform(0.15, 0.6) * noise[..., None] * rng.choice([1, 1, -0.6])


def fog(rng, film, back, times, pictures):
    air, start, rate = rng.uniform(110, 235), rng.uniform(0, 0.6), rng.uniform(-0.05, 0.05)
    for i, t in enumerate(times):
        a = np.clip(start + rate * t, 0, 0.8)
        film[i] = film[i] * (1 - a) + air * a


def gain(rng, film, back, times, pictures):
    start, wave, rate = rng.uniform(0.6, 1.5), rng.uniform(0, 0.15), rng.uniform(0.3, 6)
    tint = rng.uniform(0.92, 1.08, 3)
    for i, t in enumerate(times):
        film[i] = film[i] * start * (1 + wave * np.sin(rate * t)) * tint


def tilt_gain(rng, film, back, times, pictures):
    ramp = 1 + ((XX - 32) * rng.normal(0, 0.008) + (YY - 32) * rng.normal(0, 0.008))[..., None]
    for i, t in enumerate(times):
        film[i] *= 1 + (ramp - 1) * np.clip(t * rng.uniform(0, 1.5), 0, 1)


def headlight(rng, film, back, times, pictures):
    """Lamps that pass, their light on the ground, their streak on a wet road."""
    wet = rng.random() < 0.5
    for _ in range(rng.integers(1, 4)):
        x, y, vx, vy = rng.uniform(0, 64), rng.uniform(0, 64), rng.normal(0, 30), rng.normal(0, 12)
        if rng.random() < 0.25:
            vx, vy = vx * 0.05, vy * 0.05
        sx, sy = rng.uniform(1.5, 25), rng.uniform(1.5, 12)
        warm = np.array(rng.choice([[1, 0.95, 0.85], [1, 0.8, 0.5], [1, 0.25, 0.15], [0.9, 0.97, 1]]))
        add, times_ = rng.uniform(10, 200), rng.uniform(0, 1.5)
        stay = rng.uniform(0, 0.7) if wet else 0
        kept = np.zeros((SIDE, SIDE), np.float32)
        for i, t in enumerate(times):
            spot = np.exp(-(((XX - x - vx * t) / sx) ** 2) - ((YY - y - vy * t) / sy) ** 2)
            if wet:
                ripple = 0.6 + 0.4 * np.sin(YY * rng.uniform(0.5, 2) + rng.uniform(0, 6))
                streak = np.exp(-(((XX - x - vx * t) / (sx * 0.6 + 1)) ** 2)) * (YY > y) * np.exp(-(YY - y) / rng.uniform(8, 50)) * ripple
                spot = np.maximum(spot, rng.uniform(0.3, 0.9) * streak)
            kept = np.maximum(spot, kept * stay)
            film[i] = film[i] * (1 + times_ * kept[..., None]) + add * kept[..., None] * warm


def wet_gleam(rng, film, back, times, pictures):
    """Light on a wet ground that comes, stays a little and trembles."""
    where = np.clip(noise_film(rng, 1, 0.2)[0] * 1.5, 0, 1) * np.exp(-(((XX - rng.uniform(0, 64)) / rng.uniform(10, 60)) ** 2))
    rate, phase, size = rng.uniform(1, 10), rng.uniform(0, 6), rng.uniform(10, 110)
    warm = np.array([1, rng.uniform(0.6, 1), rng.uniform(0.3, 1)])
    for i, t in enumerate(times):
        film[i] += np.clip(0.5 + 0.5 * np.sin(rate * t + phase) + rng.normal(0, 0.1), 0, 1.3) * size * where[..., None] * warm


def rain(rng, film, back, times, pictures):
    lean, length, bright = rng.normal(0, 0.3), rng.integers(4, 22), rng.uniform(10, 90)
    for frame in film:
        strokes = np.zeros((SIDE, SIDE), np.float32)
        for _ in range(rng.integers(3, 60)):
            x, y = rng.uniform(-5, 69), rng.uniform(-10, 64)
            cv2.line(strokes, (int(x), int(y)), (int(x + lean * length), int(y + length)), float(rng.uniform(0.3, 1)), 1, cv2.LINE_AA)
        frame += cv2.GaussianBlur(strokes, (3, 3), 0.6)[..., None] * bright
    if rng.random() < 0.5:
        fog(rng, film, back, times, pictures)


def mover(rng, film, back, times, pictures, people=None):
    """Vehicles and walkers that drive through, stop or start, with a shadow under them; slow ones leave a smear in B."""
    for _ in range(rng.integers(1, 4)):
        people_ = rng.random() < 0.4 if people is None else people
        cut, mask = pictures.cut(rng, people_)
        x, y = rng.uniform(-10, 74), rng.uniform(5, 64)
        vx, vy = (rng.normal(0, 9), rng.normal(0, 3)) if people_ else (rng.normal(0, 35), rng.normal(0, 12))
        if rng.random() < 0.2:
            vx, vy = 0.0, 0.0
        size = rng.uniform(8, 40) if people_ else rng.uniform(10, 75)
        grow, dim, shade = rng.uniform(-0.1, 0.1), rng.uniform(0.35, 1.2), rng.uniform(0, 0.6)
        start = rng.uniform(-0.5, 1.5) if rng.random() < 0.2 else -9
        sway = rng.uniform(0, 0.08) if people_ else 0
        for i, t in enumerate(times):
            run = max(0.0, t - start) if start > -9 else t
            cx, cy, s = x + vx * run, y + vy * run, size * (1 + grow * run)
            dark = np.exp(-(((XX - cx) / (s * 0.55)) ** 2) - ((YY - cy - s * 0.35) / (s * 0.15 + 1)) ** 2)
            film[i] *= 1 - shade * dark[..., None]
            film[i] = paste(film[i], cut, mask, cx, cy, s * (1 + sway * np.sin(9 * t)), dim)
        if rng.random() < 0.35:
            back[:] = back * 0.6 + 0.4 * paste(back, cut, mask, x + rng.normal(0, 15), y + rng.normal(0, 5), size, dim)


def plain_block(rng, film, back, times, pictures):
    x, y, w, h = rng.uniform(0, 64), rng.uniform(0, 64), rng.uniform(4, 40), rng.uniform(4, 40)
    vx, vy = rng.normal(0, 25), rng.normal(0, 8)
    colour = rng.uniform(10, 245, 3) if rng.random() < 0.5 else np.full(3, rng.uniform(10, 245))
    for i, t in enumerate(times):
        inside = (np.abs(XX - x - vx * t) < w / 2) & (np.abs(YY - y - vy * t) < h / 2)
        film[i] = np.where(inside[..., None], colour + (XX[..., None] - x) * 0.3, film[i])


def sway(rng, film, back, times, pictures):
    """Branches, flags, awnings, wires: the scene itself bends to and fro."""
    where = np.clip(noise_film(rng, 1, 0.2)[0] * 2, 0, 1) if rng.random() < 0.7 else np.ones((SIDE, SIDE), np.float32)
    size, rate, phase = rng.uniform(0.4, 3.5), rng.uniform(1.5, 9), rng.uniform(0, 6)
    kx, ky = rng.uniform(0.02, 0.3, 2)
    for i, t in enumerate(times):
        bend = size * where * np.sin(rate * t + phase + kx * XX + ky * YY)
        film[i] = cv2.remap(film[i], XX + bend, YY + bend * rng.uniform(-0.5, 0.5), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def shake(rng, film, back, times, pictures):
    size = rng.uniform(0.2, 2.2)
    for i in range(len(times)):
        dx, dy = rng.normal(0, size, 2)
        film[i] = cv2.warpAffine(film[i], np.array([[1, 0, dx], [0, 1, dy]], np.float32), (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT)


def ghost(rng, film, back, times, pictures):
    """B shows what is no longer there."""
    cut, mask = pictures.cut(rng, rng.random() < 0.3)
    back[:] = paste(back, cut, mask, rng.uniform(5, 60), rng.uniform(5, 60), rng.uniform(10, 60), rng.uniform(0.5, 1.2))


def moved_in(rng, film, back, times, pictures):
    """Something stands there that B does not show: parked, and still."""
    cut, mask = pictures.cut(rng, rng.random() < 0.4)
    x, y, s, dim = rng.uniform(5, 60), rng.uniform(5, 60), rng.uniform(10, 60), rng.uniform(0.5, 1.2)
    for i in range(len(times)):
        film[i] = paste(film[i], cut, mask, x, y, s, dim)


def lamp(rng, film, back, times, pictures):
    """A lamp, a sign, a screen: on, off, blinking, red or yellow."""
    spot = np.exp(-(((XX - rng.uniform(0, 64)) ** 2 + (YY - rng.uniform(0, 64)) ** 2) / rng.uniform(4, 2500)))[..., None]
    warm = np.array(rng.choice([[1, 0.9, 0.7], [1, 0.3, 0.1], [1, 0.6, 0.1], [0.3, 1, 0.5], [0.8, 0.9, 1]]))
    on, rate, size = rng.uniform(-1, 1.5), rng.choice([0, 0, 1, 2, 4]), rng.uniform(15, 200)
    for i, t in enumerate(times):
        lit = t > on and (rate == 0 or int(t * rate * 2) % 2 == 0)
        film[i] += lit * size * spot * warm


def burnt_in(rng, film, back, times, pictures):
    """Digits of a clock drawn into the picture."""
    y, x, size = int(rng.uniform(8, 60)), int(rng.uniform(-5, 30)), rng.uniform(0.25, 0.6)
    for i in range(len(times)):
        canvas = np.ascontiguousarray(film[i])
        cv2.putText(canvas, f'{rng.integers(10**6):06d}', (x, y), cv2.FONT_HERSHEY_PLAIN, size * 2, (240, 240, 240), 1, cv2.LINE_AA)
        film[i] = canvas


def spray_dots(rng, film, back, times, pictures):
    """Birds, insects, paper, leaves in the air: small, fast, opaque."""
    for _ in range(rng.integers(1, 12)):
        x, y, vx, vy, r = rng.uniform(0, 64), rng.uniform(0, 64), rng.normal(0, 30), rng.normal(0, 20), rng.uniform(0.7, 3)
        tone = rng.uniform(5, 245)
        for i, t in enumerate(times):
            inside = ((XX - x - vx * t) ** 2 + (YY - y - vy * t) ** 2 < r * r)[..., None]
            film[i] = np.where(inside, tone, film[i])


LOOKALIKES = {
    'shadow_bar': shadow_bar, 'shadow_soft': shadow_soft, 'fog': fog, 'gain': gain, 'tilt_gain': tilt_gain, 'headlight': headlight,
    'wet_gleam': wet_gleam, 'rain': rain, 'mover': mover, 'plain_block': plain_block, 'sway': sway, 'shake': shake, 'ghost': ghost,
    'moved_in': moved_in, 'lamp': lamp, 'burnt_in': burnt_in, 'dots': spray_dots,
}
WEIGHTS = {
    'shadow_bar': 6, 'shadow_soft': 12, 'fog': 5, 'gain': 5, 'tilt_gain': 4, 'headlight': 13, 'wet_gleam': 8, 'rain': 7, 'mover': 22,
    'plain_block': 4, 'sway': 12, 'shake': 6, 'ghost': 4, 'moved_in': 5, 'lamp': 7, 'burnt_in': 3, 'dots': 3,
}
