"""The training curve as CSV and as a picture."""

import csv

import cv2
import numpy as np

COLOURS = [(40, 40, 200), (40, 140, 40), (200, 90, 30), (150, 40, 150), (20, 150, 200), (90, 90, 90), (0, 90, 160), (160, 160, 0)]


def write_csv(path, rows):
    names = sorted({name for row in rows for name in row}, key=lambda n: (n not in ('minutes', 'views', 'size', 'loss'), n))
    with open(path, 'w', newline='') as out:
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        writer.writerows(rows)


def write_png(path, rows, names, width=900, height=420):
    """Lines of the columns `names` (0..1) over processor minutes."""
    image = np.full((height, width, 3), 255, np.uint8)
    left, right, top, bottom = 50, width - 200, 20, height - 40
    end = max([row['minutes'] for row in rows] + [1e-6])
    at = lambda m, v: (int(left + (right - left) * m / end), int(bottom - (bottom - top) * min(1, v)))
    for k in range(0, 11, 2):
        y = at(0, k / 10)[1]
        cv2.line(image, (left, y), (right, y), (225, 225, 225), 1)
        cv2.putText(image, f'{k / 10:.1f}', (10, y + 4), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    cv2.putText(image, f'AP50 on val over processor minutes (end: {end:.1f})', (left, height - 12), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    for k, name in enumerate(names):
        points = [at(row['minutes'], float(row[name])) for row in rows if row.get(name) not in (None, '')]
        colour = COLOURS[k % len(COLOURS)]
        for a, b in zip(points, points[1:]):
            cv2.line(image, a, b, colour, 2, cv2.LINE_AA)
        cv2.putText(image, name, (right + 10, top + 14 + 18 * k), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)
    cv2.imwrite(str(path), image)
