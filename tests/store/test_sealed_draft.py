"""A sealed file that is written in any order is the one that was meant, or none."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lapel.errors import StoreError, StoreFull
from lapel.fakes.keys import FixedKey
from lapel.store.sealed import CHUNK_BYTES, read_sealed, write_sealed
from lapel.store.sealed_draft import SealedDraft


@pytest.mark.parametrize("length", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES - 1])
def test_content_that_is_written_in_any_order_is_read_as_it_was_meant(
    tmp_path: Path, keys: FixedKey, length: int
) -> None:
    draw = random.Random(length)
    content = draw.randbytes(length)
    pieces = [(at, content[at : at + 700]) for at in range(0, length, 700)]
    draw.shuffle(pieces)
    with SealedDraft(tmp_path / "a", length, keys, "test") as draft:
        for at, piece in pieces:
            draft.write(at, piece)
    assert bytes(read_sealed(tmp_path / "a", keys, "test")) == content
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_what_is_left_with_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path, keys: FixedKey) -> None:
    write_sealed(tmp_path / "a", [b"old"], keys, "test")
    with pytest.raises(ZeroDivisionError), SealedDraft(tmp_path / "a", 3, keys, "test") as draft:
        draft.write(1 // 0, b"new")
    assert bytes(read_sealed(tmp_path / "a", keys, "test")) == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_of_which_a_byte_was_never_written_takes_no_place(tmp_path: Path, keys: FixedKey) -> None:
    with (
        pytest.raises(StoreError, match="1 bytes of it were never written"),
        SealedDraft(tmp_path / "a", 3, keys, "test") as draft,
    ):
        draft.write(0, b"ne")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_beyond_the_content(tmp_path: Path, keys: FixedKey) -> None:
    with pytest.raises(ValueError, match="4 bytes at 0 of 3"), SealedDraft(tmp_path / "a", 3, keys, "test") as draft:
        draft.write(0, b"long")


def test_a_full_disk_is_said_and_leaves_nothing(small_disk: Path, keys: FixedKey) -> None:
    with pytest.raises(StoreFull), SealedDraft(small_disk / "a", 4 << 20, keys, "test") as draft:
        draft.write(0, bytes(4 << 20))
    assert list(small_disk.iterdir()) == []
