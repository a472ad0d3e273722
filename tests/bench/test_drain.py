"""The measurement of how records reach a station runs, and counts what arrived."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from lapel_tools.broker.mosquitto import INSTALL, program
from lapel_tools.cli.main import main


def bench(*options: str) -> int:
    return main(["bench", "drain", *options])


@pytest.mark.mosquitto
def test_a_small_drain_loses_and_doubles_nothing_and_says_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if program() is None:
        pytest.skip(f"mosquitto: {INSTALL}")
    assert bench("--records", "40", "--rounds", "1", "--dir", str(tmp_path), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["records", "ours_per_s", "naive_per_s", "lost", "duplicated", "broker_only_per_s"]
    assert (found["records"], found["lost"], found["duplicated"]) == (40, 0, 0)
    assert min(found["ours_per_s"], found["naive_per_s"], found["broker_only_per_s"]) > 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("options", [("--records", "0"), ("--rounds", "0"), ("--dir", "/nowhere")])
def test_a_number_or_folder_that_is_none_is_named(options: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert bench(*options) == 2
    assert f"{options[0]} {options[1]}: " in capsys.readouterr().err
