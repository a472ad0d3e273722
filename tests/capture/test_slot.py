"""The slot: one place, the newest wins, nothing is lost without being counted and wiped."""

import pytest

from footage import picture
from lapel.capture.raw import RawFrame
from lapel.capture.slot import NewestSlot, Taken
from lapel.errors import CameraLost


def empty_slot() -> NewestSlot[Taken]:
    return NewestSlot(Taken.overtaking, lambda taken: taken.raw.wipe())


def raw(number: int) -> RawFrame:
    return RawFrame(picture(), number, number / 25)


def test_the_newest_frame_wins() -> None:
    slot = empty_slot()
    for number in range(4):
        slot.put(Taken(raw(number)))
    taken = slot.take()
    assert taken is not None
    assert (taken.raw.number, taken.overtaken) == (3, 3)


def test_overtaken_frames_are_counted_from_the_last_one_taken() -> None:
    slot = empty_slot()
    slot.put(Taken(raw(0)))
    slot.put(Taken(raw(1)))
    slot.take()
    slot.put(Taken(raw(2)))
    taken = slot.take()
    assert taken is not None
    assert taken.overtaken == 0


def test_an_overtaken_frame_is_wiped() -> None:
    slot = empty_slot()
    old = raw(0)
    slot.put(Taken(old))
    slot.put(Taken(raw(1)))
    assert not old.pixels.any()


def test_a_frame_offered_after_the_end_is_wiped() -> None:
    slot = empty_slot()
    slot.end()
    late = raw(0)
    slot.put(Taken(late))
    assert not late.pixels.any()
    assert slot.take() is None


def test_the_last_frame_is_still_delivered_after_the_end() -> None:
    slot = empty_slot()
    slot.put(Taken(raw(7)))
    slot.end()
    last = slot.take()
    assert last is not None
    assert last.raw.number == 7
    assert slot.take() is None


def test_what_the_capture_thread_died_of_is_raised_to_whoever_takes() -> None:
    slot = empty_slot()
    slot.end(CameraLost("uvc:0: unplugged"))
    with pytest.raises(CameraLost, match="unplugged"):
        slot.take()


def test_emptying_wipes_what_waits() -> None:
    slot = empty_slot()
    waiting = raw(0)
    slot.put(Taken(waiting))
    slot.empty()
    assert not waiting.pixels.any()
