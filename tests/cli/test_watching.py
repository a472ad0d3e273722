"""What lapel run and replay are told is checked before anything is made or opened."""

import argparse
from pathlib import Path

import pytest

from lapel.cli.main import main
from lapel.cli.watching import configure, orders_from
from lapel.errors import UsageError


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    """Arguments that name a source and a watchlist; neither is read."""
    (tmp_path / "list.lapel").write_bytes(b"no list")
    return ("replay", "clip.mp4", "--watchlist", str(tmp_path / "list.lapel"))


@pytest.fixture(autouse=True)
def no_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """The walls stand until a process ends, and this one has other tests to run."""
    for wall in ("forbid_network", "forbid_dumps", "keep_out_of_swap"):
        monkeypatch.setattr(f"lapel.cli.replay.{wall}", lambda: None)


@pytest.mark.parametrize("quiet", ["-1", "nan", "inf", "86401"])
def test_a_quiet_time_that_is_none_is_a_usage_error(
    tmp_path: Path, files: tuple[str, ...], capsys: pytest.CaptureFixture[str], quiet: str
) -> None:
    assert main([*files, "--state", str(tmp_path), f"--quiet-s={quiet}"]) == 2
    said = capsys.readouterr().err
    assert said == f"lapel: --quiet-s {float(quiet):g}: not from 0 to 86400 seconds; 30 is the usual\n"


def test_a_file_in_the_place_of_the_state_folder_is_a_usage_error(
    tmp_path: Path, files: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "list.lapel"
    assert main([*files, "--state", str(place)]) == 2
    assert capsys.readouterr().err == f"lapel: {place}: is a file; name the folder of the state files by --state\n"


def test_a_state_folder_that_cannot_be_made_is_said_with_a_remedy(
    files: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*files, "--state", "/proc/lapel"]) == 4
    said = capsys.readouterr().err
    assert said.startswith("lapel: /proc/lapel: cannot be written: ")
    assert said.endswith("; check that /proc is this user's to write\n")


@pytest.mark.parametrize(
    ("name", "trusts", "is_live"),
    [("watchlist.lapel", False, True), ("other.lapel", True, True), ("watchlist.lapel", True, False)],
    ids=["no authority could send one", "none comes to that place", "a replay"],
)
def test_a_list_that_is_not_there_and_cannot_come_is_a_usage_error(
    tmp_path: Path, name: str, trusts: bool, is_live: bool
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(
        f'[device]\nsite = "harbour"\nname = "cam-7"\n[state]\nfolder = "{tmp_path}"\n'
        f'[watchlist]\nfile = "{tmp_path / name}"\n'
    )
    if trusts:
        (tmp_path / "trust.sealed").write_bytes(b"an authority")
    configure(parser := argparse.ArgumentParser())
    with pytest.raises(UsageError, match=f"{name}: there is no such watchlist"):
        orders_from(parser.parse_args(["clip.mp4", "--site", str(site)]), is_live)


def test_a_replay_beside_the_lookout_leaves_it_the_officer_s_socket(tmp_path: Path) -> None:
    (tmp_path / "list.lapel").write_bytes(b"no list")
    site, socket = tmp_path / "site.toml", tmp_path / "officer.sock"
    site.write_text(
        f'[device]\nsite = "harbour"\nname = "cam-7"\n[state]\nfolder = "{tmp_path}"\n'
        f'[watchlist]\nfile = "{tmp_path / "list.lapel"}"\n'
        f'[companion]\naddress = "127.0.0.1"\nsocket = "{socket}"\n'
    )
    configure(parser := argparse.ArgumentParser())
    sockets = [
        orders_from(parser.parse_args(["clip.mp4", "--site", str(site)]), is_live)[1].officer_socket
        for is_live in (True, False)
    ]
    assert sockets == [socket, None]
