"""Decoding of the face finder's heads: cells to boxes. Plain numpy; models/face.md describes the outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapel.infer.tflite import Tensor, TensorSpec

CELL_PX = 4
_NEIGHBOURS_IOU = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faces of one picture: ``boxes`` f32[n, 4] as x0 y0 x1 y1 in the picture's pixels; ``scores`` f32[n], falling."""

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]


def decode(outputs: tuple[Tensor, ...], specs: tuple[TensorSpec, ...], least_score: float) -> Faces:
    """Faces in pixels of the network's input, from its outputs ``score``, ``size`` and ``offset``, suppressed."""
    heads = {spec.name: (output[0], spec) for output, spec in zip(outputs, specs, strict=True)}
    logits, logit_spec = heads["score"]
    # Compared as stored, so that the thousands of cells without a face are never made real.
    limit = np.log(least_score / (1 - least_score))
    floor = limit if logit_spec.scale == 0 else limit / logit_spec.scale + logit_spec.zero_point
    row, column = np.nonzero(logits[..., 0] >= floor)
    scores = 1 / (1 + np.exp(-logit_spec.real(logits[row, column, 0])))
    cells = np.stack([row, column], axis=1).astype(np.float32) + 0.5  # y comes first in all of this network's outputs
    centres = (cells + _real(heads["offset"], row, column))[:, ::-1] * CELL_PX
    halves = np.exp(_real(heads["size"], row, column))[:, ::-1] * CELL_PX / 2
    return suppressed(
        np.concatenate([centres - halves, centres + halves], axis=1), scores.astype(np.float32), _NEIGHBOURS_IOU
    )


def suppressed(boxes: NDArray[np.float32], scores: NDArray[np.float32], most_iou: float) -> Faces:
    """The best of boxes that overlap, by falling score, without empty ones."""
    sizes = boxes[:, 2:] - boxes[:, :2]
    usable = (sizes >= 1).all(axis=1)
    order = np.flatnonzero(usable)[np.argsort(-scores[usable], kind="stable")]
    boxes, scores = boxes[order], scores[order]
    alive, kept = np.ones(len(boxes), np.bool_), []
    for i in range(len(boxes)):
        if alive[i]:
            kept.append(i)
            alive &= overlaps(boxes[i : i + 1], boxes)[0] < most_iou
    return Faces(boxes[kept], scores[kept])


def overlaps(boxes: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of each of boxes f32[n, 4] with each of others f32[m, 4]: f32[n, m]."""
    low, high = np.maximum(boxes[:, None, :2], others[:, :2]), np.minimum(boxes[:, None, 2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)[:, None] + (others[:, 2:] - others[:, :2]).prod(axis=1)
    return np.asarray(shared / np.maximum(areas - shared, 1e-6), np.float32)


def _real(head: tuple[Tensor, TensorSpec], row: NDArray[np.intp], column: NDArray[np.intp]) -> NDArray[np.float32]:
    output, spec = head
    return spec.real(output[row, column])
