"""A damaged journal is kept as it lies, and another goes on after what the station has."""

from __future__ import annotations

import stat
from hashlib import sha256
from pathlib import Path

import pytest

from lapel.core.audit import examine
from lapel.core.chain import range_over
from lapel.core.proof import verify_inclusion
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Fact, Head, Record, RecordKind
from lapel.errors import StoreError, StoreFull, StoreLocked, Tampered, WrongKey
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store import set_aside as asiding
from lapel.store.database import create_database, open_database
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.link_state import _SCHEMA, LINK, PURPOSE, LinkState
from lapel.store.set_aside import ASIDE, Begun, link_or_begin, open_or_begin
from lapel.store.unopened import UnopenedJournal
from lapel.store.wiping import wipe
from sync_rig import DEVICE, Rig, quiet_rig, rig

__all__ = ["quiet_rig", "rig"]
RECORDS = 13


def begun(path: Path, keys: FixedKey | None = None) -> Begun:
    return open_or_begin(path, keys or FixedKey(), FakeClock(), "cam-1", 64)


def append(journal: SealedJournal | UnopenedJournal, number: int) -> Record:
    return journal.append(Event(RecordKind.ALERT, (("entry", str(number)),), bytes(9000)))


def damage(path: Path, at: int) -> bytes:
    """Change a byte; the file as it lies then."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    return bytes(data)


def facts(record: Record) -> dict[str, Fact]:
    return dict(parse_body(record.body).facts)


def asides(state: Path) -> list[Path]:
    return sorted(state.glob(f"{ASIDE}*"))


def acked_by_link(state: Path) -> Head | None:
    with LinkState(state / LINK, FixedKey(), read_only=True) as link:
        return link.acked_head()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed journal of some records, of which the station has all but two."""
    path = tmp_path / JOURNAL
    with begun(path).journal as journal:
        for number in range(RECORDS):
            append(journal, number)
        with LinkState(tmp_path / LINK, FixedKey()) as link:
            link.acknowledge(journal.tree_at(RECORDS - 2))
    return path


def test_a_whole_journal_is_opened_and_nothing_is_said(path: Path) -> None:
    found = begun(path)
    found.journal.close()
    assert (found.said, asides(path.parent)) == ("", [])


def test_a_damaged_journal_is_kept_as_it_lies_and_the_first_record_of_the_new_one_tells_of_it(path: Path) -> None:
    data = damage(path, 5000)
    found = begun(path)
    with found.journal as journal:
        (first,) = journal.after(-1, 10)
    (aside,) = asides(path.parent)
    assert aside.read_bytes() == data
    assert stat.S_IMODE(aside.stat().st_mode) == 0o400
    said = facts(first)
    assert (said["what"], said["aside"], said["sha256"]) == ("begun anew", aside.name, sha256(data).hexdigest())
    assert "damaged" in str(said["why"])
    assert found.said.startswith(f"JOURNAL SET ASIDE as {aside}, and a new one begun after the {RECORDS - 2} records")


def test_the_new_journal_goes_on_where_the_station_ended_and_verifies(path: Path) -> None:
    damage(path, 5000)
    with begun(path).journal as journal:
        new = [append(journal, number) for number in range(40)]
        assert new[0].sequence == RECORDS - 1
        head = journal.head()
    with begun(path).journal as journal:  # it is a whole one from now on
        assert (journal.head(), len(asides(path.parent))) == (head, 1)
        with journal.stored() as (stored, rows):
            assert examine(rows, stored, acked_by_link(path.parent), journal.begins()).findings == ()
        for record in new:
            proof = journal.prove_inclusion(record.sequence, head.size)
            assert verify_inclusion(record.leaf, record.sequence, head, proof)


def test_what_was_before_is_proved_by_the_station_alone(path: Path) -> None:
    damage(path, 5000)
    with begun(path).journal as journal, pytest.raises(ValueError, match="is kept"):
        journal.prove_inclusion(2, journal.head().size)


def test_without_a_word_of_the_station_the_new_journal_begins_at_nothing(path: Path) -> None:
    (path.parent / LINK).unlink()
    damage(path, 5000)
    with begun(path).journal as journal:
        assert [record.sequence for record in journal.after(-1, 10)] == [0]


@pytest.mark.parametrize("at", [3, 14])
def test_damage_that_looks_like_a_wrong_key_is_told_from_one(path: Path, at: int) -> None:
    with pytest.raises(WrongKey):
        begun(path, FixedKey(b"another"))
    assert asides(path.parent) == []
    damage(path, at)
    with begun(path).journal:
        assert len(asides(path.parent)) == 1


