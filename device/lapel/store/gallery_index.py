"""Terms and entries in JSON, and the index of watchlist files of format 2: where each reference's arrays lie."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from lapel.core.calibration import Calibration
from lapel.core.gallery import Terms
from lapel.core.things import Entry, Kind
from lapel.store.gallery_terms import (
    CALIBRATION,
    DECOYS,
    OPTIONAL,
    decode_calibration,
    decode_decoys,
)

FORMAT, NEWEST = 2, 3
_OLD_FORMATS = frozenset({1})
_OPTIONAL_TEXT = ("owner", "contact", "check")
_REQUIRED_TEXT = ("id", "label", "purpose", "case", "authority")


@dataclass(frozen=True, slots=True)
class Placement:
    """How much of the file belongs to one reference. ``feature_bytes`` is the length of a local descriptor;
    ``width``, ``height`` are the described picture's, in pixels."""

    entry_id: str
    crops: int
    aggregates: int
    points: int
    feature_bytes: int
    width: int
    height: int
    picture_bytes: int


@dataclass(frozen=True, slots=True)
class Index:
    """``width`` is the length of a descriptor, ``aggregate_width`` of an aggregate; 0 for a list without references."""

    terms: Terms
    model_sha256: str
    width: int
    aggregate_width: int
    entries: tuple[Entry, ...]
    placements: tuple[Placement, ...]
    calibration: Calibration | None = None
    decoys: frozenset[str] = frozenset()


def encode_entry(entry: Entry) -> dict[str, object]:
    """An entry as JSON's values."""
    values = {name: getattr(entry, name) for name in _ENTRY_FIELDS}  # dataclasses.asdict takes five times as long
    return values | {"kind": entry.kind.value, "expires": entry.expires.isoformat()}


def said_id(entry_id: str) -> bytes:
    """What stands in an entry's JSON, as a watchlist file has it, for its id and for nothing else."""
    return b'"id":' + json.dumps(entry_id, ensure_ascii=False).encode()


def encode_placement(placed: Placement) -> list[object]:
    """A placement as JSON's values."""
    return [getattr(placed, name) for name in _PLACEMENT]


def encode_terms(terms: Terms) -> dict[str, object]:
    """Terms as JSON's values."""
    return asdict(terms) | {"created": terms.created.isoformat(), "expires": terms.expires.isoformat()}


def parse_index(data: bytes) -> dict[str, Any]:
    """The index or head in JSON, whatever its format. Raises: ValueError."""
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its index is no JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise ValueError("its index is no object")
    return parsed


def decode_index(parsed: dict[str, Any]) -> Index:
    """The index of format 2. Raises: ValueError naming the entry and the field that is missing, unknown or no value."""
    _check_format(parsed)
    top = _object(parsed, "the index", _TOP, OPTIONAL)
    return Index(
        decode_terms(top["terms"]),
        _text(top["model_sha256"], "model_sha256"),
        _count(top["width"], "width"),
        _count(top["aggregate_width"], "aggregate_width"),
        tuple(decode_entry(item, number) for number, item in enumerate(_list(top["entries"], "entries"))),
        tuple(decode_placement(item) for item in _list(top["references"], "references")),
        decode_calibration(top.get(CALIBRATION)),
        decode_decoys(top.get(DECOYS, [])),
    )


def _check_format(parsed: dict[str, Any]) -> None:
    """Said before anything else: a file of another format lacks fields that its maker never knew."""
    found = parsed.get("format", FORMAT)
    if found == FORMAT:
        return
    if isinstance(found, int) and found in _OLD_FORMATS:
        raise ValueError(
            f"a watchlist of format {found}, made by an older Lapel with other descriptors; this Lapel reads "
            f"{NEWEST}: enrol its pictures again with this Lapel's lapel-admin"
        )
    raise ValueError(f"a watchlist of format {found!r}; this Lapel reads {NEWEST}: install the matching one")


_TOP = {"format", "terms", "model_sha256", "width", "aggregate_width", "entries", "references"}
_PLACEMENT = tuple(field.name for field in fields(Placement))
_ENTRY_FIELDS = tuple(field.name for field in fields(Entry))
_ENTRY = frozenset(_ENTRY_FIELDS)


def decode_terms(item: object) -> Terms:
    """Terms in JSON's values. Raises: ValueError."""
    terms = _object(item, "the terms", {"list_id", "version", "created", "expires"})
    return Terms(
        _text(terms["list_id"], "list_id"),
        _count(terms["version"], "version"),
        _date(terms["created"], "the terms", "created"),
        _date(terms["expires"], "the terms", "expires"),
    )


def decode_entry(item: object, number: int) -> Entry:
    """The entry in JSON's values. Raises: ValueError naming it."""
    name = f"entry {item['id']!r}" if isinstance(item, dict) and "id" in item else f"entry number {number}"
    entry = _object(item, name, set(_ENTRY))
    try:
        kind = Kind(entry["kind"])
    except ValueError as error:
        raise ValueError(f"{name}: kind {entry['kind']!r} is none that Lapel looks for") from error
    texts = {field: _text(entry[field], f"{name}: {field}") for field in _REQUIRED_TEXT + _OPTIONAL_TEXT}
    codes = tuple(_text(code, f"{name}: code") for code in _list(entry["codes"], f"{name}: codes"))
    return Entry(kind=kind, expires=_date(entry["expires"], name, "expires"), codes=codes, **texts)


def decode_placement(item: object) -> Placement:
    """The placement in JSON's values. Raises: ValueError."""
    values = _list(item, "a reference")
    if len(values) != len(_PLACEMENT):
        raise ValueError(f"a reference has {len(values)} fields, not {len(_PLACEMENT)}")
    numbers = [_count(value, name) for name, value in zip(_PLACEMENT[1:], values[1:], strict=True)]
    return Placement(_text(values[0], "a reference's entry"), *numbers)


def _object(item: object, name: str, keys: set[str], optional: frozenset[str] = frozenset()) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise ValueError(f"{name}: is no object")
    for key in sorted(keys - item.keys()):
        raise ValueError(f"{name}: has no {key}, which is mandatory; enrol it again with one")
    for key in sorted(item.keys() - keys - optional):
        raise ValueError(f"{name}: unknown field {key!r}; enrol it again with this Lapel")
    return item


def _list(item: object, name: str) -> list[Any]:
    if not isinstance(item, list):
        raise ValueError(f"{name}: is no list")
    return item


def _text(item: object, name: str) -> str:
    if not isinstance(item, str):
        raise ValueError(f"{name}: {item!r} is no text")
    return item


def _count(item: object, name: str) -> int:
    if not isinstance(item, int) or isinstance(item, bool) or item < 0:
        raise ValueError(f"{name}: {item!r} is no count")
    return item


def _date(item: object, name: str, field: str) -> date:
    if not item:
        raise ValueError(f"{name}: {field} is empty; every list and entry must end on a date")
    try:
        return date.fromisoformat(_text(item, field))
    except ValueError as error:
        raise ValueError(f"{name}: {field} {item!r} is no date (YYYY-MM-DD)") from error
