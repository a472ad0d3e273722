"""Plain numpy decoding of the finders' raw outputs: what the cards describe, and the figures are measured with.

Boxes are f32[n, 4] as x0 y0 x1 y1, in fractions of the picture that was stretched to the model's input.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def sigmoid(logits: Floats) -> Floats:
    """Logits as scores, 0 … 1."""
    return (1 / (1 + np.exp(-logits))).astype(np.float32)


def detector_anchors() -> Floats:
    """The 1917 boxes that the detector's codes are relative to: f32[1917, 4] as centre y, centre x, height, width.

    Layer by layer (19, 10, 5, 3, 2, 1 cells a side), row by row, cell by cell, shape by shape. Scales go
    evenly from .2 to .95; every layer has aspect ratios 1, 2, 1/2, 3, 1/3 and a square between its scale
    and the next, but the finest has only a square of .1 and ratios 2, 1/2.
    Source: TensorFlow object detection, ``ssd_anchor_generator`` with ``reduce_boxes_in_lowest_layer``.
    """
    scales = [*np.linspace(0.2, 0.95, 6), 1.0]
    anchors = []
    for layer, cells in enumerate((19, 10, 5, 3, 2, 1)):
        scale = scales[layer]
        if layer == 0:
            shapes = [(0.1, 1.0), (scale, 2.0), (scale, 0.5)]
        else:
            shapes = [(scale, ratio) for ratio in (1.0, 2.0, 0.5, 3.0, 0.3333)]
            shapes.append((float(np.sqrt(scale * scales[layer + 1])), 1.0))
        for row in range(cells):
            for column in range(cells):
                for size, ratio in shapes:
                    y, x = (row + 0.5) / cells, (column + 0.5) / cells
                    anchors.append((y, x, size / np.sqrt(ratio), size * np.sqrt(ratio)))
    return np.array(anchors, dtype=np.float32)


def detector_boxes(codes: Floats, anchors: Floats) -> Floats:
    """Boxes of the detector's ``raw_outputs/box_encodings`` [1917, 4] (dy, dx, dh, dw; coder scales 10, 10, 5, 5)."""
    y = codes[:, 0] / 10 * anchors[:, 2] + anchors[:, 0]
    x = codes[:, 1] / 10 * anchors[:, 3] + anchors[:, 1]
    half_height = np.exp(codes[:, 2] / 5) * anchors[:, 2] / 2
    half_width = np.exp(codes[:, 3] / 5) * anchors[:, 3] / 2
    return np.stack([x - half_width, y - half_height, x + half_width, y + half_height], axis=1)


def face_boxes(size: Floats, offset: Floats) -> Floats:
    """Boxes of the face finder's ``size`` and ``offset`` [h, w, 2] (y first): one a cell of 4 pixels, row by row.

    Sizes are logarithms of cells; offsets are parts of a cell from its middle.
    """
    rows, columns = offset.shape[:2]
    grid = np.stack(np.meshgrid(np.arange(rows) + 0.5, np.arange(columns) + 0.5, indexing="ij"), axis=-1)
    middle = (grid + offset).reshape(-1, 2)[:, ::-1]
    half = np.exp(size).reshape(-1, 2)[:, ::-1] / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    return np.asarray(boxes / np.tile([columns, rows], 2), dtype=np.float32)


def overlaps(box: Floats, others: Floats) -> Floats:
    """Intersection over union of one box with each of ``others``."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    return np.asarray(shared / np.maximum(np.prod(box[2:] - box[:2]) + areas - shared, 1e-9), dtype=np.float32)


def strongest(boxes: Floats, scores: Floats, least_score: float, most_overlap: float) -> NDArray[np.intp]:
    """Indices of the boxes that survive non-maximum suppression, strongest first."""
    order = [int(i) for i in np.argsort(-scores, kind="stable") if scores[i] >= least_score]
    kept: list[int] = []
    while order:
        best, *order = order
        kept.append(best)
        if order:
            near = overlaps(boxes[best], boxes[np.array(order)]) > most_overlap
            order = [index for index, is_near in zip(order, near, strict=True) if not is_near]
    return np.array(kept, dtype=np.intp)


def pooled(features: Floats) -> Floats:
    """Generalised mean of exponent 2 over the cells of a map f32[rows, columns, n] or f32[1, rows, columns, n]: f32[n].

    Source: Radenović, Tolias & Chum, TPAMI 2019.
    """
    cells = np.maximum(features.reshape(-1, features.shape[-1]), 0)
    return np.asarray(np.sqrt((cells**2).mean(axis=0)), dtype=np.float32)
