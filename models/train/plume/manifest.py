"""Writes `model.json` beside `model.onnx`. What was measured on real clips (see CARD.md) is kept from the manifest that is there, if it is of the same weights."""

import json
from pathlib import Path

from features import CELLS, CHANNELS, CLASSES, FRAMES


def write(model, figures, version):
    path = Path(model) / 'model.json'
    old = json.loads(path.read_text()) if path.exists() else {}
    same = old.get('sha256') == figures['sha256']
    body = {
        'name': 'plume',
        'version': version,
        'role': 'plume',
        'file': 'model.onnx',
        'sha256': figures['sha256'],
        'bytes': figures['bytes'],
        'parameters': figures['parameters'],
        'classes': list(CLASSES),
        'input': {'name': 'cells', 'shape': [FRAMES, len(CHANNELS), CELLS, CELLS], 'channels': list(CHANNELS), 'layout': 'frames, channels, rows, columns'},
        'output': {'name': 'probabilities'},
        'thresholds': old.get('thresholds', {'fires': 0.7, 'fires_strict': 0.9}),
        'licence': 'Apache-2.0',
        'provenance': {
            'positives': 'synthetic: stable-fluids simulation and fractal noise, rendered by models/train/plume',
            'backgrounds_and_cut_outs': [
                'street_objects/train_shippable.txt (CC BY 4.0 exports: atl, manaus, highway with doubt; Open Images CC BY 2.0)',
                'litter_taco (CC BY 4.0)',
                'dust_site (MIT)',
                'procedural',
            ],
            'real_plumes': 'none',
            'code': 'models/train/plume/train.py',
        },
        'temperature': round(figures['temperature'], 2),
        'metrics': {'synthetic_held_back': figures['synthetic'], **({'real_clips': old['metrics']['real_clips']} if same and 'real_clips' in old.get('metrics', {}) else {})},
    }
    path.write_text(json.dumps(body, indent=2) + '\n')


if __name__ == '__main__':
    import sys

    write(sys.argv[1], json.loads(Path(sys.argv[2], 'figures.json').read_text()), sys.argv[3])
