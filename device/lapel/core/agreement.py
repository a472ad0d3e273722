"""What a comparison of prints finds. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lapel.core.geometry import Box


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much of a reference's print lies on a sighting.

    ``corners`` >= 0 that agree with one motion, weighed by how alike what they enclose is; ``box`` as Geometry has it.
    """

    corners: float
    box: Box
