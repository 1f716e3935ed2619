"""Two-dimensional smoke by the method of stable fluids (Stam 1999): semi-Lagrangian advection and a projection by FFT,
with buoyancy, vorticity confinement (Fedkiw 2001) and a pulsing source. Gives density films as uint8 [frames, side, side]."""

import cv2
import numpy as np
import scipy.fft as sf

SIDE = 96
FILM_FPS = 10


def _projector():
    ky = np.fft.fftfreq(SIDE)[:, None].astype(np.float32)
    kx = np.fft.rfftfreq(SIDE)[None, :].astype(np.float32)
    square = kx * kx + ky * ky
    square[0, 0] = 1
    return kx, ky, square


KX, KY, KK = _projector()
YY, XX = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)


def _project(u, v):
    """Takes the divergent part out of the velocity."""
    fu, fv = sf.rfft2(u), sf.rfft2(v)
    part = (KX * fu + KY * fv) / KK
    return sf.irfft2(fu - KX * part, s=u.shape).astype(np.float32), sf.irfft2(fv - KY * part, s=v.shape).astype(np.float32)


def _advect(field, u, v, dt, border):
    return cv2.remap(field, XX - dt * u, YY - dt * v, cv2.INTER_LINEAR, borderMode=border)


def simulate(rng, kind, seconds=7.0):
    """`kind`: column (smoke, steam, flame) or puff (dust: sideways, low, moving source). Returns uint8 [T, 96, 96] at 10 a second."""
    steps_per_frame, spin_up = 2, 80
    u = np.zeros((SIDE, SIDE), np.float32)
    v = np.zeros_like(u)
    d = np.zeros_like(u)
    flame = kind == 'flame'
    lift = {'column': rng.uniform(1.0, 5.0), 'flame': rng.uniform(5, 12), 'puff': rng.uniform(0.0, 0.8)}[kind]
    wind = rng.normal(0, 0.7 if kind != 'puff' else 1.6)
    wind_rate, wind_phase = rng.uniform(0.2, 2), rng.uniform(0, 6)
    keep = {'column': rng.uniform(0.975, 0.999), 'flame': rng.uniform(0.84, 0.93), 'puff': rng.uniform(0.97, 0.995)}[kind]
    radius = {'column': rng.uniform(1.5, 6), 'flame': rng.uniform(3, 10), 'puff': rng.uniform(2, 6)}[kind]
    x0, y0 = rng.uniform(30, 66), rng.uniform(78, 90)
    roll = rng.uniform(-1.5, 1.5) if kind == 'puff' else 0
    curl_gain = rng.uniform(0.1, 0.6)
    pulse, pulse_rate = rng.uniform(0, 0.9), rng.uniform(0.3, 3 if not flame else 7)
    gap = rng.random() < 0.2
    air = rng.uniform(0.02, 0.25) if kind != 'puff' else rng.uniform(0.15, 0.5)
    force_x, force_y = (rng.normal(0, 1, (3, 8, 8)).astype(np.float32) for _ in range(2))
    frames = []
    dt = 0.5
    for step in range(spin_up + int(seconds * FILM_FPS) * steps_per_frame):
        s = step * 0.05
        strength = max(0.0, 1 + pulse * np.sin(2 * np.pi * pulse_rate * s) + rng.normal(0, 0.25))
        if gap and np.sin(0.9 * s + wind_phase) > 0.8:
            strength = 0
        cx = x0 + roll * s * 3 + rng.normal(0, 0.8)
        blob = np.exp(-(((XX - cx) / radius) ** 2 + ((YY - y0) / (radius * 0.6)) ** 2))
        d = np.minimum(d + 0.35 * strength * blob, 2)
        v -= lift * dt * 0.06 * d
        gust = wind * (1 + 0.5 * np.sin(wind_rate * s + wind_phase))
        u += 0.05 * (gust - u) * (0.3 + d)
        w = np.gradient(v, axis=1) - np.gradient(u, axis=0)
        gy, gx = np.gradient(np.abs(w))
        size = np.sqrt(gx * gx + gy * gy) + 1e-3
        u += curl_gain * dt * gy / size * w
        v -= curl_gain * dt * gx / size * w
        mix = np.array([np.sin(0.9 * s), np.cos(1.3 * s), np.sin(2.1 * s + 1)], np.float32)
        u += air * cv2.resize(np.tensordot(mix, force_x, 1), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        v += air * cv2.resize(np.tensordot(mix, force_y, 1), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        if kind == 'puff':
            d = cv2.GaussianBlur(d, (3, 3), 0.5)
        u, v = _project(u * 0.995, v * 0.995)
        u, v = _advect(u, u, v, dt, cv2.BORDER_WRAP), _advect(v, u, v, dt, cv2.BORDER_WRAP)
        d = _advect(d, u, v, dt, cv2.BORDER_CONSTANT) * keep
        d[:4] *= 0.8
        if step >= spin_up and step % steps_per_frame == 0:
            frames.append(np.clip(d * 127, 0, 255).astype(np.uint8))
    return np.stack(frames)


def films(seed, counts, path, log):
    """Simulates once and keeps the films in one file, so that a broken run goes on."""
    if path.exists():
        return dict(np.load(path))
    rng = np.random.default_rng(seed)
    made = {kind: np.stack([simulate(rng, kind) for _ in range(count)]) for kind, count in counts.items()}
    np.savez(path, **made)
    log(f'films: { {k: v.shape for k, v in made.items()} }')
    return made
