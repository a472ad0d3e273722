"""A watch records what it is set to, where its alerts were shown, and that its clock was set."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event as Flag

import pytest

from lapel.alert.console import ConsoleAlerter
from lapel.alert.fanout import Fanout
from lapel.alert.notices import NoticesOnly
from lapel.config.profile import load_profile
from lapel.core.record_body import parse_body
from lapel.core.records import Event, Fact, RecordKind
from lapel.errors import StoreError, StoreFull
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.clock import FakeClock
from lapel.fakes.gallery import made_up_gallery
from lapel.fakes.hit import made_up_hit, made_up_record
from lapel.fakes.journal import MemoryJournal
from lapel.fakes.keys import FixedKey
from lapel.store.journal import SealedJournal
from lapel.wiring.clock_jumps import ClockedJournal
from lapel.wiring.lookout import Orders
from lapel.wiring.own_records import signed_often, tell_of_start
from lapel.wiring.settings import new_settings
from lapel.wiring.shown import keep_delivery
from lapel.wiring.tally import TalliedJournal

SEEN = Event(RecordKind.PEOPLE, (("people_max", 1),))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SealedJournal]:
    with SealedJournal(tmp_path / "journal.db", FixedKey(), FakeClock(), "cam-1") as journal:
        yield journal


def told(journal: MemoryJournal) -> list[tuple[str, dict[str, Fact]]]:
    return [(record.kind.value, dict(parse_body(record.body).facts)) for record in journal.after(-1, 100)]


def test_settings_are_recorded_once_and_again_when_one_of_them_differs(journal: SealedJournal) -> None:
    profile, orders = load_profile("ci-video"), Orders("clip.mp4", Path("list.lapel"), Path("state"))
    first = new_settings(journal, profile, orders)
    assert first is not None
    assert {"profile.journal.quota_mib": 64, "orders.clips.before_s": 10.0}.items() <= dict(first.facts).items()
    journal.append(first)
    assert new_settings(journal, profile, orders) is None
    assert new_settings(journal, profile, replace(orders, quiet_s=5.0)) is not None


def test_settings_hold_no_password(journal: SealedJournal) -> None:
    address, profile = "rtsp://user:secret@camera/1", load_profile("ci-video")
    profile = replace(profile, camera=replace(profile.camera, source=address))
    event = new_settings(journal, profile, Orders(address, Path("list.lapel"), Path("state")))
    assert event is not None
    assert "secret" not in repr(event)


def test_a_clock_that_is_set_is_a_record_after_the_first_one_with_the_new_time() -> None:
    clock = FakeClock()
    memory = MemoryJournal(clock)
    ClockedJournal(memory).append(SEEN)
    journal = ClockedJournal(memory)  # a later start
    clock.advance(60)
    journal.append(SEEN)
    clock.set_wall(datetime(2026, 1, 31, 13, 1, tzinfo=UTC))
    journal.append(SEEN)
    journal.append(SEEN)
    kinds = [kind for kind, _ in told(memory)]
    assert kinds == ["people", "people", "people", "clock", "people"]
    assert told(memory)[3][1] == {"jumped_s": 3600.0, "last": "2026-01-31T12:01:00+00:00", "restarted": False}


def test_records_keep_their_order_whatever_the_clock_says() -> None:
    clock = FakeClock()
    journal = MemoryJournal(clock)
    journal.append(SEEN)
    clock.advance(5)
    clock.set_wall(datetime(1999, 1, 1, tzinfo=UTC))
    journal.append(SEEN)
    before, after = (parse_body(record.body) for record in journal.after(-1, 2))
    assert after.at < before.at
    assert (after.sequence, after.boot) == (before.sequence + 1, before.boot)
    assert after.monotonic_ns - before.monotonic_ns == 5_000_000_000


def test_what_was_kept_is_kept_though_the_jump_could_not_be(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    memory = MemoryJournal(clock)
    tallied = TalliedJournal(memory)
    journal = ClockedJournal(tallied)
    journal.append(SEEN)
    clock.set_wall(datetime(2027, 1, 1, tzinfo=UTC))
    append = memory.append

    def full_after(event: Event) -> object:
        kept = append(event)
        memory.break_with(StoreFull("quota"))
        return kept

    monkeypatch.setattr(memory, "append", full_after)
    assert journal.append(SEEN).sequence == 1
    assert tallied.lost == 1


def test_an_alert_s_delivery_says_who_was_told_and_who_could_not_be() -> None:
    journal = MemoryJournal(FakeClock())
    alerters = (ConsoleAlerter(sys.stdout), RecordingAlerter(broken=True), NoticesOnly(sys.stderr))
    fanout = Fanout(alerters, lambda record, told, failed: keep_delivery(journal, record, told, failed))
    record = made_up_record()
    fanout.alert(made_up_hit(), record)
    fanout.alert(made_up_hit(), None)  # there is no record to speak of
    assert told(journal) == [("delivery", {"alert": record.id, "told": "console", "failed": "RecordingAlerter"})]


def test_what_keeps_a_journal_from_being_signed_is_said_once_until_it_is_signed_or_something_else_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lapel.wiring.own_records.EVERY_S", 0.001)
    troubles, said, is_over = ["full", "full", "full", "", "full", "broken", "broken"], list[str](), Flag()

    def checkpoint() -> None:
        if not troubles:
            is_over.set()
            return
        if trouble := troubles.pop(0):
            raise StoreError(trouble)

    with signed_often(checkpoint, said.append):
        assert is_over.wait(20)
    assert said == ["NOT SIGNED: full", "NOT SIGNED: full", "NOT SIGNED: broken"]


BOOTED, LISTED, SIGNED = date(1970, 1, 1), date(2026, 1, 31), date(2026, 2, 5)


@pytest.mark.parametrize(
    ("shown", "signed", "least"),
    [
        (BOOTED, BOOTED, LISTED),
        (BOOTED, SIGNED, SIGNED),
        (LISTED, SIGNED, SIGNED),
        (LISTED, LISTED, None),
        (SIGNED, LISTED, None),
    ],
)
def test_a_clock_that_was_never_set_is_told_once_by_what_must_have_passed(
    shown: date, signed: date, least: date | None
) -> None:
    alerter = RecordingAlerter()
    tell_of_start(alerter.notice, made_up_gallery(LISTED), max(shown, signed), shown)
    assert alerter.notices == (
        [f"CLOCK NOT SET: it shows {shown}, and it is {least} at least; set it: until then records have wrong times"]
        if least
        else []
    )
