"""Keeps a false alert from coming back: a look is compared with what an officer said is not the thing, too.

What was said not to be it is the picture of that alert's record, sealed in the journal. It is described when a hit of
its entry asks for it, and held against the entry's own picture as if both were listed: the rule that tells look-alikes
on a list apart decides here as well.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import date

from lapel.core.answers import Answers, Told
from lapel.core.calibrate import WATCHING
from lapel.core.gallery import Gallery, Terms
from lapel.core.looks import NEEDED
from lapel.core.things import Entry, Hit, Kind, Reference
from lapel.infer.resemblance import decoded
from lapel.matching import Recall
from lapel.wiring.seeing import Seeing

_MOST_ENTRIES = 16
"""Entries whose wrong looks are held described: with eight looks each, some 4 MiB."""
_NOT_IT = "not it"

Wanted = tuple[tuple[int, ...], bytes]


class Refuted:
    """Compares hits with the wrong looks of their entries. ``picture_of`` gives a record's picture by its sequence.

    Raises, when asked: StoreError, Tampered where the journal cannot be read.
    """

    def __init__(self, seeing: Seeing, picture_of: Callable[[int], bytes], today: Callable[[], date]) -> None:
        self._seeing, self._picture_of, self._today = seeing, picture_of, today
        self._held: OrderedDict[str, tuple[Wanted, Recall]] = OrderedDict()

    def contradicts(self, hit: Hit, answers: Answers) -> bool:
        """Whether this look would count for what was said not to be the thing, were that listed beside it."""
        wrong = answers.wrong_looks(hit.entry.id)
        if not wrong:
            return False
        (best, *_) = self._pair(hit, wrong).candidates(hit.sighting, 1) or (None,)
        return best is not None and best.entry.id == _NOT_IT and best.evidence >= NEEDED[-1]

    def _pair(self, hit: Hit, wrong: tuple[Told, ...]) -> Recall:
        """The thing and what is not it, as a list of two."""
        entry = hit.entry.id
        wanted: Wanted = (tuple(told.sequence for told in wrong), hit.reference_picture)
        if entry in self._held and self._held[entry][0] == wanted:
            self._held.move_to_end(entry)
            return self._held[entry][1]
        pictures = [(_NOT_IT, self._picture_of(told.sequence)) for told in wrong]
        own = [(entry, hit.reference_picture)]
        described = (self._described(name, picture) for name, picture in own + pictures)
        today = self._today()
        listed = Gallery(
            Terms(_NOT_IT, 1, today, date.max),
            self._seeing.models.describing_sha256,
            tuple(_nameless(name) for name in (entry, _NOT_IT)),
            tuple(reference for reference in described if reference is not None),
        )
        recall = self._seeing.recall(listed, WATCHING, self._today)
        self._held[entry] = (wanted, recall)
        if len(self._held) > _MOST_ENTRIES:
            self._held.popitem(last=False)
        return recall

    def _described(self, name: str, picture: bytes) -> Reference | None:
        pixels = decoded(picture) if picture else None
        if pixels is None or min(pixels.shape[:2]) < 16:
            return None
        return self._seeing.reference(name, pixels, picture)


def _nameless(name: str) -> Entry:
    return Entry(name, name, Kind.OTHER, "", "", "", date.max)
