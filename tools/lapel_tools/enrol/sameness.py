"""Which pictures of a thing are one picture: a copy, or the same moment twice, tells nothing of how it is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lapel.core.outline import corners_on
from lapel.core.things import Features, Reference
from lapel.errors import EnrolmentRefused
from lapel.ports import LocalFeatures
from lapel_tools.enrol.verdict import Outcome, PhotoVerdict

# Of one picture encoded anew at quality 20, halved, blurred, lit otherwise, cut by 2% or turned by 3°, .48 and more of
# the details agree, and no corner is moved by more than .027 of a side. Of 187 pictures of the test kit no two of one
# thing come near: those with .39 and .40 in common are moved by .1 and .12, those moved by less than .04 have .21.
_AGREEING, _MOVED = 0.45, 0.035


def without_copies(verdicts: tuple[PhotoVerdict, ...], listed: tuple[Reference, ...] = ()) -> tuple[PhotoVerdict, ...]:
    """The same, but that a picture is refused whose pixels are those of one before it, or of one that is ``listed``."""
    names = {reference.picture: "one that the entry has already" for reference in listed}
    judged = []
    for verdict in verdicts:
        same = None if verdict.reference is None else names.get(verdict.reference.picture)
        if verdict.reference is not None:
            names.setdefault(verdict.reference.picture, verdict.photo)
        judged.append(verdict if same is None else _refused(verdict, same))
    return tuple(judged)


def nearly_the_same(one: Reference, other: Reference, features: LocalFeatures) -> bool:
    """Whether almost every detail of two pictures agrees, in an almost unchanged place."""
    return _unmoved(one.features, other.features, features) or _unmoved(other.features, one.features, features)


def apart(references: tuple[Reference, ...], features: LocalFeatures) -> tuple[int, ...]:
    """The places of pictures of which none is nearly the same as one before it."""
    found: list[int] = []
    for place, reference in enumerate(references):
        if not any(nearly_the_same(references[other], reference, features) for other in found):
            found.append(place)
    return tuple(found)


def _unmoved(one: Features, other: Features, features: LocalFeatures) -> bool:
    lies = features.verify(one, other)
    if lies is None or lies.share < _AGREEING or len(lies.motion) != 9:
        return False
    corners = corners_on(np.array(lies.motion).reshape(3, 3), other.width, other.height)
    unmoved = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return corners is not None and bool(np.abs(corners / (one.width, one.height) - unmoved).max() <= _MOVED)


def _refused(verdict: PhotoVerdict, same: str) -> PhotoVerdict:
    why = f"{verdict.photo}: is the same picture as {same}; leave it out, or take another one from elsewhere"
    return replace(verdict, outcome=Outcome.REFUSED, reason=why, error=EnrolmentRefused(why), reference=None)
