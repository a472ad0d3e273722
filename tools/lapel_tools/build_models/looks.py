"""Looks at many things, several at each, to learn from what stays the same when a thing is looked at otherwise.

Parts of pictures that pinned packages carry, and drawn things, each seen at other angles, in other light, less
sharp and smaller. Nothing of any picture that Lapel is measured on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lapel_tools.build_models.pictures import STILLS, Picture, frames, still
from lapel_tools.build_models.pins import SCIKIT_IMAGE, STREET, SourceFile
from lapel_tools.synth.scene import worsened
from lapel_tools.synth.things import render

LOOKS_AT_EACH = 3
_FLAT = tuple(
    SourceFile(SCIKIT_IMAGE, f"skimage/data/{name}", sha256)
    for name, sha256 in (
        ("coins.png", "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba"),
        ("page.png", "341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3"),
        ("brick.png", "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf"),
        ("text.png", "bd84aa3a6e3c9887850d45d606c96b2e59433fbef50338570b63c319e668e6d1"),
        ("logo.png", "f2c57fe8af089f08b5ba523d95573c26e62904ac5967f4c8851b27d033690168"),
        ("hubble_deep_field.jpg", "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4"),
    )
)
_PARTS_OF_A_STILL, _PARTS_OF_A_FRAME, _DRAWN = 60, 8, 350
_FRAME_EVERY = 3
_FIRST_DRAWN = 10_000  # seeds of drawn things that no test and no measurement uses
_SHORTEST_PX, _LONGEST_PX = 120, 420
_SEED = 20_260_511


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A look at the thing of that number: RGB u8[h, w, 3], and where the thing is where that is known."""

    thing: int
    pixels: Picture
    outline: NDArray[np.bool_] | None = None


def looks(cache: Path) -> Iterator[Look]:
    """All looks, thing by thing, the same at every call."""
    random = np.random.default_rng(_SEED)
    thing = 0
    for picture, parts in _pictures(cache):
        for _ in range(parts):
            for pixels in _views_of_a_part(picture, random):
                yield Look(thing, pixels)
            thing += 1
    for number in range(_DRAWN):
        yield from _drawn(thing + number, _FIRST_DRAWN + number, random)


def _pictures(cache: Path) -> Iterator[tuple[Picture, int]]:
    for source in (*STILLS, *_FLAT):
        yield still(source, cache), _PARTS_OF_A_STILL
    for frame in frames(STREET, cache, _FRAME_EVERY):
        yield frame, _PARTS_OF_A_FRAME


def _drawn(thing: int, seed: int, random: Generator) -> Iterator[Look]:
    first = render(seed)
    rows, columns = np.flatnonzero(first.outline.any(axis=1)), np.flatnonzero(first.outline.any(axis=0))
    inside = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    yield Look(thing, np.ascontiguousarray(first.pixels[inside]), np.ascontiguousarray(first.outline[inside]))
    for view in range(1, LOOKS_AT_EACH):
        yield Look(thing, worsened(render(seed, view).pixels, random))


def _views_of_a_part(picture: Picture, random: Generator) -> Iterator[Picture]:
    height, width = picture.shape[:2]
    longest = min(_LONGEST_PX, height, width)
    down, across = (int(random.integers(min(_SHORTEST_PX, longest - 1), longest)) for _ in range(2))
    y, x = int(random.integers(0, height - down + 1)), int(random.integers(0, width - across + 1))
    corners = np.array([[x, y], [x + across, y], [x + across, y + down], [x, y + down]], np.float32)
    for view in range(LOOKS_AT_EACH):
        reach = (0.02 if view == 0 else 0.14) * min(down, across)
        seen = corners + random.uniform(-reach, reach, (4, 2)).astype(np.float32)
        upright = np.array([[0, 0], [across, 0], [across, down], [0, down]], np.float32)
        motion = cv2.getPerspectiveTransform(seen, upright)
        part = cv2.warpPerspective(picture, motion, (across, down), borderMode=cv2.BORDER_REFLECT)
        yield np.asarray(part, np.uint8) if view == 0 else worsened(np.asarray(part, np.uint8), random)
