"""A PostgreSQL server of the tests' own: in a temporary folder, on a local socket alone, gone with the session."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

INSTALL = "PostgreSQL: apt-get install postgresql"
_USER = "lapel"
_numbers = itertools.count()


def program(name: str) -> str | None:
    """Where one of the server's programs is; Debian keeps them outside every PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return shutil.which(name) or next(
        (found for each in folders[::-1] if (found := shutil.which(name, path=each))), None
    )


class Cluster:
    """A server that runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        folder.chmod(0o755)
        if os.geteuid() == 0:  # initdb refuses root
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-D", self._data, "-U", _USER, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=50"
        self._run("pg_ctl", "-D", self._data, "-l", self.folder / "log", "-w", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; ``immediate`` is as a crash."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    @property
    def url(self) -> str:
        """How its database is named."""
        return f"postgresql://{_USER}@/postgres?host={self.folder}"

    def new_database(self) -> str:
        """The URL of a place without tables: a schema of its own, which costs less than a database of its own."""
        name = f"station_{next(_numbers)}"
        self.sql(f"create schema {name}")
        return f"{self.url}&options=-csearch_path%3D{name}"

    def sql(self, statement: str, url: str | None = None) -> None:
        """Run a statement in a session of its own."""
        import psycopg

        with psycopg.connect(url or self.url, autocommit=True) as session:
            session.execute(statement)  # type: ignore[call-overload]

    def _run(self, name: str, *arguments: object) -> None:
        found = program(name)
        assert found is not None, f"{name}: {INSTALL}"
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        # Its output into a file: the server inherits it, and a pipe would stay open for as long as it runs.
        with (self.folder / "said").open("ab") as said:
            subprocess.run(
                [*as_owner, found, *map(str, arguments)], stdout=said, stderr=said, cwd=self.folder, check=True
            )


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A server for a while; a test without one is skipped."""
    pytest.importorskip("psycopg", reason="psycopg: it is in tools/locks/dev.txt")
    if program("initdb") is None or program("pg_ctl") is None:
        pytest.skip(INSTALL)
    # Not in pytest's folder: the name of a socket may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="lapel-pg-"))
    try:
        cluster = Cluster(folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A server for all tests of a session; each makes a database of its own."""
    with running_cluster() as found:
        yield found
