"""Which photos the pictures of a list were made of, by hash: the same table is known again, and changes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from lapel.core.things import Reference
from lapel_tools.watchlist.working import WorkDone, name_of

LISTED = "listed"


@dataclass(slots=True)
class Sources:
    """By entry: the name of the task that made its references, and the hash of the pictures that came of it."""

    made: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, work: WorkDone) -> Sources:
        """What was kept; nothing where nothing was. Raises: Tampered, StoreError."""
        content = work.find(LISTED)
        return cls({} if content is None else {key: (one, two) for key, (one, two) in json.loads(content).items()})

    def keep(self, work: WorkDone) -> None:
        """Keep them. It may be done before the list is written: they hold for the pictures that they name alone."""
        work.keep(LISTED, json.dumps(self.made).encode())

    def note(self, entry_id: str, task: str, references: tuple[Reference, ...]) -> None:
        """That a task made these references of an entry."""
        self.made[entry_id] = (task, _pictures(references))

    def are_of(self, entry_id: str, task: str, references: tuple[Reference, ...]) -> bool:
        """Whether the references of an entry were made by a task."""
        return self.made.get(entry_id) == (task, _pictures(references))


def _pictures(references: tuple[Reference, ...]) -> str:
    return name_of(*(reference.picture for reference in references))
