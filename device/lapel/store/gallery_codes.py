"""To which entries the codes of a watchlist file lead: by its table, or by what its entries say in an older file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from lapel.core.codes import entries_by_code
from lapel.store.gallery_layout import Content

Codes = Mapping[str, tuple[int, ...]]
_NO_CODES = b'"codes":[]'
_ENTRIES_AT_ONCE = 1000


def encode_codes(codes: Codes) -> bytes:
    """The table in JSON, empty where there are none."""
    # A number alone where it is one: an older Lapel, to which a device may go back, reads no other.
    said = {code: list(numbers) if len(numbers) > 1 else numbers[0] for code, numbers in codes.items()}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() if codes else b""


def decode_codes(data: bytes | bytearray, entries: int) -> Codes:
    """The codes of a list of so many entries. Raises: ValueError."""
    try:
        said = json.loads(data) if data else {}
    except (ValueError, RecursionError) as error:
        raise ValueError(f"has codes that are none: {error}") from error
    if not isinstance(said, dict):
        raise ValueError("has codes that are none")
    codes = {code: tuple(found) if isinstance(found, list) else (found,) for code, found in said.items()}
    if not all(numbers and all(type(n) is int and 0 <= n < entries for n in numbers) for numbers in codes.values()):
        raise ValueError("has codes of no entry")
    return codes


def codes_of_entries(content: Content, texts: int, table: NDArray[np.void]) -> Codes:
    """The codes that the entries themselves say, whose JSON begins at ``texts``; ``table`` is ENTRY[n]. For files of
    which the table leads to one entry of several, and has codes as they were written. Raises: ValueError, Tampered."""
    return entries_by_code(_said(content, texts, table))


def _said(content: Content, texts: int, table: NDArray[np.void]) -> Iterator[tuple[int, list[str]]]:
    for first in range(0, len(table), _ENTRIES_AT_ONCE):
        some = table[first : first + _ENTRIES_AT_ONCE]
        start, end = int(some["start"].min()), int((some["start"] + some["length"]).max())
        said = content.read(texts + start, end - start)
        for number, line in enumerate(some, first):
            at = int(line["start"]) - start
            text = said[at : at + int(line["length"])]
            if _NO_CODES not in text:
                yield number, _codes_in(text)


def _codes_in(text: bytes | bytearray) -> list[str]:
    """The codes of an entry in JSON; none where it is no entry, which is said when it is looked at."""
    try:
        codes = json.loads(text)["codes"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return []
    return [code for code in codes if isinstance(code, str)] if isinstance(codes, list) else []
