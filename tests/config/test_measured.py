"""What was measured is written into a profile, and nothing else of it changes."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lapel.config.measured import Measured, with_measured
from lapel.config.profile import Board, load_profile, profile_file, shipped_profiles
from lapel.errors import ConfigError

MEASURED = Measured('Raspberry Pi 4 "B" Rev 1.5', date(2026, 5, 4), (1280, 720), "tflite-runtime", 250, 151.2, 241.7)


@pytest.mark.parametrize("name", shipped_profiles())
def test_a_shipped_profile_is_as_before_but_for_what_was_measured(name: str, tmp_path: Path) -> None:
    before, path = profile_file(name).read_text(encoding="utf-8"), tmp_path / "pi.toml"
    path.write_text(with_measured(before, MEASURED, load_profile(name).camera.fps), encoding="utf-8")
    measured = load_profile(path)
    assert measured.board.measured
    assert (measured.board.machine, measured.board.measured_on) == (MEASURED.machine, "2026-05-04")
    was, now = tomllib.loads(before), tomllib.loads(path.read_text(encoding="utf-8"))
    assert now["camera"].pop("fps") == min(was["camera"].pop("fps"), 5.2)
    assert now["models"].pop("runtime") == "tflite-runtime"
    del was["models"]["runtime"], was["board"]["measured"]
    for key in ("measured", "machine", "measured_on"):
        del now["board"][key]
    assert now == was
    assert path.read_text(encoding="utf-8").count("  # ") == before.count("  # ")


def test_the_file_says_what_was_measured_once_and_estimates_are_spoken_of_no_more() -> None:
    once = with_measured(profile_file("pi-4").read_text(encoding="utf-8"), MEASURED, 12.0)
    again = with_measured(once, replace(MEASURED, ms_a_frame=140.0), 12.0)
    assert [text.count("# Measured with") for text in (once, again)] == [1, 1]
    assert "250 frames of 1280×720: 140.0 ms a frame, 242 MiB at most" in again
    assert "Figures are planning estimates" not in again


def test_a_profile_of_the_least_is_filled_in() -> None:
    text = with_measured('[board]\nname = "x"\nmeasured = false', MEASURED, 25.0)
    assert tomllib.loads(text) == {
        "board": {"name": "x", "measured": True, "machine": MEASURED.machine, "measured_on": "2026-05-04"},
        "camera": {"fps": 5.2},
        "models": {"runtime": "tflite-runtime"},
    }


@pytest.mark.parametrize(("ms_a_frame", "fps"), [(20.0, 25.0), (32.0, 25.0), (100.0, 8.0), (1e6, 0.1)])
def test_a_fifth_of_the_time_is_left_and_no_more_asked_than_was_wanted(ms_a_frame: float, fps: float) -> None:
    assert replace(MEASURED, ms_a_frame=ms_a_frame).fps(25.0) == fps


def test_a_profile_that_claims_to_be_measured_says_where_and_when(tmp_path: Path) -> None:
    path = tmp_path / "pi.toml"
    path.write_text('[board]\nname = "x"\nmeasured = true\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"board\.measured: true: without machine and measured_on; lapel bench loop"):
        load_profile(path)


PI_5 = "Raspberry Pi 5 Model B Rev 1.0"


@pytest.mark.parametrize(
    ("board", "said"),
    [
        (Board("any", False), ""),
        (Board("pi-5", False, "Raspberry Pi 5"), ""),
        (Board("pi-5", True, "Raspberry Pi 5", PI_5, "2026-05-04"), ""),
        (
            Board("pi-4", False, "Raspberry Pi 4"),
            "profile pi-4: is for Raspberry Pi 4, and this is Raspberry Pi 5 Model",
        ),
        (Board("any", True, "", "a laptop", "2026-05-04"), "profile any: was measured on a laptop, and this is Rasp"),
    ],
)
def test_a_profile_of_another_board_is_told_from_this_ones(board: Board, said: str) -> None:
    foreign = board.foreign_to(PI_5)
    assert foreign.startswith(said)
    assert bool(foreign) == bool(said)
