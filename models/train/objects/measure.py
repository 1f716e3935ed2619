#!/usr/bin/env python3
"""Compares input sizes and fits of a trained state on val: letterbox or stretch, 384 or 416 (the choice goes into the manifest).

  /usr/bin/python3 models/train/objects/measure.py STATE FOLDER [--sizes 384 416] [--count 80]
"""

import argparse
import json

import numpy as np
import torch

from data import load_coco
from net import Detector
from score import evaluate


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('state')
    p.add_argument('folder')
    p.add_argument('--names', help='file with names of pictures, one a line')
    p.add_argument('--sizes', type=int, nargs='+', default=[384, 416])
    p.add_argument('--fits', nargs='+', default=['letterbox', 'stretch'])
    p.add_argument('--count', type=int, default=80)
    opt = p.parse_args()
    torch.set_num_threads(1)
    net = Detector().eval()
    net.load_state_dict(torch.load(opt.state, map_location='cpu')['average'])
    names = [line.strip() for line in open(opt.names)] if opt.names else None
    samples = load_coco(opt.folder, names)[: opt.count]
    for size in opt.sizes:
        for fit in opt.fits:
            ap = evaluate(net, samples, size, fit)
            print(size, fit, f'mean {np.mean(list(ap.values())):.3f}', json.dumps({k: round(v, 3) for k, v in ap.items()}), flush=True)


if __name__ == '__main__':
    main()
