"""The manifest of a list: what several sign. Pure.

It says what the list is for, until when, for whom, and what it consists of; entries, pictures and calibration (which
names entries) are in what it lists by hash, encrypted. It is one message, however long the list is.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from lapel.core.lease import LONGEST_LEASE_HOURS

FORMAT = 1
MOST_ENTRIES = 2_000_000
MOST_PAGES = 512
LONGEST_TEXT = 1000
_DIGITS = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Page:
    """A piece by its SHA-256 in hexadecimal and its length in bytes. ``first`` of a page of keys is the first name in
    it, in the order of names; empty otherwise."""

    sha256: str
    length: int
    first: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """``created``, ``not_before`` and ``expires`` are UTC dates, inclusive. ``groups`` of devices that it is for.
    ``settled`` is the serial of the last withdrawal that its signers knew. ``pages`` hold the head and the table,
    ``keys`` the list's key, sealed for each who may open it. ``lease_hours``: so long after the last contact a device
    may look for it; 0 where its signers set no such end."""

    list_id: str
    version: int
    purpose: str
    authority: str
    model_sha256: str
    created: date
    not_before: date
    expires: date
    groups: tuple[str, ...]
    settled: int
    entries: int
    references: int
    buckets: int
    pages: tuple[Page, ...]
    keys: tuple[Page, ...]
    lease_hours: int = 0

    def encoded(self) -> bytes:
        """Canonical JSON, UTF-8."""
        values = asdict(self) | {name: getattr(self, name).isoformat() for name in _DATES}
        return json.dumps(
            values | {"format": FORMAT}, sort_keys=True, ensure_ascii=False, separators=(",", ":")
        ).encode()


_DATES = ("created", "not_before", "expires")
_TEXTS = ("list_id", "purpose", "authority", "model_sha256")
_COUNTS = {
    "version": 2**53,
    "settled": 2**31,
    "entries": MOST_ENTRIES,
    "references": 2**31,
    "buckets": 2**31,
    "lease_hours": LONGEST_LEASE_HOURS,
}
_FIELDS = frozenset(field.name for field in fields(Manifest)) | {"format"}
_PAGE = frozenset(field.name for field in fields(Page))


def decode_manifest(data: bytes, longest_page_bytes: int) -> Manifest:
    """The manifest in JSON. Raises: ValueError naming the field that is missing, unknown, no value or too large."""
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError("is no JSON") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError(f"is not of format {FORMAT}, which this Lapel reads; install the matching Lapel")
    if values.keys() != _FIELDS:
        raise ValueError(f"has fields that differ: {', '.join(sorted(map(str, values.keys() ^ _FIELDS)))[:200]}")
    groups = values["groups"]
    if not isinstance(groups, list) or not all(is_text(group) for group in groups):
        raise ValueError("groups: no list of names")
    checked: dict[str, Any] = {name: _text(values[name], name) for name in _TEXTS}
    checked |= {name: _count(values[name], name, most) for name, most in _COUNTS.items()}
    checked |= {name: _date(values[name], name) for name in _DATES}
    checked |= {name: _pages(values[name], name, longest_page_bytes) for name in ("pages", "keys")}
    return Manifest(groups=tuple(groups), **checked)


def _pages(value: object, name: str, longest_bytes: int) -> tuple[Page, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_PAGES:
        raise ValueError(f"{name}: not 1 to {MOST_PAGES} pages")
    return tuple(_page(item, name, longest_bytes) for item in value)


def _page(item: object, name: str, longest_bytes: int) -> Page:
    if not isinstance(item, dict) or item.keys() != _PAGE or not isinstance(item["first"], str):
        raise ValueError(f"{name}: has a page that is none")
    sha256 = _text(item["sha256"], f"{name}: sha256")
    if len(sha256) != 64 or not _DIGITS.issuperset(sha256):
        raise ValueError(f"{name}: sha256 {sha256[:20]!r} is none")
    return Page(sha256, _count(item["length"], f"{name}: length", longest_bytes), item["first"])


def is_text(value: object) -> bool:
    """Whether a manifest may say it: 1 to 1,000 printable characters, not blanks alone."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isprintable() and bool(value.strip())


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not is_text(value):
        raise ValueError(f"{name}: is no text of 1 to {LONGEST_TEXT} printable characters")
    return value


def _count(value: object, name: str, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{name}: is no count up to {most}")
    return value


def _date(value: object, name: str) -> date:
    try:
        return date.fromisoformat(_text(value, name))
    except ValueError as error:
        raise ValueError(f"{name}: is no date (YYYY-MM-DD)") from error
