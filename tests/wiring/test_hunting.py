"""The leak hunt opens what is sealed, and says what did not open."""

from pathlib import Path

from lapel.config.profile import load_profile
from lapel.fakes.clock import FakeClock
from lapel.store.clips import PURPOSE
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import FileKey
from lapel.store.sealed import write_sealed
from lapel.wiring.doctor_privacy import verdicts_of
from lapel.wiring.hunting import FRAMES, Hunted, Opener, hunt


def test_what_is_in_a_clip_is_searched(tmp_path: Path) -> None:
    opener, clip = Opener(key := FileKey.create(tmp_path / "device.key")), tmp_path / "ab.clip"
    write_sealed(clip, (b"a marked face",), key, PURPOSE)
    assert b"a marked face" not in clip.read_bytes()
    assert b"a marked face" in opener(clip)
    assert opener.unopened == []


def test_a_clip_and_a_journal_that_do_not_open_are_named(tmp_path: Path) -> None:
    written, other = (FileKey.create(tmp_path / f"{name}.key") for name in ("written", "other"))
    clip, journal = tmp_path / "ab.clip", tmp_path / JOURNAL
    write_sealed(clip, (b"a marked face",), written, PURPOSE)
    SealedJournal(journal, written, FakeClock(), "cam-1").close()
    opener = Opener(other)
    assert [opener(path) for path in (clip, journal)] == [path.read_bytes() for path in (clip, journal)]
    assert [str(path) in said for path, said in zip((clip, journal), opener.unopened, strict=True)] == [True, True]


def test_a_device_that_its_phone_unlocks_is_hunted_on_as_any_other(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(
        f'[device]\nsite = "harbour"\nname = "cam-7"\n[state]\nfolder = "{tmp_path / "state"}"\nunlock = "phone"\n'
        f'[companion]\naddress = "127.0.0.1"\nsocket = "{tmp_path / "officer.sock"}"\n'
    )
    hunted = hunt(tmp_path, load_profile("ci-video"), ("--site", str(site)), frames=2)
    assert (hunted.trouble, hunted.frames) == ("", 2)


def test_where_the_watch_failed_it_is_said_that_nothing_was_hunted_and_why() -> None:
    watch, leaks = verdicts_of(Hunted(0, 0, 3, 0, (), False, "it ended with 3: no such key"))
    assert not watch.is_fine
    assert not leaks.is_fine
    assert leaks.said == "nothing was hunted, since the hunt's watch failed: it ended with 3: no such key"


def test_a_hunt_that_did_not_come_to_its_end_is_no_proof() -> None:
    _, leaks = verdicts_of(Hunted(FRAMES - 1, 2, 9, 4, (), False, ""))
    assert (leaks.is_fine, "proves nothing" in leaks.said) == (False, True)
