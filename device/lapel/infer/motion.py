"""The motion that most pairs of points share: how a reference lies on a sighting."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.core.outline import is_seen_from_front

_REPROJECTION_PX = 6.0
_OF_LONGEST_PX = 640
_MIDDLE = 0.5  # of each side


def common_motion(
    ours: NDArray[np.float32], theirs: NDArray[np.float32], longest_px: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]] | None:
    """The homography that takes most of ``ours`` f32[n, 2] to ``theirs``, n >= 4, and which of them, bool[n].

    ``longest_px`` is the longer side of the picture that ``theirs`` are in: the tolerance grows with it.
    """
    tolerance = max(3.0, _REPROJECTION_PX * longest_px / _OF_LONGEST_PX)
    motion, agreed = cv2.findHomography(ours, theirs, cv2.USAC_MAGSAC, tolerance, maxIters=2000, confidence=0.999)
    if motion is None or agreed is None:
        return None
    return np.asarray(motion, np.float64), agreed.ravel().astype(bool)


def lying(motion: NDArray[np.float64], points: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Where the corners of the box around ``points`` come to lie, f32[4, 2]; None where no camera could see it so."""
    low, high = points.min(axis=0), points.max(axis=0)
    corners = np.array([[low, [high[0], low[1]], high, [low[0], high[1]]]], np.float32)
    found = np.asarray(cv2.perspectiveTransform(corners, motion)[0], np.float32)
    return found if _is_plausible(found, corners[0]) else None


def in_middle(points: NDArray[np.float32], width: int, height: int) -> float:
    """How far ``points`` f32[n, 2] of a picture reach into its middle, 0..1: 1 where as many do as of an even spread.

    Whoever takes a picture of a thing has it there; what stands behind it, a shelf or a skyline, is around it, and
    may stand behind another thing, too. Squared: a frame that two pictures share has some of its points there.
    """
    inside = (np.abs(points / (width, height) - 0.5) <= _MIDDLE / 2).all(axis=1)
    return min(1.0, float(inside.mean()) / _MIDDLE**2) ** 2


def _is_plausible(lying: NDArray[np.float32], corners: NDArray[np.float32]) -> bool:
    """An outline that is convex, not mirrored, and of a size a camera could give: else the motion is an accident."""
    if not is_seen_from_front(lying):
        return False
    area = float(cv2.contourArea(lying))
    original = float(cv2.contourArea(corners))
    return original > 0 and 1 / 400 < area / original < 400


def box_around(lying: NDArray[np.float32]) -> tuple[int, int, int, int]:
    """The whole pixels around an outline f32[n, 2]: x0, y0, x1, y1."""
    x0, y0 = np.floor(lying.min(axis=0)).astype(int)
    x1, y1 = np.ceil(lying.max(axis=0)).astype(int)
    return int(x0), int(y0), int(x1), int(y1)
