"""The watchlist as a value: entries, their references, and the terms of the list."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from lapel.core.calibration import Calibration
from lapel.core.things import Entry, Expected, Reference

LONGEST_LISTING_DAYS = 365


def made_by(*models_sha256: str) -> str:
    """One name, in hexadecimal, for models that work together: a change of any of them makes it another."""
    return hashlib.sha256("\n".join(models_sha256).encode()).hexdigest()


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

    ``model_sha256`` names the models that made every reference (``made_by``); ``references`` stand in the order of
    their rows in the search engine. An entry may have codes and no reference. ``calibration`` is None until the
    list was calibrated; ``decoys`` are the ids of those entries that cannot be met.
    """

    terms: Terms
    model_sha256: str
    entries: tuple[Entry, ...]
    references: tuple[Reference, ...]
    calibration: Calibration | None = None
    decoys: frozenset[str] = frozenset()

    def expected(self) -> Expected | None:
        """How many false alerts the list is expected to give, if that was measured for this version of it."""
        found = self.calibration
        if found is None or found.version != self.terms.version:
            return None
        return Expected(found.per_hour, found.at_least_per_hour, found.at_most_per_hour, found.entries)

    def entry(self, entry_id: str) -> Entry | None:
        """The entry of that id, if it is listed."""
        return next((entry for entry in self.entries if entry.id == entry_id), None)
