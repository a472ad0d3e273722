"""A real broker for these tests, and each kind of database that a station may keep records in."""

from pathlib import Path

import pytest

from postgres_rig import Cluster
from sync_rig import quiet_rig, rig

__all__ = ["quiet_rig", "rig"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """A station's database, new: a file, or the URL of one on a real server."""
    if request.param == "sqlite":
        return tmp_path / "station.db"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new_database()
