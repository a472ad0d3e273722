"""Raw frames that are too old are overwritten wherever they are: while they wait, and while somebody is at them."""

from threading import Event

from footage import picture
from lapel.capture.delay import Waiting
from lapel.capture.expiry import Expiry
from lapel.capture.motion import Motion
from lapel.capture.raw import RawFrame
from lapel.capture.redact import Redactor
from lapel.core.geometry import Box
from lapel.fakes.clock import FakeClock
from lapel.fakes.finder import FixedFinder


def raw(number: int = 0) -> RawFrame:
    return RawFrame(picture(), number, number / 25)


def expiry(clock: FakeClock, gone: list[RawFrame], delay_frames: int = 2) -> Expiry:
    return Expiry(clock, 0.25, delay_frames, 1.0, gone.append)


def test_a_frame_is_overwritten_a_quarter_of_a_second_after_its_place_in_the_line_has_passed() -> None:
    clock, gone = FakeClock(), list[RawFrame]()
    frames, it = [raw(number) for number in range(3)], expiry(clock, gone)
    for frame in frames:
        it.delivered(frame)
        clock.advance(0.04)
    clock.advance(0.2)
    it.overwrite_old()
    assert not any(frame.is_overwritten for frame in frames)
    clock.advance(0.02)
    it.overwrite_old()
    assert [frame.is_overwritten for frame in frames] == [True, False, False]
    assert not frames[0].pixels.any()
    assert gone == frames[:1]


def test_where_no_other_frame_comes_those_that_wait_are_overwritten_all_the_same() -> None:
    clock, gone = FakeClock(), list[RawFrame]()
    frame, it = raw(), expiry(clock, gone)
    it.delivered(frame)
    clock.advance(1.24)
    it.overwrite_old()
    assert frame.pixels.any()
    clock.advance(0.02)
    it.overwrite_old()
    assert not frame.pixels.any()


def test_a_rest_on_purpose_lets_what_waits_grow_older_by_as_much() -> None:
    clock, gone = FakeClock(), list[RawFrame]()
    frame, it = raw(), expiry(clock, gone, delay_frames=0)
    it.delivered(frame)
    it.rest(0.4)
    clock.advance(0.64)
    it.overwrite_old()
    assert frame.pixels.any()
    clock.advance(0.02)
    it.overwrite_old()
    assert not frame.pixels.any()


def test_the_thread_overwrites_without_being_asked() -> None:
    clock, gone = FakeClock(), Event()
    it = Expiry(clock, 0.25, 0, 1.0, lambda raw: gone.set())
    it.start()
    frame = raw()
    it.delivered(frame)
    clock.advance(0.3)
    assert gone.wait(20)
    it.stop()
    assert not frame.pixels.any()


def test_an_overwritten_frame_is_none_and_gives_its_memory_back_black() -> None:
    given = []
    frame = RawFrame(picture(), 0, 0.0, given.append)
    frame.overwrite()
    assert not given  # whoever is at it may still be reading
    assert Waiting(frame, [Box(0, 0, 8, 8)], None, 0).frame() is None
    assert len(given) == 1
    assert not given[0].any()


def test_no_motion_is_measured_against_a_frame_that_was_overwritten() -> None:
    redactor, motion = Redactor([FixedFinder()], delay_frames=5), Motion()
    redactor._motion = motion
    frame = raw()
    redactor.take(frame)
    assert motion._now.any()
    redactor.expired(frame)
    assert not motion._now.any()
    assert motion.since_last(picture()) is None


def test_a_frame_that_was_overwritten_before_its_turn_leaves_no_picture_to_measure_motion_by() -> None:
    redactor = Redactor([FixedFinder()], delay_frames=5)
    frame = raw()
    frame.overwrite()
    redactor.take(frame)
    assert redactor._motion.since_last(picture()) is None