def test_a_journal_that_somebody_writes_is_not_set_aside(path: Path) -> None:
    with begun(path).journal:
        damage(path, 5000)
        with pytest.raises(StoreLocked):
            begun(path)
    assert asides(path.parent) == []


def test_the_log_of_a_journal_goes_with_it(path: Path) -> None:
    damage(path, 3)  # so that nothing has used it up yet
    log = path.with_name(f"{JOURNAL}-wal")
    log.write_bytes(b"a log that no journal can use")
    with begun(path).journal as journal:
        (first,) = journal.after(-1, 10)
        append(journal, 0)
    assert [each.name.endswith("-wal") for each in asides(path.parent)] == [False, True]
    assert facts(first)["log_sha256"] == sha256(b"a log that no journal can use").hexdigest()


def test_a_reader_of_the_old_file_is_told_to_open_the_new_one(path: Path) -> None:
    with SealedJournal(path, FixedKey(), FakeClock(), read_only=True) as reader:
        assert len(reader.after(-1, 100)) == RECORDS
        damage(path, 5000)
        begun(path).journal.close()
        with pytest.raises(StoreError, match="was set aside"):
            reader.after(RECORDS, 10)


def test_a_wipe_takes_what_was_set_aside(path: Path) -> None:
    damage(path, 5000)
    begun(path).journal.close()
    wipe(path.parent, None, "test", "2026-01-31")
    assert asides(path.parent) == []


def test_a_wipe_needs_no_root_to_take_it(as_ordinary_user: None, tmp_path: Path) -> None:
    path = tmp_path / JOURNAL
    with begun(path).journal as journal:
        append(journal, 0)
    damage(path, 5000)
    begun(path).journal.close()
    wipe(tmp_path, None, "test", "2026-01-31")
    assert asides(tmp_path) == []


def test_a_link_s_state_of_version_1_is_taken_and_knows_the_tree_from_the_next_ack_on(tmp_path: Path) -> None:
    path = tmp_path / LINK
    create_database(path, FixedKey(), PURPOSE, _SCHEMA)
    with LinkState(path, FixedKey(), read_only=True) as link:
        assert (link.acked_head(), link.acked_tree()) == (None, None)
    tree = range_over([bytes(32)] * 5)
    with LinkState(path, FixedKey()) as link:
        assert link.acked_tree() is None
        link.acknowledge(tree)
        assert (link.acked_tree(), link.cursor()) == (tree, 5)


def test_rows_after_a_tree_that_was_not_theirs_do_not_give_the_head(path: Path) -> None:
    damage(path, 5000)
    with begun(path).journal as journal, journal.stored() as (stored, rows):
        verdict = examine(rows, stored, None, range_over([bytes(32)] * (RECORDS - 2)))
    assert [finding.what for finding in verdict.findings] == [
        "the records do not give the stored head: some were changed, removed or moved"
    ]


def test_what_was_set_aside_takes_as_much_as_a_journal_may_and_the_oldest_goes_for_more(path: Path) -> None:
    for number in range(4):
        damage(path, 5000)
        with open_or_begin(path, FixedKey(), FakeClock(), "cam-1", 0.4).journal as journal:
            (said,) = journal.of_kind(RecordKind.JOURNAL)
            removed = facts(said).get("removed")
            for each in range(RECORDS):
                append(journal, each)
        left = [each.name for each in asides(path.parent)]
        if number < 2:
            assert (removed, len(left)) == (None, number + 1)
    assert removed == "aside-1769860801-journal.db"
    assert left == ["aside-1769860802-journal.db", "aside-1769860803-journal.db"]
    assert all(each.stat().st_size > 0.13 * 2**20 for each in asides(path.parent))


@pytest.mark.parametrize("at", [3, 14, 5000])
def test_a_damaged_state_of_the_link_is_kept_as_it_lies_and_another_begun(path: Path, at: int) -> None:
    data = damage(path.parent / LINK, at)
    found, told = link_or_begin(path.parent / LINK, FixedKey(), FakeClock())
    with found:
        assert found.acked_head() is None
    (aside,) = asides(path.parent)
    assert (aside.read_bytes(), stat.S_IMODE(aside.stat().st_mode)) == (data, 0o400)
    assert told is not None
    said = dict(told.facts)
    assert said["what"] == "link.db as it was"
    assert str(said["why"]).startswith(f"aside {aside.name}, sha256 {sha256(data).hexdigest()}: {path.parent / LINK}: ")
    again, nothing = link_or_begin(path.parent / LINK, FixedKey(), FakeClock())
    again.close()
    assert (nothing, asides(path.parent)) == (None, [aside])


