#!/usr/bin/env python3
"""Trains the objects network from random weights (or from an earlier state) and writes best state, curve and ONNX.

One command, seeded, resumable:
  /usr/bin/python3 models/train/objects/train.py --data ../shared/data/images --out models/train/work/objects --minutes 30
"""

import argparse
import copy
import json
import math
import os
import random
import time

import cv2
import numpy as np
import torch

from classes import CLASSES, INDEX
from curve import write_csv, write_png
from data import load_coco
from draw import draw_view, known_per_cell
from export import export_onnx
from loss import detection_loss
from net import CropClassifier, Detector, cell_grid, decode_boxes
from score import evaluate

DRAW_OFTEN = {'atl': 2.0, 'manaus': 2.0, 'litter_taco': 1.5, 'highway': 1.0, 'oiv': 0.7}


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--data', required=True, help='folder with street_objects/ and litter_taco/')
    p.add_argument('--rendered', help='folder with train/ and val/ of rendered stills')
    p.add_argument('--teacher', help='JSON of soft teacher boxes made by teach.ts')
    p.add_argument('--out', required=True)
    p.add_argument('--minutes', type=float, default=30, help='processor minutes of training')
    p.add_argument('--wall-minutes', type=float, default=1e9, help='the schedule also ends by this much wall time')
    p.add_argument('--size', type=int, default=416, help='input of the exported network')
    p.add_argument('--start', help='weights of an earlier run (state.pt)')
    p.add_argument('--rate', type=float, default=2e-3)
    p.add_argument('--batch', type=int, default=8)
    p.add_argument('--seed', type=int, default=7)
    p.add_argument('--threads', type=int, default=1)
    p.add_argument('--share-rendered', type=float, default=0.5, help='share of drawn pictures that are rendered')
    p.add_argument('--crop-minutes', type=float, default=0.5)
    p.add_argument('--finish-minutes', type=float, default=3, help='a file OUT/finish ends the schedule within this many minutes, rate falling')
    return p.parse_args()


def say(text):
    print(text, flush=True)


def shippable(data):
    """The only pictures that may go into weights that are shipped: see DATA.md, permitted use."""
    streets = os.path.join(data, 'street_objects')
    names = [line.strip() for line in open(os.path.join(streets, 'train_shippable.txt')) if line.strip()]
    return streets, names


def held_back_litter(name):
    """Every fifth picture of litter_taco is measured, not learnt from."""
    return int(''.join(ch for ch in name if ch.isdigit())) % 5 == 0


def load_real(opt):
    teacher = json.load(open(opt.teacher)) if opt.teacher else {}
    streets, names = shippable(opt.data)
    litter = os.path.join(opt.data, 'litter_taco')
    train = load_coco(streets, names, teacher=teacher.get('street_objects'))
    train += [s for s in load_coco(litter, teacher=teacher.get('litter_taco')) if not held_back_litter(s.name)]
    val_names = [line.strip() for line in open(os.path.join(streets, 'val.txt')) if line.strip()]
    return train, [s for s in load_coco(streets, val_names) if s.group in ('highway', 'atl', 'manaus', 'veh8')]


class Pictures:
    """What is learnt from and what is measured on. The renderer may still be adding scenes: `refresh` takes them up."""

    def __init__(self, opt):
        self.opt = opt
        self.real, real_val = load_real(opt)
        self.val = {'real': real_val}
        self.seen = {}
        self.rendered = []
        self.refresh()

    def changed(self, part):
        path = os.path.join(self.opt.rendered, part, 'annotations.json')
        at = os.path.getmtime(path) if os.path.exists(path) else 0
        if at == 0 or at == self.seen.get(part):
            return False
        self.seen[part] = at
        return True

    def refresh(self):
        if self.opt.rendered and self.changed('train'):
            self.rendered = load_coco(os.path.join(self.opt.rendered, 'train'))
            for sample in self.rendered:
                sample.group = 'rendered'
        if self.opt.rendered and self.changed('val'):
            self.val['rendered'] = load_coco(os.path.join(self.opt.rendered, 'val'))
        self.train = self.real + self.rendered
        weights = np.array([DRAW_OFTEN.get(s.group, 1.0) for s in self.train])
        n = len(self.real)
        if self.rendered:
            # few rendered pictures must not be seen too often
            share = min(self.opt.share_rendered, 0.0015 * len(self.rendered))
            weights[n:] *= share / weights[n:].sum()
            weights[:n] *= (1 - share) / weights[:n].sum()
        self.weights = weights / weights.sum()
        say(f'{len(self.real)} real and {len(self.rendered)} rendered pictures to learn from, {sum(len(s.boxes) for s in self.train)} boxes, val {({k: len(v) for k, v in self.val.items()})}')


