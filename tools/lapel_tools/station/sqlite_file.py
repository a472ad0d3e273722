"""The station's database as a SQLite file: one writer at a time, and readers beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from lapel.errors import StoreError, UsageError
from lapel_tools.station.database import Row, Values

_BUSY_S = 10.0
_PRIMARY = 0xFF
"""Of a result code of SQLite, what says its kind: https://www.sqlite.org/rescode.html"""


class SqliteFile:
    """The file, opened; see ``database.Database``. Raises: StoreError, UsageError."""

    lock_rows = ""  # a transaction that writes has the whole file to itself
    words: Mapping[str, str] = MappingProxyType(
        {"bytes": "blob", "integer": "integer", "strict": "strict", "place": "instr", "hex": "x'"}
    )

    def __init__(self, path: Path, schema: str, any_thread: bool = False) -> None:
        self.name = str(path)
        try:
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=not any_thread)
            self._db.execute("pragma journal_mode = wal")
            # FULL: an ack promises that the record survives a power cut.
            self._db.execute("pragma synchronous = full")
            self._db.execute("pragma secure_delete = on")
            self._db.executescript(schema.format(**self.words))
        except (sqlite3.Error, OSError) as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
                raise UsageError(f"{path}: is not a station's file; name the station's --db") from error
            raise StoreError(f"{path}: {error}; name a file in a folder that this program may write") from error

    def run(self, statement: str, values: Values = ()) -> list[Row]:
        with self._errors():
            return self._db.execute(statement, values).fetchall()

    def run_many(self, statement: str, rows: Sequence[Values]) -> None:
        with self._errors():
            self._db.executemany(statement, rows)

    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        with self._errors():
            yield from self._db.execute(statement, values)

    def begin_reading(self) -> None:
        self.run("begin")

    def reclaim(self) -> None:
        # What was removed stands in log and file still. Who reads meanwhile keeps it there, which is a value, no error.
        if self.run("pragma wal_checkpoint(truncate)")[0][0]:
            raise StoreError(
                f"{self.name}: what was removed is not overwritten yet, since somebody reads it; give the command again"
            )

    def begin(self) -> None:
        with self._errors():
            while not self._has_begun():
                pass  # who asked waits, as for a row on a server; between two tries a signal is heard

    def commit(self) -> None:
        self.run("commit")

    def rollback(self) -> None:
        if self._db.in_transaction:
            self.run("rollback")

    def close(self) -> None:
        self._db.close()

    def _has_begun(self) -> bool:
        try:
            self._db.execute("begin immediate")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY == sqlite3.SQLITE_BUSY:
                return False
            raise
        return True

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.name}: {error}; nothing of this batch is acknowledged") from error