def test_a_state_of_the_link_without_its_row_is_a_damaged_one(path: Path) -> None:
    edited = open_database(path.parent / LINK, FixedKey(), PURPOSE, read_only=False)
    edited.execute("DELETE FROM acknowledged")
    edited.close()
    found, told = link_or_begin(path.parent / LINK, FixedKey(), FakeClock())
    found.close()
    assert told is not None
    assert "its row was removed" in str(dict(told.facts)["why"])


@pytest.mark.mosquitto
def test_a_link_whose_state_is_damaged_goes_on_and_has_that_recorded(rig: Rig) -> None:
    rig.write(20)
    with rig.station() as station:
        rig.drain()
        damage(rig.state / LINK, 5000)
        rig.write(5)
        assert rig.drain().waiting == 0
        assert station.refused == 0
    assert rig.held() == rig.journal_head() == rig.acked()
    assert rig.held().size == 26  # and one that says so
    assert "link_begun_anew" in rig.notes.names()


@pytest.mark.mosquitto
@pytest.mark.parametrize("is_removed", [True, False])
def test_after_a_journal_that_was_set_aside_a_link_without_its_state_goes_on(rig: Rig, is_removed: bool) -> None:
    rig.write(20)
    with rig.station() as station:
        rig.drain()
        damage(rig.state / JOURNAL, 9000)
        open_or_begin(rig.state / JOURNAL, rig.key, FakeClock(), DEVICE, 64).journal.close()
        rig.write(5)
        if is_removed:
            (rig.state / LINK).unlink()
        else:
            damage(rig.state / LINK, 5000)
        assert rig.drain().waiting == 0
        assert station.refused == 0
    assert rig.held() == rig.journal_head() == rig.acked()


@pytest.mark.mosquitto
def test_records_of_the_new_journal_reach_the_station_without_a_fork(rig: Rig) -> None:
    rig.write(20)
    with rig.station() as station:
        rig.drain()
        damage(rig.state / JOURNAL, 9000)
        with pytest.raises(Tampered):
            SealedJournal(rig.state / JOURNAL, rig.key, FakeClock(), DEVICE)
        open_or_begin(rig.state / JOURNAL, rig.key, FakeClock(), DEVICE, 64).journal.close()
        rig.write(5)
        assert rig.drain().sent == 6
        assert station.refused == 0
    assert rig.held() == rig.journal_head() == rig.acked()
    assert rig.held().size == 26


def test_where_no_journal_can_be_opened_nothing_is_kept_and_all_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> SealedJournal:
        raise StoreFull("journal.db: disk is full; make room")

    before = path.read_bytes()
    monkeypatch.setattr(asiding, "SealedJournal", full)
    found = begun(path)
    assert found.said == "NOTHING IS RECORDED: journal.db: disk is full; make room; then start Lapel again"
    with found.journal as journal:
        with pytest.raises(StoreError, match="disk is full"):
            append(journal, 0)
        journal.checkpoint()
        assert (journal.head().size, journal.after(-1, 10), journal.of_kind(RecordKind.ALERT)) == (0, (), ())
        with pytest.raises(StoreLocked):
            begun(path)
    assert path.read_bytes() == before


class FullFrom(SealedJournal):
    """One that comes while the disk is full: it is opened the so-manieth time, or takes nothing."""

    opened = 0
    to_open = 2

    def __init__(self, *values: object, **named: object) -> None:
        FullFrom.opened += 1
        if FullFrom.opened == FullFrom.to_open:
            raise StoreFull("journal.db: disk is full; make room")
        super().__init__(*values, **named)  # type: ignore[arg-type]

    def append(self, event: Event) -> Record:
        raise StoreFull("journal.db: disk is full; make room")


@pytest.mark.parametrize("to_open", [2, 3])
def test_one_that_a_full_disk_kept_from_being_begun_is_begun_by_the_next_start(
    path: Path, monkeypatch: pytest.MonkeyPatch, to_open: int
) -> None:
    damage(path, 5000)
    with monkeypatch.context() as disk:
        disk.setattr(FullFrom, "opened", 0)
        disk.setattr(FullFrom, "to_open", to_open)
        disk.setattr(asiding, "SealedJournal", FullFrom)
        found = begun(path)
        assert "disk is full; make room" in found.said
        found.journal.close()
    found = begun(path)
    with found.journal as journal:
        (first,) = journal.after(-1, 10)
    (aside,) = asides(path.parent)
    assert (first.sequence, facts(first)["what"], facts(first)["aside"]) == (RECORDS - 2, "begun anew", aside.name)
    assert facts(first)["sha256"] == sha256(aside.read_bytes()).hexdigest()
    assert found.said.startswith(f"JOURNAL SET ASIDE as {aside}")
    again = begun(path)
    again.journal.close()
    assert again.said == ""


def test_a_folder_that_is_not_there_is_no_full_disk(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="absent"):
        begun(tmp_path / "absent" / JOURNAL)
