"""What a comparison of prints finds. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lapel.core.geometry import Box


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much of a reference's print lies on a sighting.

    ``corners`` >= 0 that agree with one motion, weighed by how alike what they enclose is; ``box`` and ``in_middle`` as
    Geometry has them; ``motion`` a homography, row by row, from the picture taken as one wide to the sighting's pixels;
    () if unknown.
    """

    corners: float
    box: Box
    motion: tuple[float, ...] = ()
    in_middle: float = 1.0
