"""A device that its phone unlocks keeps nothing until it is, says so, and can be locked again."""

import _thread
import hashlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest
from gpiozero.pins.mock import MockFactory

from footage import write_video
from lapel.alert import pins as board_pins
from lapel.cli.main import LOCKED, main
from lapel.config.profile import Pins
from lapel.core.body import PATTERNS, Cue
from lapel.core.records import Fact, RecordKind
from lapel.core.unlocking import WhileLocked
from lapel.errors import DeviceLocked
from lapel.health.clock import SystemClock
from lapel.store.attempts import ATTEMPTS, Attempts
from lapel.store.keys import PassphraseKey
from lapel.wiring.body import body_of
from lapel.wiring.companion import Lookout as Phone
from lapel.wiring.lent_keys import SOCKET, Lender, LentKeys
from lapel.wiring.shift import Closed, unlocked
from shift_rig import LONGEST_S, PASSPHRASE, WRONG, Device, closed_device, started

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def lying_in(folder: Path) -> dict[str, str]:
    """Every file, and a hash of it."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    return {str(each.relative_to(folder)): hashlib.sha256(each.read_bytes()).hexdigest() for each in files}


@dataclass
class Night:
    """What could be seen of one device: started, locked, killed as by a watchdog, locked again, unlocked, locked."""

    device: Device
    ready: str = ""
    before: dict[str, str] = field(default_factory=dict)
    locked: dict[str, str] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)
    after_a_kill: str = ""
    lends: list[bool] = field(default_factory=list)
    loading: str = ""
    looks: str = ""
    kept: list[tuple[RecordKind, dict[str, Fact]]] = field(default_factory=list)
    left: WhileLocked | None = None
    said: str = ""
    code: int = -1


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    device = closed_device(tmp_path_factory.mktemp("night"))
    seen = Night(device, before=lying_in(device.state))
    with started(device) as first:
        seen.ready = first.hears("READY=1")
        first.hears("WATCHDOG=1")  # it waits a second time: whatever it does by itself it has done
        seen.locked = lying_in(device.state)
        seen.codes.append(device.give(WRONG))
        seen.lends.append(LentKeys(device.state).is_locked)
    with started(device) as second:
        seen.after_a_kill = second.hears("READY=1")
        write_video(device.clip, 3000)  # not before: a lookout that opens its source while locked has ended by now
        seen.codes.append(device.give(PASSPHRASE))
        seen.loading = second.hears("loading")
        seen.looks = second.hears("looks out")
        seen.lends.append(LentKeys(device.state).is_locked)
        seen.left = Attempts(device.state).read()
        seen.codes.append(device.give("", "--lock"))
        _, seen.said = second.process.communicate(timeout=LONGEST_S)
        seen.code = second.process.returncode
    seen.kept = device.kept()
    return seen


def test_a_locked_device_is_ready_for_systemd_and_says_that_it_is_locked(night: Night) -> None:
    assert night.ready.splitlines()[0] == "READY=1"
    assert "STATUS=LOCKED" in night.ready
    assert night.ready.splitlines()[-1] == "WATCHDOG=1"


def test_until_it_is_unlocked_nothing_is_written_and_no_camera_opened(night: Night) -> None:
    assert night.locked == night.before
    assert night.codes[1] == 0  # its source was not there before


def test_a_restart_leaves_it_locked_with_its_count_of_wrong_passphrases(night: Night) -> None:
    assert "LOCKED" in night.after_a_kill
    assert "(1 wrong so far)" in night.after_a_kill


def test_a_wrong_passphrase_is_refused_and_the_right_one_is_not(night: Night) -> None:
    assert night.codes[:2] == [5, 0]
    assert night.lends == [True, False]


def test_wrong_passphrases_and_who_unlocked_it_are_records_before_its_start_is(night: Night) -> None:
    wrong, unlocked, start = night.kept[:3]
    assert wrong[1] | {"happened": ""} == {
        "outcome": "wrong passphrase",
        "by": "whoever has its console",
        "happened": "",
    }
    assert unlocked == (
        RecordKind.LOCK,
        {"outcome": "unlocked", "by": "whoever has its console", "wrong": 1, "left_out": 0},
    )
    assert start[0] is RecordKind.START
    assert night.left == WhileLocked()


def test_once_unlocked_it_has_the_time_of_a_start_for_its_first_frame_and_then_the_watchdogs(night: Night) -> None:
    assert "WATCHDOG_USEC=120000000" in night.loading
    assert "WATCHDOG_USEC=10000000" in night.looks
    assert "STATUS=looks out" in night.looks


def test_locked_again_it_ends_on_record_to_be_started_again_without_a_key(night: Night) -> None:
    assert (night.codes[2], night.code) == (0, LOCKED)
    facts = [facts for kind, facts in night.kept if kind is RecordKind.LOCK]
    assert facts[-1] == {"outcome": "locked", "by": "whoever has its console"}
    assert night.kept[-1] == (RecordKind.STOP, {"reason": "interrupted"})
    with pytest.raises(DeviceLocked, match="no lookout runs"):
        LentKeys(night.device.state).derive("journal", b"salt")


def test_console_and_files_tell_of_it_and_never_the_passphrase(night: Night) -> None:
    assert "LOCKED: nothing is looked at" in night.said
    assert "unlocked by whoever has its console" in night.said
    for file in night.device.state.iterdir():
        if file.is_file():
            assert PASSPHRASE.encode() not in file.read_bytes()
            assert WRONG.encode() not in file.read_bytes()
    assert PASSPHRASE not in night.said


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (lambda device: (device.state / "device.key").write_bytes(bytes(32)), 3, "opens this device for whoever has"),
        (lambda device: (device.state / "journal.db").unlink(), 3, "sealed by a passphrase yet"),
    ],
    ids=["a key on the card", "nothing sealed yet"],
)
def test_a_device_that_no_passphrase_could_open_says_so_at_once(
    spoil, code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LAPEL_PASSPHRASE", raising=False)
    for wall in ("forbid_network", "forbid_dumps", "keep_out_of_swap"):
        monkeypatch.setattr(f"lapel.cli.run.{wall}", lambda: None)
    device = closed_device(tmp_path)
    spoil(device)
    assert main(["run", "clip.mp4", "--site", str(device.site)]) == code
    assert said in capsys.readouterr().err


@pytest.fixture
def lent_when_forgotten(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each passphrase that is forgotten, whether keys are lent at that moment: zeros would make them."""
    found, forget, lenders = list[bool](), PassphraseKey.forget, list[tuple[Lender, Path]]()

    def lending(state: Path) -> Lender:
        lenders.append((Lender(state), state / SOCKET))
        return lenders[-1][0]

    def forgets(keys: PassphraseKey) -> None:
        found.append(any(lender.keys is keys and socket.exists() for lender, socket in lenders))
        forget(keys)

    monkeypatch.setattr("lapel.wiring.shift.Lender", lending)
    monkeypatch.setattr(PassphraseKey, "forget", forgets)
    return found


