"""At its quota a journal gives up what the station has, and nothing else, and says what it gave up."""

from __future__ import annotations

import random
from contextlib import suppress
from itertools import cycle
from pathlib import Path

import pytest

from lapel.core.audit import Finding, examine
from lapel.core.chain import CompactRange, leaf_hash, range_over
from lapel.core.proof import verify_inclusion
from lapel.core.purging import STAYS, Purged, purged_until
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Head, Record, RecordKind
from lapel.errors import StoreFull
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store import journal as journal_module
from lapel.store.database import Connection, open_database
from lapel.store.journal import PURPOSE, SealedJournal
from lapel.store.journal_purge import purge
from lapel.store.link_state import LINK, AtStation, LinkState

QUOTA_MIB = 1
DRAW = random.Random(7)
PICTURE = DRAW.randbytes(20_000)


def opened(path: Path, read_only: bool = False) -> SealedJournal:
    return SealedJournal(path, FixedKey(), FakeClock(), "cam-1", read_only, quota_mib=QUOTA_MIB)


def alert(number: int) -> Event:
    return Event(RecordKind.ALERT, (("entry", f"crate {number}"),), PICTURE)


def small(number: int) -> Event:
    return Event(RecordKind.PEOPLE, (("people_max", number), ("noise", DRAW.randbytes(300).hex())))


def filled(journal: SealedJournal) -> list[Record]:
    """Alerts and other records until the quota takes not even a small one."""
    kept: list[Record] = []
    for makers in ((alert, small), (small,)):
        with suppress(StoreFull):
            for make in cycle(makers):
                kept.append(journal.append(make(len(kept))))
    return kept


def acknowledge(state: Path, tree: CompactRange) -> Head:
    with LinkState(state / LINK, FixedKey()) as link:
        link.acknowledge(tree)
    return tree.head()


def findings(path: Path, acked: Head | None = None) -> tuple[Finding, ...]:
    with opened(path, read_only=True) as journal, journal.stored() as (head, rows):
        return examine(rows, head, acked).findings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_what_the_station_has_goes_first_and_the_purge_is_a_record(path: Path) -> None:
    with opened(path) as journal:
        kept = filled(journal)
        acked = acknowledge(path.parent, journal.tree_at(len(kept)))
        new = journal.append(alert(999))
        said = journal.after(acked.size - 1, 10)
        assert [record.kind for record in said] == [RecordKind.JOURNAL, RecordKind.ALERT]
        facts = dict(parse_body(said[0].body).facts)
        assert (facts["what"], facts["first"], facts["acknowledged"]) == ("purged", 0, acked.size)
        assert new.picture == PICTURE
        last = int(str(facts["last"]))
        left = {record.sequence: record for record in journal.after(-1, 10_000)}
        for record in kept[: last + 1]:
            assert (record.sequence in left) is (record.kind in STAYS)
            assert journal.picture(record.sequence) == b""
        assert all(left[record.sequence] == record for record in kept[last + 1 :])
        assert last < acked.size - 1, "all was given up at once"
    assert findings(path, acked) == ()


def test_what_was_given_up_can_still_be_proved(path: Path) -> None:
    with opened(path) as journal:
        kept = filled(journal)
        acknowledge(path.parent, journal.tree_at(journal.head().size))
        journal.append(alert(999))
        head = journal.head()
        for record in (kept[0], kept[1], kept[-1]):
            proof = journal.prove_inclusion(record.sequence, head.size)
            assert verify_inclusion(leaf_hash(record.body), record.sequence, head, proof)


def test_what_the_station_does_not_have_stays_whatever_comes(path: Path) -> None:
    with opened(path) as journal:
        kept = filled(journal)
        for event in (alert(0), small(0)):
            with pytest.raises(StoreFull):
                journal.append(event)
        assert list(journal.after(-1, 10_000)) == kept
    assert findings(path) == ()


