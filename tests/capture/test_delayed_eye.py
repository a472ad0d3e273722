"""The eye with a delay line: nothing is lost in it, nothing stays in it, and what comes too late is dropped."""

import time
from collections.abc import Callable
from threading import Event, Thread

import pytest

from footage import picture
from lapel.capture.eye import Account, CapturedEye
from lapel.capture.raw import RawFrame
from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.errors import MediaError
from lapel.fakes.camera import RecordedCamera
from lapel.fakes.clock import FakeClock
from lapel.fakes.finder import FixedFinder, ScriptedFinder
from lapel.health.beat import SLOW
from lapel.health.meters import Meters


class SlowFinder:
    """Finds nothing, and takes its time for some pictures: ``spend`` is called with each picture's number."""

    def __init__(self, spend: Callable[[int], None]) -> None:
        self._spend = spend
        self._number = 0

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        self._spend(self._number)
        self._number += 1
        return ()


def camera(count: int, raws: list[RawFrame] | None = None, **more: object) -> RecordedCamera[RawFrame]:
    """A camera of ``count`` pictures; ``raws`` receives its raw frames."""

    def wrap(pixels: Pixels, number: int, at_s: float) -> RawFrame:
        raw = RawFrame(pixels, number, at_s)
        if raws is not None:
            raws.append(raw)
        return raw

    made = RecordedCamera(wrap, [picture(20 + n) for n in range(count)], **more)  # type: ignore[arg-type]
    made.open()
    return made


def assert_true(value: bool) -> None:
    assert value


def until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_every_frame_of_a_file_leaves_the_line_in_order() -> None:
    eye = CapturedEye(camera(12, is_live=False), [FixedFinder()], FakeClock(), delay_frames=5)
    assert [frame.number for frame in eye.frames()] == list(range(12))
    assert eye.account == Account(seen=12, passed=12)


def test_a_file_shorter_than_the_line_is_delivered() -> None:
    eye = CapturedEye(camera(2, is_live=False), [FixedFinder()], FakeClock(), delay_frames=5)
    assert [frame.number for frame in eye.frames()] == [0, 1]


def test_frames_before_a_damaged_one_are_delivered_before_it_is_told() -> None:
    def break_at_three(number: int) -> None:
        if number == 3:
            raise MediaError("3.png: damaged; save it again")

    eye = CapturedEye(camera(5, is_live=False, before_read=break_at_three), [FixedFinder()], FakeClock())
    frames = eye.frames()
    assert [next(frames).number for _ in range(3)] == [0, 1, 2]
    with pytest.raises(MediaError, match="damaged"):
        next(frames)


def test_frames_that_wait_when_the_watch_is_stopped_are_overwritten_and_counted() -> None:
    raws: list[RawFrame] = []
    eye = CapturedEye(camera(20, raws, is_live=False), [FixedFinder()], FakeClock(), delay_frames=5)
    next(eye.frames())
    eye.close()
    assert eye.account == Account(seen=6, passed=1, stopped=5)
    assert not any(raw.pixels.any() for raw in raws)


def test_a_live_frame_whose_redaction_took_too_long_is_overwritten_dropped_and_counted() -> None:
    clock, notices, raws = FakeClock(), list[str](), list[RawFrame]()
    looked = Event()
    slow = SlowFinder(lambda number: (clock.advance(0 if looked.is_set() else 3), looked.set()))
    source = camera(6, raws, before_read=lambda number: assert_true(number == 0 or looked.wait(20)))
    eye = CapturedEye(source, [slow], clock, notice=notices.append, delay_frames=0, late_s=2)
    numbers = {frame.number: frame.dropped for frame in eye.frames()}
    account = eye.account
    assert (account.seen, account.late) == (6, 1)
    assert sum(numbers.values()) == account.dropped
    assert not any(raw.pixels.any() for raw in raws)
    assert "frames dropped because they could not be redacted within 2 s beside the delay line: 1; lower" in notices[0]


def test_frames_that_no_finder_can_look_at_once_more_are_overwritten_dropped_and_counted() -> None:
    notices, raws = list[str](), list[RawFrame]()
    finder = ScriptedFinder([(), (), (), RuntimeError("busy")])
    eye = CapturedEye(camera(3, raws, is_live=False), [finder], FakeClock(), notice=notices.append, delay_frames=5)
    assert list(eye.frames()) == []
    assert eye.account == Account(seen=3, unredactable=3)
    assert not any(raw.pixels.any() for raw in raws)
    assert "frames dropped because faces could not be destroyed: 1; ScriptedFinder" in notices[0]


