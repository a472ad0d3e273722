"""A long list is taken bucket by bucket: it is never in memory, and whatever cuts it off leaves the one before."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest

from lapel.core.gallery import Gallery
from lapel.errors import UpdateRefused
from published_rig import Camera, Lists, crates

PICTURE_BYTES = 60_000


def pictured(count: int) -> Gallery:
    """Crates with pictures as large as may be."""
    gallery = crates(count)
    drawn = tuple(
        replace(each, picture=bytes([number % 251]) * PICTURE_BYTES) for number, each in enumerate(gallery.references)
    )
    return replace(gallery, references=drawn)


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> Lists:
    """An authority of lists with many buckets."""
    monkeypatch.setattr("published_rig.BUCKETS", 64)
    return Lists()


def test_a_list_is_taken_in_a_fraction_of_its_bytes_of_memory(camera: Camera, lists: Lists) -> None:
    lists.publish(pictured(100), 2)
    tracemalloc.start()
    try:
        assert camera.take().entries == 100
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(camera.files()["watchlist.lapel"]) > 200 * PICTURE_BYTES
    assert peak < 200 * PICTURE_BYTES / 2


def test_how_far_the_taking_has_come_is_told_and_never_falls(camera: Camera, lists: Lists) -> None:
    told: list[float] = []
    lists.publish(crates(40), 2)
    camera.take(progress=told.append)
    assert told == sorted(told)
    assert (told[0] < 0.1, 0.4 < told[len(told) // 2] < 0.6, 0.9 < told[-1] <= 1) == (True, True, True)


def test_a_chunk_that_is_lost_or_changed_between_two_readings_leaves_the_list_that_was_there(
    camera: Camera, lists: Lists
) -> None:
    lists.publish(crates(40), 2)
    whole = dict(lists.chunks)
    for change in (lists.chunks.clear, lambda: lists.chunks.update(dict.fromkeys(whole, b"other"))):

        def spoil(share: float, change: object = change) -> None:
            if share > 0.5:
                change()  # type: ignore[operator]

        with pytest.raises(UpdateRefused):
            camera.take(progress=spoil)
        assert camera.listed() == {"crate-0", "crate-1", "crate-2"}
        assert not [name for name in camera.files() if name.startswith(".")]
        lists.chunks.update(whole)


def test_what_a_power_cut_left_of_a_taking_is_removed_by_the_next(camera: Camera, lists: Lists) -> None:
    for name in (".watchlist.lapel.ab12.part", "..watchlist.lapel.new.ab12.part"):
        (camera.device.state / name).write_bytes(b"half")
    lists.publish(crates(5), 2)
    camera.take()
    assert not [name for name in camera.files() if name.endswith(".part")]
