"""``lapel audit`` shows the records, and finds what was done to them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lapel.cli.main import main
from lapel.core.records import Event, RecordKind
from lapel.fakes.clock import FakeClock
from lapel.store.database import open_database
from lapel.store.journal import PURPOSE, SealedJournal
from lapel.store.keys import FileKey
from lapel.store.link_state import LinkState

SIZE = 6


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with a journal of six records."""
    keys = FileKey.create(tmp_path / "device.key")
    write(tmp_path / "journal.db", keys, SIZE)
    return tmp_path


def write(path: Path, keys: FileKey, count: int) -> None:
    with SealedJournal(path, keys, FakeClock(), "cam-1") as journal:
        for number in range(count):
            journal.append(Event(RecordKind.ALERT, (("entry", f"crate-{number}"),), b"jpeg"))


def acknowledge_all(state: Path) -> None:
    keys = FileKey(state / "device.key")
    with SealedJournal(state / "journal.db", keys, FakeClock(), read_only=True) as journal:
        tree = journal.tree_at(journal.head().size)
    with LinkState(state / "link.db", keys) as link:
        link.acknowledge(tree)


def edit(state: Path, statement: str) -> None:
    connection = open_database(state / "journal.db", FileKey(state / "device.key"), PURPOSE, read_only=False)
    connection.execute(statement)
    connection.close()


def verify(state: Path, *more: str) -> int:
    return main(["audit", "verify", "--state", str(state), *more])


def test_show_gives_the_latest_records_oldest_first(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "show", "--state", str(state), "--limit", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["4", "5"]
    assert 'entry="crate-5"' in lines[1]


def test_show_speaks_json_a_record_a_line(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["audit", "show", "--state", str(state), "--json"])
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["facts"]["entry"] for record in records] == [f"crate-{number}" for number in range(SIZE)]
    assert {(record["device"], record["picture_bytes"]) for record in records} == {("cam-1", 4)}


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_an_absurd_limit_is_a_wrong_use(state: Path, limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "show", "--state", str(state), "--limit", limit]) == 2
    assert "give a count of 1 or more" in capsys.readouterr().err


def test_verify_of_an_untouched_journal_is_0_with_count_and_head(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(state) == 0
    with SealedJournal(state / "journal.db", FileKey(state / "device.key"), FakeClock(), read_only=True) as journal:
        assert f"clean: {SIZE} records, head {journal.head().root.hex()}" in capsys.readouterr().out


def test_verify_works_beside_a_writer(state: Path) -> None:
    with SealedJournal(state / "journal.db", FileKey(state / "device.key"), FakeClock(), "cam-1"):
        assert verify(state) == 0


def test_verify_says_what_it_cannot_see_without_an_acknowledged_head(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verify(state)
    assert "No head that a station acknowledged is kept here" in capsys.readouterr().out


def test_verify_says_how_far_the_station_vouches(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    acknowledge_all(state)
    write(state / "journal.db", FileKey(state / "device.key"), 2)
    assert verify(state) == 0
    assert f"head of {SIZE} records that the station acknowledged. Of the 2 records after" in capsys.readouterr().out


def test_verify_gives_each_finding_a_line_and_1(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(state, "DELETE FROM record WHERE sequence = 2")
    edit(state, "UPDATE record SET picture = x'00' WHERE sequence = 4")
    assert verify(state) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "record 2: is missing"
    assert lines[1].startswith("record 4: its picture was changed")


def test_verify_finds_a_cut_tail_against_the_acknowledged_head(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    acknowledge_all(state)
    (state / "journal.db").unlink()
    write(state / "journal.db", FileKey(state / "device.key"), SIZE - 2)
    assert verify(state) == 1
    assert f"record {SIZE - 2}: the tail was cut" in capsys.readouterr().out


def test_verify_speaks_json(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(state, "DELETE FROM record WHERE sequence = 2")
    verify(state, "--json")
    verdict = json.loads(capsys.readouterr().out)
    assert (verdict["clean"], verdict["records"], verdict["acked_records"]) == (False, SIZE - 1, None)
    assert verdict["findings"][0] == {"sequence": 2, "what": "is missing"}


def test_a_damaged_state_of_the_link_is_a_finding_and_the_journal_is_verified(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    acknowledge_all(state)
    path = state / "link.db"
    path.write_bytes(path.read_bytes()[:5000])
    assert verify(state) == 1
    said = capsys.readouterr().out
    assert f"what the station acknowledged of it cannot be read: {path}" in said
    assert "`lapel link` sets it aside at its start" in said
    assert f"1 findings: {SIZE} records" in said


def test_a_damaged_journal_is_5(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = state / "journal.db"
    path.write_bytes(path.read_bytes()[:5000])
    assert verify(state) == 5
    assert str(path) in capsys.readouterr().err


def test_a_folder_without_a_journal_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(tmp_path) == 2
    assert "--state" in capsys.readouterr().err


def test_a_wrong_key_is_5(state: Path) -> None:
    FileKey.create(state / "other.key")
    assert verify(state, "--key-file", str(state / "other.key")) == 5


def test_a_key_and_a_passphrase_together_are_a_wrong_use(state: Path) -> None:
    assert verify(state, "--key-file", "a", "--passphrase-file", "b") == 2