def test_frames_dropped_in_a_pause_are_told_by_the_next_one() -> None:
    paused = Event()
    finder = ScriptedFinder([(), RuntimeError("busy")])
    source = camera(2, before_read=lambda number: assert_true(number == 0 or paused.wait(20)))
    told = lambda text: paused.set() if text.startswith("frames dropped") else None  # noqa: E731
    eye = CapturedEye(source, [finder], FakeClock(), notice=told, delay_frames=5, wake_s=0.05)
    assert [(frame.number, frame.dropped) for frame in eye.frames()] == [(1, 1)]


def test_every_frame_of_a_file_is_delivered_however_long_it_takes() -> None:
    clock = FakeClock()
    slow = SlowFinder(lambda number: clock.advance(60))
    eye = CapturedEye(camera(8, is_live=False), [slow], clock, delay_frames=5, late_s=2)
    assert len(list(eye.frames())) == 8


def test_a_camera_that_falls_silent_does_not_leave_frames_waiting() -> None:
    silent = Event()
    source = camera(4, before_read=lambda number: assert_true(number < 3 or silent.wait(20)))
    eye = CapturedEye(source, [FixedFinder()], FakeClock(), delay_frames=5, wake_s=0.05)
    frames = eye.frames()
    assert next(frames).number <= 2
    silent.set()
    assert [frame.number for frame in frames][-1] == 3


def test_frames_that_were_dropped_are_told_by_the_one_after_them() -> None:
    finder = ScriptedFinder([(), (), RuntimeError("busy"), (), ()])
    eye = CapturedEye(camera(5, is_live=False), [finder], FakeClock(), delay_frames=2)
    assert [(frame.number, frame.dropped) for frame in eye.frames()] == [(0, 0), (1, 0), (3, 1), (4, 0)]


def test_the_age_of_raw_pixels_counts_from_the_camera_to_the_overwriting() -> None:
    clock, meters = FakeClock(), Meters()
    slow = SlowFinder(lambda number: clock.advance(0.04))
    eye = CapturedEye(camera(12, is_live=False), [slow], clock, health=meters, delay_frames=5)
    list(eye.frames())
    ages = meters.reading().raw_ages
    assert (ages.count, ages.p50_ms, ages.max_ms) == (12, 240, 240)


def test_no_raw_frame_waits_until_the_loop_has_looked_at_one() -> None:
    raws, taken = list[RawFrame](), Event()
    source = camera(20, raws, before_read=lambda number: assert_true(number < 8 or taken.wait(20)))
    eye = CapturedEye(source, [FixedFinder()], FakeClock(), delay_frames=5)
    frames = eye.frames()
    first = next(frames)
    taken.set()
    until(lambda: len(raws) == 20 and not any(raw.pixels.any() for raw in raws))
    rest = list(frames)
    assert rest[-1].number == 19
    assert sum(frame.dropped + 1 for frame in (first, *rest)) == eye.account.seen == 20
    assert eye.account.overtaken == 20 - 1 - len(rest)


def test_a_frame_at_which_a_finder_hangs_is_overwritten_and_never_shown() -> None:
    hung, goes_on, clock, raws, seen = Event(), Event(), FakeClock(), list[RawFrame](), list[int]()
    finder = SlowFinder(lambda number: assert_true((hung.set(), goes_on.wait(20))[1]))
    eye = CapturedEye(camera(1, raws), [finder], clock, delay_frames=0)
    looking = Thread(target=lambda: seen.extend(frame.number for frame in eye.frames()))
    looking.start()
    assert hung.wait(20)
    clock.advance(0.3)
    until(lambda: not raws[0].pixels.any())
    goes_on.set()
    looking.join(20)
    assert seen == []
    assert eye.account == Account(seen=1, late=1)


def test_frames_that_all_come_too_late_are_a_sign_of_life_and_frames_that_do_not_come_are_none() -> None:
    clock, told, goes_on = FakeClock(), list[str](), Event()
    source = camera(200, before_read=lambda number: (time.sleep(0.01), assert_true(number != 20 or goes_on.wait(20))))
    slow = SlowFinder(lambda number: (clock.advance(3), time.sleep(0.01)))
    eye = CapturedEye(source, [slow], clock, health=Meters(told.append), delay_frames=0, wake_s=0.02)
    looking = Thread(target=lambda: told.extend(f"looked at {frame.number}" for frame in eye.frames()))
    looking.start()
    until(lambda: eye.account.seen == 20)
    time.sleep(0.2)  # for the sign of the last that came
    signs = len(told)
    time.sleep(0.2)
    assert len(told) == signs
    goes_on.set()
    until(lambda: len(told) > signs)
    eye.close()
    looking.join(20)
    assert set(told) == {SLOW}
