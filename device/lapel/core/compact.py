"""How much is kept of each reference, the longer the list, the less. Pure.

Local features are kept at their level from the start, pictures in full: a new model describes them anew. Devices get
each picture at the level of its features (lapel_tools.authority.pictures).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lapel.core.gallery import Gallery
from lapel.core.things import Features, Reference

BYTES_OF_A_PLACE = 4
"""x and y, two bytes each, in a watchlist file."""


@dataclass(frozen=True, slots=True)
class Level:
    """For lists of at most ``most_references``: how many features of a reference are kept, how long each code is, and
    how large a picture of it devices get: its longer side, in pixels, where it has more bytes than that."""

    most_references: int
    points: int
    width: int
    picture_px: int
    picture_bytes: int

    @property
    def most_bytes(self) -> int:
        """What a reference's local features take in a file, at most."""
        return self.points * (self.width + BYTES_OF_A_PLACE)


LEVELS = (
    Level(500, points=600, width=64, picture_px=640, picture_bytes=64 << 10),
    Level(20_000, points=142, width=24, picture_px=400, picture_bytes=12 << 10),
    Level(300_000, points=51, width=16, picture_px=256, picture_bytes=6 << 10),
)
"""40 KB, 4 KB and 1 KB of features a reference; what each finds is measured in models/local.md."""


def level_for(references: int) -> Level:
    """The level of a list with so many references."""
    return next((level for level in LEVELS if references <= level.most_references), LEVELS[-1])


def level_of(features: Features) -> Level:
    """The level that features are at: that of the longest list that they stood on since they were described."""
    return next((level for level in reversed(LEVELS) if features.descriptors.shape[1] <= level.width), LEVELS[0])


def compacted(features: Features, level: Level) -> Features:
    """The features that a level keeps, the strongest ones, with codes of its width.

    Compacting to one level and then to a smaller one gives what compacting to the smaller one gives. Spreading the
    kept ones over the picture was tried at 4 KB: it found .45 of 82 things where the strongest found .51.
    """
    if len(features.points) <= level.points and features.descriptors.shape[1] <= level.width:
        return features
    points = features.points[: level.points].copy()
    descriptors = features.descriptors[: level.points, : level.width].copy()
    points.setflags(write=False)
    descriptors.setflags(write=False)
    return Features(points, descriptors, features.width, features.height)


def fitted(gallery: Gallery) -> Gallery:
    """The gallery with every reference at the level that the length of the list asks for."""
    level = level_for(len(gallery.references))
    references = tuple(at_level(reference, level) for reference in gallery.references)
    return replace(gallery, references=references)


def is_shortened(features: Features) -> bool:
    """Whether codes lost some of their width: no aggregate can be made of them any more."""
    return int(features.descriptors.shape[1]) < LEVELS[0].width


def at_level(reference: Reference, level: Level) -> Reference:
    """The reference with what of its features a level keeps."""
    features = compacted(reference.features, level)
    return reference if features is reference.features else replace(reference, features=features)
