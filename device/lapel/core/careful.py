"""Reads a list of which a part may turn out to be changed while it is watched for: what the part is of is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from lapel.core.codes import Code
from lapel.core.listed import Listed
from lapel.core.records import Event, RecordKind
from lapel.core.rows import Rows
from lapel.core.things import Entry, Reference
from lapel.errors import Refused, RowsTampered

LeftOut = Callable[[str, Refused], None]
"""Is told once of what is left out, and why."""

MOST_LEFT_OUT = 100
"""Of more than a few damaged blocks a list is not to be trusted at all."""

_LONGEST_WHY = 500


class CarefulReader:
    """Entries and references of a list, None for what cannot be trusted: an entry is left out for good once anything of
    it could not be. Without anybody to tell, and from the hundredth on, the refusal is raised. Raises: StoreError.
    """

    def __init__(self, listed: Listed, tell: LeftOut | None) -> None:
        self._listed, self._tell = listed, tell
        self._out: set[str] = set()

    def is_out(self, entry: Entry) -> bool:
        """Whether the entry was left out."""
        return entry.id in self._out

    def owner(self, place: int) -> Entry | None:
        """The entry that a reference shows."""
        name = f"the entry of reference {place}"
        if name in self._out:
            return None
        try:
            entry = self._listed.owner(place)
        except Refused as error:
            self._leave_out(name, error)
            return None
        return None if self.is_out(entry) else entry

    def reference(self, place: int, entry: Entry) -> Reference | None:
        """The reference of a place, which shows that entry."""
        try:
            return self._listed.reference(place)
        except Refused as error:
            self._leave_out(entry.id, error)
            return None

    def named(self, code: Code, is_current: Callable[[Entry], bool]) -> Iterator[tuple[Entry, bytes]]:
        """The entries that may match and on which a code stands, each with its first picture.

        An entry for a panel's hazard number alone is silent where another of its purpose names the substance: of what
        is known nobody is told that it is unknown, and nobody's own entry is silenced by a list of hazards.
        """
        purposes = set[str]()
        for name in code.listed_as:
            numbered = map(self._coded, self._listed.codes.get(name, ()))
            found = [coded for coded in numbered if coded is not None and is_current(coded[0])]
            yield from (coded for coded in found if coded[0].purpose not in purposes)
            purposes |= {entry.purpose for entry, _ in found}

    def _coded(self, number: int) -> tuple[Entry, bytes] | None:
        """The entry of a number, and its first picture."""
        name = f"entry number {number}"
        if name in self._out:
            return None
        try:
            entry = self._listed.entry_at(number)
        except Refused as error:
            self._leave_out(name, error)
            return None
        if self.is_out(entry):
            return None
        try:
            return entry, self._listed.picture_of(number)
        except Refused as error:
            self._leave_out(entry.id, error)
            return None

    def lose(self, rows: Rows, error: RowsTampered) -> None:
        """Leave out the entries of rows that cannot be searched by."""
        for place in rows.places(np.array(error.rows, np.intp)):
            entry = self.owner(place)
            if entry is not None:
                self._leave_out(entry.id, error)

    def _leave_out(self, name: str, error: Refused) -> None:
        self._out.add(name)
        if self._tell is None or len(self._out) > MOST_LEFT_OUT:
            raise error
        self._tell(name, error)


def left_out_event(name: str, error: Refused) -> Event:
    """That an entry is not looked for any more, since its part of the list was changed."""
    facts = (("what", "entry left out of the watchlist"), ("entry", name), ("why", str(error)[:_LONGEST_WHY]))
    return Event(RecordKind.REFUSAL, facts)
