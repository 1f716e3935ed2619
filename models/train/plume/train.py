"""Trains the plume classifier on synthetic samples only, and writes the model folder. One command, seeded, goes on after a break:

    /usr/bin/python3 train.py --pictures DIR --work DIR --model ../../plume-v1

Needs torch (1.13 or later), numpy, opencv, scipy, onnx and ffmpeg with libx264. About 15 minutes of one core.
"""

import argparse
import hashlib
import json
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

import manifest
from features import CELLS, CHANNELS, CLASSES, FRAMES, features_of_rgb
from fluid import films
from net import PlumeNet, WithSoftmax
from samples import draw, make, through_codec
from scenes import Pictures

CHUNK = 1000


def log(text):
    print(f'{time.process_time():7.0f} s cpu  {text}', flush=True)


def chunks(work, name, count, seed, pictures, store):
    """Features, labels and notes of `count` thousands of samples, each thousand kept in a file."""
    parts = []
    for index in range(count):
        path = work / f'{name}-{index:03d}.npz'
        if not path.exists():
            rng = np.random.default_rng([seed, index])
            cells, labels, notes = [], [], []
            for _ in range(CHUNK // 250):
                film, back, label, note = draw(rng, 250, pictures, store)
                cells.append(features_of_rgb(film, back).astype(np.float16))
                labels.append(label)
                notes += note
            np.savez(path, x=np.concatenate(cells), y=np.concatenate(labels), notes=np.array(notes))
            log(f'{path.name} written')
        with np.load(path) as part:
            parts.append((part['x'], part['y'], part['notes']))
    return [np.concatenate(column) for column in zip(*parts)]


def mined(work, net, seed, pictures, store, count, keep):
    """Of `count` fresh scenes without a plume, the `keep` that the network likes least to call none."""
    path = work / 'mined.npz'
    if not path.exists():
        rng = np.random.default_rng([seed, 99])
        made = []
        while len(made) < count:
            made.append(make(rng, 'none', pictures, store))
        film, back = through_codec(rng, np.stack([m[0] for m in made])), np.stack([m[1] for m in made])
        x = np.concatenate([features_of_rgb(film[i : i + 250], back[i : i + 250]).astype(np.float16) for i in range(0, count, 250)])
        worst = np.argsort(predict(net, x)[:, 0])[:keep]
        np.savez(path, x=x[worst])
        log('mined')
    with np.load(path) as part:
        return part['x']


def predict(net, x):
    net.eval()
    with torch.no_grad():
        return np.concatenate([torch.softmax(net(torch.from_numpy(x[i : i + 500].astype(np.float32))), 1).numpy() for i in range(0, len(x), 500)])


def fit(net, x, y, val, epochs, rate, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    steps = len(x) // 96
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=0.02)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=epochs * steps)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.03)
    for epoch in range(epochs):
        net.train()
        total = 0.0
        order = rng.permutation(len(x))
        for i in range(steps):
            batch = np.sort(order[i * 96 : (i + 1) * 96])
            cells = x[batch].astype(np.float32)
            if rng.random() < 0.5:
                cells = cells[..., ::-1].copy()
            if rng.random() < 0.15:
                cells[:, :, 3:5] = 0
            optimiser.zero_grad()
            loss = loss_of(net(torch.from_numpy(cells)), torch.from_numpy(y[batch]))
            loss.backward()
            optimiser.step()
            plan.step()
            total += float(loss)
        p = predict(net, val[0])
        log(f'epoch {epoch + 1}: loss {total / steps:.3f}  val {report(p, val[1])}')


def area_under_curve(positive, negative):
    both = np.concatenate([positive, negative])
    ranks = both.argsort().argsort() + 1
    return (ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative))


def report(p, y):
    fire = 1 - p[:, 0] - p[:, 4]
    plume, other = np.isin(y, (1, 2, 3)), y == 0
    cut = np.quantile(fire[other], 0.95)
    return {
        'accuracy': round(float((p.argmax(1) == y).mean()), 3),
        'auc': round(float(area_under_curve(fire[plume], fire[other])), 3),
        'found_at_5_percent_false': {c: round(float((fire[y == i] > cut).mean()), 3) for i, c in enumerate(CLASSES) if i},
    }


def temperature_of(net, val):
    """Divides the logits so that the probabilities are calibrated on held-back synthetic samples."""
    net.eval()
    with torch.no_grad():
        logits = torch.cat([net(torch.from_numpy(val[0][i : i + 500].astype(np.float32))) for i in range(0, len(val[0]), 500)])
    target = torch.from_numpy(val[1])
    grid = np.arange(0.5, 3.01, 0.05)
    return float(grid[np.argmin([float(nn.functional.cross_entropy(logits / t, target)) for t in grid])])


