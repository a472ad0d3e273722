"""What enrolment thinks of a thing as a whole: how well it will be found, what it is taken for, and what to add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from lapel.core.gallery import Gallery
from lapel.core.things import Entry, Pixels, Reference
from lapel.ports import LocalFeatures
from lapel_tools.enrol.consensus import confirmed_by_others
from lapel_tools.enrol.coverage import Coverage, coverage_of, spread
from lapel_tools.enrol.likeness import FalseHits, LookAlike, false_hits, look_alikes
from lapel_tools.enrol.trials import Estimate, Trial, Watch, estimated, try_out

DISTINCT_FROM, ORDINARY_FROM = 0.6, 0.2
"""Estimates from which a thing is called so. On the test kit, decided as in a watch, 2 things from .6 up were found in
.67 of their pictures, 3 from .2 up in .61, the 12 below in .25: too few to tell the upper two apart."""


class Worth(Enum):
    """What an entry's pictures are worth."""

    DISTINCT = "distinct"
    ORDINARY = "ordinary"
    NOT_BY_LOOKS = "not findable by looks"


@dataclass(frozen=True, slots=True, eq=False)
class PictureAppraisal:
    """One picture. ``confirmed`` bool[n]: which of its local features another picture shows; ``spread`` 0..1 the
    share of it that has any; ``trials`` under every change."""

    reference: Reference
    confirmed: NDArray[np.bool_]
    spread: float
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Appraisal:
    """A thing. ``advice`` is what to do about it, most needed first; ``pictures`` those that are now added."""

    entry: Entry
    worth: Worth
    advice: tuple[str, ...]
    found: Estimate
    false: FalseHits
    alike: tuple[LookAlike, ...]
    coverage: Coverage
    pictures: tuple[PictureAppraisal, ...]


def appraise(
    gallery: Gallery,
    entry: Entry,
    added: tuple[Reference, ...],
    features: LocalFeatures,
    watch: Watch,
    distractors: Sequence[Pixels],
) -> Appraisal:
    """Appraise an entry of a list that is about to be written. ``added``: its new pictures, at least one, with all
    their local features; they are the last of its references on the list."""
    listed = tuple(reference for reference in gallery.references if reference.entry_id == entry.id)
    everything = listed[: len(listed) - len(added)] + added
    trials = try_out(gallery, entry.id, everything, features, watch)
    found = estimated(trials)
    alike = look_alikes(gallery, entry.id, added, watch)
    false = false_hits(gallery, entry.id, distractors, watch)
    coverage = coverage_of(everything, features)
    worth = _worth(found, alike, false)
    confirmed = confirmed_by_others(everything, features)
    pictures = tuple(
        PictureAppraisal(reference, agreed, spread(reference.features), tried)
        for reference, agreed, tried in list(zip(everything, confirmed, trials, strict=True))[-len(added) :]
    )
    return Appraisal(
        entry, worth, _advice(entry, worth, alike, false, coverage), found, false, alike, coverage, pictures
    )


def _worth(found: Estimate, alike: tuple[LookAlike, ...], false: FalseHits) -> Worth:
    if found.rate < ORDINARY_FROM:
        return Worth.NOT_BY_LOOKS
    # A single picture was found in itself alone, which nearly all are: that makes nothing distinct.
    is_sure = found.is_held_out and not alike and not false.share.count
    return Worth.DISTINCT if is_sure and found.rate >= DISTINCT_FROM else Worth.ORDINARY


def _advice(
    entry: Entry, worth: Worth, alike: tuple[LookAlike, ...], false: FalseHits, coverage: Coverage
) -> tuple[str, ...]:
    said = []
    if worth is Worth.NOT_BY_LOOKS:
        said.append(
            "its code will find it, its pictures seldom" if entry.codes else "add a code: its looks seldom find it"
        )
    said += [
        f"entry {one.entry} looks the same: add a mark that tells them apart, or outline both where it is their "
        "background that is alike"
        for one in alike
    ]
    if false.share.count:
        said.append(f"{false.share.count} of {false.share.total} drawn things would hit it: outline it more tightly")
    if coverage.advice:
        said.append(coverage.advice)
    if worth is Worth.ORDINARY and not said:
        said.append("to have it found more often, add pictures from other sides, or a code")
    return tuple(said)
