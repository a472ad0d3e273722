"""What a list holds of each entry, and whether it can be found by that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from lapel.core.compact import level_for
from lapel.core.gallery import Gallery
from lapel.core.things import Entry, Reference
from lapel_tools.enrol.verdict import FEWEST_POINTS


class Verdict(Enum):
    """Whether a watch can find an entry."""

    BY_LOOKS = "found by looks"
    SHORTLISTED = "shortlisted at most"
    BY_CODE = "found by code"
    EXPIRED = "expired"
    NOT_AT_ALL = "cannot be found"


STYLES = {
    Verdict.BY_LOOKS: "good",
    Verdict.BY_CODE: "good",
    Verdict.SHORTLISTED: "",
    Verdict.EXPIRED: "bad",
    Verdict.NOT_AT_ALL: "bad",
}


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """An entry, its references, and what they are worth."""

    entry: Entry
    references: tuple[Reference, ...]
    verdict: Verdict

    @property
    def pictures(self) -> tuple[bytes, ...]:
        """Its reference pictures, as JPEG."""
        return tuple(reference.picture for reference in self.references)


def standings(gallery: Gallery, today: date) -> Iterator[Standing]:
    """Every entry of a list but its decoys, in the list's order."""
    fewest = min(FEWEST_POINTS, level_for(len(gallery.references)).points)
    for entry, references in listed(gallery):
        if entry.id not in gallery.decoys:
            yield Standing(entry, references, _verdict(entry, references, fewest, today))


def listed(gallery: Gallery) -> tuple[tuple[Entry, tuple[Reference, ...]], ...]:
    """Every entry with its references."""
    references: dict[str, list[Reference]] = {}
    for reference in gallery.references:
        references.setdefault(reference.entry_id, []).append(reference)
    return tuple((entry, tuple(references.get(entry.id, ()))) for entry in gallery.entries)


def _verdict(entry: Entry, references: tuple[Reference, ...], fewest: int, today: date) -> Verdict:
    if not entry.is_current(today):
        return Verdict.EXPIRED
    if any(len(reference.features.points) >= fewest for reference in references):
        return Verdict.BY_LOOKS
    if entry.codes:
        return Verdict.BY_CODE
    return Verdict.SHORTLISTED if references else Verdict.NOT_AT_ALL
