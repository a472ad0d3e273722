"""Whoever holds the broker cannot fill the journal with refusals, and none of them is lost count of."""

from __future__ import annotations

from pathlib import Path

import pytest

from lapel.core.record_body import parse_body
from lapel.core.records import Fact, RecordKind
from lapel.core.updates import Why
from lapel.errors import Refused, UpdateRefused, UsageError
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.wiring.recording import Refusals

TAMPERED = UpdateRefused(Why.TAMPERED.value, "a chunk is not what was signed")


class Device:
    """A state folder with a journal, and what follows lists for it."""

    def __init__(self, state: Path) -> None:
        self.state, self.clock = state, FakeClock()
        SealedJournal(state / JOURNAL, FixedKey(), self.clock, "cam-1").close()
        self.refusals = Refusals(state, FixedKey(), self.clock)

    def recorded(self) -> list[dict[str, Fact]]:
        with SealedJournal(self.state / JOURNAL, FixedKey(), self.clock, read_only=True) as journal:
            return [dict(parse_body(record.body).facts) for record in journal.of_kind(RecordKind.REFUSAL)]


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def test_of_one_reason_there_is_a_record_at_once_and_then_one_an_hour_that_says_how_many(device: Device) -> None:
    for _ in range(3000):
        device.refusals.record(TAMPERED)
        device.clock.advance(2)
    said = [facts["why"] for facts in device.recorded()]
    assert said == [str(TAMPERED), f"{TAMPERED} (1799 more since the last record)"]


def test_another_reason_is_recorded_beside_it(device: Device) -> None:
    for error in (TAMPERED, UpdateRefused(Why.FROZEN.value, "expired"), Refused("no list"), TAMPERED):
        device.refusals.record(error)
    assert [facts["what"] for facts in device.recorded()] == [
        "update refused: tampered",
        "update stale: frozen",
        "update refused: Refused",
    ]


def test_after_a_list_was_taken_the_next_refusal_is_news_and_those_before_it_are_counted(device: Device) -> None:
    for _ in range(3):
        device.refusals.record(TAMPERED)
    device.refusals.forget()
    device.refusals.record(TAMPERED)
    said = [facts["why"] for facts in device.recorded()]
    assert said == [str(TAMPERED), f"{TAMPERED} (2 more since the last record)"]


def test_what_could_not_be_recorded_is_recorded_the_next_time(device: Device) -> None:
    hidden = (device.state / JOURNAL).rename(device.state / "hidden.db")
    with pytest.raises(UsageError):
        device.refusals.record(TAMPERED)
    hidden.rename(device.state / JOURNAL)
    device.refusals.record(TAMPERED)
    assert len(device.recorded()) == 1
