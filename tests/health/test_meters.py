"""Durations and frames are counted truthfully, in bounded memory."""

import numpy as np
import pytest

from lapel.core.things import Frame
from lapel.health.beat import LOOKS
from lapel.health.meters import KEPT_DURATIONS, Meters, peak_rss_mib, quantile


def frame(number: int, dropped: int = 0) -> Frame:
    return Frame(np.zeros((4, 4, 3), np.uint8), number, number / 25, dropped=dropped)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 10.0), (0.95, 19.0), (1.0, 20.0)])
def test_a_quantile_is_the_nearest_rank(share: float, value: float) -> None:
    assert quantile([float(n) for n in range(1, 21)], share) == value


def test_a_quantile_of_one_value_is_that_value() -> None:
    assert quantile([7.0], 0.95) == 7.0


def test_a_stage_shows_its_quantiles_in_milliseconds() -> None:
    meters = Meters()
    for n in range(1, 101):
        meters.spent("detect", n / 1000)
    detect = meters.reading().stage("detect")
    assert detect is not None
    assert (detect.count, detect.p50_ms, detect.p95_ms) == (100, 50.0, 95.0)


def test_a_stage_that_never_ran_has_no_times() -> None:
    assert Meters().reading().stage("detect") is None


def test_the_quantiles_speak_of_the_latest_durations_and_the_count_of_all() -> None:
    meters = Meters()
    for _ in range(KEPT_DURATIONS):
        meters.spent("detect", 1.0)
    for _ in range(KEPT_DURATIONS):
        meters.spent("detect", 0.001)
    detect = meters.reading().stage("detect")
    assert detect is not None
    assert (detect.count, detect.p95_ms) == (2 * KEPT_DURATIONS, 1.0)


def test_frames_that_were_never_looked_at_are_counted_apart() -> None:
    meters = Meters()
    meters.beat(frame(0))
    meters.beat(frame(4, dropped=3))
    reading = meters.reading()
    assert (reading.frames, reading.dropped) == (2, 3)


def test_each_frame_that_was_looked_at_passes_one_sign_of_life_on() -> None:
    beats: list[str] = []
    meters = Meters(on_beat=beats.append)
    meters.beat(frame(0))
    meters.spent("detect", 0.01)
    assert beats == [LOOKS]


def test_the_peak_of_memory_grows_with_what_is_held() -> None:
    before = peak_rss_mib()
    held = np.ones(int((before + 64) * 2**20), np.uint8)
    assert held[-1] == 1
    assert peak_rss_mib() >= before + 32
