"""The transparency report: counted from audited records alone, the same bytes for the same records."""

import json
import sqlite3
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from lapel.core.crowd import Crowd
from lapel.core.feedback import Answer, answer_event
from lapel.core.gallery import Gallery, Terms
from lapel.core.purging import purged_by
from lapel.core.record_body import Body, parse_body
from lapel.core.records import Event, Fact, Head, RecordKind
from lapel.core.things import Entry, Kind
from lapel.errors import StoreFull
from lapel.fakes.clock import FakeClock
from lapel.link.events import Delivery, Withheld
from lapel.store.database import open_database
from lapel.store.journal import JOURNAL, PURPOSE, SealedJournal
from lapel.store.keys import FileKey
from lapel.store.link_state import LINK, LinkState
from lapel.store.set_aside import open_or_begin
from lapel.wiring.own_records import list_event
from lapel_tools.cli.main import main
from lapel_tools.report.audited import Tree
from lapel_tools.report.transparency import counted
from lapel_tools.station.intake import Incoming
from lapel_tools.station.register import Register

DAYS = ("--from", "2026-02-01", "--to", "2026-02-02")


def gallery() -> Gallery:
    def entry(name: str, purpose: str) -> Entry:
        return Entry(name, name, Kind.BOX, purpose, "case-1", "District court", date(2026, 12, 31))

    entries = (entry("a", "stolen"), entry("b", "stolen"), entry("c", "recall"), entry("decoy", "stolen"))
    return Gallery(
        Terms("harbour", 4, date(2026, 1, 1), date(2026, 12, 31)), "", entries, (), None, frozenset({"decoy"})
    )


def a_day() -> list[Event]:
    """What a watch keeps on a day."""
    crowd = Crowd()
    for minute, people in enumerate((0, 3, 7, 1)):
        crowd.see(people, 60.0 * minute)
    frames = {"seen": 100, "looked_at": 90, "overtaken": 6, "unredactable": 3, "late": 1, "stopped": 0}
    terms: dict[str, Fact] = {"list_id": "harbour", "version": 4, "entries": 4, "decoys": 1, "references": 9}
    terms |= {"expires": "2026-12-31", "listed": dict(list_event(gallery()).facts)["listed"]}
    return [
        event(RecordKind.START, profile="pi-5"),
        event(RecordKind.LIST, **terms),
        event(RecordKind.ALERT, entry="a", list_id="harbour", code="", t_s=1.5),
        event(RecordKind.ALERT, entry="a", list_id="harbour", located=False, count_today=4),
        event(RecordKind.DECOY, entry="decoy"),
        event(RecordKind.EXPORT, clip="1", form="film", by="A. Officer", why="court"),
        event(RecordKind.PURGE, clip="1", reason="kept for as long as the site says"),
        event(RecordKind.DROPPED, **frames),
        *crowd.close(),
        event(RecordKind.STOP, reason="interrupted"),
    ]


def event(kind: RecordKind, **facts: Fact) -> Event:
    return Event(kind, tuple(facts.items()))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A device's journal over four days, of which two are asked for."""
    folder, clock = tmp_path / "state", FakeClock(datetime(2026, 1, 31, 12, 0, tzinfo=UTC))
    folder.mkdir()
    with SealedJournal(folder / "journal.db", FileKey.create(tmp_path / "key"), clock, "cam-7") as journal:
        for _ in range(4):
            for each in a_day():
                journal.append(each)
            clock.advance(86_400)
    return folder


