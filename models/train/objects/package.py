#!/usr/bin/env python3
"""Puts a trained network into models/<name>/: model.onnx and its manifest.

  /usr/bin/python3 models/train/objects/package.py models/train/work/objects models/objects-v1 --version 1.0.0 [--metrics metrics.json] [--fit letterbox]
"""

import argparse
import hashlib
import json
import os
import shutil

from classes import CLASSES

FOLDED = {'car': 'vehicle', 'truck': 'vehicle', 'bus': 'vehicle'}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('work')
    p.add_argument('target')
    p.add_argument('--version', required=True)
    p.add_argument('--fit', default='letterbox', choices=['letterbox', 'stretch'])
    p.add_argument('--thresholds', help='JSON {class: score}, with "default"')
    p.add_argument('--metrics', help='JSON to be stored as it is')
    p.add_argument('--data', help='JSON about the training data, stored in provenance')
    opt = p.parse_args()
    os.makedirs(opt.target, exist_ok=True)
    check = json.load(open(os.path.join(opt.work, 'model.onnx.check.json')))
    shutil.copyfile(os.path.join(opt.work, 'model.onnx'), os.path.join(opt.target, 'model.onnx'))
    shutil.copyfile(os.path.join(opt.work, 'model.onnx.check.json'), os.path.join(opt.target, 'check.json'))
    digest = hashlib.sha256(open(os.path.join(opt.target, 'model.onnx'), 'rb').read()).hexdigest()
    manifest = {
        'name': 'objects-v1', 'version': opt.version, 'role': 'objects', 'file': 'model.onnx', 'sha256': digest, 'classes': CLASSES,
        'input': {'widthPx': check['size'], 'heightPx': check['size'], 'layout': 'nhwc-uint8', 'scale': 1, 'fit': opt.fit, 'place': 'top_left', 'order': 'rgb', 'fill': 114},
        'decoding': 'boxes-scores',
        'class_map': {name: FOLDED.get(name, name) for name in CLASSES},
        'thresholds': json.load(open(opt.thresholds)) if opt.thresholds else {'default': 0.3},
        'overlap_max': 0.55,
        'licence': 'Apache-2.0; learnt from pictures under CC BY 4.0 (credit in CARD.md) and from our own rendered scenes',
        'provenance': {'script': 'models/train/objects/train.py', 'start': 'random weights', 'parameters': check['parameters'],
                       **(json.load(open(opt.data)) if opt.data else {})},
        'metrics': json.load(open(opt.metrics)) if opt.metrics else {},
    }
    # The manifest comes last: whoever reads it finds the weights it names.
    path = os.path.join(opt.target, 'model.json')
    with open(path + '.partial', 'w') as out:
        json.dump(manifest, out, indent=2)
        out.write('\n')
    os.replace(path + '.partial', path)


if __name__ == '__main__':
    main()
