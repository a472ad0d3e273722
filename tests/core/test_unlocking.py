"""Wrong passphrases wait longer each time, and what happens while a device is locked is held for the journal."""

import pytest

from lapel.core.feedback import Pairing
from lapel.core.records import RecordKind
from lapel.core.unlocking import FREE, LONGEST_S, MOST_HELD, WhileLocked, decoded, wait_s

AT = "2026-05-04T12:00:00+00:00"


def test_the_first_wrong_ones_cost_no_waiting_and_each_further_one_twice_as_much_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_s(wrong) for wrong in range(14)]
    assert waits[: FREE + 1] == [0.0] * (FREE + 1)
    assert waits[FREE + 1 : FREE + 9] == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0]
    assert set(waits[FREE + 9 :]) == {LONGEST_S}
    assert wait_s(10**9) == LONGEST_S


def test_whoever_never_gives_up_has_a_hundred_guesses_a_day() -> None:
    spent_s, guesses = 0.0, 0
    while spent_s < 86_400:
        guesses += 1
        spent_s += wait_s(guesses)
    assert guesses < 110


def test_what_happened_becomes_records_in_its_order_with_its_time_and_who_ended_it() -> None:
    held = WhileLocked().paired(Pairing.PAIRED, "Officer 7", AT).tried("Officer 7", AT)
    paired, wrong, unlocked = held.events("Officer 8")
    assert (paired.kind, dict(paired.facts)) == (
        RecordKind.PAIRING,
        {"outcome": "paired", "by": "Officer 7", "happened": AT},
    )
    assert (wrong.kind, dict(wrong.facts)["outcome"]) == (RecordKind.LOCK, "wrong passphrase")
    assert dict(unlocked.facts) == {"outcome": "unlocked", "by": "Officer 8", "wrong": 1, "left_out": 0}


def test_of_many_the_newest_are_held_and_the_others_counted() -> None:
    held = WhileLocked()
    for number in range(MOST_HELD + 5):
        held = held.tried(f"Officer {number}", AT)
    assert (held.wrong, len(held.happened), held.left_out) == (MOST_HELD + 5, MOST_HELD, 5)
    assert held.happened[-1].by == f"Officer {MOST_HELD + 4}"


def test_what_is_held_is_read_as_it_was_written() -> None:
    held = WhileLocked().tried("x" * 5000, AT).paired(Pairing.ENDED, "Offiziér", AT)
    assert decoded(held.encoded()) == held
    assert len(held.encoded()) < 400


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[" * 9999,
        b'{"wrong": -1, "left_out": 0, "happened": []}',
        b'{"wrong": 1e999, "left_out": 0, "happened": []}',
        b'{"wrong": 0, "left_out": 0, "happened": [["opened", "x", "y"]]}',
        b'{"wrong": 0, "left_out": 0, "happened": [["paired"]]}',
    ],
)
def test_what_no_locked_device_wrote_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"locked|wrong"):
        decoded(data)
