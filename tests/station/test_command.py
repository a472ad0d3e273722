"""The commands of link, station and broker, as processes of their own."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lapel_tools.broker.mosquitto import INSTALL, program
from sync_rig import DEVICE, Rig, finish, wait_until

pytestmark = pytest.mark.mosquitto


def test_a_journal_is_drained_to_a_station_that_stops_cleanly_and_shows_it(rig: Rig) -> None:
    rig.write(25)
    station = rig.station_command()
    try:
        wait_until(lambda: finish(rig.link_command("--once"))[0] == 0)
    finally:
        station.send_signal(signal.SIGTERM)
    code, out, _ = finish(station)
    assert (code, out) == (0, "25 records kept, 0 came again, 0 messages refused\n")
    code, out, _ = finish(rig.command("lapel_tools.cli.main", "station", "--db", rig.db, "--list", 2, "--json"))
    shown = json.loads(out)
    assert (code, shown["devices"][0]["count"]) == (0, 25)
    assert [record["facts"]["entry"] for record in shown["records"]] == ["thing-24", "thing-23"]


def test_draining_once_says_how_many_records_were_sent(rig: Rig) -> None:
    rig.write(4)
    with rig.station():
        code, out, _ = finish(rig.link_command("--once", "--json"))
    assert (code, json.loads(out)["sent"], json.loads(out)["waiting"]) == (0, 4, 0)


def test_an_absent_broker_is_exit_code_4_and_one_line(quiet_rig: Rig) -> None:
    quiet_rig.write(1)
    code, _, err = finish(quiet_rig.link_command("--once"))
    assert code == 4
    assert err.splitlines()[-1].startswith(f"lapel: 127.0.0.1:{quiet_rig.broker.port}: no broker answers")


def test_a_broker_that_another_authority_vouches_for_is_exit_code_5(rig: Rig, tmp_path: Path) -> None:
    rig.write(1)
    finish(rig.command("lapel_tools.cli.main", "broker", "--dir", tmp_path / "else", "--prepare-only"))
    code, _, err = finish(rig.link_command("--once", "--ca", tmp_path / "else" / "certificates" / "ca.pem"))
    assert code == 5
    assert "not the broker that" in err


def test_no_journal_is_exit_code_2_when_draining_once(rig: Rig) -> None:
    code, _, err = finish(rig.link_command("--once"))
    assert code == 2
    assert "journal.db: no such file" in err


def test_a_site_file_says_all_that_the_link_must_know(rig: Rig, tmp_path: Path) -> None:
    rig.write(2)
    end = rig.broker.endpoint(DEVICE)
    site = tmp_path / "site.toml"
    site.write_text(
        f'[device]\nsite = "depot"\nname = "{DEVICE}"\n[state]\nfolder = "{rig.state}"\n[broker]\nhost = "{end.host}"\n'
        f'port = {end.port}\nca_file = "{end.ca_file}"\ncertificate_file = "{end.certificate_file}"\n'
        f'key_file = "{end.key_file}"\n'
    )
    with rig.station():
        code, out, err = finish(rig.command("lapel.cli.main", "link", "--site", site, "--once"))
    assert (code, err) == (0, "")
    assert out.startswith("2 records sent")


def test_a_link_that_stays_ends_cleanly_on_sigterm(rig: Rig) -> None:
    rig.write(3)
    with rig.station():
        link = rig.link_command()
        wait_until(lambda: (rig.state / "link.db").exists() and rig.acked() == rig.journal_head())
        link.send_signal(signal.SIGTERM)
        code, out, _ = finish(link)
    assert (code, out) == (0, "3 records sent and acknowledged by the station, 0 waiting\n")


def test_the_broker_command_runs_a_broker_that_says_how_to_use_it_and_stops_on_sigterm(tmp_path: Path) -> None:
    if program() is None:
        pytest.skip(f"mosquitto: {INSTALL}")
    command = [sys.executable, "-m", "lapel_tools.cli.main", "broker", "--dir", str(tmp_path), "--port", "0"]
    broker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert broker.stdout is not None
    with broker.stdout as lines:
        said = [next(lines) for _ in range(6)]
    broker.send_signal(signal.SIGTERM)
    assert broker.wait(60) == 0
    assert "TEST certificates" in said[0]
    assert "mosquitto listens on 127.0.0.1:" in said[5]


def test_a_file_that_is_no_station_s_is_exit_code_2_and_stays_as_it_was(tmp_path: Path) -> None:
    picture = tmp_path / "crate.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0 a picture of a crate" * 200)
    command = [sys.executable, "-m", "lapel_tools.cli.main", "station", "--db", str(picture), "--list"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == f"lapel-admin: {picture}: is not a station's file; name the station's --db\n"
    assert picture.read_bytes() == b"\xff\xd8\xff\xe0 a picture of a crate" * 200
