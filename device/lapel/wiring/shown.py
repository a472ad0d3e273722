"""Records where an alert went: one that nobody was told is no alert, and must not look like one later."""

from __future__ import annotations

from contextlib import suppress

from lapel.alert.console import ConsoleAlerter
from lapel.alert.lines import JsonLinesAlerter
from lapel.alert.notices import NoticesOnly
from lapel.alert.officer import HeldAlerts
from lapel.alert.page import PageAlerter
from lapel.core.records import Event, Record, RecordKind
from lapel.errors import StoreError, Tampered
from lapel.ports import Alerter, Journal

_NAMES: dict[type[object], str] = {
    ConsoleAlerter: "console",
    JsonLinesAlerter: "lines",
    PageAlerter: "page",
    NoticesOnly: "",  # tells no alert
    HeldAlerts: "",  # holds it for a phone, which may be away: its answer is the sign that it was seen
}


def keep_delivery(journal: Journal, record: Record, told: tuple[Alerter, ...], failed: tuple[Alerter, ...]) -> None:
    """Who was told of an alert, and who was broken."""
    event = Event(RecordKind.DELIVERY, (("alert", record.id), ("failed", _said(failed)), ("told", _said(told))))
    with suppress(StoreError, Tampered):  # the watch counts what is lost, and the officer has the alert
        journal.append(event)


def _said(alerters: tuple[Alerter, ...]) -> str:
    names = (_NAMES.get(type(each), type(each).__name__) for each in alerters)
    return " ".join(name for name in names if name)
