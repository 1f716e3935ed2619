"""Cell features of a sample. `edge/vision/plume/features.ts` computes the same numbers; `golden.json` holds both to it."""

import numpy as np

CLASSES = ('none', 'smoke', 'dust', 'flame', 'steam')
CHANNELS = ('log_ratio', 'difference', 'frame_difference', 'u', 'v', 'log_variance', 'correlation', 'contrast')
FRAMES, SIDE, CELLS = 8, 64, 16


def to_yuv(rgb):
    """BT.601, full range. [..., 3] -> Y, U, V, float32, U and V around 128."""
    rgb = rgb.astype(np.float32)
    y = 0.299 * rgb[..., 0] + 0.587 * rgb[..., 1] + 0.114 * rgb[..., 2]
    return y, 128 + 0.564 * (rgb[..., 2] - y), 128 + 0.713 * (rgb[..., 0] - y)


def _cells(x):
    """Mean of 4x4 pixels: [..., 64, 64] -> [..., 16, 16]."""
    return x.reshape(*x.shape[:-2], CELLS, 4, CELLS, 4).mean((-3, -1))


def _around(x):
    """Mean over the 3x3 cells around each, fewer at the border."""
    total = np.zeros_like(x)
    count = np.zeros(x.shape[-2:], x.dtype)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            to = (slice(max(0, -dy), CELLS - max(0, dy)), slice(max(0, -dx), CELLS - max(0, dx)))
            of = (slice(max(0, dy), CELLS - max(0, -dy)), slice(max(0, dx), CELLS - max(0, -dx)))
            total[(..., *to)] += x[(..., *of)]
            count[to] += 1
    return total / count


def cell_features(film, back):
    """YUV film ([N, 8, 64, 64] each) over YUV background ([N, 64, 64] each) -> [N, 8, 8 channels, 16, 16] float32."""
    (y, u, v), (by, bu, bv) = film, back
    by, bu, bv = by[:, None], bu[:, None], bv[:, None]
    d = y - by
    step = np.abs(np.diff(y, axis=1))
    step = np.concatenate([step[:, :1], step], 1)
    d_mean, d_square = _cells(d), _cells(d * d)
    y_mean, b_mean = _around(_cells(y)), _around(_cells(by))
    y_var = np.maximum(_around(_cells(y * y)) - y_mean * y_mean, 0)
    b_var = np.maximum(_around(_cells(by * by)) - b_mean * b_mean, 0)
    both = _around(_cells(y * by)) - y_mean * b_mean
    out = np.stack(
        [
            2 * np.log((_cells(y) + 25) / (_cells(by) + 25)),
            d_mean / 40,
            _cells(step) / 15,
            (_cells(u) - _cells(bu)) / 12,
            (_cells(v) - _cells(bv)) / 12,
            np.log(np.maximum(d_square - d_mean * d_mean, 0) + 1) / 3,
            both / np.sqrt((y_var + 4) * (b_var + 4)),
            0.5 * np.log((y_var + 4) / (b_var + 4)),
        ],
        2,
    )
    return np.clip(out, -4, 4).astype(np.float32)


def features_of_rgb(films, backs):
    """uint8 RGB films [N, 8, 64, 64, 3] and backgrounds [N, 64, 64, 3] -> features."""
    return cell_features(to_yuv(films), to_yuv(backs))
