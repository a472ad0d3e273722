"""What a broker holds of what was pushed: written down here, and confirmed by a mark that stands on the broker.

A broker may lose what it acknowledged: mosquitto writes what it retains every half hour. So a mark follows each batch,
retained as well, and a broker that came back with an older state shows an older mark. What is written here after the
mark that stands there is uncertain: it is sent again, or taken away again.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lapel.errors import StoreError
from lapel.store.atomic import disk_error, write_whole


class Ledger:
    """The file of one site. ``there`` are hashes of what the broker holds for certain, ``maybe`` of what it may hold.

    Raises: StoreError.
    """

    def __init__(self, path: Path, mark: str | None) -> None:
        """``mark`` is what stands on the broker; None where nothing does."""
        self._path = path
        self.there: set[str] = set()
        self.maybe: set[str] = set()
        lines = list(_lines(path))
        until = 1 + max((number for number, line in enumerate(lines) if line["mark"] == mark), default=-1)
        for number, line in enumerate(lines):
            put, gone, maybe = (set(line[name]) for name in ("put", "gone", "maybe"))
            if number < until:
                self.there = (self.there | put) - gone - maybe
                self.maybe = (self.maybe | maybe) - put - gone
            else:
                self.there -= put | gone | maybe
                self.maybe |= put | gone | maybe
        write_whole(path, [_line(mark, self.there, (), self.maybe)])

    def note(self, put: Iterable[str] = (), gone: Iterable[str] = ()) -> str:
        """Write down what is about to be sent or taken away; returns the mark that is to follow it on the broker."""
        mark = secrets.token_hex(16)
        try:
            with self._path.open("ab") as file:
                file.write(_line(mark, put, gone, ()))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise disk_error(self._path, error) from error
        return mark


def _line(mark: str | None, put: Iterable[str], gone: Iterable[str], maybe: Iterable[str]) -> bytes:
    return json.dumps({"mark": mark, "put": list(put), "gone": list(gone), "maybe": list(maybe)}).encode() + b"\n"


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a ledger; one that was cut off was followed by nothing."""
    try:
        data = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}; check who may read it") from error
    for line in data.splitlines():
        try:
            values = json.loads(line)
        except ValueError:
            return
        yield values
