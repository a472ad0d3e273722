"""Software from a stick by real dpkg, in a system of its own: installed, put back, gone back from, and on record."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from authority_desk import Desk
from lapel.cli.main import main
from lapel.core.record_body import parse_body
from lapel.core.records import RecordKind
from lapel.core.software import Happened, Outcome
from lapel.errors import UpdateRefused
from lapel.health.clock import SystemClock
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.store.published import PublishedFolder
from lapel.store.shelf import Shelf
from lapel.wiring.dpkg import Dpkg
from lapel.wiring.software import SoftwareUpdates
from lapel_tools.cli.main import main as admin
from software_rig import ANSWERS, a_package

SCRIPT = Path(__file__).parents[2] / "tools" / "packaging" / "debian" / "put-back"
FAILS = "#!/bin/sh\necho no camera >&2; exit 3\n"

pytestmark = [
    pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg: software is updated on Debian"),
    pytest.mark.skipif(os.geteuid() != 0, reason="root: dpkg installs as root alone"),
]


class Board:
    """A system with version 0.1.0 of a made-up Lapel, and the authority that it trusts."""

    def __init__(self, folder: Path, desk: Desk) -> None:
        self.folder, self.desk = folder, desk
        self.root, self.shelf, self.state = (folder / name for name in ("system", "shelf", "state"))
        self.architecture = Dpkg(self.shelf).architecture()
        for made in ("var/lib/dpkg/updates", "var/lib/dpkg/info", "opt"):
            (self.root / made).mkdir(parents=True)
        (self.root / "var/lib/dpkg/status").touch()

    def package(self, version: str, program: str = ANSWERS) -> Path:
        return a_package(self.folder / f"{version}.deb", version, self.architecture, program=program)

    def update(self, *arguments: str | Path) -> int:
        action, *rest = map(str, arguments)
        own = [] if action in ("trust", "keep", "status") else ["--state", str(self.state)]
        return main(["update", action, *rest, "--shelf", str(self.shelf), "--root", str(self.root), *own])

    def publish(self, version: str, program: str = ANSWERS) -> None:
        """Two administrators sign a package."""
        package = self.package(version, program)
        assert self.desk.propose_software("alice", package) == 0
        assert [self.desk.sign("bob"), self.desk.publish()] == [0, 0]

    def installed(self) -> str:
        """What the program that is installed says of itself."""
        program = self.root / "opt/lapel/bin/lapel"
        return subprocess.run([program], capture_output=True, text=True, timeout=60, check=False).stdout.strip()

    def records(self) -> list[tuple[RecordKind, dict[str, object]]]:
        keys = FileKey(self.state / "device.key")
        with SealedJournal(self.state / "journal.db", keys, SystemClock(), read_only=True) as journal:
            bodies = [parse_body(record.body) for record in journal.after(-1, 100)]
        return [(body.kind, dict(body.facts)) for body in bodies]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An authority. Not to be changed: copy it."""
    return Desk(tmp_path_factory.mktemp("authority")).founded()


