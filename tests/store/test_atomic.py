"""A file is replaced whole or not at all, and a disk that does not bear it is said with a remedy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lapel.errors import StoreError
from lapel.store.atomic import write_whole


def test_a_place_that_cannot_be_written_is_said_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"no folder")
    with pytest.raises(StoreError, match=r"list/watch\.lapel: cannot be written: .*; check that .*list is this user's"):
        write_whole(tmp_path / "list" / "watch.lapel", [b"sealed"])


def test_a_write_that_fails_half_way_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    place = tmp_path / "watch.lapel"
    place.write_bytes(b"the old one")

    def parts() -> Iterator[bytes]:
        yield b"the ne"
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError, match="disk is full"):
        write_whole(place, parts())
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("watch.lapel", b"the old one")]
