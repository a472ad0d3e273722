"""A list that is no longer for a device makes room for one that is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lapel.core.gallery import Gallery
from lapel.errors import UpdateRefused
from lapel.fakes.gallery import made_up_entry
from lapel.store.staging import Taken
from published_rig import TODAY, Camera, Lists, crates, with_three_crates

Taking = Callable[[Camera], Taken]
WAYS = pytest.mark.parametrize("taking", [Camera.take, Camera.receive], ids=["imported", "received"])


def barrels(days_on: int = 0) -> Gallery:
    """Another list, of four barrels."""
    made = TODAY + timedelta(days=days_on)
    entries = tuple(made_up_entry(f"barrel-{n}", made + timedelta(days=20)) for n in range(4))
    terms = replace(crates(1).terms, list_id="shelbyville", created=made, expires=made + timedelta(days=30))
    return crates(0, entries=entries, terms=terms)


@WAYS
def test_a_list_that_was_withdrawn_as_a_whole_makes_room_for_another_of_the_group(
    taking: Taking, tmp_path: Path, lists: Lists
) -> None:
    camera = with_three_crates(tmp_path, lists)
    lists.withdraw("")
    lists.publish(barrels(), 1)
    assert taking(camera).is_new
    assert camera.listed() == {f"barrel-{n}" for n in range(4)}


@WAYS
def test_a_list_that_has_ended_makes_room_for_another_of_the_group(
    taking: Taking, tmp_path: Path, lists: Lists
) -> None:
    camera = with_three_crates(tmp_path, lists)
    lists.authority.later(days=100)
    lists.publish(barrels(100), 1)
    assert taking(camera).is_new
    assert camera.listed() == {f"barrel-{n}" for n in range(4)}


@WAYS
def test_a_list_that_went_to_another_group_makes_room_for_one_that_did_not(
    taking: Taking, tmp_path: Path, lists: Lists
) -> None:
    camera = with_three_crates(tmp_path, lists)
    lists.publish(crates(3), 2, groups=("harbour",))
    lists.publish(barrels(), 1)
    assert taking(camera).is_new
    assert camera.listed() == {f"barrel-{n}" for n in range(4)}


@WAYS
def test_a_device_without_a_list_passes_over_one_that_was_withdrawn(
    taking: Taking, tmp_path: Path, lists: Lists
) -> None:
    camera = Camera(tmp_path, lists)
    lists.publish(crates(3))
    lists.withdraw("")
    lists.publish(barrels(), 1)
    assert taking(camera).entries == 4


@WAYS
def test_a_list_that_is_still_for_the_device_stays_whatever_else_is_published(
    taking: Taking, tmp_path: Path, lists: Lists
) -> None:
    camera = with_three_crates(tmp_path, lists)
    lists.withdraw("crate-1")
    lists.publish(barrels(), 1)
    assert not taking(camera).is_new
    assert camera.listed() == {"crate-0", "crate-2"}


@WAYS
def test_a_list_that_has_ended_without_another_is_refused_as_before(
    taking: Taking, tmp_path: Path, lists: Lists
) -> None:
    camera = with_three_crates(tmp_path, lists)
    lists.authority.later(days=100)
    lists.authority.publish(("alice", "bob"))
    with pytest.raises(UpdateRefused, match="expired on"):
        taking(camera)
