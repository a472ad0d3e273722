"""Judges one picture of a thing: a reference, or the reason why it cannot be one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from lapel.alert.picture import jpeg
from lapel.core.geometry import Box
from lapel.core.things import Features, Frame, Pixels, Reference
from lapel.errors import EnrolmentRefused, LapelError, MediaError, UsageError
from lapel_tools.enrol.clarity import LEAST_CRISPNESS, LEAST_DETAIL, crispness, detail
from lapel_tools.enrol.outline import thing_box
from lapel_tools.enrol.request import EnrolmentTools, Photo

SHORTEST_SIDE_PX = 64
LARGEST_PEOPLE_SHARE = 0.4
LARGEST_FACES_SHARE = 0.3
FEWEST_POINTS = 60
"""Local features below which geometry has too little to decide on: such a picture is shortlisted and no more."""


class Outcome(Enum):
    """What a picture can do for its entry."""

    FINDABLE = "findable"
    SHORTLIST_ONLY = "shortlist only"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoVerdict:
    """What enrolment thinks of a picture. ``error`` and ``reference``: exactly one is there.

    ``width_px`` and ``height_px`` are the thing's; measures that were not reached are 0.
    """

    photo: str
    outcome: Outcome
    reason: str
    width_px: int = 0
    height_px: int = 0
    crispness: float = 0.0
    points: int = 0
    error: LapelError | None = None
    reference: Reference | None = None


def judge(photo: Photo, entry_id: str, tools: EnrolmentTools) -> PhotoVerdict:
    """Put a picture through the production path; whatever is wrong with it is in the verdict, not raised."""
    try:
        frame = photo.source if isinstance(photo.source, Frame) else tools.read(photo.source)
        box = thing_box(photo, frame)
        pixels = _crop(frame.pixels, box)
        sharp = _check_picture(photo, pixels)
        _check_people(photo, frame, box, tools)
        return _as_reference(photo, entry_id, box, pixels, sharp, tools)
    except (EnrolmentRefused, MediaError, UsageError) as error:
        return PhotoVerdict(photo.name, Outcome.REFUSED, str(error), error=error)


def _check_picture(photo: Photo, pixels: Pixels) -> float:
    """The crispness of a picture that is large, detailed and sharp enough. Raises: EnrolmentRefused."""
    height, width = pixels.shape[:2]
    if min(height, width) < SHORTEST_SIDE_PX:
        raise EnrolmentRefused(
            f"{photo.name}: the thing is {width}×{height} px, less than {SHORTEST_SIDE_PX} on a side; "
            "take a picture from nearer"
        )
    if detail(pixels) < LEAST_DETAIL:
        raise EnrolmentRefused(
            f"{photo.name}: shows nothing that could be found again; take a picture of a side with print or marks"
        )
    sharp = crispness(pixels)
    if sharp < LEAST_CRISPNESS:
        raise EnrolmentRefused(
            f"{photo.name}: blurred (crispness {sharp:.2f}, at least {LEAST_CRISPNESS} is needed); "
            "hold still and take it again"
        )
    return sharp


def _check_people(photo: Photo, frame: Frame, box: Box, tools: EnrolmentTools) -> None:
    """Refuse a picture of which people are the main content. Raises: EnrolmentRefused."""
    inside = np.zeros((frame.height, frame.width), dtype=np.bool_)
    inside[box.y0 : box.y1, box.x0 : box.x1] = True
    if photo.mask is not None:
        inside &= photo.mask
    faces = np.zeros_like(inside)
    for area in frame.destroyed:
        clipped = area.clipped(frame.width, frame.height)
        faces[clipped.y0 : clipped.y1, clipped.x0 : clipped.x1] = True
    if (share := float(faces[inside].mean())) > LARGEST_FACES_SHARE:
        raise EnrolmentRefused(
            f"{photo.name}: faces fill {share:.0%} of it; Lapel looks for things only: "
            "take a picture of the thing alone, or outline it"
        )
    # People have no boxes in a scene; its canvas differs from the frame exactly where they were painted over.
    people = np.any(tools.detector.detect(frame).canvas != frame.pixels, axis=2)
    if (share := float(people[inside].mean())) > LARGEST_PEOPLE_SHARE:
        raise EnrolmentRefused(
            f"{photo.name}: people fill {share:.0%} of it; Lapel looks for things only: "
            "take a picture of the thing alone, or outline it"
        )


def _as_reference(
    photo: Photo, entry_id: str, box: Box, pixels: Pixels, sharp: float, tools: EnrolmentTools
) -> PhotoVerdict:
    mask = None if photo.mask is None else photo.mask[box.y0 : box.y1, box.x0 : box.x1]
    features: Features = tools.features.extract(pixels, mask)
    reference = Reference(entry_id, tools.embedder.describe(pixels), features, jpeg(pixels))
    points = len(features.points)
    findable = points >= FEWEST_POINTS
    reason = (
        f"{points} local features"
        if findable
        else f"only {points} local features: it can be shortlisted, not decided on; add pictures of a side with "
        "print or marks, or a code"
    )
    outcome = Outcome.FINDABLE if findable else Outcome.SHORTLIST_ONLY
    return PhotoVerdict(photo.name, outcome, reason, box.width, box.height, sharp, points, reference=reference)


def _crop(pixels: Pixels, box: Box) -> Pixels:
    crop = np.ascontiguousarray(pixels[box.y0 : box.y1, box.x0 : box.x1])
    crop.setflags(write=False)
    return crop
