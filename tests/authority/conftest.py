"""What tests of an authority share."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from authority_desk import TERMS, Desk
from lapel.fakes.gallery import made_up_entry, made_up_gallery


@pytest.fixture(scope="session")
def published_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An authority that has published a list of one crate. Not to be changed: ``desk``."""
    today = datetime.now(UTC).date()
    desk = Desk(tmp_path_factory.mktemp("published")).founded()
    desk.device()
    return desk.published(made_up_gallery(today, (made_up_entry("crate-1", today + timedelta(days=9)),)), *TERMS)


@pytest.fixture
def desk(published_desk: Desk, tmp_path: Path) -> Desk:
    """A copy of it."""
    shutil.copytree(published_desk.folder, tmp_path / "copy")
    return Desk(tmp_path / "copy")
