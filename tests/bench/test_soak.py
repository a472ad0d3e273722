"""A long watch is judged by what the kernel and its own records say of it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from footage import FPS, write_video
from lapel.errors import MediaError
from lapel_tools.bench.soak import Line, Sample, Soaked, fitted, judged, looped, measure_soak
from lapel_tools.cli.main import main
from lapel_tools.demo.fetch import clip_path

FRAMES = 25_000
OUTCOME = {"alerts": 3, "account": {"seen": FRAMES, "passed": FRAMES - 40}}
STEADY = [Sample(float(second), 300.0 + second % 2, 20, 9) for second in range(1000)]
BEATS = [10.0 + second / 2 for second in range(2000)]


def judge(
    samples: list[Sample] = STEADY,
    beats: list[float] = BEATS,
    outcome: dict[str, object] = OUTCOME,
    kept: int = FRAMES,
) -> Soaked:
    return judged(FRAMES, 8.5, beats, samples, outcome, kept)


@pytest.mark.parametrize(("name", "value"), [("--frames", "0"), ("--dir", "/nowhere")])
def test_a_number_or_folder_that_is_none_is_named(name: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "soak", name, value]) == 2
    assert f"{name} {value}: " in capsys.readouterr().err


def test_a_steady_watch_has_no_findings_and_says_what_was_seen() -> None:
    soaked = judge()
    assert soaked.findings == ()
    assert (soaked.looked_at, soaked.dropped, soaked.unaccounted) == (FRAMES - 40, 40, 0)
    assert abs(soaked.rss_line.a_10000) < 0.1
    assert (soaked.start_s, soaked.longest_gap_s, soaked.beats) == (1.5, 0.5, 2000)


def test_memory_that_grows_steadily_is_found() -> None:
    soaked = judge([Sample(each.at_s, 300 + each.at_s / 999 * FRAMES * 1.2 / 10_000, 20, 9) for each in STEADY])
    assert soaked.rss_line == Line(1.2, 0.0)
    assert soaked.findings == ("memory grows by 1.20 MiB in 10,000 frames",)


def test_memory_that_grows_only_at_the_start_is_none_that_grows() -> None:
    assert judge([Sample(each.at_s, 300 + min(each.at_s, 200.0), 20, 9) for each in STEADY]).findings == ()


def test_handles_and_threads_that_grow_are_found() -> None:
    soaked = judge([Sample(each.at_s, 300.0, 20 + int(each.at_s) // 400, 9 + int(each.at_s) // 500) for each in STEADY])
    assert soaked.findings == ("handles grow from 20 to 22", "threads grow from 9 to 10")


@pytest.mark.parametrize(("seen", "kept"), [(FRAMES - 2, FRAMES), (FRAMES, FRAMES - 2), (FRAMES + 2, FRAMES + 2)])
def test_a_frame_in_no_count_is_found_in_the_watchs_and_in_its_records(seen: int, kept: int) -> None:
    outcome = {"alerts": 0, "account": {"seen": seen, "passed": 10}}
    assert judge(outcome=outcome, kept=kept).findings == ("2 frames are in no count",)


@pytest.mark.parametrize("beats", [[*BEATS[:100], *BEATS[120:]], BEATS[:-22]], ids=["in the middle", "at the end"])
def test_a_sign_of_life_that_came_too_late_is_found(beats: list[float]) -> None:
    (finding,) = judge(beats=beats).findings
    assert finding.startswith("no sign of life for 10.5 s, which systemd bears for 10")


def test_a_line_through_noise_says_how_little_it_knows() -> None:
    noise = np.random.default_rng(1).normal(0, 5, 200)
    line = fitted([float(number) for number in range(200)], list(300 + noise))
    assert abs(line.a_10000) < 3 * line.error
    assert line.error > 10


def test_clips_are_looped_at_the_size_and_rate_of_the_first(tmp_path: Path) -> None:
    clips = [write_video(tmp_path / "a.mp4", 3), write_video(tmp_path / "b.avi", 2, 32, 24)]
    film, fps = looped(clips, 12, tmp_path / "film.mp4")
    capture, greys = cv2.VideoCapture(str(film)), []
    while (read := capture.read())[0]:
        assert read[1].shape == (48, 64, 3)
        greys.append(round(float(read[1].mean())))
    assert fps == FPS
    assert greys == pytest.approx([15, 23, 30, 17, 25] * 2 + [15, 23], abs=3)  # a codec's


def test_what_is_no_clip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no clip")
    with pytest.raises(MediaError, match=r"a\.mp4: not a video"):
        looped([tmp_path / "a.mp4"], 12, tmp_path / "film.mp4")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_watch_of_some_thousand_frames_neither_grows_nor_loses_one(tmp_path: Path) -> None:
    if not clip_path().is_file():
        pytest.skip(f"{clip_path()}: the demo's clip; tools/demo downloads it")
    told: list[int] = []
    soaked = measure_soak(tmp_path, clip_path(), [clip_path()], 3000, True, told.append)
    assert soaked.unaccounted == 0
    assert soaked.alerts > 0
    assert soaked.handles[1] <= soaked.handles[0]
    assert soaked.longest_gap_s < 10
    assert told == sorted(told)
