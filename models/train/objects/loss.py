"""ATSS targets, quality focal loss, generalised IoU, with negatives only where absence is known."""

import torch
import torch.nn.functional as F

from classes import CLASSES, VEHICLE, VEHICLE_KINDS

NEAREST = 9


def pair_iou(a, b):
    """IoU and generalised IoU of boxes pair by pair."""
    lt, rb = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    wh = (rb - lt).clamp(min=0)
    inter = wh[..., 0] * wh[..., 1]
    area = lambda q: (q[..., 2] - q[..., 0]).clamp(min=0) * (q[..., 3] - q[..., 1]).clamp(min=0)
    union = area(a) + area(b) - inter + 1e-6
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).clamp(min=0)
    hull = hull[..., 0] * hull[..., 1] + 1e-6
    iou = inter / union
    return iou, iou - (hull - union) / hull


def assign(boxes, centres, strides, counts):
    """ATSS (arXiv:1912.02424) over squares of 5 strides: index of the box per cell, -1 for none."""
    n, cells = len(boxes), len(centres)
    owner = torch.full((cells,), -1, dtype=torch.long)
    if n == 0:
        return owner
    anchors = torch.cat([centres - 2.5 * strides[:, None], centres + 2.5 * strides[:, None]], 1)
    iou, _ = pair_iou(anchors[None], boxes[:, None])
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    distance = (centres[None] - middle[:, None]).pow(2).sum(-1)
    candidate = torch.zeros(n, cells, dtype=torch.bool)
    start = 0
    for count in counts:
        near = distance[:, start : start + count].topk(min(NEAREST, count), largest=False).indices + start
        candidate.scatter_(1, near, True)
        start += count
    picked = torch.where(candidate, iou, torch.zeros(()))
    number = candidate.sum(1)
    mean = picked.sum(1) / number
    deviation = (torch.where(candidate, (iou - mean[:, None]).pow(2), torch.zeros(())).sum(1) / number.clamp(min=2)).sqrt()
    inside = ((centres[None] > boxes[:, None, :2]) & (centres[None] < boxes[:, None, 2:])).all(-1)
    positive = candidate & inside & (iou >= (mean + deviation)[:, None])
    # a box too small or thin to hold a cell's centre gets the nearest cell of the finest level
    lost = ~positive.any(1)
    if lost.any():
        nearest = distance[lost, : counts[0]].argmin(1)
        positive[lost.nonzero()[:, 0], nearest] = True
    # where boxes share a cell the one with the greater IoU has it
    score = torch.where(positive, iou + 1e-4, torch.zeros(()))
    best, index = score.max(0)
    owner[best > 0] = index[best > 0]
    return owner


def targets(view, centres, strides, counts):
    """Per view: owner per cell, its box, class, soft score; weights [cells, classes] of the class loss."""
    boxes, classes, soft, ignore, known = view
    hard = ~ignore
    owner = assign(boxes[hard], centres, strides, counts)
    weight = known.clone()
    for box in boxes[ignore]:
        inside = (centres[:, 0] > box[0]) & (centres[:, 0] < box[2]) & (centres[:, 1] > box[1]) & (centres[:, 1] < box[3])
        weight[inside] = 0
    cells = (owner >= 0).nonzero()[:, 0]
    own = owner[cells]
    cls = classes[hard][own]
    weight[cells] = 1
    # a stall under its umbrella: two things of different classes share the place, so neither is wrong there
    sharing, _ = pair_iou(boxes[hard][:, None], boxes[hard][None])
    for a, b in ((sharing > 0.4) & (classes[hard][:, None] != classes[hard][None])).nonzero().tolist():
        weight[cells[own == a], classes[hard][b]] = 0
    untyped = cells[cls == VEHICLE]
    for kind in VEHICLE_KINDS:
        weight[untyped, kind] = 0
    return cells, boxes[hard][own], cls, soft[hard][own], weight


def detection_loss(raw, decoded, views, centres, strides, counts):
    """Sum of quality focal loss (power 2) per positive cell and 2 x GIoU weighted by the quality."""
    batch, cells_count, _ = raw.shape
    goal = torch.zeros(batch, cells_count, len(CLASSES))
    weight = torch.empty(batch, cells_count, len(CLASSES))
    where, wanted = [], []
    for b, view in enumerate(views):
        cells, boxes, cls, soft, weight[b] = targets(view, centres, strides, counts)
        where.append((torch.full_like(cells, b), cells, cls, soft))
        wanted.append(boxes)
    at_b, at_c, cls, soft = (torch.cat(parts) for parts in zip(*where))
    wanted = torch.cat(wanted)
    device = raw.device
    got = decoded[at_b.to(device), at_c.to(device)]
    iou, giou = pair_iou(got, wanted.to(device))
    quality = iou.detach().clamp(0, 1).cpu() * soft
    goal[at_b, at_c, cls] = quality
    vehicle = (cls.unsqueeze(1) == torch.tensor(VEHICLE_KINDS)).any(1)
    goal[at_b[vehicle], at_c[vehicle], VEHICLE] = quality[vehicle]
    goal, weight = goal.to(device), weight.to(device)
    logits = raw[..., 4:].float()
    focal = (torch.sigmoid(logits) - goal).detach().pow(2) * F.binary_cross_entropy_with_logits(logits, goal, reduction='none')
    positives = max(1.0, float(len(at_b)))
    cls_loss = (focal * weight).sum() / positives
    share = quality.clamp(min=0.05).to(device)
    box_loss = ((1 - giou) * share).sum() / share.sum().clamp(min=1)
    return cls_loss + 2 * box_loss, float(cls_loss.detach()), float(box_loss.detach())
