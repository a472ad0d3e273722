"""Rows that stay sealed are read one by one, and are the rows that were sealed."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lapel.errors import RowsTampered, Tampered
from lapel.fakes.keys import FixedKey
from lapel.store.sealed import CHUNK_BYTES, HEADER_BYTES, SealedFile, read_sealed, write_sealed
from lapel.store.sealed_rows import SealedRows

PURPOSE = "test"
BEFORE = 24
ROWS = np.random.default_rng(1).integers(-127, 128, (1000, 48), np.int8)


@pytest.fixture
def path(tmp_path: Path, keys: FixedKey) -> Path:
    """A sealed file of six chunks; rows begin at byte 24, so that some of them stand in two chunks."""
    write_sealed(tmp_path / "rows", [bytes(BEFORE), ROWS.data], keys, PURPOSE)
    return tmp_path / "rows"


def test_rows_come_back_by_their_numbers_in_the_order_asked(path: Path, keys: FixedKey) -> None:
    with SealedFile(path, keys, PURPOSE) as file:
        rows = SealedRows(file, BEFORE, *ROWS.shape)
        wanted = np.array([999, 0, 170, 170, 341])
        np.testing.assert_array_equal(rows[wanted], ROWS[wanted])
        assert rows.shape == ROWS.shape


class Counted:
    """Rows in memory, and how often they were read."""

    def __init__(self) -> None:
        self.reads: list[tuple[int, int]] = []
        self.length = ROWS.nbytes

    def read(self, start: int, count: int) -> bytes:
        self.reads.append((start, count))
        return ROWS.tobytes()[start : start + count]


@pytest.mark.parametrize(
    ("numbers", "reads"),
    [([], []), ([7], [(7, 1)]), ([5, 6, 7, 3, 4, 4, 2], [(5, 3), (3, 2), (4, 1), (2, 1)]), (range(400), [(0, 400)])],
)
def test_rows_of_consecutive_numbers_are_read_at_once(numbers: Sequence[int], reads: list[tuple[int, int]]) -> None:
    content, wanted = Counted(), np.array(numbers, np.intp)
    np.testing.assert_array_equal(SealedRows(content, 0, *ROWS.shape)[wanted], ROWS[wanted])
    assert content.reads == [(first * 48, count * 48) for first, count in reads]


@pytest.mark.parametrize("part", [slice(0, 1000), slice(None), slice(5, 5), slice(169, 172), slice(990, 5000)])
def test_a_slice_of_rows_comes_back(path: Path, keys: FixedKey, part: slice) -> None:
    with SealedFile(path, keys, PURPOSE) as file:
        np.testing.assert_array_equal(SealedRows(file, BEFORE, *ROWS.shape)[part], ROWS[part])


def test_a_row_beyond_the_last_is_an_error(path: Path, keys: FixedKey) -> None:
    with SealedFile(path, keys, PURPOSE) as file, pytest.raises(IndexError, match="of 1000"):
        SealedRows(file, BEFORE, *ROWS.shape)[np.array([1000])]


def test_any_part_of_a_sealed_file_is_that_part(path: Path, keys: FixedKey) -> None:
    whole, draw = read_sealed(path, keys, PURPOSE), random.Random(4)
    with SealedFile(path, keys, PURPOSE) as file:
        for _ in range(50):
            start = draw.randrange(file.length)
            count = draw.randrange(file.length - start + 1)
            assert file.read(start, count) == whole[start : start + count]
        with pytest.raises(ValueError, match="bytes wanted at"):
            file.read(file.length - 1, 2)


def test_a_changed_row_is_found_out_when_it_is_read_and_the_others_stay_readable(path: Path, keys: FixedKey) -> None:
    data = bytearray(path.read_bytes())
    data[HEADER_BYTES + 3 * (CHUNK_BYTES + 16) + 100] ^= 1
    path.write_bytes(data)
    changed = (3 * CHUNK_BYTES + 100 - BEFORE) // ROWS.shape[1]
    with SealedFile(path, keys, PURPOSE) as file:
        rows = SealedRows(file, BEFORE, *ROWS.shape)
        np.testing.assert_array_equal(rows[0:1], ROWS[0:1])
        with pytest.raises(RowsTampered, match="was changed near byte") as caught:
            rows[np.array([0, changed, 1, 2, changed])]
        assert caught.value.rows == (changed, changed)


def test_a_chunk_put_in_the_place_of_another_is_found_out(path: Path, keys: FixedKey) -> None:
    data, sealed = bytearray(path.read_bytes()), CHUNK_BYTES + 16
    data[HEADER_BYTES : HEADER_BYTES + sealed] = data[HEADER_BYTES + sealed : HEADER_BYTES + 2 * sealed]
    path.write_bytes(data)
    with SealedFile(path, keys, PURPOSE) as file, pytest.raises(Tampered):
        file.read(BEFORE, 1)


def test_an_open_file_is_read_on_when_another_takes_its_place(path: Path, keys: FixedKey) -> None:
    with SealedFile(path, keys, PURPOSE) as file:
        write_sealed(path, [b"another"], keys, PURPOSE)
        np.testing.assert_array_equal(SealedRows(file, BEFORE, *ROWS.shape)[:], ROWS)
