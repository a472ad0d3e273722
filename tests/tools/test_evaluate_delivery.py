"""The measurement of how lists travel runs, and finds that nothing travels twice."""

import json
from pathlib import Path

import pytest

from lapel_tools.broker.mosquitto import INSTALL, program
from lapel_tools.evaluate.delivery import main

pytestmark = [pytest.mark.mosquitto, pytest.mark.long]


def test_a_list_that_is_cut_off_and_killed_on_its_way_travels_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if program() is None:
        pytest.skip(f"mosquitto: {INSTALL}")
    monkeypatch.setattr("sys.argv", ["delivery", "--rows", "1000", "--changed", "10", "--dir", str(tmp_path)])
    assert main() == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["twice"], found["first_pieces"]) == (0, found["pieces"])
    assert found["delta_bytes"] < found["bytes"] / 10
    assert not list(tmp_path.iterdir())
