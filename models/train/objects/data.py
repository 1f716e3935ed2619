"""Labelled pictures in memory: boxes, which classes are fully labelled, soft boxes of teachers."""

import json
import os
from dataclasses import dataclass

import cv2
import numpy as np

from classes import CLASSES, INDEX, VEHICLE, VEHICLE_KINDS

# Weight of a negative in a picture whose class list does not name the class, but whose kind makes it very unlikely.
ASSUMED = 0.3
# A rendered thing of which less can be seen is neither to be found nor a false alarm while learning.
VISIBLE_MIN = 0.2
STREET_FURNITURE = ['vendor_stall', 'handcart', 'grill', 'goods']
ASSUMED_ABSENT = {
    'atl': ['tricycle', 'umbrella', 'debris', *STREET_FURNITURE],
    'manaus': ['tricycle', 'debris', *STREET_FURNITURE],
    'highway': ['grill', 'debris', 'goods'],
    'oiv': ['grill', 'debris'],
    'litter_taco': ['car', 'truck', 'bus', 'vehicle', 'two_wheeler', 'tricycle', 'vendor_stall', 'umbrella', 'grill', 'handcart'],
}


@dataclass
class Sample:
    """`boxes` are x1, y1, x2, y2 in pixels of `image` (RGB); `soft` is 1 for a label; `known` weighs negatives, 0 to 1 a class."""

    image: np.ndarray
    boxes: np.ndarray
    classes: np.ndarray
    soft: np.ndarray
    ignore: np.ndarray
    known: np.ndarray
    name: str
    group: str


def known_weights(exhaustive, group):
    known = np.zeros(len(CLASSES), np.float32)
    for name in ASSUMED_ABSENT.get(group, []):
        known[INDEX[name]] = ASSUMED
    for name in exhaustive:
        if name in INDEX:
            known[INDEX[name]] = 1
    if all(known[k] == 1 for k in VEHICLE_KINDS):
        known[VEHICLE] = 1
    return known


def join_riders(boxes, classes):
    """Convention *together*: a person who overlaps a cycle sideways > 60 %, starts above it and ends above its wheels is its rider."""
    keep = np.ones(len(boxes), bool)
    boxes = boxes.copy()
    for p in np.flatnonzero(classes == INDEX['person']):
        x1, y1, x2, y2 = boxes[p]
        best, best_share = None, 0.6
        for c in np.flatnonzero(classes == INDEX['two_wheeler']):
            cx1, cy1, cx2, cy2 = boxes[c]
            share = (min(x2, cx2) - max(x1, cx1)) / max(1.0, min(x2 - x1, cx2 - cx1))
            if share > best_share and y1 < cy1 and y2 <= cy2 + 2 and y2 > cy1:
                best, best_share = c, share
        if best is not None:
            keep[p] = False
            boxes[best] = [min(boxes[best][0], x1), min(boxes[best][1], y1), max(boxes[best][2], x2), max(boxes[best][3], y2)]
    return boxes, keep


def iou_matrix(a, b):
    if len(a) == 0 or len(b) == 0:
        return np.zeros((len(a), len(b)), np.float32)
    lt = np.maximum(a[:, None, :2], b[None, :, :2])
    rb = np.minimum(a[:, None, 2:], b[None, :, 2:])
    wh = np.clip(rb - lt, 0, None)
    inter = wh[..., 0] * wh[..., 1]
    area = lambda q: (q[:, 2] - q[:, 0]) * (q[:, 3] - q[:, 1])
    return inter / np.maximum(1e-6, area(a)[:, None] + area(b)[None] - inter)


