"""The link remembers how far the station has acknowledged, and never less than that."""

from __future__ import annotations

from pathlib import Path

import pytest

from lapel.core.chain import range_over
from lapel.errors import StoreError, StoreLocked, Tampered, UsageError, WrongKey
from lapel.fakes.keys import FixedKey
from lapel.store.link_state import LinkState

TREES = [range_over(bytes([leaf]) * 32 for leaf in range(size)) for size in range(12)]
HEADS = [tree.head() for tree in TREES]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the state lies."""
    return tmp_path / "link.db"


def test_nothing_is_acknowledged_at_first(path: Path) -> None:
    with LinkState(path, FixedKey()) as state:
        assert (state.cursor(), state.acked_head()) == (0, None)


def test_an_acknowledgement_moves_cursor_and_head_and_outlives_the_process(path: Path) -> None:
    with LinkState(path, FixedKey()) as state:
        state.acknowledge(TREES[7])
    with LinkState(path, FixedKey()) as state:
        assert (state.cursor(), state.acked_head()) == (7, HEADS[7])


def test_a_late_acknowledgement_changes_nothing(path: Path) -> None:
    with LinkState(path, FixedKey()) as state:
        state.acknowledge(TREES[7])
        state.acknowledge(TREES[4])
        assert (state.cursor(), state.acked_head()) == (7, HEADS[7])


def test_an_acknowledgement_that_comes_twice_changes_nothing(path: Path) -> None:
    with LinkState(path, FixedKey()) as state:
        state.acknowledge(TREES[7])
        state.acknowledge(TREES[7])
        assert (state.cursor(), state.acked_head()) == (7, HEADS[7])


def test_another_root_at_a_size_acknowledged_before_is_refused(path: Path) -> None:
    with LinkState(path, FixedKey()) as state:
        state.acknowledge(TREES[7])
        with pytest.raises(Tampered, match="7 records with root"):
            state.acknowledge(range_over([bytes(32)] * 7))
        assert (state.cursor(), state.acked_head()) == (7, HEADS[7])


def test_two_links_do_not_share_a_state(path: Path) -> None:
    with LinkState(path, FixedKey()), pytest.raises(StoreLocked):
        LinkState(path, FixedKey())


def test_a_reader_sees_what_the_link_keeps_meanwhile(path: Path) -> None:
    with LinkState(path, FixedKey()) as state, LinkState(path, FixedKey(), read_only=True) as reader:
        state.acknowledge(TREES[3])
        assert reader.acked_head() == HEADS[3]


def test_a_reader_acknowledges_nothing(path: Path) -> None:
    LinkState(path, FixedKey()).close()
    with LinkState(path, FixedKey(), read_only=True) as reader, pytest.raises(StoreError, match="reading only"):
        reader.acknowledge(TREES[3])


def test_a_reader_makes_no_state(path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        LinkState(path, FixedKey(), read_only=True)
    assert not path.exists()


def test_a_state_does_not_open_with_another_key(path: Path) -> None:
    LinkState(path, FixedKey()).close()
    with pytest.raises(WrongKey):
        LinkState(path, FixedKey(b"another"))
