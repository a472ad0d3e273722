"""What the station signs of its devices' journals, and what it raises an alarm for."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lapel.core.checkpoint import parse_checkpoint
from lapel.core.signed_note import parse_key, parse_note
from lapel.errors import Tampered, UsageError
from lapel.fakes.clock import FakeClock
from lapel.link.offers import Offer
from lapel.link.signals import Arrived
from lapel.store.signing import is_signed
from lapel.store.witnessed import witnessed_note
from lapel_tools.cli.main import main
from lapel_tools.station.cosigning import Cosigner, cosigned_at, cosigner_at
from lapel_tools.station.database import Row, Values
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from sync_rig import DEVICE, SITE, Notebook, Rig
from teller import Teller, offered


@pytest.fixture
def register(where: Path | str) -> Iterator[Register]:
    with closing(Register(where, FakeClock())) as register:
        yield register


@pytest.fixture
def cosigner(tmp_path: Path) -> Cosigner:
    return cosigner_at(tmp_path / "station.witness", SITE)


@pytest.fixture
def station(register: Register, cosigner: Cosigner) -> Station:
    return Station(register, SITE, Notebook(), cosigner=cosigner)


def witness(station: Station, *messages: Arrived) -> str | None:
    (answer,) = station.take(messages)
    return answer.ack.witness


def alarms(register: Register) -> list[str]:
    return [raised.alarm for raised in register.alarms()]


def test_a_head_that_the_device_signed_over_what_it_sent_is_signed_by_the_station(
    station: Station, register: Register, cosigner: Cosigner
) -> None:
    teller = Teller()
    said = witness(station, *teller.told(0, 10), offered(teller.offer(10)))
    note = parse_note(said or "")
    assert parse_checkpoint(note.text).head == register.head(DEVICE)
    assert is_signed(note, teller.signer.key)
    assert cosigned_at(note, cosigner.key) == FakeClock().wall_ns() // 10**9
    assert register.standings()[0].witnessed == 10
    assert alarms(register) == []


def test_each_head_must_add_to_the_one_before(station: Station, register: Register) -> None:
    teller = Teller()
    witness(station, *teller.told(0, 40), offered(teller.offer(7)))
    said = witness(station, offered(teller.offer(33, earlier=7)))
    assert parse_checkpoint(parse_note(said or "").text).head.size == 33
    assert alarms(register) == []


def test_a_head_over_many_records_is_held_against_them_part_by_part(
    station: Station, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    teller, read = Teller(), list[int]()
    station.take(teller.told(0, 40))
    run = register._db.run

    def counted(statement: str, values: Values = ()) -> list[Row]:
        rows = run(statement, values)
        read.append(len(rows))
        return rows

    monkeypatch.setattr("lapel_tools.station.witness_rows._AT_A_TIME", 7)
    monkeypatch.setattr(register._db, "run", counted)
    assert parse_checkpoint(parse_note(witness(station, offered(teller.offer(40))) or "").text).head.size == 40
    assert max(read) == 7


def test_a_head_without_its_proof_is_a_fork_and_is_not_signed(station: Station, register: Register) -> None:
    teller = Teller()
    witness(station, *teller.told(0, 40), offered(teller.offer(7)))
    assert witness(station, offered(replace(teller.offer(33, earlier=7), proof=()))) == ""
    assert (alarms(register), register.standings()[0].witnessed) == (["fork"], 7)


def test_a_device_that_forgot_what_was_signed_is_told_and_not_accused(station: Station, register: Register) -> None:
    teller = Teller()
    first = witness(station, *teller.told(0, 40), offered(teller.offer(7)))
    assert witness(station, offered(teller.offer(33))) == first
    assert alarms(register) == []


def test_another_history_under_the_devices_own_key_is_a_fork(station: Station, register: Register) -> None:
    teller = Teller()
    witness(station, *teller.told(0, 10), offered(teller.offer(10)))
    liar = Teller("other", teller.signer)
    assert witness(station, offered(liar.offer(10))) == ""
    assert alarms(register) == ["fork"]


def test_a_head_of_other_records_than_were_sent_is_a_fork(station: Station, register: Register) -> None:
    teller = Teller()
    liar = Teller("other", teller.signer)
    assert witness(station, *teller.told(0, 10), offered(liar.offer(10))) == ""
    assert alarms(register) == ["fork"]


def test_a_record_of_another_history_is_a_fork(station: Station, register: Register) -> None:
    station.take(Teller().told(0, 3))
    station.take(Teller("other").told(1, 2))
    assert alarms(register) == ["fork"]


def test_a_head_over_more_than_was_sent_waits(station: Station, register: Register) -> None:
    teller = Teller()
    assert witness(station, *teller.told(0, 5), offered(teller.offer(10))) == ""
    assert alarms(register) == []


def test_another_key_is_an_alarm(station: Station, register: Register) -> None:
    teller = Teller()
    witness(station, *teller.told(0, 20), offered(teller.offer(10)))
    other = Teller()
    assert witness(station, offered(other.offer(20, earlier=10))) == ""
    assert alarms(register) == ["key"]


@pytest.mark.parametrize("place", ["text", "signature", "key"])
def test_a_head_that_the_device_did_not_sign_is_an_alarm(station: Station, register: Register, place: str) -> None:
    teller = Teller()
    offer = teller.offer(10)
    forged = {
        "text": replace(offer, note=offer.note.replace("\n10\n", "\n11\n", 1)),
        "signature": replace(
            offer, note=teller.offer(9).note.partition("\n\n")[0] + offer.note[offer.note.index("\n\n") :]
        ),
        "key": replace(offer, key=str(Teller().signer.key)),
    }[place]
    assert witness(station, *teller.told(0, 20), offered(forged)) == ""
    assert alarms(register) == ["forged"]


def test_a_signature_that_no_database_keeps_is_an_alarm_and_ends_no_station(
    station: Station, register: Register
) -> None:
    teller = Teller()
    offer = teller.offer(10)
    odd = replace(offer, note=f"{offer.note}\N{EM DASH} \ud800 AAAAAAAA\n")
    sent = offered(offer)
    said = json.dumps(json.loads(sent.data) | {"note": odd.note}).encode()
    assert witness(station, *teller.told(0, 10), replace(sent, data=said)) == ""
    assert alarms(register) == ["forged"]


def test_a_device_that_says_that_its_journal_was_cut_is_an_alarm(station: Station, register: Register) -> None:
    station.take(Teller().told(0, 10))
    assert witness(station, offered(Offer("", "", 10, (), 4))) == ""
    assert alarms(register) == ["cut"]


def test_a_gap_that_lasts_an_hour_is_an_alarm(where: Path | str) -> None:
    clock = FakeClock()
    with closing(Register(where, clock)) as register:
        station = Station(register, SITE, Notebook())
        station.take(Teller().told(1, 3))
        station.look_for_gaps()
        assert alarms(register) == []
        clock.advance(3700)
        station.look_for_gaps()
        assert alarms(register) == ["gap"]


def test_alarms_are_findings_of_the_fleet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = tmp_path / "station.db"
    with closing(Register(db, FakeClock())) as register:
        Station(register, SITE, Notebook(), cosigner=cosigner_at(tmp_path / "key", SITE)).take(
            [offered(Offer("", "", 10, (), 4))]
        )
    assert main(["fleet", "status", "--db", str(db)]) == 1
    assert "alarm (cut, last 2026-01-31T12:00): it has 4 records, 10 were acknowledged" in capsys.readouterr().out


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"[" * 50_000, b'{"note":1,"key":"","earlier":0,"proof":[],"kept":0}']
)
def test_an_offer_that_is_none_is_refused_and_counted(station: Station, register: Register, data: bytes) -> None:
    station.take([replace(offered(Teller().offer(3)), data=data)])
    assert (register.standings()[0].refusals, alarms(register)) == (1, [])


def test_the_stations_key_stays_its_own(tmp_path: Path) -> None:
    path = tmp_path / "station.witness"
    made = cosigner_at(path, SITE)
    assert cosigner_at(path, SITE).key == made.key == parse_key((tmp_path / "station.witness.pub").read_text().strip())
    path.chmod(0o644)
    with pytest.raises(UsageError, match="others may read it"):
        cosigner_at(path, SITE)


@pytest.mark.mosquitto
def test_what_a_link_sent_is_witnessed_and_the_device_keeps_the_stations_signature(rig: Rig) -> None:
    rig.write(30)
    with rig.station():
        rig.drain()
        rig.write(300)
        rig.drain()
    note = parse_note(witnessed_note(rig.state))
    assert parse_checkpoint(note.text).head == rig.journal_head()
    with closing(Holdings(rig.db)) as held:
        assert (held.standings()[0].witnessed, held.alarms()) == (330, ())


@pytest.mark.mosquitto
def test_a_journal_that_was_cut_is_told_to_the_station(rig: Rig, tmp_path: Path) -> None:
    rig.write(5)
    early = (rig.state / "journal.db").read_bytes()
    rig.write(5)
    with rig.station():
        rig.drain()
        (rig.state / "journal.db").write_bytes(early)
        with pytest.raises(Tampered):
            rig.drain()
    with closing(Holdings(rig.db)) as held:
        assert [(raised.device, raised.alarm) for raised in held.alarms()] == [(DEVICE, "cut")]
