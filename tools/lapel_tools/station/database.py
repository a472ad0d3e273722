"""What the station needs of a database, and how one is opened: a SQLite file, or PostgreSQL by URL.

Both are given the same statements. What they differ in stands in the two adapters, ``sqlite_file`` and ``postgresql``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

POSTGRESQL = ("postgresql://", "postgres://")

Row = tuple[Any, ...]
Values = Sequence[object]


class Database(Protocol):
    """One connection. ``name`` is how messages call it, without a password."""

    name: str
    lock_rows: str
    """What follows a ``select`` whose rows nobody else may change before the transaction ends."""
    words: Mapping[str, str]
    """What stands in a schema's, or a statement's, place for each name in braces."""

    def run(self, statement: str, values: Values = ()) -> list[Row]:
        """Run one statement, with ``?`` for each value; its rows. Raises: StoreError."""
        ...

    def run_many(self, statement: str, rows: Sequence[Values]) -> None:
        """Run one statement for each row of values. Raises: StoreError."""
        ...

    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        """Rows one by one, however many there are. Raises: StoreError."""
        ...

    def begin_reading(self) -> None:
        """Begin to read: all of it is of one moment until ``rollback``. Raises: StoreError."""
        ...

    def reclaim(self) -> None:
        """Overwrite or give back what was removed, as far as the database can. Raises: StoreError."""
        ...

    def begin(self) -> None:
        """Begin what becomes durable together, once whoever writes lets it, however long. Raises: StoreError."""
        ...

    def commit(self) -> None:
        """Make it durable: it survives a power cut from here on. Raises: StoreError; then nothing of it is kept."""
        ...

    def rollback(self) -> None:
        """Forget it; nothing to do where nothing was begun."""
        ...

    def close(self) -> None:
        """Let the database go."""
        ...


def is_url(where: Path | str) -> bool:
    """Whether a database is named by PostgreSQL's URL, not as a file."""
    return str(where).startswith(POSTGRESQL)


def open_database(where: Path | str, schema: str, any_thread: bool = False) -> Database:
    """The database with its tables, made where they are not there.

    ``schema`` names types as ``{bytes}`` and ``{integer}``, ends tables with ``{strict}``, and finds bytes in a column
    by ``{place}(column, {hex}00')``, from 1, 0 for nowhere. ``any_thread`` lets another thread use it than the one that
    opened it, one at a time.
    Raises: StoreError, UsageError (no station's file, or a URL that is none), ConfigError (no driver, no durability).
    """
    if is_url(where):
        from lapel_tools.station.postgresql import Postgresql

        return Postgresql(str(where), schema)
    from lapel_tools.station.sqlite_file import SqliteFile

    return SqliteFile(Path(where), schema, any_thread)
