"""That a journal was begun anew: the first record of one that goes on after another, which was set aside. Pure.

The new journal has no nodes of the tree under the one before, so it cannot prove that it only adds to every head that
the station signed of that. It says instead, in a record under its own signed heads, after which head it goes on; the
station, which holds the leaves, can tell whether that is so. Whoever tells another history tells another head.
"""

from __future__ import annotations

from dataclasses import dataclass

from lapel.core.record_body import Body
from lapel.core.records import Event, Fact, Head, RecordKind

_BEGUN = "begun anew"


@dataclass(frozen=True, slots=True)
class Succession:
    """The journal goes on after ``former``, the last head of the one before that the station is known to hold; its
    first record, this one, has the number ``former.size``."""

    former: Head

    def event(self, facts: tuple[tuple[str, Fact], ...]) -> Event:
        """What is kept of it, with more facts: why, and what became of the files."""
        said = (("what", _BEGUN), ("former_records", self.former.size), ("former_root", self.former.root.hex()))
        return Event(RecordKind.JOURNAL, (*said, *facts))


def succession_in(body: Body) -> Succession | None:
    """What a record says was begun; None for one that speaks of something else, and of an older Lapel, which did not
    say after which head."""
    facts = dict(body.facts)
    if body.kind is not RecordKind.JOURNAL or facts.get("what") != _BEGUN:
        return None
    size, root = facts.get("former_records"), facts.get("former_root")
    if type(size) is not int or not isinstance(root, str):
        return None
    try:
        return Succession(Head(size, bytes.fromhex(root)))
    except ValueError:
        return None