def test_an_unlocked_device_without_a_list_says_so_and_lends_keys_until_it_has_one(
    tmp_path: Path, lent_when_forgotten: list[bool]
) -> None:
    device, said, begun, is_over = closed_device(tmp_path), list[str](), Event(), Event()
    listed = (device.state / "list.lapel").rename(tmp_path / "fetched.lapel")

    def begin() -> None:
        closed = Closed(device.state, device.state / "list.lapel", "cam-7", device.socket)
        with unlocked(closed, said.append, is_over.set):
            begun.set()
            is_over.wait(20)

    lookout = Thread(target=begin)
    lookout.start()
    while device.give(PASSPHRASE) != 0:
        pass  # it does not listen yet
    keys = LentKeys(device.state)
    while keys.is_locked is not False:
        pass
    view = json.loads(Phone(device.socket).view(0) or b"{}")
    assert "NO WATCHLIST YET" in view["waits"]
    deadline = time.monotonic() + 20
    while "NO WATCHLIST YET" not in said[-1]:
        assert time.monotonic() < deadline, said
        time.sleep(0.01)
    assert keys.derive("watchlist", b"salt")
    assert not begun.is_set()
    listed.rename(device.state / "list.lapel")
    assert begun.wait(20)
    is_over.set()
    lookout.join(20)
    assert lent_when_forgotten == [False]


