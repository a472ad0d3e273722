"""Decoding of the SSD heads: anchors, box coding, non-maximum suppression. Plain numpy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lapel.infer.tflite import Tensor, TensorSpec

# ssd_anchor_generator of the Object Detection API, as models/detector.md gives it.
_LAYERS = (19, 10, 5, 3, 2, 1)
_SCALES = (0.2, 0.95)
_ASPECTS = (1.0, 2.0, 0.5, 3.0, 1 / 3)
_BOX_CODER = np.array([10, 10, 5, 5], np.float32)
_SUPPRESS_IOU = 0.5
_MOST_BOXES = 200


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Boxes of one picture: ``boxes`` f32[n, 4] as x0 y0 x1 y1 in the picture's pixels; ``classes`` i[n], 0 is
    the background and never occurs; ``scores`` f32[n], 0..1, falling."""

    boxes: NDArray[np.float32]
    classes: NDArray[np.intp]
    scores: NDArray[np.float32]


@cache
def anchors() -> NDArray[np.float32]:
    """Anchors f32[1917, 4] as centre y, centre x, height, width of the unit square."""
    low, high = _SCALES
    scales = [low + (high - low) * i / (len(_LAYERS) - 1) for i in range(len(_LAYERS))] + [1.0]
    found: list[tuple[float, float, float, float]] = []
    for layer, cells in enumerate(_LAYERS):
        if layer == 0:  # reduce_boxes_in_lowest_layer
            shapes = [(0.1, 1.0), (scales[0], 2.0), (scales[0], 0.5)]
        else:
            shapes = [(scales[layer], aspect) for aspect in _ASPECTS]
            shapes.append((float(np.sqrt(scales[layer] * scales[layer + 1])), 1.0))
        for row in range(cells):
            for column in range(cells):
                for scale, aspect in shapes:
                    root = float(np.sqrt(aspect))
                    found.append(((row + 0.5) / cells, (column + 0.5) / cells, scale / root, scale * root))
    table = np.array(found, np.float32)
    table.setflags(write=False)
    return table


def decode(
    outputs: tuple[Tensor, ...], specs: tuple[TensorSpec, ...], width: float, height: float, least_score: float
) -> Detections:
    """Detections of one picture of ``width`` × ``height`` pixels from the two raw heads, down to ``least_score``."""
    codes, (stored, spec) = _heads(outputs, specs)
    # Compare in the stored type: nearly all of the 1917 × 24 logits are dropped without being dequantised.
    limit = np.log(least_score / (1 - least_score))
    floor = limit if spec.scale == 0 else limit / spec.scale + spec.zero_point
    anchor, label = np.nonzero(stored[:, 1:] >= floor)
    scores = 1 / (1 + np.exp(-spec.real(stored[anchor, label + 1])))
    if len(scores) > 4 * _MOST_BOXES:
        kept = np.argpartition(-scores, 4 * _MOST_BOXES)[: 4 * _MOST_BOXES]
        anchor, label, scores = anchor[kept], label[kept], scores[kept]
    boxes = _boxes(codes[1].real(codes[0][anchor]), anchors()[anchor]) * np.array(
        [width, height, width, height], np.float32
    )
    return suppressed(Detections(boxes, label + 1, scores.astype(np.float32)))


def unsure(
    outputs: tuple[Tensor, ...],
    specs: tuple[TensorSpec, ...],
    width: float,
    height: float,
    classes: tuple[int, ...],
    most: int,
) -> Detections:
    """The ``most`` best boxes by their best score among ``classes``, however low; none suppressed.

    Decoding down to such scores class by class costs ten times as much, nearly all of it in the suppression.
    """
    codes, (stored, spec) = _heads(outputs, specs)
    best = stored[:, list(classes)].max(axis=1)
    anchor = np.sort(np.argpartition(best, -most)[-most:])
    label = np.asarray(classes, np.intp)[stored[anchor][:, list(classes)].argmax(axis=1)]
    scores = 1 / (1 + np.exp(-spec.real(best[anchor])))
    order = np.argsort(-scores, kind="stable")
    stretch = np.array([width, height, width, height], np.float32)
    boxes = _boxes(codes[1].real(codes[0][anchor[order]]), anchors()[anchor[order]]) * stretch
    return Detections(boxes, label[order], scores[order].astype(np.float32))


def _heads(
    outputs: tuple[Tensor, ...], specs: tuple[TensorSpec, ...]
) -> tuple[tuple[Tensor, TensorSpec], tuple[Tensor, TensorSpec]]:
    """The box codes [1917, 4] and the logits [1917, 24], each as stored with how to read it."""
    codes, logits = sorted(
        ((out.reshape(len(anchors()), -1), spec) for out, spec in zip(outputs, specs, strict=True)),
        key=lambda pair: pair[0].shape[1],
    )
    return codes, logits


def _boxes(codes: NDArray[np.float32], at: NDArray[np.float32]) -> NDArray[np.float32]:
    moved = codes / _BOX_CODER
    centres = moved[:, :2] * at[:, 2:] + at[:, :2]
    halves = np.exp(moved[:, 2:]) * at[:, 2:] / 2
    low, high = centres - halves, centres + halves
    return np.asarray(np.clip(np.stack([low[:, 1], low[:, 0], high[:, 1], high[:, 0]], axis=1), 0, 1), np.float32)


def suppressed(found: Detections, iou: float = _SUPPRESS_IOU) -> Detections:
    """The best of overlapping boxes of one class, at most 200, by falling score."""
    order = np.argsort(-found.scores, kind="stable")
    boxes, classes, scores = found.boxes[order], found.classes[order], found.scores[order]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    alive, kept = areas > 0, []
    for i in range(len(boxes)):
        if not alive[i]:
            continue
        kept.append(i)
        if len(kept) == _MOST_BOXES:
            break
        rest = slice(i + 1, None)
        shared = np.clip(
            np.minimum(boxes[i, 2:], boxes[rest, 2:]) - np.maximum(boxes[i, :2], boxes[rest, :2]), 0, None
        ).prod(axis=1)
        alive[rest] &= (shared < iou * (areas[i] + areas[rest] - shared)) | (classes[rest] != classes[i])
    return Detections(boxes[kept], classes[kept], scores[kept])
