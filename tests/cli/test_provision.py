"""A device sets itself up from what a person brought: once, also after a cut, and never over what is there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from pwd import getpwuid

import pytest

from authority_desk import Desk
from bad_disk import BadDisk, PowerCut, let_go
from footage import write_video
from lapel.cli.main import LAPEL, main, parser_of
from lapel.config.profile import load_profile
from lapel.store.gallery import write_gallery
from lapel.store.keys import FileKey
from lapel.store.shelf import Shelf
from lapel.store.trust import WATCHLIST, read_trust
from lapel.wiring.bench import made_up
from lapel.wiring.companion import Lookout as Phone
from lapel_tools.cli.main import main as admin
from officer_rig import companion, free_port, site_file
from shift_rig import LONGEST_S, Device, started

SITE = '[device]\nsite = "harbour"\nname = "cam-7"\n[state]\nfolder = "{state}"\n'
SEED = '[device]\ngroup = "patrol"\nprofile = "pi-4"\n'


class Board:
    """A board that was never started, and the folder that a person filled for it."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.seed, self.settings, self.shelf, self.state = (
            folder / name for name in ("seed", "etc", "shelf", "lib/lapel")
        )
        self.seed.mkdir()
        shutil.copy(root, self.seed / "1.root.json")
        self.write(SEED, SITE)

    def write(self, seed: str, site: str) -> None:
        (self.seed / "provision.toml").write_text(seed, encoding="utf-8")
        (self.seed / "site.toml").write_text(site.format(state=self.state), encoding="utf-8")

    def provision(self, user: str = getpwuid(os.geteuid()).pw_name) -> int:
        places = ["--settings", str(self.settings), "--shelf", str(self.shelf), "--user", user]
        return main(["provision", str(self.seed), *places])

    def files(self) -> dict[Path, bytes]:
        """All that it wrote, but locks."""
        found = (path for at in (self.settings, self.shelf, self.state) for path in at.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in found if path.suffix != ".lock"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An authority with certificates. Devices are listed with it."""
    return Desk(tmp_path_factory.mktemp("authority")).founded()


@pytest.fixture
def board(desk: Desk, tmp_path: Path) -> Board:
    return Board(tmp_path, desk.dir / "public" / "metadata" / "1.root.json")


def test_a_first_boot_makes_the_keys_here_and_hands_out_what_the_authority_lists(board: Board, desk: Desk) -> None:
    assert board.provision() == 0
    trust = read_trust(board.state, FileKey(board.state / "device.key"))
    assert trust is not None
    assert (trust.device, trust.group) == ("cam-7", "patrol")
    described = board.seed / "cam-7.json"
    assert json.loads(described.read_text())["sealing"] == trust.sealing
    assert b"PRIVATE" not in described.read_bytes()
    assert Shelf(board.shelf).read().root == trust.root
    assert (board.settings / "profile.toml").stat().st_mode & 0o777 == 0o640
    assert (board.settings / "provisioned").exists()
    assert admin(["device", "add", "--dir", str(desk.dir), str(described)]) == 0


def test_a_first_boot_ends_with_how_to_pair_a_phone_and_where_the_page_runs_with_its_code(
    board: Board, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairing = f'[companion]\naddress = "127.0.0.1"\nport = 8443\nfolder = "{tmp_path / "page"}"\n'
    board.write(SEED, SITE + pairing)
    assert board.provision() == 0
    *_, last = capsys.readouterr().out.splitlines()
    assert last.startswith("for a phone: systemctl enable --now lapel-companion, then lapel companion ")
    with companion(tmp_path) as running:
        (board.settings / "site.toml").write_text(site_file(tmp_path, running.port).read_text(), encoding="utf-8")
        assert board.provision() == 0
        *_, code, fingerprint = capsys.readouterr().out.splitlines()
        assert code.startswith(f"on the phone open {running.origin} and type ")
    assert fingerprint.startswith("fingerprint ")


def test_the_help_promises_a_code_only_where_the_page_runs() -> None:
    said = " ".join(parser_of(LAPEL, "provision").format_help().split())
    assert "it ends with the code for the phone if the officer's page runs. At a first boot it does not run yet" in said


def test_done_again_nothing_changes(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    assert board.provision() == 0
    before = board.files()
    capsys.readouterr()
    assert board.provision() == 0
    assert (board.files(), capsys.readouterr().out) == (before, "")


def test_settings_that_are_there_stay(board: Board) -> None:
    board.settings.mkdir()
    by_hand = "# by hand\n" + SITE.format(state=board.state)
    (board.settings / "site.toml").write_text(by_hand)
    assert board.provision() == 0
    assert (board.settings / "site.toml").read_text() == by_hand


@pytest.mark.parametrize(
    ("seed", "site", "said"),
    [
        ('[device]\ngroup = "patrol"\nprofile = "pi-400"\n', SITE, "'pi-400': known are"),
        ('[device]\ngrup = "patrol"\n', SITE, "did you mean group?"),
        (SEED, SITE.replace("name", "nam"), "did you mean name?"),
        (SEED, SITE.replace("cam-7", "station"), "give the device another"),
        (SEED, SITE + 'unlock = "phone"\n[companion]\naddress = "192.168.50.1"\n', "has no passphrase to seal by"),
        ('[device]\ngroup = "patrol"\n', SITE, "profile.toml: no such file"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(
    board: Board, seed: str, site: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    board.write(seed, site)
    assert board.provision() == 3
    assert said in capsys.readouterr().err
    assert board.files() == {}


def test_without_a_root_nothing_is_written(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    (board.seed / "1.root.json").unlink()
    assert board.provision() == 2
    assert "give the authority's 1.root.json" in capsys.readouterr().err
    assert board.files() == {}


def test_a_device_that_is_somebody_already_is_not_made_another(
    board: Board, capsys: pytest.CaptureFixture[str]
) -> None:
    assert board.provision() == 0
    board.write(SEED, SITE.replace("cam-7", "cam-8"))
    assert board.provision() == 3
    assert "this device is cam-7 of patrol already" in capsys.readouterr().err


def test_a_cut_anywhere_is_made_good_by_the_next_start(desk: Desk, tmp_path: Path) -> None:
    root = desk.dir / "public" / "metadata" / "1.root.json"

    def begun(number: int) -> Board:
        (tmp_path / str(number)).mkdir()
        return Board(tmp_path / str(number), root)

    whole = begun(-1)
    with BadDisk(sys.maxsize).used() as sound:
        assert whole.provision() == 0
    assert sound.done > 20
    for good in range(sound.done):
        board = begun(good)
        with BadDisk(good).used() as disk:
            with pytest.raises(PowerCut):
                board.provision()
            disk.lose(board.state)
        let_go(tmp_path)
        assert board.provision() == 0
        trust = read_trust(board.state, FileKey(board.state / "device.key"))
        assert trust is not None
        assert json.loads((board.seed / "cam-7.json").read_text())["sealing"] == trust.sealing


def test_settings_that_a_cut_kept_from_being_readable_are_made_so_by_the_next_start(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as power:
        power.setattr(os, "chown", cut)
        with pytest.raises(PowerCut):
            board.provision()
    assert board.provision() == 0
    modes = {path.name: path.stat().st_mode & 0o777 for path in board.settings.glob("*.toml")}
    assert modes == {"site.toml": 0o640, "profile.toml": 0o640}


def test_a_provisioned_device_says_that_it_waits_for_its_first_list_and_looks_once_it_came(
    board: Board, tmp_path: Path
) -> None:
    device = Device(tmp_path, free_port())
    board.settings, board.state = device.folder, device.state
    files = f'[watchlist]\nfile = "{device.state / WATCHLIST}"\n[clips]\nbefore_s = 0\nafter_s = 0\n'
    page = f'[companion]\naddress = "127.0.0.1"\nport = {device.port}\nsocket = "{device.socket}"\n'
    board.write(SEED, SITE + files + page)
    assert board.provision() == 0
    write_video(device.clip, 3000)
    with started(device) as lookout:
        status = lookout.hears("READY=1")
        lookout.hears("WATCHDOG=1")  # it waits a second time
        waits = json.loads(Phone(device.socket).view(0) or b"{}")["waits"]
        draft = tmp_path / "fetched.lapel"
        write_gallery(draft, made_up(load_profile("ci-video"), 1), FileKey(device.state / "device.key"))
        draft.rename(device.state / WATCHLIST)
        lookout.hears("loading")
        lookout.hears("looks out")
        lookout.process.send_signal(signal.SIGTERM)
        _, printed = lookout.process.communicate(timeout=LONGEST_S)
    for said in (status, waits, printed):
        assert "NO WATCHLIST YET" in said
    assert lookout.process.returncode == 0


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user reaches."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="root: who makes folders for other users")
def test_what_root_sets_up_belongs_to_the_devices_user(desk: Desk, open_folder: Path) -> None:
    board = Board(open_folder, desk.dir / "public" / "metadata" / "1.root.json")
    assert board.provision("nobody") == 0
    owners = {path.owner() for path in (board.state, *board.state.iterdir())}
    assert (owners, board.shelf.owner()) == ({"nobody"}, "root")
