"""What destroying pixels means: one grey in place of every one of them."""

from __future__ import annotations

from collections.abc import Iterable

from lapel.core.blank import BLANK
from lapel.core.geometry import Box
from lapel.core.things import Pixels

# One grey for every destroyed pixel: what is there afterwards does not depend on what was there before, so that
# neither upscaling nor averaging over frames can bring anything back.
FILL = BLANK


def destroy(pixels: Pixels, areas: Iterable[Box]) -> None:
    """Fill areas of RGB u8[h, w, 3], which they must not reach beyond, with the grey."""
    for box in areas:
        pixels[box.y0 : box.y1, box.x0 : box.x1] = FILL


def destroyed_copy(pixels: Pixels, areas: Iterable[Box]) -> Pixels:
    """A read-only copy of RGB u8[h, w, 3] in which every area holds the grey."""
    copy = pixels.copy()
    destroy(copy, areas)
    copy.setflags(write=False)
    return copy


def without_covered(areas: Iterable[Box]) -> tuple[Box, ...]:
    """The areas that are not empty and do not lie wholly inside another one, largest first."""
    kept: list[Box] = []
    for box in sorted(areas, key=lambda b: b.area, reverse=True):
        if box.area and not any(box.intersection(other) == box for other in kept):
            kept.append(box)
    return tuple(kept)
