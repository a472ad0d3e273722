"""Backup and restore of a station's database, whichever it is: a backup is a station's SQLite file itself.

So every command reads it, and records move from SQLite to PostgreSQL and back by it. Trees are computed anew from the
hashes on the way, and must give the heads that were acknowledged.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from lapel.core.chain import CompactRange
from lapel.errors import Tampered, UsageError
from lapel.store.atomic import discard, sync_folder
from lapel_tools.station.database import Database, open_database
from lapel_tools.station.schema import SCHEMA, TABLES

_AT_A_TIME = 500


def back_up(where: Path | str, out: Path, told: Callable[[int], None]) -> int:
    """Write a backup while stations may go on, of one moment, whole or not at all; how many records it holds.

    ``told`` hears how many records were copied. Raises: UsageError (the file is there), Tampered, StoreError.
    """
    if out.exists():
        raise UsageError(f"{out}: is there already; name another file")
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        source, target = open_database(where, SCHEMA), open_database(draft, SCHEMA)
        try:
            count = _copy(source, target, told)
            target.reclaim()
        finally:
            source.close()
            target.close()
        draft.replace(out)
        sync_folder(out.parent)
    finally:
        for part in (draft, *(draft.with_name(draft.name + end) for end in ("-wal", "-shm"))):
            discard(part)
    return count


def restore(backup: Path, where: Path | str, told: Callable[[int], None]) -> int:
    """Put a backup into a database that holds nothing, all of it or nothing; how many records it holds.

    Raises: UsageError (no backup, or a database that holds something), Tampered, StoreError.
    """
    if not backup.is_file():
        raise UsageError(f"{backup}: no such file; name what lapel-admin station backup wrote")
    source, target = open_database(backup, SCHEMA), open_database(where, SCHEMA)
    try:
        for table in TABLES:
            if target.run(f"select count(*) from {table}")[0][0]:
                raise UsageError(f"{target.name}: holds records already; name a file or a database that is empty")
        return _copy(source, target, told)
    finally:
        source.close()
        target.close()


def _copy(source: Database, target: Database, told: Callable[[int], None]) -> int:
    source.begin_reading()
    target.begin()
    count = 0
    try:
        for table, columns in TABLES.items():
            statement = f"insert into {table} values ({', '.join('?' * columns)})"
            found = source.stream(f"select * from {table}")
            while rows := tuple(islice(found, _AT_A_TIME)):
                target.run_many(statement, rows)
                if table == "records":
                    count += len(rows)
                    told(count)
        _check_trees(target)
        target.commit()
    except BaseException:
        target.rollback()
        raise
    finally:
        source.rollback()
    return count


def _check_trees(database: Database) -> None:
    """Whether each device's hashes give the head that was acknowledged. Raises: Tampered."""
    for device, size, root in database.run("select device, size, root from devices order by device"):
        tree = CompactRange()
        for sequence, leaf in database.stream(
            "select sequence, leaf from records where device = ? and sequence < ? order by sequence", (device, size)
        ):
            if sequence != tree.size:
                break
            tree = tree.append(leaf)
        if (tree.size, tree.root()) != (size, root):
            raise Tampered(
                f"{database.name}: {device}: its {size} records do not give the head that was acknowledged; "
                "keep both databases for examination"
            )
