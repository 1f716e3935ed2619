"""AP50 per class over labelled pictures, for the training curve. The figures of the card come from `kerbwatch eval-images`."""

import cv2
import numpy as np
import torch

from classes import CLASSES, VEHICLE, VEHICLE_KINDS
from data import iou_matrix
from draw import FILL
from net import cell_grid, decode_boxes


def fitted(image, size, fit):
    """Picture -> square input, and the factors x, y from input pixels back to the picture."""
    h, w = image.shape[:2]
    if fit == 'stretch':
        return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA if w > size else cv2.INTER_LINEAR), w / size, h / size
    r = min(size / w, size / h)
    out = np.full((size, size, 3), FILL, np.uint8)
    part = cv2.resize(image, (round(w * r), round(h * r)), interpolation=cv2.INTER_AREA if r < 1 else cv2.INTER_LINEAR)
    out[: part.shape[0], : part.shape[1]] = part
    return out, w / part.shape[1], h / part.shape[0]


def suppress(boxes, scores, overlap=0.55):
    order = np.argsort(-scores)
    keep = []
    while len(order):
        keep.append(order[0])
        order = order[1:][iou_matrix(boxes[order[:1]], boxes[order[1:]])[0] <= overlap]
    return np.array(keep, int)


@torch.no_grad()
def detect(net, image, size, fit, score_min=0.02):
    """[(class, score, box in picture pixels)] after class-wise suppression."""
    pixels, fx, fy = fitted(image, size, fit)
    device = next(net.parameters()).device
    raw = net(torch.from_numpy(pixels).to(device).permute(2, 0, 1)[None].float() / 255)[0].float().cpu()
    centres, strides, _ = cell_grid(size)
    boxes = decode_boxes(raw[:, :4], centres, strides).numpy() * np.array([fx, fy, fx, fy], np.float32)
    scores = torch.sigmoid(raw[:, 4:]).numpy()
    found = []
    for c in range(len(CLASSES)):
        some = np.flatnonzero(scores[:, c] > score_min)
        some = some[np.argsort(-scores[some, c])[:200]]
        for k in some[suppress(boxes[some], scores[some, c])] if len(some) else []:
            found.append((c, float(scores[k, c]), boxes[k]))
    return found


def average_precision(hits, scores, total):
    order = np.argsort(-np.array(scores), kind='stable')
    tp = np.cumsum(np.array(hits)[order])
    precision = tp / np.arange(1, len(tp) + 1)
    recall = tp / total
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0], recall])) * precision))


def evaluate(net, samples, size, fit='letterbox'):
    """{class: AP50} over classes fully labelled in each picture, with at least one box."""
    hits = {c: [] for c in range(len(CLASSES))}
    scores = {c: [] for c in range(len(CLASSES))}
    total = np.zeros(len(CLASSES))
    for sample in samples:
        found = detect(net, sample.image, size, fit)
        for c in range(len(CLASSES)):
            if sample.known[c] < 1:
                continue
            kinds = VEHICLE_KINDS + [VEHICLE] if c == VEHICLE else [c]
            of_class = np.isin(sample.classes, kinds) & (sample.soft == 1)
            truth = sample.boxes[of_class & ~sample.ignore]
            free = np.ones(len(truth), bool)
            total[c] += len(truth)
            mine = sorted((f for f in found if f[0] == c), key=lambda f: -f[1])
            for _, score, box in mine:
                overlap = iou_matrix(box[None], truth)[0] * free if len(truth) else np.zeros(0)
                hit = len(overlap) > 0 and overlap.max() >= 0.5
                if hit:
                    free[overlap.argmax()] = False
                elif len(sample.boxes) and (iou_matrix(box[None], sample.boxes[sample.ignore]) > 0.3).any():
                    continue
                hits[c].append(hit)
                scores[c].append(score)
    return {CLASSES[c]: average_precision(hits[c], scores[c], total[c]) if hits[c] else 0.0 for c in range(len(CLASSES)) if total[c] > 0}