def golden(net_out, path):
    """Numbers that the TypeScript features must repeat. Input by formula: see `features.test.ts`."""
    t, y, x, c = np.meshgrid(np.arange(FRAMES), np.arange(64), np.arange(64), np.arange(3), indexing='ij')
    film = ((x * 3 + y * 2 + t * 9 + c * 40 + (x * y // 16) % 37 + (x * (t + 3) % 11) * 4) % 256).astype(np.uint8)
    back = ((x * 3 + y * 2 + c * 40 + (x * y // 16) % 37) % 256).astype(np.uint8)[0]
    cells = features_of_rgb(film[None], back[None])
    picked = list(range(0, cells.size, 151))
    with torch.no_grad():
        p = net_out(torch.from_numpy(cells)).numpy()[0]
    body = {'step': 151, 'values': [round(float(cells.flat[i]), 5) for i in picked], 'sum': round(float(cells.sum()), 2), 'probabilities': [round(float(v), 5) for v in p]}
    path.write_text(json.dumps(body) + '\n')


def main():
    args = argparse.ArgumentParser()
    args.add_argument('--pictures', required=True)
    args.add_argument('--work', required=True, type=Path)
    args.add_argument('--model', required=True, type=Path)
    args.add_argument('--version', default='1.0.0')
    args.add_argument('--seed', type=int, default=1)
    args.add_argument('--thousands', type=int, default=16)
    args.add_argument('--epochs', type=int, default=14)
    args = args.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    args.work.mkdir(parents=True, exist_ok=True)
    args.model.mkdir(parents=True, exist_ok=True)

    rng = np.random.default_rng(args.seed)
    pictures = Pictures(args.pictures, rng)
    kept_back = Pictures(args.pictures, rng, 0)  # replaced below: backgrounds and cut-outs no training sample has seen
    for pool in ('backgrounds', 'cars', 'people'):
        everything = getattr(pictures, pool)
        setattr(kept_back, pool, everything[::8])
        setattr(pictures, pool, [v for i, v in enumerate(everything) if i % 8])
    log(f'{len(pictures.backgrounds)} backgrounds, {len(pictures.cars)} vehicles, {len(pictures.people)} walkers and riders')
    store = films(args.seed, {'column': 170, 'flame': 60, 'puff': 90}, args.work / 'films.npz', log)
    seen = {k: v[len(v) // 8 :] for k, v in store.items()}
    unseen = {k: v[: len(v) // 8] for k, v in store.items()}

    val = chunks(args.work, 'val', 2, args.seed + 1000, kept_back, unseen)
    x, y, _ = chunks(args.work, 'train', args.thousands, args.seed, pictures, seen)
    torch.manual_seed(args.seed)
    net = PlumeNet()
    log(f'{sum(p.numel() for p in net.parameters())} parameters, classes {np.bincount(y).tolist()}')
    first = args.work / 'first.pt'
    if first.exists():
        net.load_state_dict(torch.load(first))
    else:
        fit(net, x, y, val, args.epochs, 5e-3, args.seed)
        torch.save(net.state_dict(), first)
    hard = mined(args.work, net, args.seed, pictures, seen, 3000, 700)
    fit(net, np.concatenate([x, hard]), np.concatenate([y, np.zeros(len(hard), y.dtype)]), val, 4, 1.5e-3, args.seed + 1)
    torch.save(net.state_dict(), args.work / 'last.pt')

    p = predict(net, val[0])
    figures = report(p, val[1])
    fire = 1 - p[:, 0] - p[:, 4]
    names = sorted({n for note in val[2] for n in note.split()})
    cut = np.quantile(fire[val[1] == 0], 0.95)
    figures['lookalikes_fired'] = {n: round(float((fire[(val[1] == 0) & [n in note.split() for note in val[2]]] > cut).mean()), 3) for n in names}
    temperature = temperature_of(net, val)
    log(f'end: {figures} temperature {temperature:.2f}')
    out = WithSoftmax(net, temperature).eval()
    path = args.model / 'model.onnx'
    shape = torch.zeros(1, FRAMES, len(CHANNELS), CELLS, CELLS)
    torch.onnx.export(out, shape, str(path), opset_version=13, input_names=['cells'], output_names=['probabilities'], dynamic_axes={'cells': {0: 'n'}, 'probabilities': {0: 'n'}})
    golden(out, args.model / 'golden.json')
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    parameters = sum(q.numel() for q in net.parameters())
    known = {'sha256': sha256, 'bytes': path.stat().st_size, 'temperature': temperature, 'parameters': parameters, 'synthetic': figures}
    (args.work / 'figures.json').write_text(json.dumps(known, indent=1))
    manifest.write(args.model, known, args.version)
    log('written')


if __name__ == '__main__':
    main()