def test_what_gave_too_little_up_is_not_looked_through_at_every_record(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def counted(connection: Connection, held: AtStation, wanted_bytes: int) -> Purged:
        tried.append(held.head.size)
        return purge(connection, held, wanted_bytes)

    monkeypatch.setattr(journal_module, "purge", counted)
    with opened(path) as journal:
        filled(journal)
        acknowledge(path.parent, journal.tree_at(1))
        for _ in range(5):
            with pytest.raises(StoreFull):
                journal.append(alert(0))
        assert tried == [1, 1]  # the first gave what there was, the second nothing
        acknowledge(path.parent, journal.tree_at(journal.head().size))
        journal.append(alert(0))


def test_only_what_was_acknowledged_goes_of_a_journal_that_is_partly_sent(path: Path) -> None:
    with opened(path) as journal:
        kept = filled(journal)
        part = acknowledge(path.parent, journal.tree_at(len(kept) // 2))
        new: list[Record] = []
        with suppress(StoreFull):
            while True:
                new.append(journal.append(alert(len(new))))
        assert len(new) > 3
        left = {record.sequence: record for record in journal.after(-1, 10_000)}
        assert all(left[record.sequence] == record for record in (*kept[part.size :], *new))
    assert findings(path, part) == ()


def test_a_head_that_is_not_of_this_journal_gives_nothing_up(path: Path) -> None:
    with opened(path) as journal:
        kept = filled(journal)
        acknowledge(path.parent, range_over([bytes(32)] * len(kept)))
        with pytest.raises(StoreFull):
            journal.append(alert(0))
        assert list(journal.after(-1, 10_000)) == kept


def test_a_journal_goes_on_at_its_quota_for_as_long_as_the_station_keeps_up(path: Path) -> None:
    with opened(path) as journal:
        for number in range(400):
            record = journal.append(alert(number))
            if number % 10 == 9:
                acknowledge(path.parent, journal.tree_at(journal.head().size))
        assert record.picture == PICTURE
        purges = journal.of_kind(RecordKind.JOURNAL)
        assert 5 < len(purges) < 200
    assert path.stat().st_size <= QUOTA_MIB * 1024 * 1024
    assert findings(path) == ()


def edit(path: Path, statement: str) -> None:
    database = open_database(path, FixedKey(), PURPOSE, read_only=False)
    database.execute(statement)
    database.close()


@pytest.mark.parametrize(("column", "what"), [("picture", "its picture was removed"), ("body", "its body was removed")])
def test_what_was_removed_without_a_record_of_it_is_found(path: Path, column: str, what: str) -> None:
    with opened(path) as journal:
        for number in range(4):
            journal.append(alert(number))
    edit(path, f"UPDATE record SET {column} = x'' WHERE sequence = 2")
    (finding,) = findings(path)
    assert (finding.sequence, finding.what) == (2, f"{what}, and no record says so")


def test_a_purge_of_what_the_station_had_not_acknowledged_is_found(path: Path) -> None:
    with opened(path) as journal:
        kept = filled(journal)
        acknowledge(path.parent, journal.tree_at(journal.head().size))
        journal.append(alert(0))
    with opened(path, read_only=True) as journal:
        really = journal.tree_at(2).head()
    (finding,) = findings(path, really)
    assert (finding.sequence, finding.what) == (len(kept), "gave up records that the station had not acknowledged")


def test_purges_account_for_what_is_missing_only_where_they_join() -> None:
    assert purged_until(()) == 0
    assert purged_until((Purged(0, 4, 9), Purged(5, 8, 9))) == 9
    assert purged_until((Purged(3, 8, 9),)) == 0


def test_what_was_given_up_is_sent_as_its_leaf_kind_and_time_in_its_place(path: Path) -> None:
    with opened(path) as journal:
        kept = filled(journal)
        acknowledge(path.parent, journal.tree_at(len(kept)))
        journal.append(alert(999))
        sent = journal.to_send(-1, 10_000)
    assert [each.sequence for each in sent] == list(range(len(kept) + 2))
    assert [(each.id, each.kind, each.at, each.leaf) for each in sent[: len(kept)]] == [
        (record.id, record.kind, record.at, record.leaf) for record in kept
    ]
    assert b"" in {each.body for each in sent}


def test_a_record_that_is_filed_under_another_kind_than_its_own_is_found(path: Path) -> None:
    with opened(path) as journal:
        journal.append(alert(0))
    edit(path, "UPDATE record SET kind = 'people'")
    (finding,) = findings(path)
    assert finding.what == "is filed as people: its body says that it is alert"
