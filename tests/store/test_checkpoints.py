"""A journal signs its head often enough, and proves what lies under it, from its own rows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from lapel.core.audit import examine
from lapel.core.chain import range_over, root_over
from lapel.core.checkpoint import EVERY_RECORDS, parse_checkpoint
from lapel.core.proof import verify_consistency, verify_inclusion
from lapel.core.purging import Purged
from lapel.core.records import Event, Head, RecordKind
from lapel.core.signed_note import SignedNote
from lapel.errors import Refused, StoreFull, Tampered
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store import journal as journals
from lapel.store.database import create_database, open_database, transaction
from lapel.store.journal import PURPOSE, SealedJournal
from lapel.store.journal_schema import FIRST, NEWEST, STEPS
from lapel.store.migrations import migrate, version_of
from lapel.store.sealed import read_sealed
from lapel.store.signing import SIGNING, is_signed, signer_of

DEVICE = "cam-1"


def opened(path: Path, read_only: bool = False) -> SealedJournal:
    return SealedJournal(path, FixedKey(), FakeClock(), DEVICE, read_only)


def fill(journal: SealedJournal, records: int) -> list[bytes]:
    return [journal.append(Event(RecordKind.PEOPLE, (("people_max", n),))).leaf for n in range(records)]


def heads(notes: tuple[SignedNote, ...]) -> list[Head]:
    return [parse_checkpoint(note.text).head for note in notes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_what_a_journal_holds_is_signed_when_it_is_closed(path: Path) -> None:
    with opened(path) as journal:
        leaves = fill(journal, 3)
        assert journal.last_checkpoint() is None
    with opened(path, read_only=True) as journal:
        note = journal.last_checkpoint()
    assert note is not None
    assert (parse_checkpoint(note.text).origin, heads((note,))) == (DEVICE, [Head(3, root_over(leaves))])
    assert is_signed(note, signer_of(path.parent, DEVICE, FixedKey()).key)


def test_what_a_killed_writer_left_unsigned_is_signed_when_the_journal_is_opened(path: Path) -> None:
    killed = opened(path)
    fill(killed, 2)
    assert killed._lock is not None
    killed._lock.release()  # as the kernel does, with nothing closed
    with opened(path) as journal:
        assert heads(journal.checkpoints(0, 10)) == [journal.head()]


def test_a_head_is_signed_after_so_many_records_and_whenever_it_is_asked_for(path: Path) -> None:
    with opened(path) as journal:
        fill(journal, EVERY_RECORDS)
        fill(journal, 1)
        for _ in range(2):
            journal.checkpoint()
        assert [head.size for head in heads(journal.checkpoints(0, 10))] == [EVERY_RECORDS, EVERY_RECORDS + 1]
        assert [head.size for head in heads(journal.checkpoints(EVERY_RECORDS, 10))] == [EVERY_RECORDS + 1]


def test_a_device_signs_with_one_key_over_all_its_starts(path: Path) -> None:
    keys = set()
    for _ in range(2):
        with opened(path) as journal:
            fill(journal, 1)
        keys.add(str(signer_of(path.parent, DEVICE, FixedKey()).key))
    assert len(keys) == 1


def test_the_signing_key_cannot_be_read_off_the_card(path: Path) -> None:
    with opened(path) as journal:
        fill(journal, 1)
    seed = bytes(read_sealed(path.parent / SIGNING, FixedKey(), "signing"))
    assert (len(seed), seed in (path.parent / SIGNING).read_bytes()) == (32, False)


@pytest.mark.parametrize("damage", [b"", bytes(200)])
def test_a_journal_goes_on_unsigned_and_says_so_where_its_signing_key_is_damaged(path: Path, damage: bytes) -> None:
    with opened(path) as journal:
        fill(journal, 1)
    (path.parent / SIGNING).write_bytes(damage)
    with opened(path) as journal:
        fill(journal, 1)
        with pytest.raises(Refused, match=SIGNING):
            journal.checkpoint()
    assert (path.parent / SIGNING).read_bytes() == damage


def test_a_record_is_kept_whether_or_not_its_head_can_be_signed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreFull("signing.sealed: disk is full")

    with opened(path) as journal:
        monkeypatch.setattr(journals, "signer_of", full)
        assert len(fill(journal, EVERY_RECORDS)) == EVERY_RECORDS
        with pytest.raises(StoreFull):
            journal.checkpoint()
    with opened(path, read_only=True) as journal:
        assert (journal.head().size, journal.last_checkpoint()) == (EVERY_RECORDS, None)


def test_every_record_and_every_growth_is_proved_from_rows(path: Path) -> None:
    with opened(path) as journal:
        leaves = fill(journal, 300)
    tree = [Head(size, root_over(leaves[:size])) for size in (1, 16, 17, 255, 256, 257, 300)]
    with opened(path, read_only=True) as journal:
        for head in tree:
            for sequence in {0, head.size // 2, head.size - 1}:
                proof = journal.prove_inclusion(sequence, head.size)
                assert verify_inclusion(leaves[sequence], sequence, head, proof)
        for earlier, later in pairwise(tree):
            proof = journal.prove_consistency(earlier.size, later.size)
            assert verify_consistency(earlier, later, proof)


def test_nothing_is_proved_of_records_that_are_not_there(path: Path) -> None:
    with opened(path) as journal:
        fill(journal, 20)
        with pytest.raises(ValueError, match="is kept"):
            journal.prove_inclusion(3, 40)
        with pytest.raises(ValueError, match="is kept"):
            journal.prove_consistency(20, 40)


def test_a_checkpoint_that_was_edited_is_said_to_be_changed(path: Path) -> None:
    with opened(path) as journal:
        fill(journal, 1)
    database = open_database(path, FixedKey(), PURPOSE, read_only=False)
    database.execute("UPDATE checkpoint SET note = 'cam-1'")
    database.close()
    with opened(path, read_only=True) as journal, pytest.raises(Tampered, match="a checkpoint was changed"):
        journal.last_checkpoint()


def write_version(version: int, path: Path, records: int, given_up: int = 0) -> list[bytes]:
    """A journal as an earlier Lapel wrote it: made by this one, its later tables taken away. The bodies of the first
    ``given_up`` went at its quota."""
    with opened(path.with_name("now.db")) as journal:
        leaves = fill(journal, records)
        if given_up:
            leaves.append(journal.append(Purged(0, given_up - 1, records).event).leaf)
        rows = journal._connection.execute("SELECT sequence, body, leaf, picture FROM record").fetchall()
        (chain,) = journal._connection.execute("SELECT size, peaks FROM chain").fetchall()
    create_database(path, FixedKey(), PURPOSE, FIRST)
    database = open_database(path, FixedKey(), PURPOSE, read_only=False)
    with transaction(database, path):
        for row in rows:
            database.execute("INSERT INTO record VALUES (?, ?, ?, ?)", row)
        database.execute("UPDATE chain SET size = ?, peaks = ?", chain)
    migrate(database, path, STEPS[: version - 1])
    if given_up:
        with transaction(database, path):
            database.execute("UPDATE record SET body = x'' WHERE sequence < ?", (given_up,))
            database.execute("UPDATE chain SET purged = ?", (given_up,))
    database.close()
    return leaves


def test_a_journal_of_version_1_is_read_as_it_is_and_proves_all_once_it_is_written(path: Path) -> None:
    leaves = write_version(1, path, 40)
    with opened(path, read_only=True) as journal:
        assert (len(journal.after(-1, 100)), journal.last_checkpoint()) == (40, None)
        assert journal.of_kind(RecordKind.PEOPLE) == journal.after(-1, 100) == journal.to_send(-1, 100)
        assert journal.tree_at(33).root() == root_over(leaves[:33])
    with opened(path) as journal:
        leaves += fill(journal, 10)
        assert journal.of_kind(RecordKind.PEOPLE) == journal.after(-1, 100) == journal.to_send(-1, 100)
        assert heads(journal.checkpoints(0, 10)) == [Head(40, root_over(leaves[:40]))]
        head = journal.head()
        assert all(
            verify_inclusion(leaf, sequence, head, journal.prove_inclusion(sequence, 50))
            for sequence, leaf in enumerate(leaves)
        )


@pytest.mark.parametrize(("version", "given_up"), [(1, 0), (2, 0), (3, 0), (3, 10)])
def test_a_journal_of_an_earlier_version_starts_whole_with_what_was_given_up_under_its_head(
    path: Path, version: int, given_up: int
) -> None:
    leaves = write_version(version, path, 40, given_up)
    for _ in range(2):
        with opened(path) as journal:
            assert version_of(journal._connection, path, NEWEST) == NEWEST
            assert heads(journal.checkpoints(0, 100))[-1] == journal.head() == range_over(leaves).head()
            assert [record.sequence for record in journal.after(-1, 100)] == list(range(given_up, len(leaves)))
            with journal.stored() as (head, rows):
                assert examine(list(rows), head).is_clean
            leaves += fill(journal, 3)
            head = journal.head()
            assert all(
                verify_inclusion(leaf, number, head, journal.prove_inclusion(number, head.size))
                for number, leaf in enumerate(leaves)
            )
