"""The slot: one place, the newest wins, nothing is lost without being counted and wiped."""

import pytest

from footage import picture
from lapel.capture.raw import RawFrame
from lapel.capture.slot import NewestSlot
from lapel.errors import CameraLost


def raw(number: int) -> RawFrame:
    return RawFrame(picture(), number, number / 25)


def test_the_newest_frame_wins() -> None:
    slot = NewestSlot()
    for number in range(4):
        slot.put(raw(number))
    taken = slot.take()
    assert taken is not None
    assert (taken.raw.number, taken.overtaken) == (3, 3)


def test_overtaken_frames_are_counted_from_the_last_one_taken() -> None:
    slot = NewestSlot()
    slot.put(raw(0))
    slot.put(raw(1))
    slot.take()
    slot.put(raw(2))
    taken = slot.take()
    assert taken is not None
    assert taken.overtaken == 0


def test_an_overtaken_frame_is_wiped() -> None:
    slot = NewestSlot()
    old = raw(0)
    slot.put(old)
    slot.put(raw(1))
    assert not old.pixels.any()


def test_a_frame_offered_after_the_end_is_wiped() -> None:
    slot = NewestSlot()
    slot.end()
    late = raw(0)
    slot.put(late)
    assert not late.pixels.any()
    assert slot.take() is None


def test_the_last_frame_is_still_delivered_after_the_end() -> None:
    slot = NewestSlot()
    slot.put(raw(7))
    slot.end()
    last = slot.take()
    assert last is not None
    assert last.raw.number == 7
    assert slot.take() is None


def test_what_the_capture_thread_died_of_is_raised_to_whoever_takes() -> None:
    slot = NewestSlot()
    slot.end(CameraLost("uvc:0: unplugged"))
    with pytest.raises(CameraLost, match="unplugged"):
        slot.take()


def test_emptying_wipes_what_waits() -> None:
    slot = NewestSlot()
    waiting = raw(0)
    slot.put(waiting)
    slot.empty()
    assert not waiting.pixels.any()