def crop_start(net, train, opt, rng, device):
    """Half a minute of classifying 64x64 crops of labelled boxes and background: a cheap start for the backbone."""
    pool = [(s, k) for s in train for k in range(len(s.boxes)) if s.soft[k] == 1 and not s.ignore[k] and (s.boxes[k][2:] - s.boxes[k][:2]).min() >= 10]
    by_class = {}
    for s, k in pool:
        by_class.setdefault(int(s.classes[k]), []).append((s, k))
    kinds = [c for c, items in by_class.items() if len(items) >= 60]
    if len(kinds) < 2:
        return
    head = CropClassifier(net.backbone, len(CLASSES) + 1).to(device).train()
    optimizer = torch.optim.AdamW(head.parameters(), 2e-3, weight_decay=0.05)
    begin, seen = time.process_time(), 0
    while time.process_time() - begin < opt.crop_minutes * 60:
        crops, goals = [], []
        for _ in range(64):
            c = kinds[rng.integers(len(kinds))]
            s, k = by_class[c][rng.integers(len(by_class[c]))]
            box = s.boxes[k]
            goal = c
            if rng.random() < 0.2:
                w, h = box[2] - box[0], box[3] - box[1]
                x, y = rng.uniform(0, max(1, s.image.shape[1] - w)), rng.uniform(0, max(1, s.image.shape[0] - h))
                box = np.array([x, y, x + w, y + h])
                near = np.minimum(s.boxes[:, 2:], box[2:]) - np.maximum(s.boxes[:, :2], box[:2])
                if (near.min(1) > 0).any():
                    continue
                goal = len(CLASSES)
            grow = 0.15 * (box[2:] - box[:2])
            x1, y1 = np.maximum(0, box[:2] - grow).astype(int)
            x2, y2 = np.ceil(box[2:] + grow).astype(int)
            crop = s.image[y1:y2, x1:x2]
            if crop.size == 0:
                continue
            crop = cv2.resize(crop, (64, 64), interpolation=cv2.INTER_AREA)
            crops.append(crop[:, ::-1] if rng.random() < 0.5 else crop)
            goals.append(goal)
        x = torch.from_numpy(np.stack(crops)).to(device).permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16):
            logits = head(x)
        loss = torch.nn.functional.cross_entropy(logits.float(), torch.tensor(goals, device=device), label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        seen += len(crops)
    say(f'crop start: {seen} crops, loss {loss.item():.3f}')


def size_at(progress, last):
    return 256 if progress < 0.12 else 320 if progress < 0.55 else last


def rate_at(progress, top):
    return top * min(1, progress / 0.06) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1, progress))))


def update_average(average, net, step):
    keep = min(0.998, (1 + step) / (10 + step))
    with torch.no_grad():
        for a, b in zip(average.state_dict().values(), net.state_dict().values()):
            a.mul_(keep).add_(b, alpha=1 - keep) if a.dtype.is_floating_point else a.copy_(b)


class Run:
    """State of one training that can be stopped and taken up again."""

    def __init__(self, opt, device):
        self.opt, self.device = opt, device
        self.net = Detector().to(device).to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), opt.rate, weight_decay=0.05)
        self.step, self.views, self.spent_s, self.rows = 0, 0, 0.0, []
        self.average = None
        self.path = os.path.join(opt.out, 'state.pt')

    def save(self):
        torch.save({'net': self.net.state_dict(), 'average': self.average.state_dict(), 'optimizer': self.optimizer.state_dict(), 'step': self.step,
                    'views': self.views, 'spent_s': self.spent_s, 'rows': self.rows, 'classes': CLASSES}, self.path + '.partial')
        os.replace(self.path + '.partial', self.path)

    def resume(self):
        if not os.path.exists(self.path):
            return False
        state = torch.load(self.path, map_location=self.device)
        self.net.load_state_dict(state['net'])
        self.average = copy.deepcopy(self.net)
        self.average.load_state_dict(state['average'])
        self.optimizer.load_state_dict(state['optimizer'])
        self.step, self.views, self.spent_s, self.rows = (state[k] for k in ('step', 'views', 'spent_s', 'rows'))
        return True


