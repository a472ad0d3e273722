"""The leak hunt opens what is sealed, and says what did not open."""

from pathlib import Path

from lapel.fakes.clock import FakeClock
from lapel.store.clips import PURPOSE
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import FileKey
from lapel.store.sealed import write_sealed
from lapel.wiring.hunting import Opener


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
