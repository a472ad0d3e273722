"""Tells several alerters, whatever becomes of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

from lapel.core.records import Record
from lapel.core.things import Hit
from lapel.ports import Alerter

Delivered = Callable[[Record, tuple[Alerter, ...], tuple[Alerter, ...]], None]
"""Hears of an alert's record who was told of the alert, and who was broken."""


class Fanout:
    """One alerter made of several. One that raises stops nobody; the others say so once."""

    def __init__(self, alerters: Sequence[Alerter], delivered: Delivered = lambda record, told, failed: None) -> None:
        self._alerters = tuple(alerters)
        self._delivered = delivered
        self._broken: set[int] = set()
        # The capture thread gives notices while the loop alerts: no alerter need be safe for both at a time.
        self._one_at_a_time = Lock()

    def alert(self, hit: Hit, record: Record | None) -> None:
        """Show a possible match on each of them, in order, and say afterwards who was told, if it is recorded."""
        with self._one_at_a_time:
            failed = self._tell(lambda alerter: alerter.alert(hit, record))
        if record is not None:
            told = tuple(alerter for alerter in self._alerters if alerter not in failed)
            self._delivered(record, told, failed)

    def notice(self, text: str) -> None:
        """Show a line about the appliance itself on each of them, in order."""
        with self._one_at_a_time:
            self._tell(lambda alerter: alerter.notice(text))

    def _tell(self, say: Callable[[Alerter], None]) -> tuple[Alerter, ...]:
        """Tell all of them; those that were broken."""
        fresh: list[str] = []
        failed: list[Alerter] = []
        for place, alerter in enumerate(self._alerters):
            trouble = _trouble(say, alerter)
            if trouble is not None:
                failed.append(alerter)
            if trouble is not None and place not in self._broken:
                self._broken.add(place)
                fresh.append(f"{type(alerter).__name__} is broken and shows no alerts: {trouble}; restart Lapel")
        for text in fresh:
            for place, alerter in enumerate(self._alerters):
                if place not in self._broken:
                    _trouble(lambda whole, text=text: whole.notice(text), alerter)  # type: ignore[misc]
        return tuple(failed)


def _trouble(say: Callable[[Alerter], None], alerter: Alerter) -> str | None:
    """What went wrong while an alerter was told, in words; None when nothing did."""
    try:
        say(alerter)
    # Alerts fail open: no fault of one alerter, a programming error included, may silence another.
    except Exception as trouble:  # noqa: BLE001
        return str(trouble) or type(trouble).__name__
    return None
