"""Doubles of the models: a thing is its mean colour."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from lapel.core.agreement import Agreement
from lapel.core.geometry import whole
from lapel.core.things import Features, Frame, Geometry, Pixels, Reference, Scene, Thing
from lapel.errors import CropTooSmall

_SMALLEST_PX = 16
_POINTS = 100
_SAME_COLOUR = 6
_LOCAL_BYTES = 64


class ColourEmbedder:
    """Describes a picture by its mean colour (port Embedder)."""

    model_sha256 = hashlib.sha256(b"mean colour").hexdigest()
    dimensions = 4

    def describe(self, pixels: Pixels) -> NDArray[np.float32]:
        """One unit row f32[1, 4]: the mean colour about mid-grey, and a constant. Raises: CropTooSmall."""
        if min(pixels.shape[:2]) < _SMALLEST_PX:
            raise CropTooSmall(f"crop: {pixels.shape[1]}×{pixels.shape[0]} px; at least {_SMALLEST_PX} px a side")
        row = np.append(pixels.mean(axis=(0, 1)) - 128, 1.0)
        unit = np.asarray(row / np.linalg.norm(row), np.float32)[None]
        unit.setflags(write=False)
        return unit


class ColourFeatures:
    """A hundred features that all hold the mean colour, halved about mid-grey (port LocalFeatures)."""

    model_sha256 = hashlib.sha256(b"mean colour of features").hexdigest()
    dimensions = 4

    def extract(self, pixels: Pixels, outline: NDArray[np.bool_] | None = None) -> Features:
        """Features of RGB u8[h, w, 3], or of the part inside ``outline`` bool[h, w]."""
        inside = pixels if outline is None else pixels[outline]
        height, width = pixels.shape[:2]
        descriptors = np.zeros((_POINTS, _LOCAL_BYTES), np.int8)
        descriptors[:, :3] = (inside.reshape(-1, 3).mean(axis=0) - 128) / 2
        points = np.random.default_rng(0).uniform(0, (width, height), (_POINTS, 2)).astype(np.float32)
        points.setflags(write=False)
        descriptors.setflags(write=False)
        return Features(points, descriptors, width, height)

    def aggregate(self, features: Features) -> NDArray[np.float32]:
        """One unit row f32[1, 4] of their colour; none where there are no features."""
        if not len(features.points):
            return np.empty((0, self.dimensions), np.float32)
        row = np.append(features.descriptors[:, :3].mean(axis=0), 1.0)
        return np.asarray(row / np.linalg.norm(row), np.float32)[None]

    def verify(self, sighting: Features, reference: Features) -> Geometry | None:
        """All features agree where the colours do; none where they do not."""
        apart = np.abs(sighting.descriptors[0, :3].astype(int) - reference.descriptors[0, :3]).max()
        if apart > _SAME_COLOUR:
            return None
        return Geometry(len(reference.points), 1.0, whole(sighting.width, sighting.height))

    def resemblance(self, sighting: Pixels, picture: bytes, reference: Features, geometry: Geometry) -> float:
        """What has one colour, and the same, resembles wholly."""
        return 1.0

    def agreeing(self, sighting: Features, reference: Features) -> NDArray[np.bool_]:
        """All of them where the colours agree, none where they do not."""
        return np.full(len(reference.points), self.verify(sighting, reference) is not None)


class PlainPrints:
    """Sees no print on anything, as on things of one colour (port Prints)."""

    def describe(self, pixels: Pixels) -> Features:
        """No corners."""
        points, descriptors = np.empty((0, 2), np.float32), np.empty((0, _LOCAL_BYTES), np.int8)
        points.setflags(write=False)
        descriptors.setflags(write=False)
        return Features(points, descriptors, int(pixels.shape[1]), int(pixels.shape[0]))

    def middle(self, pixels: Pixels) -> Features:
        """None there, either."""
        return self.describe(pixels)

    def agreement(self, sighting: Pixels, seen: Features, picture: bytes) -> Agreement | None:
        """Nothing agrees."""
        return None

    def closer(self, sighting: Pixels, reference: Reference, motion: NDArray[np.float64]) -> Agreement | None:
        """Nothing does from near, either."""
        return None

    def rest(self) -> None:
        """Nothing is held."""


class FixedDetector:
    """Sees the same things and as many people in every frame (port Detector)."""

    def __init__(self, things: tuple[Thing, ...] = (), people: int = 0) -> None:
        self._things = things
        self._people = people

    def detect(self, frame: Frame) -> Scene:
        """The things it was made with."""
        return Scene(self._things, self._people, frame.pixels)
