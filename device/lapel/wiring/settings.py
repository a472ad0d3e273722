"""What a watch is set to, as facts of a record: written at the first start, and whenever something differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum

from lapel.capture.source import without_password
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Fact, RecordKind
from lapel.store.journal_rows import JournalRows

_SOURCES = frozenset({"orders.source", "profile.camera.source"})


def new_settings(journal: JournalRows, profile: object, orders: object) -> Event | None:
    """Every value of profile and orders under its dotted name; None where the last such record says the same.

    They name files of keys, and hold none. Raises: Tampered, StoreError.
    """
    facts = tuple(
        (name, without_password(str(value)) if name in _SOURCES else value)
        for name, value in sorted((*_flat("profile", profile), *_flat("orders", orders)))
    )
    before = journal.of_kind(RecordKind.CONFIGURATION)
    return Event(RecordKind.CONFIGURATION, facts) if not before or parse_body(before[-1].body).facts != facts else None


def _flat(name: str, value: object) -> Iterator[tuple[str, Fact]]:
    if is_dataclass(value):
        for each in fields(value):
            yield from _flat(f"{name}.{each.name}", getattr(value, each.name))
    elif value is None or isinstance(value, str | int | float):
        yield name, value
    elif isinstance(value, Enum):
        yield name, str(value.value)
    elif isinstance(value, tuple):
        yield name, " ".join(map(str, value))
    else:
        yield name, str(value)
