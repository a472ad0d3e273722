"""What every part of an evaluation works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from lapel.capture.still import redact_still
from lapel.config.profile import Profile
from lapel.core.gallery import Gallery
from lapel.core.things import Frame
from lapel.ports import Finder
from lapel.wiring.seeing import Seeing
from lapel_tools.evaluate.kit import Kit
from lapel_tools.progress import Progress

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """The kit, the parts that see, and what was asked.

    ``finders`` are those for single pictures; ``limit``: look at no more than that many files a part; ``watchlist``
    is what clips are searched for, ``listed_in`` the clips in which any of it is to be seen, where that is known, and
    ``today`` the UTC date that expiry is judged by.
    """

    kit: Kit
    profile: Profile
    seeing: Seeing
    finders: tuple[Finder, ...]
    today: date
    progress: Progress
    limit: int | None = None
    watchlist: Gallery | None = None
    listed_in: frozenset[str] = frozenset()

    def frame(self, part: str, file: str) -> Frame:
        """A picture of the kit as the device would see it: its faces are destroyed. Raises: MediaError."""
        return redact_still(self.kit.path(part, file), self.finders)

    def chosen(self, files: Sequence[T]) -> tuple[T, ...]:
        """The files to look at, at most ``limit``, each once."""
        return tuple(dict.fromkeys(files))[: self.limit]