def reported(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = main(["report", "transparency", *DAYS, *map(str, words)])
    said = capsys.readouterr()
    return code, said.out, said.err


def of_state(capsys: pytest.CaptureFixture[str], state: Path, *words: object) -> tuple[int, str, str]:
    return reported(capsys, "--state", state, "--key-file", state.parent / "key", *words)


def test_what_happened_in_the_days_asked_for_is_counted(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = of_state(capsys, state, "--json")
    report = json.loads(out)
    assert code == 0
    assert (report["first_day"], report["last_day"]) == ("2026-02-01", "2026-02-02")
    assert report["frames"] == {
        "seen": 200,
        "looked_at": 180,
        "overtaken": 12,
        "unredactable": 6,
        "late": 2,
        "stopped": 0,
    }
    assert report["frames_dropped"] == 20
    assert (report["alerts"], report["alerts_located"], report["entries_alerted"]) == (4, 2, 1)
    assert (report["decoys_hit"], report["clips_made"]) == (2, 0)
    assert report["exports"] == {"film": 2}
    assert report["purges"] == {"kept for as long as the site says": 2}
    assert report["crowds"] == {"minutes": 8, "highest": 7, "median": 2.0, "minutes_without": 2}
    assert (report["trees"][0]["records"], report["trees"][0]["in_range"]) == (40, 20)


def test_entries_are_counted_by_purpose_and_authority_without_decoys(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (applied,) = json.loads(of_state(capsys, state, "--json")[1])["lists"]
    assert applied["entries"] == 3
    assert applied["terms"] == [["recall", "District court", 1], ["stolen", "District court", 2]]
    assert applied["first_applied"] == "2026-02-01"


def test_no_answer_is_invented(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(of_state(capsys, state, "--json")[1])["answers"] is None
    assert of_state(capsys, state)[1].count("no answers recorded") == 1


def test_what_was_last_said_of_an_alert_counts(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock(datetime(2026, 2, 1, 18, 0, tzinfo=UTC))
    with SealedJournal(state / "journal.db", FileKey(state.parent / "key"), clock, "cam-7") as journal:
        first, second, *_ = (record.id for record in journal.of_kind(RecordKind.ALERT))
        for alert, answer in ((first, Answer.IS_NOT), (second, Answer.UNSURE), (first, Answer.IS)):
            journal.append(answer_event(alert, answer, "A. Officer"))
        journal.append(event(RecordKind.SILENCED, entry="a", wrong_answers=3))
    report = json.loads(of_state(capsys, state, "--json")[1])
    assert report["answers"] == {"it is": 1, "it is not": 0, "not sure": 1}
    assert (report["silenced"], report["entries_silenced"]) == (0, 1)
    assert "1 (it is); 0 (it is not); 1 (not sure)" in of_state(capsys, state)[1]


def test_nobody_s_name_is_on_it(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "A. Officer" not in of_state(capsys, state)[1] + of_state(capsys, state, "--json")[1]


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_the_same_records_give_the_same_bytes_whenever_they_are_counted(
    form: tuple[str, ...], state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = of_state(capsys, state, *form)[1]
    assert of_state(capsys, state, *form, "--out", tmp_path / "again")[0] == 0
    assert (tmp_path / "again").read_text() == first
    root = json.loads(of_state(capsys, state, "--json")[1])["trees"][0]["root"]
    assert root in first


def test_a_journal_with_a_finding_gives_no_report(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    connection = open_database(state / "journal.db", FileKey(state.parent / "key"), PURPOSE, read_only=False)
    connection.execute("DELETE FROM record WHERE sequence = 17")
    connection.close()
    code, out, err = of_state(capsys, state)
    assert (code, out) == (5, "")
    assert "no report is made of it" in err


def test_of_a_journal_that_goes_on_after_one_set_aside_what_lies_before_is_withheld(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, clock = FileKey(state.parent / "key"), FakeClock(datetime(2026, 2, 2, 18, 0, tzinfo=UTC))
    with SealedJournal(state / JOURNAL, key, clock, read_only=True) as journal, LinkState(state / LINK, key) as link:
        link.acknowledge(journal.tree_at(40))
    with (state / JOURNAL).open("r+b") as damaged:
        damaged.seek(9000)
        damaged.write(bytes(16))
    open_or_begin(state / JOURNAL, key, clock, "cam-7", 64).journal.close()
    code, out, err = of_state(capsys, state, "--json")
    assert (code, err) == (0, "")
    (tree,) = json.loads(out)["trees"]
    assert (tree["records"], tree["in_range"], tree["withheld"]) == (41, 1, 40)
    assert "what 40 of them say is not held, and not counted" in of_state(capsys, state)[1]


def test_what_a_journal_gave_up_at_its_quota_is_withheld_and_told_as_a_deletion(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, clock = FileKey(state.parent / "key"), FakeClock(datetime(2026, 2, 2, 18, 0, tzinfo=UTC))
    picture = Random(1).randbytes(60_000)
    with SealedJournal(state / JOURNAL, key, clock, "cam-7", quota_mib=1) as journal:
        with suppress(StoreFull):
            for _ in range(100):
                journal.append(Event(RecordKind.ALERT, (("entry", "a"),), picture))
        with LinkState(state / LINK, key) as link:
            link.acknowledge(journal.tree_at(journal.head().size))
        journal.append(Event(RecordKind.ALERT, (("entry", "a"),), picture))
        (purged,) = (p for r in journal.of_kind(RecordKind.JOURNAL) if (p := purged_by(parse_body(r.body))))
        held = len(journal.after(-1, 10_000))
    report = json.loads(of_state(capsys, state, "--json")[1])
    (tree,) = report["trees"]
    assert 0 < tree["withheld"] == tree["records"] - held
    assert report["records_given_up"] == purged.last - purged.first + 1
    assert f"what {report['records_given_up']} records say, or their pictures" in of_state(capsys, state)[1]


ODD: list[tuple[RecordKind, dict[str, Fact]]] = [
    (RecordKind.ANSWER, {"by": "x"}),
    (RecordKind.ANSWER, {"alert": "a", "answer": "perhaps"}),
    (RecordKind.LIST, {"listed": "{"}),
    (RecordKind.LIST, {"listed": '[["stolen", "court", Infinity]]'}),
    (RecordKind.LIST, {"listed": '[["\\ud800", "court", 1]]'}),
    (RecordKind.LIST, {"listed": "[" * 100_000}),
    (RecordKind.LIST, {"entries": "many"}),
    (RecordKind.PEOPLE, {"people_by_minute": "some"}),
    (RecordKind.PEOPLE, {"people_by_minute": f"{10**400}"}),
    (RecordKind.DROPPED, {"seen": -7}),
    (RecordKind.DROPPED, {"seen": 10**4000}),
    (RecordKind.JOURNAL, {"what": "purged", "first": 3, "last": 10**9, "acknowledged": 4}),
]


def test_records_with_facts_of_no_record_are_counted_as_unreadable_and_as_nothing_else(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = json.loads(of_state(capsys, state, "--json")[1])
    clock = FakeClock(datetime(2026, 2, 2, 18, 0, tzinfo=UTC))
    with SealedJournal(state / JOURNAL, FileKey(state.parent / "key"), clock, "cam-7") as journal:
        for kind, facts in ODD:
            journal.append(event(kind, **facts))
    code, out, err = of_state(capsys, state, "--json")
    assert (code, err) == (0, "")
    after = json.loads(out)
    assert (before["trees"][0]["unreadable"], after["trees"][0]["unreadable"]) == (0, len(ODD))
    for report in (before, after):
        del report["trees"][0]["root"], report["trees"][0]["records"], report["trees"][0]["unreadable"]
    assert after == before
    assert f"{len(ODD)} say what no record of their kind does" in of_state(capsys, state)[1]


def test_a_record_of_no_day_is_unreadable_on_every_day() -> None:
    body = Body(RecordKind.ALERT, (), "yesterday", "boot", 0, "cam-7", 0, "")
    report = counted((Tree("cam-7", Head(1, bytes(32)), (body,)),), date(2026, 2, 1), date(2026, 2, 1))
    assert (report.alerts, report.trees[0].unreadable) == (0, 1)


@pytest.fixture
def station(state: Path, tmp_path: Path) -> Path:
    """A station that holds the device's records, the seventh by its leaf alone."""
    path = tmp_path / "station.db"
    register = Register(path, FakeClock())
    with SealedJournal(state / "journal.db", FileKey(tmp_path / "key"), FakeClock(), read_only=True) as journal:
        register.begin(("cam-7",))
        for r in journal.after(-1, 1000):
            is_bare = r.sequence == 6
            withheld = Withheld.BODY if is_bare else Withheld.NOTHING
            kept = Delivery(r.id, r.sequence, r.kind.value, r.at, r.leaf, b"" if is_bare else r.body, b"", withheld)
            register.take(Incoming("cam-7", kept))
        register.commit()
    register.close()
    return path


def test_a_station_s_records_give_the_same_figures(
    state: Path, station: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, held = (
        json.loads(out)
        for _, out, _ in (of_state(capsys, state, "--json"), reported(capsys, "--db", station, "--json"))
    )
    assert held["trees"][0].pop("withheld") == 1
    assert own["trees"][0].pop("withheld") == 0
    assert held == own


def test_a_station_whose_records_do_not_give_their_head_gives_no_report(
    station: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(station) as edited:
        edited.execute("update records set body = cast(replace(body, 'court', 'caurt') as blob) where sequence = 15")
    edited.close()
    assert reported(capsys, "--db", station)[0] == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--state"),
        (("--db", "absent.db"), "no such file"),
        (("--state", ".", "--key-file", "key"), "journal.db"),
        (("--state", ".", "--key-file", "key", "--device", "nobody"), "--device: names one of a station's devices"),
        (("--state", ".", "--state", "../{here}", "--key-file", "key"), "is named twice"),
        (("--db", "x", "--to", "2026-01-01"), "earlier day first"),
        (("--db", "x", "--to", "yesterday"), "YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_reported_on_is_usage_and_says_what_to_give(
    words: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    FileKey.create(tmp_path / "key")
    code, _, err = reported(capsys, *(word.format(here=tmp_path.name) for word in words))
    assert code == 2
    assert said in err


SITE = """
[device]
site = "harbour"
name = "cam-7"
[clips]
keep_days = 14
[privacy]
position_grid_m = 250
[notice]
operator = "Harbour police"
contact = "privacy@harbour.example"
"""


def test_the_public_notice_says_what_the_site_file_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SITE)
    assert main(["report", "notice", "--site", str(site)]) == 0
    page = capsys.readouterr().out
    for words in ("Harbour police", "privacy@harbour.example", "14 days", "no position", "harbour, device cam-7"):
        assert words in page
    for promise in ("does not look for people", "no microphone", "does not record continuously"):
        assert promise in page


def test_the_public_notice_of_a_site_with_a_receiver_says_how_coarsely_a_place_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(f'{SITE}[gps]\nsocket = "/run/lapel-gps/fix.sock"\n')
    assert main(["report", "notice", "--site", str(site)]) == 0
    page = capsys.readouterr().out
    assert "its position, by a receiver, as the middle of a square of about 250 metres" in page
    assert "no position" not in page


@pytest.mark.parametrize("key", ["operator", "contact"])
def test_a_notice_without_anybody_to_ask_is_a_finding_of_configuration(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.toml"
    site.write_text("\n".join(line for line in SITE.splitlines() if not line.startswith(key)))
    assert main(["report", "notice", "--site", str(site)]) == 3
    assert f"notice.{key}: missing" in capsys.readouterr().err
