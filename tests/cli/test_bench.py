"""The bench measures the parts of a watch, and says on which machine."""

import json
import os
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import cv2
import numpy as np
import pytest

from footage import write_picture
from lapel.cli.main import main
from lapel.config.profile import Board, load_profile
from lapel.core.geometry import Box
from lapel.core.things import Pixels
from lapel.fakes.clock import FakeClock
from lapel.health.machine import this_machine
from lapel.health.meters import Reading, StageTimes
from lapel.hunt.scene import scenes
from lapel.wiring import bench_profile
from lapel.wiring.bench import LoopFigures
from lapel.wiring.bench_finders import BesideFinders

RUNTIME = os.environ.get("LAPEL_RUNTIME", "ai-edge-litert")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Three pictures in which there is something to look at."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    random = np.random.default_rng(1)
    for number in range(3):
        picture = cv2.resize(random.integers(0, 255, (24, 32, 3), np.uint8), (320, 240))
        assert cv2.imwrite(str(folder / f"{number}.png"), picture)
    return folder


@pytest.mark.models
def test_a_measured_loop_has_quantiles_of_each_stage_memory_and_every_frame(
    pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "loop", "--source", str(pictures), "--runtime", RUNTIME, "--references", "3", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    reading = figures["outcome"]["reading"]
    stages = {each["stage"]: each for each in reading["stages"]}
    assert figures["outcome"]["account"]["passed"] == 3
    assert stages["detect"]["count"] == 3
    assert 1 <= stages["propose"]["count"] <= 3
    assert all(0 <= each["p50_ms"] <= each["p95_ms"] for each in stages.values())
    assert reading["peak_rss_mib"] > 0
    assert figures["machine"]["cores"] >= 1


@pytest.mark.models
def test_a_measured_search_is_one_object_of_exactly_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "search", "--rows", "500", "--dims", "64", "--runtime", RUNTIME, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    named = "rows dims ours_ms read_ms numpy_fp32_ms faiss_flat_ms top1_equal added_rss_mib"
    assert " ".join(figures) == named
    assert (figures["rows"], figures["dims"], figures["top1_equal"]) == (500, 64, 1.0)
    assert min(figures["ours_ms"], figures["read_ms"], figures["numpy_fp32_ms"]) > 0
    assert (figures["faiss_flat_ms"] is None) == (find_spec("faiss") is None)


def test_a_measured_search_tells_people_of_each_way(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "search", "--rows", "40", "--dims", "9", "--runtime", RUNTIME]) == 0
    lines = capsys.readouterr().out
    assert "× the read" in lines
    assert "100.0% of queries" in lines


def test_a_table_for_people_has_a_line_a_stage(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "loop", "--source", str(pictures), "--references", "1"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert {"machine", "frames", "memory", "redact", "detect"} <= set(lines)
    assert "3 looked at, 0 dropped" in lines["frames"]


@pytest.mark.models
def test_the_readers_of_codes_are_measured_side_by_side(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "codes", "--source", str(pictures), "--runtime", RUNTIME, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    stages = {each["stage"]: each for each in figures["stages"]}
    assert set(stages) == {"barcodes", "text find", "text read", "panels", "text look", "signs"}
    assert (figures["frames"], figures["width"]) == (1, 320)
    assert all(0 <= each["p50_ms"] <= each["p95_ms"] for each in stages.values())


@pytest.mark.models
def test_the_finders_are_measured_beside_a_detector_call(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "finders", "--source", str(pictures), "--size", "640x360", "--runtime", RUNTIME, "--json"]
    assert main(arguments) == 0
    figures = json.loads(capsys.readouterr().out)
    stages = {each["finder"]: each for each in figures["stages"]}
    assert stages["one detector call"]["calls"] == 1
    assert {"faces and heads, as watched", "heads", "heads, plate-like", "plates", "memory, delay line"} < set(stages)
    assert (figures["width"], figures["height"]) == (640, 360)
    assert all(0 < each["p50_ms"] <= each["p95_ms"] for each in stages.values())


def test_what_redaction_takes_beside_its_finders_is_all_but_theirs_frame_by_frame() -> None:
    clock = FakeClock()

    class Slow:
        def find(self, pixels: Pixels) -> tuple[Box, ...]:
            clock.advance(0.03)
            return (Box(0, 0, 5, 5),)

    beside = BesideFinders([Slow(), Slow()], clock)
    for seconds in (0.064, 0.0625):
        assert len(beside.find(np.zeros((9, 9, 3), np.uint8))) == 2
        beside.spent("redact", seconds)
    assert beside.times_ms == pytest.approx([4, 2.5])


@pytest.mark.models
def test_how_much_is_destroyed_is_measured_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_picture(tmp_path / "face.png", next(scenes(1)))
    arguments = ["bench", "finders", "--source", str(tmp_path), "--size", "640x360", "--runtime", RUNTIME, "--json"]
    assert main(arguments) == 0
    assert 0 < json.loads(capsys.readouterr().out)["destroyed"] < 0.5


@pytest.mark.parametrize("size", ["720p", "1280x7", "x", "20x1280"])
def test_a_size_that_is_none_is_refused(size: str, pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "finders", "--source", str(pictures), "--size", size]) == 2
    assert f"--size {size}: give it as 1280x720" in capsys.readouterr().err


def test_no_frames_cannot_be_measured(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "codes", "--source", str(pictures), "--frames", "0"]) == 2
    assert "--frames 0: must be 1 or more" in capsys.readouterr().err


def test_a_source_that_is_not_there_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "loop", "--source", str(tmp_path / "absent.mp4")]) == 2
    assert "absent.mp4" in capsys.readouterr().err