def add_teacher_boxes(boxes, classes, soft, ignore, known, taught, together):
    """Soft boxes (score >= 0.45) where the class is unlabelled; a box over 0.3 without label in a labelled class is ignored."""
    found_b = np.array([t['box'] for t in taught], np.float32).reshape(-1, 4)
    found_c = np.array([INDEX[t['class']] for t in taught], np.int64)
    found_s = np.array([t['score'] for t in taught], np.float32)
    if not together and len(found_b):
        # a labelled cycle without rider, whose rider only the teacher sees: grow the labelled box
        both_b = np.concatenate([boxes, found_b[found_c == INDEX['person']]])
        both_c = np.concatenate([classes, found_c[found_c == INDEX['person']]])
        grown, kept = join_riders(both_b, both_c)
        if not (known[INDEX['person']] == 1):
            boxes = grown[: len(boxes)]
    if len(found_b):
        found_b, kept = join_riders(found_b, found_c)
        found_b, found_c, found_s = found_b[kept], found_c[kept], found_s[kept]
    overlap = iou_matrix(found_b, boxes)
    near = overlap.max(1) if len(boxes) and len(found_b) else np.zeros(len(found_b))
    for k in range(len(found_b)):
        if near[k] > 0.45 or inside_cycle(found_b[k], found_c[k], boxes, classes):
            continue
        labelled = known[found_c[k]] == 1
        if not labelled and found_s[k] >= 0.45:
            item = (found_s[k], False)
        elif found_s[k] >= 0.3:
            item = (found_s[k], True)
        else:
            continue
        boxes = np.concatenate([boxes, found_b[k : k + 1]])
        classes = np.append(classes, found_c[k])
        soft = np.append(soft, np.float32(item[0]))
        ignore = np.append(ignore, item[1])
    return boxes, classes, soft, ignore


def inside_cycle(box, cls, boxes, classes):
    """A teacher's rider on a labelled cycle that already includes its rider is not a person of its own."""
    if cls != INDEX['person']:
        return False
    for cycle in boxes[(classes == INDEX['two_wheeler']) | (classes == INDEX['tricycle'])]:
        w = min(box[2], cycle[2]) - max(box[0], cycle[0])
        h = min(box[3], cycle[3]) - max(box[1], cycle[1])
        if w > 0 and h > 0 and w * h > 0.6 * (box[2] - box[0]) * (box[3] - box[1]):
            return True
    return False


def load_coco(folder, names=None, group=None, teacher=None, long_side_max=1280, log=print):
    """All pictures of one COCO file, or those named. `teacher` maps file names to lists of {class, score, box in pixels of the file}."""
    coco = json.load(open(os.path.join(folder, 'annotations.json')))
    words = {c['id']: c['name'] for c in coco['categories']}
    of_image = {}
    for a in coco['annotations']:
        of_image.setdefault(a['image_id'], []).append(a)
    wanted = None if names is None else set(names)
    samples = []
    for picture in coco['images']:
        name = picture['file_name']
        if wanted is not None and name not in wanted:
            continue
        image = cv2.imread(os.path.join(folder, name))
        if image is None:
            log(f'unreadable picture left out: {os.path.join(folder, name)}')
            continue
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        labels = [a for a in of_image.get(picture['id'], []) if words[a['category_id']] in INDEX]
        boxes = np.array([a['bbox'] for a in labels], np.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        classes = np.array([INDEX[words[a['category_id']]] for a in labels], np.int64)
        ignore = np.array([bool(a.get('iscrowd')) or bool(a.get('ignore')) or a.get('visible', 1) < VISIBLE_MIN for a in labels], bool)
        soft = np.ones(len(labels), np.float32)
        here = picture.get('group', group or coco['info'].get('description', ''))
        exhaustive = picture.get('exhaustively_labelled', picture.get('labelled', coco['info'].get('exhaustively_labelled', [])))
        known = known_weights(exhaustive, here)
        together = picture.get('rider_box', 'together') == 'together'
        if not together:
            boxes, keep = join_riders(boxes, classes)
            boxes, classes, ignore, soft = boxes[keep], classes[keep], ignore[keep], soft[keep]
        if teacher is not None:
            boxes, classes, soft, ignore = add_teacher_boxes(boxes, classes, soft, ignore, known, teacher.get(name, []), together)
        scale = long_side_max / max(image.shape[:2])
        if scale < 1:
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            boxes = boxes * scale
        samples.append(Sample(image, boxes.astype(np.float32), classes, soft, ignore.astype(bool), known, name, here))
    return samples
