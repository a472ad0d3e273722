"""Brings a database to this version's tables, one step after the other.

Plain SQL: a library for migrations costs a start 325 ms and 39 MB, on every device and whether or not there is a step
to take (sqlite-utils 4.2.1 beside the driver alone).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from lapel.errors import StoreError
from lapel.store.database import Connection, transaction

Step = Callable[[Connection], None]
"""From one version to the next; the first leads from version 1 to 2."""


def migrate(connection: Connection, path: Path, steps: Sequence[Step]) -> None:
    """Take the steps that are left, each whole or not at all. Raises: StoreFull, StoreError."""
    version = version_of(connection, path, len(steps) + 1)
    for number, step in enumerate(steps[version - 1 :], start=version + 1):
        with transaction(connection, path):
            step(connection)
            connection.execute(f"PRAGMA user_version = {number}")


def version_of(connection: Connection, path: Path, newest: int) -> int:
    """The version of a database's tables. Raises: StoreError for one that a newer Lapel made."""
    row = connection.execute("PRAGMA user_version").fetchone()
    version = row[0] if row else 0
    if not 1 <= version <= newest:
        raise StoreError(f"{path}: is of version {version}, this Lapel knows 1 to {newest}; install the newer Lapel")
    return int(version)
