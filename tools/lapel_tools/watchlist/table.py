"""A table of things to list: CSV or JSON, a row an entry. What is wrong with a row is said of it, and not raised."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path, PurePosixPath

from lapel.core.codes import as_listed
from lapel.core.things import Entry, Kind
from lapel.errors import EnrolmentRefused, LapelError, UsageError
from lapel_tools.enrol.terms import check_terms

COLUMNS = {
    "id": "names the entry: letters, digits, dots, dashes, underscores",
    "label": "what an officer reads in the alert",
    "purpose": "what it is looked for",
    "case": "case number",
    "authority": "who ordered it",
    "expires": "the last day, YYYY-MM-DD, at most 365 days ahead",
    "kind": f"one of {', '.join(kind.value for kind in Kind)}; empty: other",
    "owner": "whose it is",
    "contact": "whom to call",
    "check": "what tells it from its likes",
    "codes": "serials, GTINs, ISBNs, container or panel numbers, divided by ; in the forms of enrol's --code",
    "photos": "file names in the folder of photos, divided by ;",
}
"""The columns that a table may have, in the order in which one is written."""
MANDATORY = ("id", "label", "purpose", "case", "authority", "expires")
_LISTS = frozenset({"codes", "photos"})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OPTION = re.compile(r"(?<![^ (])--(?=[a-z])")
LARGEST_TABLE_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not listed. ``line`` is that of a CSV file, or the place in a JSON array, from 1."""

    line: int
    entry_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose terms may be listed, and the names of its photos, none of which leads out of the folder."""

    line: int
    entry: Entry
    photos: tuple[str, ...]


def read_table(path: Path, today: date) -> tuple[tuple[Row, ...], tuple[RefusedRow, ...]]:
    """The rows of a file that may be listed, and those that may not.

    Raises: UsageError for a file that is no table, or has a column that is not known.
    """
    return parsed_table(str(path), _text(path), today)


def parsed_table(name: str, text: str, today: date) -> tuple[tuple[Row, ...], tuple[RefusedRow, ...]]:
    """As ``read_table``, of a text; ``name`` ends in .csv or .json. Raises: UsageError."""
    values = _from_json(name, text) if name.endswith(".json") else _from_csv(name, text)
    rows: list[Row] = []
    refused: list[RefusedRow] = []
    lines: dict[str, int] = {}
    for line, found in values:
        entry_id = found.get("id", "").strip()
        try:
            if entry_id and entry_id in lines:
                raise EnrolmentRefused(
                    f"{entry_id}: its id is that of line {lines[entry_id]} already; give each its own"
                )
            lines.setdefault(entry_id, line)
            rows.append(_row(line, found, today))
        except LapelError as error:
            refused.append(RefusedRow(line, entry_id, reason_of(error)))
    return tuple(rows), tuple(refused)


def reason_of(error: LapelError) -> str:
    """What is wrong, of a row and not of a command: without the dashes of an option that does not exist here."""
    return _OPTION.sub("", str(error))


def _row(line: int, values: dict[str, str], today: date) -> Row:
    entry_id = values.get("id", "").strip()
    for name in MANDATORY:
        if not values.get(name, "").strip():
            raise EnrolmentRefused(f"{entry_id or 'entry'}: {name} is empty; nothing is listed without it, so say it")
    kind = values.get("kind", "").strip() or Kind.OTHER.value
    if kind not in {each.value for each in Kind}:
        raise EnrolmentRefused(f"{entry_id}: kind {kind!r} is none; give one of {', '.join(k.value for k in Kind)}")
    terms = {name: values.get(name, "").strip() for name in COLUMNS if name not in _LISTS | {"kind", "expires"}}
    codes = tuple(as_listed(code) for code in _divided(values.get("codes", "")))
    photos = _divided(values.get("photos", ""))
    for photo in photos:
        _check_inside(entry_id, photo)
    entry = Entry(kind=Kind(kind), expires=_day(entry_id, values["expires"].strip()), codes=codes, **terms)
    check_terms(entry, today)
    if not photos and not codes:
        raise EnrolmentRefused(f"{entry_id}: neither a photo nor a code; give at least one")
    return Row(line, entry, photos)


def _check_inside(entry_id: str, photo: str) -> None:
    place = PurePosixPath(photo)
    if place.is_absolute() or ".." in place.parts:
        raise EnrolmentRefused(f"{entry_id}: photo {photo!r} lies outside the folder of photos; put it inside")


def _day(entry_id: str, text: str) -> date:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise EnrolmentRefused(f"{entry_id}: expires {text!r} is no day; write it as YYYY-MM-DD") from None


def _divided(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _from_csv(name: str, text: str) -> list[tuple[int, dict[str, str]]]:
    try:
        reader = csv.reader(StringIO(text, newline=""), strict=True)
        heads = [head.strip() for head in next(reader, [])]
        _check_columns(name, heads)
        found = []
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(heads):
                raise UsageError(
                    f"{name}: line {reader.line_num} has {len(cells)} cells where the head has {len(heads)}"
                )
            found.append((reader.line_num, dict(zip(heads, cells, strict=True))))
    except csv.Error as error:
        raise UsageError(f"{name}: is no CSV near line {reader.line_num} ({error}); save it as CSV, UTF-8") from error
    return found


def _from_json(name: str, text: str) -> list[tuple[int, dict[str, str]]]:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: is no JSON ({error}); give an array of objects, one for each entry") from error
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UsageError(f"{name}: is no array of objects; give one for each entry")
    _check_columns(name, list(dict.fromkeys(key for item in items for key in item)), is_whole=bool(items))
    return [(n, {key: _words(name, n, key, value) for key, value in item.items()}) for n, item in enumerate(items, 1)]


def _words(name: str, number: int, key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if key in _LISTS and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ";".join(value)
    raise UsageError(f"{name}: entry {number}: {key} is {type(value).__name__}, not text; quote it")


def _check_columns(name: str, heads: list[str], is_whole: bool = True) -> None:
    for head in heads:
        if head not in COLUMNS:
            raise UsageError(f"{name}: unknown column {head!r}; there are {', '.join(COLUMNS)}")
    if len(set(heads)) != len(heads):
        raise UsageError(f"{name}: has a column twice; give each once")
    if is_whole and (missing := [each for each in MANDATORY if each not in heads]):
        raise UsageError(f"{name}: has no column {', '.join(missing)}; there are {', '.join(COLUMNS)}")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_TABLE_BYTES:
            raise UsageError(f"{path}: is larger than {LARGEST_TABLE_BYTES // 2**20} MiB; divide it")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 text; save it as CSV or JSON, UTF-8") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); name the table") from error
