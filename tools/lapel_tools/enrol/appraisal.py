"""What enrolment thinks of a thing as a whole: how well it will be found, what it is taken for, and what to add."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from lapel.core.compact import Level, level_for
from lapel.core.gallery import Gallery
from lapel.core.things import Entry, Pixels, Reference
from lapel.ports import LocalFeatures
from lapel_tools.enrol.consensus import confirmed_by_others
from lapel_tools.enrol.coverage import Coverage, coverage_of, missing_views, spread
from lapel_tools.enrol.likeness import FalseHits, LookAlike, false_hits, look_alikes
from lapel_tools.enrol.sameness import apart
from lapel_tools.enrol.trials import Estimate, Trial, Watch, estimated, try_out
from lapel_tools.enrol.verdict import FEWEST_POINTS

DISTINCT_FROM, ORDINARY_FROM = 0.6, 0.2
"""Estimates from which a thing is called so. On the test kit, decided as in a watch, 4 of 4 pictures of 1 distinct
thing were found, 14 of 24 of 4 ordinary ones, 17 of 54 of 12 below: too few to tell the upper two apart."""


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
    """A thing. ``pictures`` are those that are now added, ``missing`` the views in which it would mostly be lost.

    ``is_plain``: none of its pictures has the texture to decide on, whatever is seen: it is shortlisted at most.
    """

    entry: Entry
    worth: Worth
    is_plain: bool
    found: Estimate
    false: FalseHits
    alike: tuple[LookAlike, ...]
    coverage: Coverage
    missing: tuple[str, ...]
    pictures: tuple[PictureAppraisal, ...]

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do about it, most needed first."""
        topics = (_about_looks, _about_look_alikes, _about_false_hits, _about_strangers, _about_coverage, _about_views)
        said = tuple(line for topic in topics for line in topic(self))
        if self.worth is Worth.ORDINARY and not said:
            return ("to have it found more often, add pictures from other sides, or a code",)
        return said


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
    # A picture that is there twice is one: it is not counted twice, nor held out of what still has the other.
    found = estimated(tuple(trials[place] for place in apart(everything, features)))
    is_plain = _is_plain(listed, level_for(len(gallery.references)))
    alike = look_alikes(gallery, entry.id, added, watch)
    false = false_hits(gallery, entry.id, distractors, watch)
    confirmed = confirmed_by_others(everything, features)
    return Appraisal(
        entry,
        Worth.NOT_BY_LOOKS if is_plain else _worth(found, alike, false),
        is_plain,
        found,
        false,
        alike,
        coverage_of(everything, features),
        missing_views(trials),
        tuple(
            PictureAppraisal(reference, agreed, spread(reference.features), tried)
            for reference, agreed, tried in list(zip(everything, confirmed, trials, strict=True))[-len(added) :]
        ),
    )


def _is_plain(listed: tuple[Reference, ...], level: Level) -> bool:
    return all(len(reference.features.points) < min(FEWEST_POINTS, level.points) for reference in listed)


def _worth(found: Estimate, alike: tuple[LookAlike, ...], false: FalseHits) -> Worth:
    if found.rate < ORDINARY_FROM:
        return Worth.NOT_BY_LOOKS
    # A single picture was found in itself alone, which nearly all are: that makes nothing distinct.
    is_sure = found.is_held_out and not alike and not false.share.count
    return Worth.DISTINCT if is_sure and found.rate >= DISTINCT_FROM else Worth.ORDINARY


def _about_looks(thing: Appraisal) -> Iterator[str]:
    if thing.is_plain:
        yield "too little texture to decide on: its pictures can only ever be shortlisted; " + (
            "its code will find it" if thing.entry.codes else "add pictures of a side with print or marks, or a code"
        )
    elif thing.worth is Worth.NOT_BY_LOOKS:
        yield (
            "its code will find it, its pictures seldom"
            if thing.entry.codes
            else ("add a code: its looks seldom find it")
        )


def _about_look_alikes(thing: Appraisal) -> Iterator[str]:
    for other in thing.alike:
        yield (
            f"entry {other.entry} looks the same: add a mark that tells them apart, or outline both where it is their "
            "background that is alike"
        )


def _about_false_hits(thing: Appraisal) -> Iterator[str]:
    share = thing.false.share
    if share.count:
        yield f"{share.count} of {share.total} drawn things would hit it: outline it more tightly"


def _about_strangers(thing: Appraisal) -> Iterator[str]:
    """Pictures that the others never find, of a thing whose pictures find each other otherwise."""
    if thing.worth is Worth.NOT_BY_LOOKS or not thing.found.is_held_out:
        return
    for number, picture in enumerate(thing.pictures, 1):
        if not any(trial.is_found for trial in picture.trials):
            yield (
                f"picture {number} is never found by the others: see that it shows the same thing, or add one from "
                "between it and them"
            )


def _about_coverage(thing: Appraisal) -> Iterator[str]:
    if thing.coverage.advice:
        yield thing.coverage.advice


def _about_views(thing: Appraisal) -> Iterator[str]:
    if thing.missing and not thing.is_plain:
        yield f"seen {' or '.join(thing.missing)} it would be lost: add pictures taken so"
