"""A withdrawal acts on the watch as soon as it was verified: nothing of the list is written anew for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lapel.core.withdrawals import NOTHING
from lapel.store.staging import entries_held, take_metadata
from lapel.store.trust import FILE
from lapel.wiring.withheld import Withheld
from published_rig import Camera, Lists, crates, with_three_crates

LIST = "springfield"


@pytest.fixture
def lists() -> Lists:
    """An authority that has published nothing yet."""
    return Lists()


@pytest.fixture
def camera(tmp_path: Path, lists: Lists, monkeypatch: pytest.MonkeyPatch) -> Camera:
    """A device with a list that counts as a long one."""
    monkeypatch.setattr("lapel.store.staging.MOST_REWRITTEN", 2)
    return with_three_crates(tmp_path, lists)


def test_what_is_withdrawn_of_a_long_list_is_withheld_at_once_and_the_list_stays_as_it_is(
    camera: Camera, lists: Lists
) -> None:
    withheld = Withheld(camera.device.state, camera.keys, pytest.fail)
    assert withheld.of(LIST, 1) == NOTHING
    before = camera.files()["watchlist.lapel"]
    lists.withdraw("crate-1")
    taken = camera.take()
    withheld.look()
    assert withheld.of(LIST, 1).covers("crate-1")
    assert not withheld.of(LIST, 1).covers("crate-0")
    assert (taken.withdrawn, taken.entries, camera.files()["watchlist.lapel"]) == (("crate-1",), 2, before)
    assert camera.take().withdrawn == ()


def test_a_kill_before_the_record_of_a_withdrawal_leaves_it_to_be_recorded(camera: Camera, lists: Lists) -> None:
    lists.withdraw("crate-1")
    take_metadata(camera.device, camera.trust(), lists, lists.authority.now)
    lists.withdraw("crate-2")
    take_metadata(camera.device, camera.trust(), lists, lists.authority.now)
    assert camera.take().withdrawn == ("crate-1", "crate-2")
    assert camera.take().withdrawn == ()


def test_a_watch_that_begins_later_withholds_it_as_well(camera: Camera, lists: Lists) -> None:
    lists.withdraw("")
    camera.take()
    withheld = Withheld(camera.device.state, camera.keys, pytest.fail)
    assert withheld.of(LIST, 1).covers("crate-0")


def test_the_next_version_is_taken_without_it(camera: Camera, lists: Lists) -> None:
    lists.withdraw("crate-1")
    camera.take()
    lists.publish(crates(4), 2)
    camera.take()
    assert camera.listed() == {"crate-0", "crate-2", "crate-3"}


def test_of_a_long_list_only_what_stands_on_it_is_counted_as_gone(camera: Camera, lists: Lists) -> None:
    lists.withdraw("crate-1", "no such crate")
    lists.publish(crates(4), 2)
    assert camera.take().entries == 3
    assert entries_held(camera.device, camera.trust()) == 3
    lists.withdraw("crate-3", "crate")
    camera.take()
    assert entries_held(camera.device, camera.trust()) == 2


def test_what_its_signers_brought_back_is_withheld_no_more(camera: Camera, lists: Lists) -> None:
    lists.withdraw("crate-1")
    camera.take()
    withheld = Withheld(camera.device.state, camera.keys, pytest.fail)
    lists.publish(crates(4), 2, settled=1)
    camera.take()
    withheld.look()
    assert withheld.of(LIST, 2) == NOTHING
    assert withheld.of(LIST, 1).covers("crate-1")
    assert "crate-1" in camera.listed()


def test_where_it_cannot_be_read_that_is_said_once_and_what_was_known_is_heeded(camera: Camera, lists: Lists) -> None:
    lists.withdraw("crate-1")
    camera.take()
    said: list[str] = []
    withheld = Withheld(camera.device.state, camera.keys, said.append)
    (camera.device.state / FILE).write_bytes(b"spoilt")
    withheld.look()
    withheld.look()
    assert withheld.of(LIST, 1).covers("crate-1")
    assert [text[:26] for text in said] == ["WITHDRAWALS CANNOT BE READ"]


def test_another_list_is_not_touched(camera: Camera, lists: Lists) -> None:
    lists.withdraw("crate-1")
    camera.take()
    assert Withheld(camera.device.state, camera.keys, pytest.fail).of("rail", 1) == NOTHING


def test_where_it_could_never_be_read_everything_is_withheld(camera: Camera, lists: Lists) -> None:
    (camera.device.state / FILE).write_bytes(b"spoilt")
    said: list[str] = []
    withheld = Withheld(camera.device.state, camera.keys, said.append)
    withheld.look()
    assert withheld.of(LIST, 1).covers("crate-0")
    assert [text[:62] for text in said] == ["WITHDRAWALS CANNOT BE READ, so that nothing of the list is tol"]