@pytest.mark.parametrize("rows", ["0", "-1", "10000001"])
def test_an_absurd_size_is_refused(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "search", "--rows", rows]) == 2
    assert f"--rows {rows}: must be from 1 to 10000000" in capsys.readouterr().err


@pytest.mark.models
def test_a_source_that_ends_before_the_update_is_taken_is_said(
    pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--source", str(pictures), "--rows", "60", "--changed", "3", "--runtime", RUNTIME]
    assert main(["bench", "update", *given]) == 2
    assert "ends before the update is taken; give a longer one" in capsys.readouterr().err


@pytest.mark.parametrize(("rows", "changed"), [("5", "6"), ("5", "0"), ("3000000", "5")])
def test_an_update_of_no_sense_is_refused_before_anything_is_made(
    pictures: Path, capsys: pytest.CaptureFixture[str], rows: str, changed: str
) -> None:
    assert main(["bench", "update", "--source", str(pictures), "--rows", rows, "--changed", changed]) == 2
    assert f"--changed {changed}, --rows {rows}: must be" in capsys.readouterr().err


def test_a_measured_journal_has_times_of_appends_and_of_proofs_that_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "journal", "--records", "300", "--appends", "3", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["records"] == 300
    assert {each["what"] for each in figures["times"]} == {
        *("append", "append, 20 KB picture", "proof of inclusion", "proof of consistency")
    }
    assert all(0 < each["p50_ms"] <= each["p95_ms"] <= each["max_ms"] for each in figures["times"])
    assert main(["bench", "journal", "--records", "2", "--appends", "2"]) == 0
    assert "proof of inclusion" in capsys.readouterr().out
    assert main(["bench", "journal", "--records", "1"]) == 2
    assert main(["bench", "journal", "--folder", "/nowhere"]) == 2


@pytest.mark.models
def test_a_measured_start_is_that_of_a_watch_of_its_own_with_the_list_that_was_asked_for(
    pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--source", str(pictures), "--runtime", RUNTIME, "--references", "40", "--rounds", "1"]
    assert main(["bench", "start", *given, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    (start,) = figures["starts"]
    assert (figures["references"], figures["median_s"], figures["cpu_s"]) == (40, start["wall_s"], start["cpu_s"])
    # It loaded every network: a process that only said hello would have cost far less.
    assert min(start["cpu_s"], start["wall_s"]) > 0.2
    assert figures["machine"]["cores"] >= 1


@pytest.mark.models
def test_a_watch_that_does_not_start_is_no_measurement_and_its_reason_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--source", str(tmp_path / "absent.mp4"), "--runtime", RUNTIME, "--references", "1", "--rounds", "1"]
    assert main(["bench", "start", *given]) == 4
    assert "before it had looked at a frame; it said last: lapel: " in (said := capsys.readouterr().err)
    assert "absent.mp4: no such file" in said


@pytest.mark.parametrize("option", ["references", "rounds"])
def test_a_start_of_no_sense_is_refused(option: str, pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "start", "--source", str(pictures), f"--{option}", "0"]) == 2
    assert f"--{option} 0: must be from 1 to 100" in capsys.readouterr().err


def bench_into(folder: Path, pictures: Path, width: int = 320) -> list[str]:
    profile = folder / "own.toml"
    text = f'[board]\nname = "own"\nmeasured = false\n[camera]\nwidth_px = {width}\nheight_px = 240\nfps = 240.0\n'
    profile.write_text(text, encoding="utf-8")
    options = ["--profile", str(profile), "--write-profile", str(profile), "--runtime", RUNTIME, "--references", "3"]
    return ["bench", "loop", "--source", str(pictures), *options]


@pytest.mark.models
def test_a_measured_profile_says_where_when_and_at_which_rate(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_profile, "LEAST_FRAMES", 3)
    command = bench_into(tmp_path, pictures)
    (tmp_path / "own.toml").chmod(0o640)  # a network camera's password may be in it
    assert main(command) == 0
    written = load_profile(tmp_path / "own.toml")
    assert written.board == Board("own", True, "", this_machine().board, f"{datetime.now(UTC):%Y-%m-%d}")
    assert written.camera.fps < 240
    assert (tmp_path / "own.toml").stat().st_mode & 0o777 == 0o640


def test_whoever_is_not_root_makes_a_profile_of_his_own_of_one_that_is_roots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*of: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("os.chown", forbidden)
    reading = Reading(100, 0, (StageTimes("detect", 100, 40.0, 50.0, 4.0),), 200.0)
    figures = cast(LoopFigures, SimpleNamespace(outcome=SimpleNamespace(reading=reading)))
    profile, target = load_profile("pi-4"), tmp_path / "own.toml"
    written = bench_profile.write_measured("pi-4", target, profile, (1280, 720), figures, this_machine())
    assert written.board.measured
    assert load_profile(target) == written


@pytest.mark.models
def test_a_recording_that_is_too_short_changes_no_profile(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(bench_into(tmp_path, pictures)) == 2
    assert "3 frames were measured; give a recording of 100 or more" in capsys.readouterr().err
    assert not load_profile(tmp_path / "own.toml").board.measured


def test_a_recording_of_another_size_says_nothing_of_a_profile(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(bench_into(tmp_path, pictures, width=640)) == 2
    assert "its pictures are 320×240, the profile asks its camera for 640×240" in capsys.readouterr().err


def test_frames_that_are_left_out_say_nothing_of_a_profile(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*bench_into(tmp_path, pictures), "--live"]) == 2
    assert "give --write-profile without" in capsys.readouterr().err