def test_an_unlocked_device_without_a_list_can_be_locked_and_lends_nothing_then(
    tmp_path: Path, lent_when_forgotten: list[bool]
) -> None:
    device = closed_device(tmp_path)
    (device.state / "list.lapel").unlink()

    def officer() -> None:
        while device.give(PASSPHRASE) != 0:
            pass  # it does not listen yet
        while Phone(device.socket).lock("Officer 7").trouble:
            pass

    giving = Thread(target=officer)
    giving.start()
    closed = Closed(device.state, device.state / "list.lapel", "cam-7", device.socket)
    with (
        pytest.raises(DeviceLocked, match="was locked before it had a list"),
        unlocked(closed, lambda text: None, lambda: None),
    ):
        pytest.fail("it has a list")
    giving.join(20)
    assert lent_when_forgotten[-1:] == [False]


def test_a_run_that_was_locked_before_it_had_a_list_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def locked(*of: object, **more: object) -> None:
        raise DeviceLocked("state: was locked before it had a list")

    for wall in ("forbid_network", "forbid_dumps", "keep_out_of_swap"):
        monkeypatch.setattr(f"lapel.cli.run.{wall}", lambda: None)
    monkeypatch.setattr("lapel.cli.watching.watched", locked)
    assert main(["run", "clip.mp4"]) == LOCKED
    assert "was locked before it had a list" in capsys.readouterr().err


@pytest.mark.usefixtures("interruptible")
def test_whoever_wears_a_locked_device_feels_it_and_may_switch_it_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, pins, is_over = closed_device(tmp_path), MockFactory(), Event()
    light, motor, *buttons = (pins.pin(number) for number in (17, 18, 5, 6))
    monkeypatch.setattr(board_pins, "_board", lambda: pins)

    def stop() -> None:
        is_over.set()
        _thread.interrupt_main()

    def press() -> None:
        while device.give(WRONG) != 5:
            pass  # it does not listen yet
        while not is_over.is_set():  # on a busy machine the two may come too far apart for one gesture
            for button in buttons:
                button.drive_low()
            is_over.wait(2)
            for button in buttons:
                button.drive_high()

    wearer = Thread(target=press)
    wearer.start()
    with (
        pytest.raises(KeyboardInterrupt),
        body_of(Pins(17, 18, -1, 5, 6), False, SystemClock(), stop) as body,
        unlocked(
            Closed(device.state, device.state / "list.lapel", "cam-7", device.socket, body), lambda text: None, stop
        ),
    ):
        pytest.fail("it is unlocked")
    wearer.join(20)
    assert is_over.is_set()
    assert [each.state for each in motor.states].count(True) == len(PATTERNS[Cue.LOCKED]) + len(PATTERNS[Cue.OFF])
    lit = [bool(each.state) for each in light.states]
    assert True in lit
    assert not lit[-1]


def test_without_a_lookout_unlocking_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    device = closed_device(tmp_path)
    assert device.give(PASSPHRASE) == 4
    assert "no lookout answers; start lapel-lookout" in capsys.readouterr().err


def test_a_replay_of_such_a_device_asks_for_the_passphrase_and_makes_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for wall in ("forbid_network", "forbid_dumps", "keep_out_of_swap"):
        monkeypatch.setattr(f"lapel.cli.replay.{wall}", lambda: None)
    device = closed_device(tmp_path)
    assert main(["replay", "clip.mp4", "--site", str(device.site)]) == 2
    assert "give --passphrase-file" in capsys.readouterr().err
    assert not (device.state / "device.key").exists()


def test_what_is_held_is_not_in_the_way_of_a_wipe(tmp_path: Path) -> None:
    device = closed_device(tmp_path)
    Attempts(device.state).write(WhileLocked(3))
    assert main(["wipe", "--state", str(device.state), "--yes", "--why", "test"]) == 0
    assert not (device.state / ATTEMPTS).exists()
    assert json.loads((device.state / "wiped.json").read_bytes())["why"] == "test"
