"""What a look costs is measured by stage, on looks of a recording and with a list that some of them are on."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapel.cli.main import main

RUNTIME = os.environ.get("LAPEL_RUNTIME", "ai-edge-litert")
STAGES = [
    *("descriptor", "details", "corners", "describe", "shortlists", "geometry", "prints", "laying", "closer looks"),
    *("rest", "all but describe", "all"),
]


def pictures_of_one_thing(folder: Path, seed: int) -> Path:
    """Four pictures of the same print, each a little further on."""
    folder.mkdir()
    print_ = cv2.resize(np.random.default_rng(seed).integers(0, 255, (24, 32, 3), np.uint8), (320, 240))
    for number in range(4):
        assert cv2.imwrite(str(folder / f"{number}.png"), np.roll(print_, 4 * number, axis=1))
    return folder


def measured(capsys: pytest.CaptureFixture[str], *given: str) -> dict[str, dict[str, float]]:
    """The figures, and that they are all there."""
    options = ["--references", "80", "--runtime", RUNTIME, "--json"]
    assert main(["bench", "looks", *given, *options]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert [each["stage"] for each in figures["stages"]] == STAGES
    assert all(each["p50_ms"] <= each["p95_ms"] for each in figures["stages"])
    assert [each["board"] for each in figures["arithmetic"]] == ["Pi 5", "Pi 4"]
    assert (figures["made_up"], figures["goal_ms"], figures["machine"]["cores"] >= 1) == (80, 60, True)
    assert min(figures["bytes_an_entry"], figures["peak_rss_mib"], figures["frame_ms"]) > 0
    assert figures["total_ms"] > figures["frame_ms"]
    return {"figures": figures, **{each["stage"]: each for each in figures["stages"]}}


@pytest.mark.models
def test_of_a_recording_half_of_the_looks_are_listed_and_the_others_come_to_every_stage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = measured(capsys, "--source", str(pictures_of_one_thing(tmp_path / "one", 1)), "--looks", "4")
    assert (found["figures"]["seen"], found["figures"]["looks"]) == (2, 2)
    assert {stage: found[stage]["share"] for stage in STAGES} == dict.fromkeys(STAGES, 1)
    assert all(found[stage]["p50_ms"] > 0 for stage in STAGES)
    assert found["all"]["p50_ms"] > max(found["describe"]["p50_ms"], found["all but describe"]["p50_ms"])


@pytest.mark.models
def test_looks_that_resemble_nothing_on_the_list_are_all_measured_and_lay_nothing_on_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = (str(pictures_of_one_thing(tmp_path / str(seed), seed)) for seed in (1, 2))
    found = measured(capsys, "--source", one, "--listed-in", other, "--looks", "4")
    assert (found["figures"]["seen"], found["figures"]["looks"]) == (2, 4)
    assert (found["prints"]["share"], found["laying"]["share"]) == (1, 0)


def test_people_read_a_line_a_stage_with_the_goal_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = str(pictures_of_one_thing(tmp_path / "one", 1))
    assert main(["bench", "looks", "--source", source, "--references", "70", "--looks", "2"]) == 0
    said = capsys.readouterr().out
    lines = [line for line in said.splitlines() if line.startswith(tuple(STAGES))]
    assert [next(stage for stage in sorted(STAGES, key=len, reverse=True) if line.startswith(stage)) for line in lines]
    assert len(lines) == len(STAGES)
    assert "70 entries of noise, 1 of the recording itself" in said
    assert "goal 60 with 10,000 entries" in said
    assert "arithmetic, not measured: Pi 5" in said


def test_a_recording_that_shows_nothing_cannot_be_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cv2.imwrite(str(tmp_path / "black.png"), np.zeros((240, 320, 3), np.uint8))
    assert main(["bench", "looks", "--source", str(tmp_path), "--references", "1"]) == 2
    assert f"{tmp_path}: 0 looks in it, two are needed" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "value"), [("references", "0"), ("references", "300001"), ("looks", "1")])
def test_numbers_of_no_sense_are_refused(
    option: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "looks", "--source", str(tmp_path), f"--{option}", value]) == 2
    assert f"--{option} {value}: must be from" in capsys.readouterr().err
