"""Alerts as the officer's phone shows them, held in memory until the watch ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from secrets import token_hex
from threading import Lock

from lapel.alert.laid import Pictures, pictures_of
from lapel.alert.words import plain, rows, title
from lapel.core.officer_view import Card, Line
from lapel.core.records import Record
from lapel.core.things import Hit

MOST = 20
"""Alerts that are held: three pictures of 64 KiB each at most, so some 3.8 MiB."""
_MOST_NOTICES = 5
# What to check stands big; pixels of the frame help nobody who stands there.
_LEFT_OUT = frozenset({"What to check", "Where"})


@dataclass(frozen=True, slots=True, eq=False)
class HeldAlert:
    """An alert, and its pictures."""

    card: Card
    pictures: Pictures


class HeldAlerts:
    """Port Alerter. ``changed`` is called after each alert and notice; ``now_s`` gives seconds since 1970."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self.changed: Callable[[], None] = lambda: None
        self._alerts: deque[HeldAlert] = deque(maxlen=MOST)
        self._notices: deque[str] = deque(maxlen=_MOST_NOTICES)
        self._turn = Lock()
        self._numbers = count(1)
        self._watch = token_hex(4)  # what a phone has put away of one watch is not to hide what the next one tells

    def alert(self, hit: Hit, record: Record | None) -> None:
        """Hold a possible match."""
        pictures = pictures_of(hit)
        card = Card(
            alert=record.id if record else f"unrecorded-{self._watch}-{next(self._numbers)}",
            title=title(hit),
            check=plain(hit.entry.check),
            lines=tuple(Line(row.name, row.text) for row in rows(hit, record) if row.name not in _LEFT_OUT),
            at_s=self._now_s(),
            has_listed=bool(pictures.listed),
            has_straight=bool(pictures.straight),
            has_seen=bool(pictures.seen),
        )
        with self._turn:
            self._alerts.append(HeldAlert(card, pictures))
        self.changed()

    def notice(self, text: str) -> None:
        """Hold a line about the appliance itself."""
        with self._turn:
            self._notices.append(plain(text))
        self.changed()

    @property
    def latest(self) -> tuple[HeldAlert, ...]:
        """The alerts that are held, newest first."""
        with self._turn:
            return tuple(reversed(self._alerts))

    @property
    def notices(self) -> tuple[str, ...]:
        """The last lines about the appliance, newest first."""
        with self._turn:
            return tuple(reversed(self._notices))
