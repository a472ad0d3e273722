"""How much of heads is destroyed, and of what is none, where a kit says where heads are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapel.core.geometry import Box, mask_of
from lapel_tools.evaluate.results import FacesResult
from lapel_tools.report.share import Share

SMALLEST_PX, SMALL_PX = 16, 24
"""Heads of these heights and more are told of by themselves."""
COVERED = 0.8
"""A box is covered where this share of its pixels is destroyed, by one area or several."""
_MIDDLE = 0.6


@dataclass(frozen=True, slots=True)
class _Head:
    """A head's height, and whether the whole of its box and the middle of it are covered."""

    height_px: int
    is_covered: bool
    is_middle_covered: bool


def of_heads(results: Sequence[FacesResult], heads: Mapping[str, Sequence[Box]]) -> tuple[str, ...]:
    """Lines about the heads in pictures, and about what is none, every pixel counted once; none where no head is
    known. A box reaches as far as its picture does, and counts by its height as it was drawn."""
    seen: list[_Head] = []
    outside = outside_lost = pixels = 0
    for result in results:
        boxes = heads.get(result.file, ())
        destroyed = mask_of(result.regions, result.width, result.height)
        is_rest = ~mask_of(boxes, result.width, result.height)
        seen += _seen(boxes, destroyed)
        outside, outside_lost = outside + int(is_rest.sum()), outside_lost + int((destroyed & is_rest).sum())
        pixels += destroyed.size
    return tuple(_lines(seen, outside_lost, outside, pixels)) if seen else ()


def _lines(seen: Sequence[_Head], outside_lost: int, outside: int, pixels: int) -> Iterator[str]:
    for what, chosen in (
        (f"of {SMALL_PX} px and more", [head for head in seen if head.height_px >= SMALL_PX]),
        (f"of {SMALLEST_PX} to {SMALL_PX} px", [head for head in seen if SMALLEST_PX <= head.height_px < SMALL_PX]),
        ("of any size", seen),
    ):
        whole = Share(sum(head.is_covered for head in chosen), len(chosen))
        yield f"head boxes {what}: {whole.in_full()} covered to {COVERED:.0%}"
    middle = Share(sum(head.is_middle_covered for head in seen), len(seen))
    yield f"the middle {_MIDDLE:.0%} of head boxes of any size: {middle.in_full()} covered to {COVERED:.0%}"
    rest = outside_lost / max(1, outside)
    yield f"outside head boxes {rest:.1%} is destroyed, {outside_lost / pixels:.1%} of all pixels"


def _seen(boxes: Sequence[Box], destroyed: NDArray[np.bool_]) -> Iterator[_Head]:
    height, width = destroyed.shape
    for box in boxes:
        inside, middle = box.clipped(width, height), _middle(box).clipped(width, height)
        if inside.area:  # of one outside its picture nothing can be said
            share = _share(inside, destroyed)
            of_middle = _share(middle, destroyed) if middle.area else share
            yield _Head(box.height, share >= COVERED, of_middle >= COVERED)


def _middle(box: Box) -> Box:
    """The pixels whose centre lies in the middle of a box, along either side."""
    x, y = box.width * (1 - _MIDDLE) / 2, box.height * (1 - _MIDDLE) / 2
    return Box(round(box.x0 + x), round(box.y0 + y), round(box.x1 - x), round(box.y1 - y))


def _share(box: Box, destroyed: NDArray[np.bool_]) -> float:
    return float(destroyed[box.y0 : box.y1, box.x0 : box.x1].mean())
