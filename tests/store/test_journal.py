"""The journal on disk keeps what it acknowledged, for whoever has the key, and one writer at a time."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from lapel.core.audit import examine
from lapel.core.record_body import parse_body
from lapel.core.records import Event, RecordKind
from lapel.errors import StoreError, StoreFull, StoreLocked, Tampered, UsageError, WrongKey
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.journal import SealedJournal

PICTURE = b"\xff\xd8" + bytes(20_000)
HOLD_OPEN = """
import sys
from pathlib import Path
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.journal import SealedJournal
SealedJournal(Path(sys.argv[1]), FixedKey(), FakeClock(), "other")
print("open", flush=True)
sys.stdin.read()
"""


def event(number: int = 0) -> Event:
    return Event(RecordKind.ALERT, (("entry", f"bicycle {number}"),), PICTURE)


def opened(path: Path, read_only: bool = False, quota_mib: float | None = None) -> SealedJournal:
    return SealedJournal(path, FixedKey(), FakeClock(), "cam-1", read_only, quota_mib)


def refused_after(journal: SealedJournal) -> tuple[int, StoreError]:
    """Append until the store refuses: how many it kept, and how it refused."""
    for kept in range(200):
        try:
            journal.append(event(kept))
        except StoreError as error:
            return kept, error
    raise AssertionError("nothing was refused")


def is_clean(path: Path) -> bool:
    with opened(path, read_only=True) as journal, journal.stored() as (head, rows):
        return examine(rows, head).is_clean


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of five records, closed."""
    path = tmp_path / "journal.db"
    with opened(path) as journal:
        for number in range(5):
            journal.append(event(number))
    return path