@pytest.fixture
def board(founded: Desk, tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    """A device that was set up by hand."""
    monkeypatch.setattr("lapel.wiring.dpkg.SCRIPT", SCRIPT)
    shutil.copytree(founded.folder, tmp_path / "desk")
    board = Board(tmp_path, Desk(tmp_path / "desk"))
    root = board.desk.dir / "public" / "metadata" / "1.root.json"
    trusted = ["--device", "cam-7", "--group", "patrol", "--state", str(state), "--out", str(tmp_path / "cam-7.json")]
    assert main(["watchlist", "trust", str(root), *trusted]) == 0
    first = board.package("0.1.0")
    Dpkg(board.shelf, board.root).install(first)
    assert [board.update("trust", root), board.update("keep", first)] == [0, 0]
    return board


def test_software_that_two_signed_is_installed_from_a_stick_and_gone_back_from(
    board: Board, capsys: pytest.CaptureFixture[str]
) -> None:
    board.publish("0.2.0")
    assert board.update("apply", board.desk.dir / "public") == 0
    assert board.installed() == "lapel 0.2.0"
    assert board.update("rollback", "--why", "no alerts since") == 0
    assert board.installed() == "lapel 0.1.0"
    assert [(kind, facts["outcome"], facts["version"], facts["why"]) for kind, facts in board.records()] == [
        (RecordKind.SOFTWARE, "applied", "0.2.0", ""),
        (RecordKind.SOFTWARE, "rolled back", "0.1.0", "no alerts since"),
    ]
    capsys.readouterr()
    assert board.update("status", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["installed"], shown["put_back"], shown["cut_off"]) == ("0.1.0", ["0.2.0"], "")


def test_trusting_and_keeping_speak_json(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    (board.shelf / "software.json").unlink()
    root = board.desk.dir / "public" / "metadata" / "1.root.json"
    capsys.readouterr()
    assert [board.update("trust", root, "--json"), board.update("keep", board.package("0.1.0"), "--json")] == [0, 0]
    trusted, kept = map(json.loads, capsys.readouterr().out.splitlines())
    assert Path(trusted["trusted"]).is_file()
    assert (kept["version"], Path(kept["kept"]).is_file()) == ("0.1.0", True)


def test_software_that_does_not_answer_is_put_back_and_both_are_on_record(
    board: Board, capsys: pytest.CaptureFixture[str]
) -> None:
    board.publish("0.2.0", FAILS)
    assert board.update("apply", board.desk.dir) == 5
    assert "lapel --version ends with 3: no camera; 0.1.0 was put back" in capsys.readouterr().err
    assert board.installed() == "lapel 0.1.0"
    ((kind, facts),) = board.records()
    assert (kind, facts["outcome"], facts["version"]) == (RecordKind.SOFTWARE, "put back", "0.2.0")


SYSTEMCTL = """#!/bin/sh
echo "$@" >>{root}/asked
# As systemctl lists what runs: by patterns.
for unit in lapel-lookout.service lapel-station.service; do for asked; do
    case $unit in $asked) [ "$1" = restart ] || [ -e {root}/failed ] || echo $unit loaded active running Lapel ;; esac
done; done
[ "$1" = restart ] || exit 0
{root}/opt/lapel/bin/lapel | grep -q 0.2.0 || exit 0
touch {root}/failed; echo Job for $2 failed >&2; exit 1
"""


def test_software_with_which_a_unit_does_not_become_ready_is_put_back_and_that_unit_alone_started_again(
    board: Board,
) -> None:
    systemctl = board.folder / "systemctl"
    systemctl.write_text(SYSTEMCTL.format(root=board.root), encoding="utf-8")
    systemctl.chmod(0o755)
    board.publish("0.2.0")
    updates = SoftwareUpdates(Shelf(board.shelf), Dpkg(board.shelf, board.root, str(systemctl)), SystemClock())
    updates.fetch(PublishedFolder(board.desk.dir / "public"))
    with pytest.raises(
        UpdateRefused, match=r"lapel-lookout.service did not become ready: Job for .* 0.1.0 was put back"
    ):
        updates.apply()
    assert board.installed() == "lapel 0.1.0"
    restarts = [line for line in (board.root / "asked").read_text().splitlines() if line.startswith("restart")]
    assert restarts == ["restart lapel-lookout.service"] * 2


def test_an_older_version_is_refused_and_on_record(board: Board) -> None:
    board.publish("0.0.9")
    assert board.update("fetch", board.desk.dir) == 5
    assert [facts["what"] for _, facts in board.records()] == ["software refused: rollback"]


@pytest.mark.parametrize(
    ("version", "is_older"), [("0.0.9", True), ("0.1.0~1", True), ("0.1.0", False), ("0.10.0", False), ("0.2.0-", True)]
)
def test_what_dpkg_takes_for_no_version_counts_as_older(board: Board, version: str, is_older: bool) -> None:
    assert Dpkg(board.shelf, board.root).is_older(version, "0.1.0") == is_older


def test_an_update_that_was_cut_off_is_put_back_at_the_next_start(board: Board) -> None:
    board.publish("0.2.0")
    assert board.update("fetch", board.desk.dir) == 0
    installer = Dpkg(board.shelf, board.root)
    shelf = Shelf(board.shelf)
    first, second = shelf.read().packages
    shelf.begin(Happened(Outcome.APPLIED, second.version, first.version, "", ""), first)
    installer.install(shelf.package(second))
    assert board.update("status") == 1
    done = subprocess.run(
        [SCRIPT, board.shelf, "dpkg", f"--root={board.root}"], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, board.installed()) == (0, "lapel 0.1.0")
    assert board.update("fetch", board.desk.dir) == 0
    assert [facts["outcome"] for _, facts in board.records()] == ["put back"]


def test_a_version_that_is_there_in_part_counts_for_none(board: Board) -> None:
    status = board.root / "var/lib/dpkg/status"
    status.write_text(status.read_text().replace("install ok installed", "install ok half-configured"))
    assert Dpkg(board.shelf, board.root).installed() == ""


def test_where_there_is_no_room_nothing_is_begun(
    board: Board, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    board.publish("0.2.0")
    monkeypatch.setattr("lapel.wiring.dpkg._SPARE", 1e9)
    assert board.update("apply", board.desk.dir) == 4
    assert "needed; make room" in capsys.readouterr().err
    assert board.installed() == "lapel 0.1.0"
    monkeypatch.undo()
    monkeypatch.setattr("lapel.wiring.dpkg.SCRIPT", SCRIPT)
    assert board.update("apply") == 0


def test_what_cannot_be_recorded_yet_is_recorded_by_the_next_command(
    board: Board, capsys: pytest.CaptureFixture[str]
) -> None:
    board.publish("0.2.0")
    key = board.state / "device.key"
    away = key.rename(board.folder / "away.key")
    assert board.update("apply", board.desk.dir) == 0
    assert "NOT RECORDED YET" in capsys.readouterr().err
    away.rename(key)
    assert board.update("fetch", board.desk.dir) == 0
    assert [facts["outcome"] for _, facts in board.records()] == ["applied"]


def test_whoever_signs_sees_what_software_changes(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    board.publish("0.2.0")
    package = board.package("0.3.0")
    assert board.desk.propose_software("alice", package) == 0
    capsys.readouterr()
    assert board.desk.sign("bob", "--dry-run") == 0
    assert f"software 0.3.0 for {board.architecture}, so far 0.2.0" in capsys.readouterr().out


def test_a_package_that_was_exchanged_in_the_proposal_is_not_signed(
    board: Board, capsys: pytest.CaptureFixture[str]
) -> None:
    assert board.desk.propose_software("alice", board.package("0.2.0")) == 0
    (package,) = (board.desk.dir / "proposal" / "software").iterdir()
    package.write_bytes(board.package("0.3.0").read_bytes())
    assert board.desk.sign("bob") == 5
    assert "is not the package" in capsys.readouterr().err


def test_what_is_no_package_is_not_proposed(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    (board.folder / "x.deb").write_bytes(b"!<arch>\nno")
    assert board.desk.propose_software("alice", board.folder / "x.deb") == 2
    assert "give what tools/build-deb made" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", [("--group", "patrol"), ("--lease-hours", "24"), ("--list-id", "lost"), ("--lift",)]
)
def test_software_is_proposed_to_no_group_and_on_no_terms_of_a_list(
    board: Board, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    assert board.desk.propose_software("alice", board.package("0.2.0"), options=options) == 2
    assert f"{options[0]}: is of lists; software goes to every device" in capsys.readouterr().err
    assert not (board.desk.dir / "proposal").exists()


def test_software_stays_published_beside_what_comes_and_counts_for_no_list(
    board: Board, capsys: pytest.CaptureFixture[str]
) -> None:
    board.publish("0.2.0")
    assert board.desk.rotate() == 0
    assert [board.desk.sign("alice"), board.desk.sign("bob")] == [0, 0]
    capsys.readouterr()
    assert board.desk.publish("--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["lists"], said["software"]) == ([], [f"0.2.0 for {board.architecture}"])
    assert board.update("apply", board.desk.dir) == 0
    assert admin(["authority", "status", "--dir", str(board.desk.dir)]) == 0
