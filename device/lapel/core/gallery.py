"""The watchlist as a value: entries, their references, and the terms of the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lapel.core.things import Entry, Reference

LONGEST_LISTING_DAYS = 365


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which a whole list may be used. ``created`` and ``expires`` are UTC dates, inclusive."""

    list_id: str
    version: int
    created: date
    expires: date


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """All entries and all references of a list.

    ``model_sha256`` names the descriptor model that made every reference; ``references`` stand in the order of
    their rows in the search engine. An entry may have codes and no reference.
    """

    terms: Terms
    model_sha256: str
    entries: tuple[Entry, ...]
    references: tuple[Reference, ...]

    def entry(self, entry_id: str) -> Entry | None:
        """The entry of that id, if it is listed."""
        return next((entry for entry in self.entries if entry.id == entry_id), None)
