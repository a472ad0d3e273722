"""The measurement of a fleet runs, and counts what arrived."""

import json

import pytest

from lapel_tools.broker.mosquitto import INSTALL, program
from lapel_tools.cli.main import main
from postgres_rig import Cluster


@pytest.mark.long
@pytest.mark.mosquitto
@pytest.mark.postgresql
def test_a_small_fleet_loses_nothing_and_says_its_figures(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    if program() is None:
        pytest.skip(f"mosquitto: {INSTALL}")
    size = ("--devices", "5", "--workers", "2", "--records", "4", "--pace", "20", "--pace-s", "1")
    url = cluster.new_database()
    assert main(["bench", "fleet", "--db", url, *size, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["devices"], found["workers"], found["records"], found["lost"]) == (5, 2, 5 * (2 + 4) + 20, 0)
    assert min(found["records_per_s"], found["paced_p50_ms"], found["workers_mib"][1]) > 0
    assert main(["bench", "fleet", "--db", url, *size]) == 2
    assert "name a database that is empty" in capsys.readouterr().err


@pytest.mark.mosquitto
@pytest.mark.parametrize("options", [("--devices", "0"), ("--workers", "-1"), ("--pace", "0"), ("--pace-s", "0")])
def test_a_number_that_is_none_is_named(options: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    if program() is None:
        pytest.skip(f"mosquitto: {INSTALL}")
    assert main(["bench", "fleet", *options]) == 2
    assert f"{options[0]} {options[1]}: give more than 0" in capsys.readouterr().err
