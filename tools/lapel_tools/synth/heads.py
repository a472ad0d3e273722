"""Puts real heads into pictures without people, in sizes and conditions that finders of faces fail at.

The heads come from pictures that are given with boxes round them; each is cut out with its shoulders, and its box goes
along with it. What is measured on them is half real: real heads, in places where none was.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lapel.core.geometry import Box
from lapel.core.things import Pixels

Motion = NDArray[np.float64]

# Of the head's box: how much of what is about it comes along at each side, above and below.
_BESIDE, _ABOVE, _BELOW = 0.45, 0.15, 0.9
_FEATHER = 0.08
_FEWEST_VISIBLE = 0.35
"""Of a head that the frame cuts: what is left of a smaller part is no longer anybody's head."""

_MASK = np.array([[0.22, 0.66], [0.5, 0.62], [0.78, 0.66], [0.72, 0.9], [0.5, 0.97], [0.28, 0.9]])
"""The outline of a mask over mouth and nose, of the head's box."""


class Condition(Enum):
    """What is done to a head before it is seen."""

    PLAIN = "plain"
    BLURRED = "blurred"
    DARK = "dark"
    TURNED = "turned"
    SIDEWAYS = "sideways"
    MASKED = "masked"
    CUT = "cut"


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A head in a picture RGB u8[h, w, 3]; ``box`` holds it whole, hair and chin."""

    pixels: Pixels
    box: Box


def put(
    canvas: Pixels, head: Head, height_px: float, condition: Condition, random: Generator, taken: list[Box]
) -> Box | None:
    """Paint a head ``height_px`` high into RGB u8[h, w, 3] where nothing in ``taken`` is; its box inside the picture,
    or None where no place was free."""
    about = _with_shoulders(head)
    patch = _changed(head, about, condition, random)
    scale = height_px / head.box.height
    for _ in range(20):
        motion = _motion(head, canvas, scale, condition, random)
        box, covered = _moved(head.box, motion), _moved(about, motion)
        inside = box.clipped(canvas.shape[1], canvas.shape[0])
        is_whole = inside == box
        is_cut = not is_whole and inside.area >= _FEWEST_VISIBLE * box.area
        fits = is_cut if condition is Condition.CUT else is_whole
        if fits and not any(covered.intersection(other).area for other in taken):
            _paint(canvas, patch, about, motion, scale)
            taken.append(covered)
            return inside
    return None


def dimmed(canvas: Pixels, random: Generator) -> Pixels:
    """A scene RGB u8[h, w, 3] in little light, with a sensor's noise."""
    dim = canvas.astype(np.float32) * random.uniform(0.12, 0.4) + random.normal(0, 3, canvas.shape)
    return np.asarray(np.clip(dim, 0, 255), np.uint8)


def _with_shoulders(head: Head) -> Box:
    """The part of the head's own picture that comes along."""
    box, (height, width) = head.box, head.pixels.shape[:2]
    return Box(
        round(box.x0 - _BESIDE * box.width),
        round(box.y0 - _ABOVE * box.height),
        round(box.x1 + _BESIDE * box.width),
        round(box.y1 + _BELOW * box.height),
    ).clipped(width, height)


def _changed(head: Head, about: Box, condition: Condition, random: Generator) -> Pixels:
    """What comes along, RGB u8[h, w, 3], masked or blurred."""
    patch = head.pixels[about.y0 : about.y1, about.x0 : about.x1].copy()
    if condition is Condition.MASKED:
        width, height = head.box.width, head.box.height
        outline = np.array([head.box.x0 - about.x0, head.box.y0 - about.y0]) + _MASK * (width, height)
        colour = tuple(float(c) for c in random.choice([(228, 232, 236), (120, 170, 205), (28, 28, 32)]))
        cv2.fillPoly(patch, [outline.round().astype(np.int32)], colour, cv2.LINE_AA)
    if condition is Condition.BLURRED:
        patch = np.asarray(cv2.GaussianBlur(patch, (0, 0), random.uniform(0.015, 0.04) * head.box.height), np.uint8)
    return patch


def _motion(head: Head, canvas: Pixels, scale: float, condition: Condition, random: Generator) -> Motion:
    """From the head's picture to the canvas, f64[2, 3]: at some place, perhaps mirrored, turned or from the side."""
    height, width = canvas.shape[:2]
    angle = random.uniform(-0.12, 0.12)
    if condition is Condition.TURNED:
        angle = random.choice([-1, 1]) * random.uniform(0.3, 0.75)
    narrow = random.uniform(0.6, 0.8) if condition is Condition.SIDEWAYS else 1.0
    flip = random.choice([-1, 1]) * narrow
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = scale * turn @ np.diag([flip, 1.0])
    half = np.array([head.box.width, head.box.height]) * scale / 2
    if condition is Condition.CUT:
        at = random.uniform(0, 1, 2) * (width, height)
        side, past = random.integers(0, 4), random.uniform(-0.5, 0.5)
        at[side % 2] = past * half[side % 2] + (0 if side < 2 else (width, height)[side % 2])
    else:
        at = half + random.uniform(0, 1, 2) * np.maximum(0, (width, height) - 2 * half)
    middle = np.array([head.box.x0 + head.box.x1, head.box.y0 + head.box.y1]) / 2
    return np.column_stack([linear, at - linear @ middle])


def _moved(box: Box, motion: Motion) -> Box:
    """The box of an oval that fills ``box``, moved: a turned head is no higher than its oval."""
    half = np.array([box.width, box.height]) / 2
    middle = motion[:, :2] @ (np.array([box.x0 + box.x1, box.y0 + box.y1]) / 2) + motion[:, 2]
    reach = np.sqrt(((motion[:, :2] * half) ** 2).sum(axis=1))
    low, high = np.floor(middle - reach), np.ceil(middle + reach)
    return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def _paint(canvas: Pixels, patch: Pixels, about: Box, motion: Motion, scale: float) -> None:
    height, width = patch.shape[:2]
    cover = np.zeros((height, width), np.float32)
    rim = max(1, round(_FEATHER * min(height, width)))
    cover[rim : height - rim, rim : width - rim] = 1
    cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), rim / 2), np.float32)
    if scale < 1:  # Smoothed to what is seen of it, so that nothing is left out between pixels.
        patch = np.asarray(cv2.GaussianBlur(patch, (0, 0), max(0.1, 0.4 / scale)), np.uint8)
    moved = motion.copy()
    moved[:, 2] += motion[:, :2] @ (about.x0, about.y0)
    size = (canvas.shape[1], canvas.shape[0])
    seen = cv2.warpAffine(patch, moved, size, flags=cv2.INTER_LINEAR)
    share = cv2.warpAffine(cover, moved, size, flags=cv2.INTER_LINEAR)[..., None]
    canvas[:] = np.clip(canvas * (1 - share) + seen * share, 0, 255).astype(np.uint8)
