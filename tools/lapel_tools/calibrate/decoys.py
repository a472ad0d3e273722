"""Decoys: drawn things on a list that nobody can meet, so that every hit on one is false."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from lapel.alert.picture import jpeg
from lapel.core.compact import fitted
from lapel.core.gallery import Gallery
from lapel.core.search import directions
from lapel.core.things import Entry, Reference
from lapel.wiring.seeing import Seeing
from lapel_tools.evaluate.distractors import cut_out
from lapel_tools.synth.things import render

FIRST_SEED = 900_000
FEWEST = 4


def with_decoys(gallery: Gallery, seeing: Seeing, share: float) -> Gallery:
    """The list with so large a share of decoys, at least a few, in the place of those that it had; 0 takes them off.

    The share is of what has pictures: nobody takes a thing for a code. A list that finds nothing by looks gets none.
    """
    plain = without_decoys(gallery)
    pictured = len({reference.entry_id for reference in plain.references})
    count = max(FEWEST, ceil(pictured * share / (1 - share))) if share and pictured else 0
    made = [_decoy(gallery, seeing, number) for number in range(count)]
    return fitted(
        replace(
            plain,
            entries=(*plain.entries, *(entry for entry, _ in made)),
            references=(*plain.references, *(reference for _, reference in made)),
            decoys=frozenset(entry.id for entry, _ in made),
        )
    )


def without_decoys(gallery: Gallery) -> Gallery:
    """The list as it is without its decoys."""
    return replace(
        gallery,
        entries=tuple(entry for entry in gallery.entries if entry.id not in gallery.decoys),
        references=tuple(r for r in gallery.references if r.entry_id not in gallery.decoys),
        decoys=frozenset(),
    )


def _decoy(gallery: Gallery, seeing: Seeing, number: int) -> tuple[Entry, Reference]:
    thing = render(FIRST_SEED + number)
    pixels, outline = cut_out(thing)
    features = seeing.features.extract(pixels, outline)
    entry = Entry(
        id=f"decoy-{number}",
        label=f"decoy {number}: nothing that exists",
        kind=thing.kind,
        purpose="counts false hits",
        case="none",
        authority=gallery.entries[0].authority,
        expires=gallery.terms.expires,
    )
    described, together = seeing.embedder.describe(pixels), seeing.features.aggregate(features)
    return entry, Reference(entry.id, directions(described), directions(together), features, jpeg(pixels))
