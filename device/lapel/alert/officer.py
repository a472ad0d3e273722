"""Alerts as the officer's phone shows them, held in memory until the watch ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from secrets import token_hex
from threading import Lock

from lapel.alert.picture import picture_of
from lapel.alert.words import plain, rows, title
from lapel.core.officer_view import Card, Line
from lapel.core.records import Record
from lapel.core.things import Hit

MOST = 20
"""Alerts that are held: two pictures of 64 KiB each at most, so some 2.5 MiB."""
_MOST_NOTICES = 5
# What to check stands big; pixels of the frame help nobody who stands there.
_LEFT_OUT = frozenset({"What to check", "Where"})


@dataclass(frozen=True, slots=True, eq=False)
class HeldAlert:
    """An alert, and its pictures (JPEG; empty where there is none)."""

    card: Card
    listed: bytes
    seen: bytes


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
        seen = picture_of(hit) if hit.is_located else b""
        card = Card(
            alert=record.id if record else f"unrecorded-{self._watch}-{next(self._numbers)}",
            title=title(hit),
            check=plain(hit.entry.check),
            lines=tuple(Line(row.name, row.text) for row in rows(hit, record) if row.name not in _LEFT_OUT),
            at_s=self._now_s(),
            has_listed=bool(hit.reference_picture),
            has_seen=bool(seen),
        )
        with self._turn:
            self._alerts.append(HeldAlert(card, hit.reference_picture, seen))
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