@pytest.fixture
def held_by_another_process(path: Path) -> Iterator[int]:
    """Another process has the journal open for writing; its number."""
    command = [sys.executable, "-c", HOLD_OPEN, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        yield process.pid
        process.kill()


def test_a_journal_opened_again_goes_on_where_it_ended(path: Path) -> None:
    with opened(path) as journal:
        assert journal.append(event()).sequence == 5
    assert is_clean(path)


def test_nothing_that_is_kept_stands_readable_on_the_card(path: Path) -> None:
    with opened(path) as journal:
        journal.append(event())
        on_card = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert [word for word in (b"bicycle", b"alert", b"cam-1", b"SQLite", b"CREATE") if word in on_card] == []


def test_a_journal_is_its_owners_alone(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_reader_sees_what_the_writer_appends_meanwhile(path: Path) -> None:
    with opened(path) as writer, opened(path, read_only=True) as reader:
        record = writer.append(event())
        assert reader.after(4, 10) == (record,)
        assert reader.head() == writer.head()


def test_a_reader_needs_no_writer(path: Path) -> None:
    with opened(path, read_only=True) as reader:
        assert len(reader.after(-1, 10)) == 5


def test_a_reader_does_not_append(path: Path) -> None:
    with opened(path, read_only=True) as reader, pytest.raises(StoreError, match="open for reading only"):
        reader.append(event())


def test_a_reader_makes_no_journal(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"journal\.db: no such file.*--state"):
        opened(tmp_path / "journal.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_an_examination_sees_one_moment_while_the_writer_goes_on(path: Path) -> None:
    with opened(path) as writer, opened(path, read_only=True) as reader, reader.stored() as (head, rows):
        writer.append(event())
        assert examine(rows, head).is_clean


def test_a_second_writer_in_the_same_process_is_locked_out(path: Path) -> None:
    with opened(path), pytest.raises(StoreLocked):
        opened(path)


def test_a_second_process_is_locked_out_and_told_by_which(path: Path, held_by_another_process: int) -> None:
    with pytest.raises(StoreLocked, match=f"process {held_by_another_process} is writing it"):
        opened(path)


@pytest.mark.usefixtures("held_by_another_process")
def test_a_reader_works_beside_another_process_that_writes(path: Path) -> None:
    assert is_clean(path)


def test_a_writer_that_died_locks_nobody_out(path: Path, held_by_another_process: int) -> None:
    os.kill(held_by_another_process, 9)
    os.waitpid(held_by_another_process, 0)
    with opened(path) as journal:
        assert journal.append(event()).sequence == 5


def test_a_journal_does_not_open_with_another_key(path: Path) -> None:
    with pytest.raises(WrongKey, match="does not open it"):
        SealedJournal(path, FixedKey(b"another"), FakeClock(), "cam-1")


def test_a_writer_with_a_wrong_key_leaves_the_journal_unlocked(path: Path) -> None:
    with pytest.raises(WrongKey):
        SealedJournal(path, FixedKey(b"another"), FakeClock(), "cam-1")
    with opened(path) as journal:
        assert journal.head().size == 5


@pytest.mark.parametrize("share", [0.005, 0.1, 0.35, 0.6, 0.99])
def test_one_flipped_bit_is_found_when_a_writer_opens(path: Path, share: float) -> None:
    data = bytearray(path.read_bytes())
    data[int(len(data) * share)] ^= 1
    path.write_bytes(data)
    with pytest.raises(Tampered, match="damaged"):
        opened(path)


@pytest.mark.parametrize("kept", [0, 10, 16, 4096, 4096 * 3 + 100])
def test_a_truncated_journal_is_refused(path: Path, kept: int) -> None:
    os.truncate(path, kept)
    with pytest.raises(Tampered, match=r"truncated|damaged|changed"):
        opened(path)


def test_another_kind_of_file_is_not_taken_for_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"\xff\xd8\xff\xe0 a picture of a crate" * 200)
    with pytest.raises(WrongKey, match="does not open it"):
        opened(path)


def test_a_quota_that_is_reached_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with opened(path, quota_mib=0.25) as journal:
        kept, error = refused_after(journal)
    assert isinstance(error, StoreFull)
    assert "quota is full" in str(error)
    with opened(path, read_only=True) as journal:
        assert journal.head().size == kept > 3
    assert is_clean(path)


def test_a_journal_goes_on_when_its_quota_is_raised(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with opened(path, quota_mib=0.25) as journal:
        kept, _ = refused_after(journal)
    with opened(path, quota_mib=1) as journal:
        assert journal.append(event()).sequence == kept


def test_a_small_event_still_fits_after_a_large_one_did_not(tmp_path: Path) -> None:
    with opened(tmp_path / "journal.db", quota_mib=0.25) as journal:
        kept, _ = refused_after(journal)
        assert journal.append(Event(RecordKind.DROPPED, (("frames", 3),))).sequence == kept


def test_a_full_disk_loses_nothing_that_was_acknowledged(small_disk: Path) -> None:
    path = small_disk / "journal.db"
    with opened(path) as journal:
        kept, error = refused_after(journal)
    assert isinstance(error, StoreFull)
    with opened(path, read_only=True) as journal:
        assert journal.head().size == kept > 3
    assert is_clean(path)


def test_a_file_size_limit_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(path) as journal:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
        try:
            kept, _ = refused_after(journal)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert journal.append(event()).sequence == kept > 3
    assert is_clean(path)


@pytest.mark.usefixtures("as_ordinary_user")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match=r"journal\.db: cannot be written: Permission denied"):
        opened(tmp_path / "journal.db")


@pytest.mark.usefixtures("as_ordinary_user")
def test_a_journal_in_a_read_only_folder_can_still_be_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with opened(path) as journal:
        journal.append(event())
    tmp_path.chmod(0o500)
    assert is_clean(path)


@pytest.mark.usefixtures("as_ordinary_user")
def test_a_journal_file_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with opened(path) as journal:
        journal.append(event())
    path.chmod(0o400)
    with pytest.raises(StoreError, match=r"journal\.db: disk or file is read-only"), opened(path) as journal:
        journal.append(event())


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"absent/journal\.db"):
        opened(tmp_path / "absent" / "journal.db")


def test_records_of_a_kind_are_found_whatever_facts_others_have(tmp_path: Path) -> None:
    with SealedJournal(tmp_path / "journal.db", FixedKey(), FakeClock(), "cam-1") as journal:
        journal.append(Event(RecordKind.ALERT, (("kind", "clip"),)))
        clip = journal.append(Event(RecordKind.CLIP, (("clip", "a"),)))
        journal.append(Event(RecordKind.PURGE, (("clip", '"kind":"clip"'),)))
        assert journal.of_kind(RecordKind.CLIP) == (clip,)


def test_threads_that_append_at_once_leave_a_whole_chain(tmp_path: Path) -> None:
    with SealedJournal(tmp_path / "journal.db", FixedKey(), FakeClock(), "cam-1") as journal:

        def write() -> None:
            for number in range(40):
                journal.append(Event(RecordKind.PEOPLE, (("people_max", number),)))

        threads = [Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with journal.stored() as (head, rows):
            assert examine(rows, head).findings == ()
        assert journal.head().size == 160


def test_records_of_some_kinds_are_read_in_their_order_and_without_their_pictures(tmp_path: Path) -> None:
    journal = opened(tmp_path / "kinds.db")
    for kind in (RecordKind.ALERT, RecordKind.START, RecordKind.ANSWER, RecordKind.ALERT):
        journal.append(Event(kind, (("what", kind.value),), b"jpeg"))
    found = journal.without_pictures((RecordKind.ANSWER, RecordKind.ALERT))
    assert [record.kind.value for record in found] == ["alert", "answer", "alert"]
    assert {record.picture for record in found} == {b""}
    assert all(parse_body(record.body).picture_sha256 for record in found)
    journal.close()
