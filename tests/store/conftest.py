"""What tests of stores share: keys, a clock, an authority and its device, and folders that cannot be written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from published_rig import Camera, Lists, with_three_crates

NOBODY = 65534


@pytest.fixture
def keys() -> FixedKey:
    """Keys without the cost of a passphrase."""
    return FixedKey()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()


@pytest.fixture
def lists() -> Lists:
    """An authority that has published nothing yet."""
    return Lists()


@pytest.fixture
def camera(tmp_path: Path, lists: Lists) -> Camera:
    """A device of the group patrol that has a list of three crates, version 1."""
    return with_three_crates(tmp_path, lists)


@pytest.fixture
def as_ordinary_user(tmp_path: Path) -> Iterator[None]:
    """Root may write anywhere: whoever runs the tests, ``tmp_path`` is someone's for whom permissions count."""
    if os.geteuid() != 0:
        yield
        return
    closed = [folder for folder in tmp_path.parents if folder.stat().st_mode & 0o001 == 0]
    for folder in closed:
        folder.chmod(0o711)
    os.chown(tmp_path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        for folder in closed:
            folder.chmod(0o700)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a file system of its own to fill: run as root where tmpfs may be mounted")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
