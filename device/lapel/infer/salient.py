"""Regions of a picture that stand out from it, by colour or by detail: cheap, coarse, of no class."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.infer.regions import Regions, gathered

_CELLS = 64  # of the longer side of the map
_LEVELS = (1.5, 2.2, 3.2)  # times the map's mean
_LEAST_CELLS = 6


def salient_regions(pixels: NDArray[np.uint8]) -> Regions:
    """Regions of RGB u8[h, w, 3], overlapping ones included; ``worth`` is how dense and how far above the mean.

    Colour: distance from the picture's mean in Lab (Achanta et al., CVPR 2009). Detail: the density of edges.
    """
    height, width = pixels.shape[:2]
    cell_px = max(1.0, max(height, width) / _CELLS)
    size = max(1, round(width / cell_px)), max(1, round(height / cell_px))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    lab = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), (3, 3), 0).astype(np.float32)
    colour = np.linalg.norm(lab - lab.mean(axis=(0, 1)), axis=2)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    steps = cv2.absdiff(grey, cv2.blur(grey, (5, 5)))
    detail = cv2.GaussianBlur(cv2.resize(steps, size, interpolation=cv2.INTER_AREA), (3, 3), 0).astype(np.float32)
    return gathered((_components(colour, width, height), _components(detail, width, height)))


def _components(field: NDArray[np.float32], width: int, height: int) -> Regions:
    """Boxes of what rises above some multiples of the mean of a map f32[rows, columns]."""
    rows, columns = field.shape
    mean = max(float(field.mean()), 1e-6)
    boxes, worth = [np.empty((0, 4), np.float32)], [np.empty(0, np.float32)]
    for level in _LEVELS:
        above = (field > level * mean).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(above, connectivity=4)
        sums = np.bincount(labels.ravel(), field.ravel(), minlength=count)
        chosen = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= _LEAST_CELLS)
        chosen = chosen[chosen > 0]  # 0 is all that stays below
        x, y, w, h, area = stats[chosen].T.astype(np.float32)
        times = sums[chosen] / area / mean
        boxes.append(np.stack([x, y, x + w, y + h], axis=1))
        worth.append(np.asarray(area / (w * h) * (1 - 1 / np.maximum(times, 1)), np.float32))
    cell = np.array([width / columns, height / rows] * 2, np.float32)
    return Regions(np.concatenate(boxes) * cell, np.concatenate(worth))
