"""Refuses pictures of which a person, a face or a plate is the main content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lapel.core.geometry import Box, covered_share
from lapel.core.things import Frame, Pixels
from lapel.errors import EnrolmentRefused


class PeopleMeter(Protocol):
    """Measures how much of a picture is people or a plate; it says nothing about who or which they are."""

    def confident_faces(self, picture: Path) -> tuple[Box, ...]:
        """Faces that a finder is sure of, brow to chin, in the picture's pixels. Raises: MediaError."""
        ...

    def people_share(self, pixels: Pixels, least_score: float) -> float:
        """The share of RGB u8[h, w, 3] inside person boxes of at least that score, 0..1."""
        ...

    def plate_share(self, pixels: Pixels) -> float:
        """The share of RGB u8[h, w, 3] that is a vehicle's plate, 0..1."""
        ...


@dataclass(frozen=True, slots=True)
class _Limit:
    """Refuse where the tallest face is that much of the picture's height and people that share of its area."""

    face_height: float
    least_score: float
    people_share: float


_LIMITS = (
    _Limit(face_height=0.10, least_score=0.4, people_share=0.0),
    _Limit(face_height=0.07, least_score=0.35, people_share=0.22),
    _Limit(face_height=0.00, least_score=0.44, people_share=0.75),
)
"""Chosen on the pictures of the test kit. A detector's person score alone does not tell a hand with a carton (.3 to
.55) from a person (.27 to .67); a face does, and where none is seen, as from behind, how much of the picture is people
of a score that few hands reach: at .4 and .7, 7 things more of 289 are refused. With a face .35 is enough: of those 289
one has a low face and people at that score, on .15 of it; of 22 people one, behind a motorcycle, has .38."""
_MOST_PLATE = 0.5

_MOST_DESTROYED = 0.4
"""Of a frame that comes without faces already, only what was destroyed tells of them, all areas together. At .4 a rider
in a helmet is refused of whom half an arm is most to be seen (.44), at .3 a thing more of 289."""

_REMEDY = "Lapel looks for things only: take a picture of the thing alone, or outline it"


def check_people(name: str, source: Path | Frame, frame: Frame, box: Box, pixels: Pixels, meter: PeopleMeter) -> None:
    """Refuse a picture whose part ``box`` (its ``pixels``, redacted) mainly shows people or a plate.

    Raises: EnrolmentRefused.
    """
    faces = meter.confident_faces(source) if isinstance(source, Path) else ()
    tallest = max((_height_inside(face, box) for face in faces), default=0.0)
    for limit in _LIMITS:
        if tallest < limit.face_height:
            continue
        if (share := meter.people_share(pixels, limit.least_score)) >= limit.people_share:
            what = f"a face takes up {tallest:.0%} of its height" if limit.face_height else f"people fill {share:.0%}"
            raise EnrolmentRefused(f"{name}: {what}; {_REMEDY}")
    if (plate := meter.plate_share(pixels)) > _MOST_PLATE:
        raise EnrolmentRefused(f"{name}: a plate fills {plate:.0%}; {_REMEDY}")
    if (lost := covered_share(box, frame.destroyed)) > _MOST_DESTROYED:
        raise EnrolmentRefused(f"{name}: {lost:.0%} of it was destroyed as a face; {_REMEDY}")


def _height_inside(face: Box, box: Box) -> float:
    """A face's height as a share of the box's, 0 where its centre lies outside."""
    is_inside = box.x0 <= (face.x0 + face.x1) / 2 < box.x1 and box.y0 <= (face.y0 + face.y1) / 2 < box.y1
    return face.intersection(box).height / box.height if is_inside else 0.0
