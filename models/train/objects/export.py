#!/usr/bin/env python3
"""Exports a trained state as ONNX (opset 13): uint8 [1, S, S, 3] RGB in, boxes in input pixels and class scores out.

  /usr/bin/python3 models/train/objects/export.py models/train/work/objects/state.pt models/objects-v1/model.onnx [--size 416]
Beside the model it writes `<model>.check.json`: sums of PyTorch's outputs for a seeded input; a test of edge/vision/objects holds the ONNX file against them.
"""

import argparse
import json

import numpy as np
import torch

from net import Deployed, Detector


def check_input(size):
    """A seeded picture that a few lines in any language can make again: a linear congruential sequence of bytes."""
    x, out = 1, np.empty(size * size * 3, np.uint8)
    for k in range(len(out)):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        out[k] = (x >> 16) & 0xFF
    return out.reshape(1, size, size, 3)


def export_onnx(net, path, size):
    model = Deployed(net, size).cpu().float().eval().to(memory_format=torch.contiguous_format)
    pixels = torch.from_numpy(check_input(size))
    with torch.no_grad():
        boxes, scores, _ = model(pixels)
    torch.onnx.export(model, (pixels,), path, opset_version=13, input_names=['pixels'], output_names=['boxes', 'scores', 'best'], do_constant_folding=True)
    with open(path + '.check.json', 'w') as out:
        json.dump({'size': size, 'boxes_sum': float(boxes.double().sum()), 'scores_sum': float(scores.double().sum()),
                   'boxes_head': boxes[0, :8].flatten().tolist(), 'scores_head': scores[0, :8].flatten().tolist(),
                   'parameters': sum(p.numel() for p in net.parameters())}, out)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('state')
    p.add_argument('model')
    p.add_argument('--size', type=int, default=416)
    opt = p.parse_args()
    net = Detector()
    net.load_state_dict(torch.load(opt.state, map_location='cpu')['average'])
    export_onnx(net, opt.model, opt.size)


if __name__ == '__main__':
    main()
