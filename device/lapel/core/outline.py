"""Where a picture's border comes to lie on another picture. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def as_one_wide(motion: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """The homography f64[3, 3] of a picture so many pixels wide, taken as one wide: then its size does not matter."""
    return np.asarray(motion @ np.diag([width, width, 1.0]), np.float64)


def corners_on(motion: NDArray[np.float64], width: float, height: float) -> NDArray[np.float64] | None:
    """The corners of a picture of that size, moved by a homography f64[3, 3]: f64[4, 2], clockwise from the top left.

    None where no camera could see it so: a corner beyond the horizon, folded, or mirrored.
    """
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], np.float64)
    x, y, depth = motion @ corners.T
    if not np.isfinite(depth).all() or not ((depth > 0).all() or (depth < 0).all()):
        return None
    found = np.stack([x / depth, y / depth], axis=1)
    return found if is_seen_from_front(found) else None


def is_seen_from_front(corners: NDArray[np.floating]) -> bool:
    """Whether an outline f[4, 2] is convex and runs as that of a picture does which is not mirrored."""
    edges = np.roll(corners, -1, axis=0) - corners
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    return bool(np.isfinite(corners).all() and (turns > 0).all())
