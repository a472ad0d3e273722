"""An encrypted database file: how it is made, opened and checked, and what its errors mean.

SQLCipher 4 with a raw key. The first 16 bytes of its file are its salt, which it takes from whoever makes the file:
here 12 random bytes that the key is derived with, then a check value of the key. So a wrong key is told from a
damaged file, which SQLCipher alone cannot do, and no second file is needed.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import quote

from sqlcipher3 import dbapi2 as sqlcipher

from lapel.errors import StoreError, StoreFull, StoreLocked, Tampered, UsageError, WrongKey
from lapel.ports import KeyProvider
from lapel.store.atomic import disk_error, sync_folder

PAGE_BYTES = 4096
_SALT_BYTES, _CHECK_BYTES = 12, 4
_BUSY_MS = 2000
"""Only a checkpoint of another connection can hold a writer up, for milliseconds."""


class Cursor(Protocol):
    """The rows of a statement."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, if there is one."""
        ...

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that are left."""
        ...

    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...


class Connection(Protocol):
    """What is used of a sqlcipher3 connection, which comes without types."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        ...

    def execute(self, statement: str, values: Sequence[object] = ()) -> Cursor:
        """Run one statement."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


def create_database(path: Path, keys: KeyProvider, purpose: str, schema: str) -> None:
    """Make a database with its tables, whole or not at all. Raises: StoreFull, StoreError."""
    salt = secrets.token_bytes(_SALT_BYTES)
    key = keys.derive(purpose, salt)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with store_errors(path):
            connection = sqlcipher.connect(str(draft), isolation_level=None)
            try:
                _unlock(connection, key, salt + _key_check(key))
                connection.executescript(f"BEGIN; {schema}; COMMIT; PRAGMA journal_mode = WAL;")
            finally:
                connection.close()
        try:
            draft.chmod(0o600)
            draft.replace(path)
            sync_folder(path.parent)
        except OSError as error:
            raise disk_error(path, error) from error
    finally:
        draft.unlink(missing_ok=True)


def open_database(path: Path, keys: KeyProvider, purpose: str, read_only: bool) -> Connection:
    """A connection in autocommit mode: WAL, synchronous=FULL, every page authenticated.

    Read-only connections work beside a writer and without one. A writer checks every page of the file, as reading finds
    damage only where it looks. Raises: UsageError (no such file), WrongKey, Tampered, StoreLocked, StoreError.
    """
    head = _first_bytes(path)
    salt = head[:_SALT_BYTES]
    key = keys.derive(purpose, salt)
    if not hmac.compare_digest(head[_SALT_BYTES:], _key_check(key)):
        raise WrongKey(
            f"{path}: this key or passphrase does not open it, or it is no file of Lapel's; use what made it"
        )
    with store_errors(path):
        # Threads may share it; whoever lets them sees to it that they take turns.
        uri = _uri(path, read_only)
        connection: Connection = sqlcipher.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        try:
            _unlock(connection, key, head)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if not read_only:
                _check(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def empty_database(schema: str) -> Connection:
    """Tables in memory, for whoever must go on where no file can be opened."""
    connection: Any = sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.executescript(schema)
    return cast("Connection", connection)


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Says what the database's errors mean to the person who must act. Raises: StoreError or one of its kind."""
    try:
        yield
    except sqlcipher.Error as error:
        raise _MEANINGS.get(_code(error), _broken)(path, error) from error


@contextmanager
def transaction(connection: Connection, path: Path) -> Iterator[None]:
    """All of what happens inside is kept, or none. Raises: StoreError."""
    with store_errors(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def snapshot(connection: Connection, path: Path) -> Iterator[None]:
    """Everything read inside is of one moment, whatever a writer does meanwhile. Raises: StoreError."""
    with store_errors(path):
        connection.execute("BEGIN")
        try:
            yield
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _check(connection: Connection, path: Path) -> None:
    """Look at every page of the file. Raises: Tampered."""
    try:
        # The check passes over the log. A power cut while the log was written into the file leaves pages of which it
        # alone has the whole: they are written once more first.
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    except sqlcipher.Error as error:
        if _code(error) != sqlcipher.SQLITE_FULL:
            raise
        return  # a full disk keeps no journal from being opened; each page is authenticated when it is read
    check_pages(connection, path)


def check_pages(connection: Connection, path: Path) -> None:
    """Authenticate every page of the file, free ones too, of a database without a log. Raises: Tampered."""
    damage = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    if damage:
        raise Tampered(f"{path}: damaged: {damage[0][0]}; {_remedy(path)}")


def _unlock(connection: Connection, key: bytes, salt: bytes) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to stderr what is raised as an error anyway
    connection.execute(f"PRAGMA key = \"x'{key.hex()}{salt.hex()}'\"")
    connection.execute("PRAGMA temp_store = 2")  # in memory: temporary files would not be encrypted
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(_SALT_BYTES + _CHECK_BYTES)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{path}: no such file; check --state, or start lapel once to make it") from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}; check who may read it") from error
    if len(head) < _SALT_BYTES + _CHECK_BYTES:
        raise Tampered(f"{path}: is truncated to {len(head)} bytes; {_remedy(path)}")
    return head


def _uri(path: Path, read_only: bool) -> str:
    uri = "file:" + quote(str(path.absolute())) + ("?mode=ro" if read_only else "?mode=rw")
    log = path.with_name(path.name + "-wal")
    if read_only and not log.exists() and not _is_writable(path.parent):
        # SQLite must make a -shm file to read a WAL database; where it cannot, nobody can be writing either.
        return uri + "&immutable=1"
    return uri


def _is_writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _key_check(key: bytes) -> bytes:
    return hmac.digest(key, b"lapel database key check", "sha256")[:_CHECK_BYTES]


def _remedy(path: Path) -> str:
    writer = "link" if path.name.startswith("link") else "run"
    return f"leave it as it is: `lapel {writer}` sets it aside at its start, and begins another"


def _code(error: sqlcipher.Error) -> int:
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF  # the primary code of an extended one


def _full(path: Path, error: sqlcipher.Error) -> StoreError:
    return StoreFull(f"{path}: disk or quota is full; let the link drain it, make room, or raise the quota")


def _locked(path: Path, error: sqlcipher.Error) -> StoreError:
    return StoreLocked(f"{path}: another process holds it; stop that one first")


def _read_only(path: Path, error: sqlcipher.Error) -> StoreError:
    return StoreError(f"{path}: disk or file is read-only; remount it writable, or check who owns it")


def _damaged(path: Path, error: sqlcipher.Error) -> Tampered:
    return Tampered(f"{path}: damaged or changed from outside ({error}); {_remedy(path)}")


def _broken(path: Path, error: sqlcipher.Error) -> StoreError:
    return StoreError(f"{path}: {error}; check the disk")


_MEANINGS = {
    sqlcipher.SQLITE_FULL: _full,
    sqlcipher.SQLITE_BUSY: _locked,
    sqlcipher.SQLITE_LOCKED: _locked,
    sqlcipher.SQLITE_READONLY: _read_only,
    sqlcipher.SQLITE_CORRUPT: _damaged,
    sqlcipher.SQLITE_NOTADB: _damaged,
}
