"""A thing must not become a tracker of its holder: where it was seen is kept three times a day. Pure.

Every record bears the time at which it was made. So of all others of a day one is kept, which says that there are such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from lapel.core.feedback import Answer
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Fact, Record, RecordKind
from lapel.core.things import Hit

MOST_LOCATED = 3
"""Sightings of one entry on one day (UTC) of which this device keeps place, time and picture without an answer."""


class Located:
    """Counts the alerts of each entry and day. ``today`` is asked at every alert; days before are forgotten.

    An officer's answer about an entry, other than that it is not sure, begins its count anew. ``kept`` are the alerts
    and answers that the journal holds already, in their order, so that a restart does not; ``begun_on`` is the day on
    which that journal was begun after one set aside, whose count of the day nobody knows: then it counts as full.
    """

    def __init__(self, today: Callable[[], date], kept: Iterable[Record] = (), begun_on: date | None = None) -> None:
        self._today = today
        self._day = today()
        self._before = MOST_LOCATED if begun_on == self._day else 0
        self._alerts: dict[str, int] = {}
        self._bare: dict[str, Record] = {}
        entries: dict[str, str] = {}
        for record in kept:
            if record.kind not in (RecordKind.ALERT, RecordKind.ANSWER) or record.at[:10] != self._day.isoformat():
                continue
            facts = dict(parse_body(record.body).facts)
            if record.kind is RecordKind.ALERT:
                entries[record.id] = entry = str(facts.get("entry", ""))
                self._count(entry)
                if facts.get("located") is False:
                    self._bare[entry] = record
            elif facts["answer"] != Answer.UNSURE.value:
                self.answered(entries.get(str(facts["alert"]), ""))

    def held(self, hit: Hit) -> Hit:
        """The hit as it may be kept: its count today, and whether where and when it was seen may stay with it."""
        if (today := self._today()) != self._day:
            self._day, self._before = today, 0
            self._alerts.clear()
            self._bare.clear()
        count = self._count(hit.entry.id)
        return replace(hit, count_today=count, is_located=count <= MOST_LOCATED)

    def _count(self, entry_id: str) -> int:
        self._alerts[entry_id] = count = self._alerts.get(entry_id, self._before) + 1
        return count

    def answered(self, entry_id: str) -> None:
        """An officer has said whether it is the thing: what is seen of it from now on is located again."""
        self._alerts[entry_id] = 0
        self._bare.pop(entry_id, None)

    def stands_for(self, hit: Hit) -> Record | None:
        """The record of today that stands for a hit as well, of which none is kept by itself; None where there is
        none yet."""
        return None if hit.is_located else self._bare.get(hit.entry.id)

    def kept(self, hit: Hit, record: Record) -> None:
        """A hit has a record. That of one which is not located stands for all others of its entry and day."""
        if not hit.is_located:
            self._bare[hit.entry.id] = record

    def bare_event(self, hit: Hit, gallery: tuple[str, int]) -> Event:
        """What is kept of the first hit beyond the third: that it was. ``gallery``: list id, version."""
        facts: tuple[tuple[str, Fact], ...] = (
            ("entry", hit.entry.id),
            ("day", self._day.isoformat()),
            ("count_today", hit.count_today),
            ("located", False),
            ("list_id", gallery[0]),
            ("list_version", gallery[1]),
        )
        return Event(RecordKind.ALERT, facts)
