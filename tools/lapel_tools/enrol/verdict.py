"""Judges one picture of a thing: a reference, or the reason why it cannot be one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from lapel.alert.picture import jpeg
from lapel.core.geometry import Box, covered_share
from lapel.core.search import directions
from lapel.core.things import Features, Frame, Pixels, Reference
from lapel.errors import EnrolmentRefused, LapelError, MediaError, UsageError
from lapel_tools.enrol.clarity import LEAST_CRISPNESS, crispness, without_seams
from lapel_tools.enrol.outline import thing_box
from lapel_tools.enrol.people import check_people
from lapel_tools.enrol.request import EnrolmentTools, Photo

SHORTEST_SIDE_PX = 64
DARKEST = 40.0
"""Mean grey level below which a picture that shows nothing is said to lack light, and not print or marks."""
FEWEST_POINTS = 60
"""Local features below which geometry has too little to decide on: such a picture is shortlisted and no more."""


class Outcome(Enum):
    """What a picture can do for its entry."""

    USABLE = "usable"
    SHORTLIST_ONLY = "shortlist only"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoVerdict:
    """What enrolment thinks of a picture. ``error`` and ``reference``: exactly one is there.

    ``width_px`` and ``height_px`` are the thing's, ``destroyed`` the share of it that was taken for a face, rightly or
    not; measures that were not reached are 0.
    """

    photo: str
    outcome: Outcome
    reason: str
    width_px: int = 0
    height_px: int = 0
    crispness: float = 0.0
    points: int = 0
    destroyed: float = 0.0
    error: LapelError | None = None
    reference: Reference | None = None


def judge(photo: Photo, entry_id: str, tools: EnrolmentTools) -> PhotoVerdict:
    """Put a picture through the production path; whatever is wrong with it is in the verdict, not raised."""
    try:
        frame = photo.source if isinstance(photo.source, Frame) else tools.read(photo.source)
        box = thing_box(photo, frame)
        pixels = _crop(frame.pixels, box)
        areas = [area.shifted(-box.x0, -box.y0) for area in frame.destroyed if area.intersection(box).area]
        sharp = _check_picture(photo, without_seams(pixels, areas))
        check_people(photo.name, photo.source, frame, box, pixels, tools.people)
        verdict = _as_reference(photo, entry_id, box, pixels, sharp, tools)
        return replace(verdict, destroyed=covered_share(box, frame.destroyed))
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
    sharp = crispness(pixels)
    if sharp is None and pixels.mean() < DARKEST:
        raise EnrolmentRefused(
            f"{photo.name}: too dark to show anything (brightness {pixels.mean():.0f} of 255); take it in better light"
        )
    if sharp is None:
        raise EnrolmentRefused(
            f"{photo.name}: shows nothing that could be found again; take a picture of a side with print or marks"
        )
    if sharp < LEAST_CRISPNESS:
        raise EnrolmentRefused(
            f"{photo.name}: blurred (crispness {sharp:.2f}, at least {LEAST_CRISPNESS} is needed); "
            "hold still and take it again"
        )
    return sharp


def _as_reference(
    photo: Photo, entry_id: str, box: Box, pixels: Pixels, sharp: float, tools: EnrolmentTools
) -> PhotoVerdict:
    mask = None if photo.mask is None else photo.mask[box.y0 : box.y1, box.x0 : box.x1]
    features: Features = tools.features.extract(pixels, mask)
    reference = Reference(
        entry_id,
        directions(tools.embedder.describe(pixels)),
        directions(tools.features.aggregate(features)),
        features,
        jpeg(pixels),
    )
    points = len(features.points)
    usable = points >= FEWEST_POINTS
    reason = (
        f"{points} local features"
        if usable
        else f"{photo.name}: only {points} local features: it can be shortlisted, not decided on; "
        "add pictures of a side with print or marks, or a code"
    )
    outcome = Outcome.USABLE if usable else Outcome.SHORTLIST_ONLY
    return PhotoVerdict(photo.name, outcome, reason, box.width, box.height, sharp, points, reference=reference)


def _crop(pixels: Pixels, box: Box) -> Pixels:
    crop = np.ascontiguousarray(pixels[box.y0 : box.y1, box.x0 : box.x1])
    crop.setflags(write=False)
    return crop
