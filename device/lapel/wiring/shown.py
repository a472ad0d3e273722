"""Records where an alert went: one that nobody was told is no alert, and must not look like one later."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from lapel.alert.body import Body
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
    Body: "body",
    HeldAlerts: "",  # holds it for a phone, which may be away: its answer is the sign that it was seen
}


def alerters(
    console: bool, lines_file: Path | None, report_folder: Path | None, is_whole: bool, *others: Alerter | None
) -> tuple[Alerter, ...]:
    """Those that show alerts here, before ``others`` that there are; notices are always written somewhere.

    ``is_whole`` as of ``JsonLinesAlerter``. Raises: StoreError, but for a disk that is read-only: that must not keep
    alerts from being told elsewhere.
    """
    first = ConsoleAlerter(sys.stdout) if console else NoticesOnly(sys.stderr)
    return (
        first,
        *(_written(partial(JsonLinesAlerter, lines_file, is_whole), first) if lines_file else ()),
        *(_written(partial(PageAlerter, report_folder), first) if report_folder else ()),
        *(other for other in others if other is not None),
    )


def _written(begun: Callable[[], Alerter], first: Alerter) -> Iterator[Alerter]:
    try:
        yield begun()
    except StoreError as error:
        if not isinstance(error.__cause__, OSError) or error.__cause__.errno != errno.EROFS:
            raise
        first.notice(f"ALERTS ARE SHOWN, AND NOT WRITTEN: {error}")


def keep_delivery(journal: Journal, record: Record, told: tuple[Alerter, ...], failed: tuple[Alerter, ...]) -> None:
    """Who was told of an alert, and who was broken."""
    event = Event(RecordKind.DELIVERY, (("alert", record.id), ("failed", _said(failed)), ("told", _said(told))))
    with suppress(StoreError, Tampered):  # the watch counts what is lost, and the officer has the alert
        journal.append(event)


def _said(alerters: tuple[Alerter, ...]) -> str:
    names = (_NAMES.get(type(each), type(each).__name__) for each in alerters)
    return " ".join(name for name in names if name)
