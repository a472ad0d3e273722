"""The station's database on a PostgreSQL server: several workers write at a time, each device's row in turn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import MappingProxyType
from typing import Any

from lapel.errors import ConfigError, StoreError, UsageError
from lapel_tools.station.database import Row, Values

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
except ImportError as missing:
    raise ConfigError(f"PostgreSQL: {missing}; pip install 'lapel-tools[postgresql]'") from missing

_CONNECT_S = 10
_AT_A_TIME = 500
_ONE_AT_A_TIME = 0x1A9E1
"""Advisory lock under which tables are made: `create table if not exists` of two sessions at once fails in one."""
_MADE = re.compile(r"create (?:table|index) if not exists (\w+)")
_LONGEST_MESSAGE = 200


class Postgresql:
    """One session; see ``database.Database``. Raises: StoreError, UsageError, ConfigError."""

    lock_rows = " for update"
    words: Mapping[str, str] = MappingProxyType(
        {"bytes": "bytea", "integer": "bigint", "strict": "", "place": 'pg_catalog."position"', "hex": r"'\x"}
    )

    def __init__(self, url: str, schema: str) -> None:
        self.name = _without_password(url)
        with self._errors("check the URL, and that the server runs"):
            self._db = psycopg.connect(
                url, autocommit=True, connect_timeout=_CONNECT_S, application_name="lapel-station"
            )
        try:
            self._promise_durability()
            self._make(schema.format(**self.words))
        except BaseException:
            self._db.close()
            raise

    def run(self, statement: str, values: Values = ()) -> list[Row]:
        with self._errors():
            done = self._db.execute(_with_marks(statement), values)
            return done.fetchall() if done.description else []

    def run_many(self, statement: str, rows: Sequence[Values]) -> None:
        with self._errors(), self._db.cursor() as cursor:
            cursor.executemany(_with_marks(statement), rows)

    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        # A cursor on the server lives within a transaction.
        with self._errors(), self._db.transaction(), self._db.cursor("station_stream") as cursor:
            cursor.itersize = _AT_A_TIME
            yield from cursor.execute(_with_marks(statement), values)

    def begin_reading(self) -> None:
        self.run("begin isolation level repeatable read read only")

    def reclaim(self) -> None:
        self.run("vacuum records")
        self.run("vacuum forks")

    def begin(self) -> None:
        self.run("begin")

    def commit(self) -> None:
        self.run("commit")

    def rollback(self) -> None:
        if not self._db.closed and self._db.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            self.run("rollback")

    def close(self) -> None:
        self._db.close()

    def _make(self, schema: str) -> None:
        # Looked for first: `create index if not exists` of what is there waits for a vacuum, and all writers for it.
        if not self._lacking(schema):
            return
        with self._errors("may this role make tables there?"), self._db.transaction():
            self.run(f"select pg_advisory_xact_lock({_ONE_AT_A_TIME})")
            for statement in self._lacking(schema):
                self.run(statement)

    def _lacking(self, schema: str) -> list[str]:
        statements = {made[1]: each for each in schema.split(";") if (made := _MADE.search(each))}
        lacking = {
            name
            for (name,) in self.run(
                "select name from unnest(?::text[]) name where to_regclass(name) is null", (list(statements),)
            )
        }
        return [each for name, each in statements.items() if name in lacking]  # tables before their indexes

    def _promise_durability(self) -> None:
        """An ack promises that the record survives a power cut, so the server must promise it, too."""
        if self.run("show fsync")[0][0] != "on":
            raise ConfigError(f"{self.name}: fsync is off, so a power cut loses what was acknowledged; switch it on")
        self.run("set synchronous_commit = on")

    @contextmanager
    def _errors(self, remedy: str = "nothing of this batch is acknowledged") -> Iterator[None]:
        try:
            yield
        except psycopg.ProgrammingError as error:
            if not hasattr(self, "_db"):  # what is no URL is found before anything is connected
                raise UsageError(f"{self.name}: {_first_line(error)}; give postgresql://USER@HOST/DATABASE") from error
            raise StoreError(f"{self.name}: {_first_line(error)}; {remedy}") from error
        except psycopg.Error as error:
            raise StoreError(f"{self.name}: {_first_line(error)}; {remedy}") from error


@cache
def _with_marks(statement: str) -> Any:
    # Statements are this program's own text, never what came from outside; values travel beside them.
    return statement.replace("?", "%s")


def _without_password(url: str) -> str:
    try:
        parts: dict[str, Any] = conninfo_to_dict(url)
    except psycopg.Error:
        return url.partition("://")[0] + "://…"
    user, host, port = parts.get("user", ""), parts.get("host", "localhost"), parts.get("port", "")
    return f"postgresql://{f'{user}@' if user else ''}{host}{f':{port}' if port else ''}/{parts.get('dbname', '')}"


def _first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0][:_LONGEST_MESSAGE]
