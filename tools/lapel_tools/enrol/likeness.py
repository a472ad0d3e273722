"""What else a thing may be taken for: other entries of the list, and things that nobody lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lapel.core.gallery import Gallery
from lapel.core.things import Pixels, Reference
from lapel_tools.enrol.trials import Watch, evidence_for, only, shown, sighting_of, without
from lapel_tools.report.share import Share

_NEAREST = 3  # entries of the list that a picture is compared with one by one


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Another entry that a picture of this one would hit, or the other way round, were it listed alone."""

    entry: str
    label: str
    evidence: float


@dataclass(frozen=True, slots=True)
class FalseHits:
    """How many distractors would hit the thing, were it listed alone, and the evidence of the nearest of them."""

    share: Share
    nearest: float


def look_alikes(
    gallery: Gallery, entry_id: str, references: tuple[Reference, ...], watch: Watch
) -> tuple[LookAlike, ...]:
    """The other entries of the list that look the same as these pictures of an entry, the most alike first.

    Each is compared alone: side by side on one list two of them take each other's evidence away, and neither hits.
    Decoys are left out: what looks like one cannot be told apart by a mark, and its false hits are counted anyway.
    """
    rest = without(gallery, entry_id, *gallery.decoys)
    if not rest.references:
        return ()
    others, own = watch(rest), watch(only(gallery, entry_id))
    most: dict[str, float] = {}
    for pixels in map(shown, references):
        for match in others.candidates(sighting_of(pixels), _NEAREST):
            other = match.entry.id
            there = evidence_for(other, pixels, watch(only(gallery, other)))
            back = evidence_for(entry_id, shown(rest.references[match.reference]), own)
            most[other] = max(there, back, most.get(other, 0.0))
    labels = {entry.id: entry.label for entry in rest.entries}
    alike = (LookAlike(other, labels[other], evidence) for other, evidence in most.items() if evidence >= 1)
    return tuple(sorted(alike, key=lambda one: -one.evidence))


def false_hits(gallery: Gallery, entry_id: str, distractors: Iterable[Pixels], watch: Watch) -> FalseHits:
    """How the entry fares, were it listed alone, with pictures of things that are not it."""
    own = watch(only(gallery, entry_id))
    found = [evidence_for(entry_id, pixels, own) for pixels in distractors]
    return FalseHits(Share(sum(evidence >= 1 for evidence in found), len(found)), max(found, default=0.0))
