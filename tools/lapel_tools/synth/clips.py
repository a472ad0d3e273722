"""Hand-held clips with a drawn thing in them, and where it is in every frame. Figures on them are synthetic.

Nobody is in a drawn scene. The same seed gives the same clip, for one version of OpenCV.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.random import Generator

from lapel.core.geometry import Box
from lapel.core.things import Kind, Pixels
from lapel_tools.synth.handheld import FRAMES, HEIGHT_PX, WIDTH_PX, Pan, pan_over
from lapel_tools.synth.number_scenes import Carrier, face_of
from lapel_tools.synth.scene import Corners, Side, backdrop, placed
from lapel_tools.synth.things import face_of_thing

_WIDE_PX = (2200, 1080)
_SCENE, _CAMERA, _LIGHT = 11, 12, 13  # streams of randomness of one seed
_CLUTTER_SEED = 5000  # things of these seeds and above stand about, and are on no list
_LEAST_VISIBLE = 0.6  # of a thing: below it, nobody need find it


class Shown(Enum):
    """What a clip shows."""

    CONTAINER = "container"
    PANEL = "panel"
    COVER = "cover"
    PAINTING = "painting"


# How wide each is in the wide picture, of which a frame shows 960 px and less.
_ACROSS_PX = {Shown.CONTAINER: (560, 760), Shown.PANEL: (150, 230), Shown.COVER: (220, 330), Shown.PAINTING: (240, 380)}
_KINDS = {
    Shown.CONTAINER: Kind.CONTAINER,
    Shown.PANEL: Kind.PLACARD,
    Shown.COVER: Kind.BOOK,
    Shown.PAINTING: Kind.ARTWORK,
}
# Of six seeds of drawn things in a row, these are a cover and a poster (synth.things).
_SEED_OF = {Shown.COVER: 4, Shown.PAINTING: 0}
SORTS_OF_THINGS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A clip before it is filmed. ``code`` is what a number says, empty for a thing without one; ``thing`` the seed of
    a thing that is found by its look."""

    name: str
    shown: Shown
    kind: Kind
    code: str
    thing: int
    wide: Pixels
    corners: Corners
    pan: Pan
    seed: int

    def frames(self) -> Iterator[tuple[Pixels, Box | None]]:
        """Every frame RGB u8[540, 960, 3], and where the thing is in it; None where most of it is out of the frame."""
        light = np.random.default_rng([self.seed, _LIGHT])
        for number in range(len(self.pan.motions)):
            yield self.pan.frame(number, self.wide, light), self.box(number)

    def box(self, number: int) -> Box | None:
        """Where the thing is in a frame."""
        corners = self.pan.seen(number, self.corners)
        low, high = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
        whole = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
        inside = whole.clipped(WIDTH_PX, HEIGHT_PX)
        return inside if inside.area >= _LEAST_VISIBLE * whole.area > 0 else None


def make_clip(shown: Shown, seed: int, ground: Pixels | None = None, frames: int = FRAMES) -> Clip:
    """A clip of one thing among others. ``ground``: a picture without people to put it into; drawn where None."""
    random = np.random.default_rng([seed, _SCENE, list(Shown).index(shown)])
    face, code, thing = _face(shown, seed)
    behind = backdrop(random, _WIDE_PX[1], _WIDE_PX[0]) if ground is None else cv2.resize(ground, _WIDE_PX)
    corners = _corners(face, random, float(random.uniform(*_ACROSS_PX[shown])), (0.5, 0.5))
    sides = [*_clutter(random), Side(_sized(face, corners), corners, float(random.uniform(0.7, 1.05)))]
    wide, _ = placed(np.asarray(behind, np.uint8), tuple(sides))
    middle = corners.mean(axis=0)
    pan = pan_over(_WIDE_PX, (float(middle[0]), float(middle[1])), np.random.default_rng([seed, _CAMERA]), frames)
    name = f"synthetic-{shown.value}-{seed:03d}"
    return Clip(name, shown, _KINDS[shown], code, thing, wide, corners, pan, seed)


def _face(shown: Shown, seed: int) -> tuple[Pixels, str, int]:
    if shown in (Shown.CONTAINER, Shown.PANEL):
        face, code = face_of(Carrier(shown.value), seed)
        return face, code, -1
    thing = SORTS_OF_THINGS * seed + _SEED_OF[shown]
    return face_of_thing(thing), "", thing


def _clutter(random: Generator) -> list[Side]:
    """Things to the left and right that are on no list."""
    sides = []
    for place in (0.12, 0.27, 0.73, 0.88):
        face = face_of_thing(_CLUTTER_SEED + int(random.integers(0, 1000)))
        corners = _corners(face, random, float(random.uniform(160, 260)), (place, float(random.uniform(0.35, 0.65))))
        sides.append(Side(_sized(face, corners), corners, float(random.uniform(0.6, 1.0))))
    return sides


def _corners(face: Pixels, random: Generator, across: float, at: tuple[float, float]) -> Corners:
    """Where a face's corners come to lie: seen from the side, a little turned."""
    tall, wide = face.shape[:2]
    slant, rise = float(random.uniform(-0.16, 0.16)), float(random.uniform(-0.05, 0.05))
    down = across * tall / wide
    corners = np.array([[-1, -1 - slant], [1, -1 + slant], [1, 1 - slant], [-1, 1 + slant]]) * (across / 2, down / 2)
    turned = corners @ np.array([[np.cos(rise), np.sin(rise)], [-np.sin(rise), np.cos(rise)]])
    return np.asarray(turned + np.array(at) * _WIDE_PX, np.float32)


def _sized(face: Pixels, corners: Corners) -> Pixels:
    """The face at about the size that it is seen at, so that nothing is left out between pixels."""
    scale = min(1.0, 1.3 * float(np.linalg.norm(corners[1] - corners[0])) / face.shape[1])
    return np.asarray(cv2.resize(face, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