def draw_batch(train, weights, opt, size, rng, mosaic, centres):
    pixels, views = [], []
    for _ in range(opt.batch):
        canvas, boxes, classes, soft, ignore, tiles = draw_view(train, weights, size, rng, mosaic and rng.random() < 0.6)
        pixels.append(canvas)
        known = known_per_cell(tiles, centres.numpy())
        views.append((torch.from_numpy(boxes), torch.from_numpy(classes), torch.from_numpy(soft), torch.from_numpy(ignore), torch.from_numpy(known)))
    return torch.from_numpy(np.stack(pixels)), views


def record(run, val, size, loss, last):
    run.average.eval()
    row = {'minutes': round(run.spent_s / 60, 2), 'views': run.views, 'size': size, 'loss': round(loss, 4)}
    for name, samples in val.items():
        some = samples if last else samples[:: max(1, len(samples) // 80)]
        ap = evaluate(run.average, some, run.opt.size)
        row.update({f'{name}_{c}': round(v, 4) for c, v in ap.items()})
        row[f'{name}_mean'] = round(float(np.mean(list(ap.values()))), 4)
    run.rows.append(row)
    say(json.dumps(row))
    write_csv(os.path.join(run.opt.out, 'curve.csv'), run.rows)
    names = [n for n in ('real_mean', 'real_vehicle', 'real_person', 'real_two_wheeler', 'rendered_mean', 'rendered_vehicle', 'rendered_person', 'rendered_vendor_stall') if n in row]
    write_png(os.path.join(run.opt.out, 'curve.png'), run.rows, names)


def main():
    opt = options()
    os.makedirs(opt.out, exist_ok=True)
    torch.set_num_threads(opt.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(opt.seed)
    random.seed(opt.seed)
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    pictures = Pictures(opt)
    say(f'device {device}')
    run = Run(opt, device)
    resumed = run.resume()
    rng = np.random.default_rng(opt.seed + run.step)
    if not resumed:
        if opt.start:
            run.net.load_state_dict(torch.load(opt.start, map_location=device)['average'])
        else:
            crop_start(run.net, pictures.train, opt, rng, device)
        run.average = copy.deepcopy(run.net)
    wall_start, mark = time.monotonic(), time.process_time() if device.type == 'cpu' else time.monotonic()
    used = run.spent_s
    saved_at = tested_at = run.spent_s
    grids = {}
    smooth_loss = None
    finish = None
    while True:
        now = time.process_time() if device.type == 'cpu' else time.monotonic()
        run.spent_s = used + now - mark
        progress = max(run.spent_s / 60 / opt.minutes, (time.monotonic() - wall_start) / 60 / opt.wall_minutes)
        if finish is None and os.path.exists(os.path.join(opt.out, 'finish')):
            finish = (progress, run.spent_s)
            say('asked to finish')
        if finish is not None:
            progress = finish[0] + (1 - finish[0]) * (run.spent_s - finish[1]) / 60 / opt.finish_minutes
        if progress >= 1:
            break
        size = size_at(progress, opt.size)
        if size not in grids:
            grids[size] = cell_grid(size)
        centres, strides, counts = grids[size]
        pixels, views = draw_batch(pictures.train, pictures.weights, opt, size, rng, progress < 0.85, centres)
        for group in run.optimizer.param_groups:
            group['lr'] = rate_at(progress, opt.rate)
        run.net.train()
        x = pixels.to(device).permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16):
            raw = run.net(x)
        raw = raw.float()
        decoded = decode_boxes(raw[..., :4], centres.to(device), strides.to(device))
        loss, cls_loss, box_loss = detection_loss(raw, decoded, views, centres, strides, counts)
        run.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(run.net.parameters(), 20)
        run.optimizer.step()
        run.step += 1
        run.views += opt.batch
        update_average(run.average, run.net, run.step)
        value = cls_loss + 2 * box_loss
        smooth_loss = value if smooth_loss is None else 0.98 * smooth_loss + 0.02 * value
        if run.step % 50 == 0:
            say(f'step {run.step} size {size} loss {smooth_loss:.3f} cpu {run.spent_s / 60:.1f} min, {progress:.0%}')
        if run.spent_s - saved_at > 60:
            run.save()
            saved_at = run.spent_s
        if run.spent_s - tested_at > 180:
            record(run, pictures.val, size, smooth_loss, False)
            pictures.refresh()
            tested_at = run.spent_s
    record(run, pictures.val, opt.size, smooth_loss or 0.0, True)
    run.save()
    export_onnx(run.average, os.path.join(opt.out, 'model.onnx'), opt.size)


if __name__ == '__main__':
    main()
