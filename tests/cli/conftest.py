"""What the tests of several commands need."""

from pathlib import Path

import pytest

from lapel.store.keys import FileKey


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder as it should be."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    FileKey.create(folder / "device.key")
    return folder
