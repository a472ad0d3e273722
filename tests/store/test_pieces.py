"""Pieces that come from a broker fill no disk, whoever holds it."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from lapel.core.updates import LARGEST_MESSAGE_BYTES
from lapel.store import pieces as stored
from lapel.store.pieces import Pieces


def piece(number: int, length: int = 1000) -> tuple[str, bytes]:
    data = number.to_bytes(4, "big") * (length // 4)
    return sha256(data).hexdigest(), data


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def little_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "BESIDE_BYTES", 10_000)


def test_whoever_sends_without_end_fills_the_quota_and_no_more_and_the_newest_stay(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path, quota_bytes=20_000)
    for number in range(200):
        pieces.put(*piece(number))
        assert sum(path.stat().st_size for path in kept(tmp_path)) <= 30_000
    assert all(pieces.has(piece(number)[0]) for number in range(180, 200))
    assert not pieces.has(piece(0)[0])


def test_a_later_start_counts_what_is_there(tmp_path: Path) -> None:
    for number in range(90):
        Pieces(tmp_path, quota_bytes=20_000).put(*piece(number))
    assert len(kept(tmp_path)) <= 30


def test_many_small_files_end_as_well(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path, most_files=40)
    for number in range(200):
        pieces.put(*piece(number, 4))
    assert 30 <= len(kept(tmp_path)) <= 40


def test_the_oldest_go_first(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path, quota_bytes=20_000)
    for number in range(25):
        name, data = piece(number)
        pieces.put(name, data)
        os.utime(tmp_path / name[:2] / name, ns=(number, number))
    pieces.put(*piece(100, 8000))
    assert [pieces.has(piece(number)[0]) for number in range(8)] == [False] * 5 + [True] * 3


def test_a_piece_that_is_longer_than_any_message_is_not_kept_and_is_told_as_what_it_is(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path)
    name, data = piece(1, LARGEST_MESSAGE_BYTES + 4)
    pieces.put(name, data)
    assert kept(tmp_path) == []
    assert len(pieces.get(name) or b"") == LARGEST_MESSAGE_BYTES + 1


def test_what_was_removed_for_a_list_counts_no_more(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path, quota_bytes=20_000)
    for number in range(25):
        pieces.put(*piece(number))
    pieces.keep_only({bytes.fromhex(piece(24)[0])})
    for number in range(100, 129):
        pieces.put(*piece(number))
    assert pieces.has(piece(24)[0])
