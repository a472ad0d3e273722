"""A locked lookout takes a passphrase and a pairing, counts what is wrong, and gives nothing else away."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lapel.core.feedback import Answer, Pairing, answer_event, pairing_event
from lapel.core.handed import encoded
from lapel.core.unlocking import WhileLocked
from lapel.errors import StoreFull
from lapel.fakes.clock import FakeClock
from lapel.health.clock import SystemClock
from lapel.store.attempts import ATTEMPTS, Attempts
from lapel.store.envelope import seal
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import PassphraseKey
from lapel.store.signing import signer_of
from lapel.wiring.locked_desk import UNCOUNTED_S, LockedDesk
from shift_rig import PASSPHRASE, WRONG


@dataclass
class Locked:
    """A locked device."""

    state: Path
    clock: FakeClock = field(default_factory=FakeClock)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.desk = LockedDesk(self.state, "cam-7", self.clock, self.said.append)

    def view(self, since: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.desk.answer(json.dumps({"ask": "view", "since": since}).encode(), 0))
        return found

    def give(self, passphrase: str, by: str = "Officer 7") -> str:
        """What is said of it; empty where the device is unlocked."""
        sealed = seal(self.view()["locked"]["key"], bytearray(passphrase.encode()))
        message = {"unlock": {"point": sealed.point, "box": sealed.box, "by": by}}
        return str(json.loads(self.desk.answer(json.dumps(message).encode(), 0)).get("failed", ""))


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Locked:
    monkeypatch.setattr("lapel.store.keys.SCRYPT_COST", 2)  # what a guess costs is not asked here
    SealedJournal(tmp_path / JOURNAL, PassphraseKey(PASSPHRASE), FakeClock(), "cam-7").close()
    return Locked(tmp_path)


def wrongly(locked: Locked, times: int) -> None:
    for _ in range(times):
        locked.clock.advance(1000)
        assert "wrong" in locked.give(WRONG)


def test_the_right_passphrase_unlocks_it_and_its_keys_open_what_was_closed(locked: Locked) -> None:
    assert locked.give(PASSPHRASE) == ""
    assert locked.desk.opened.is_set()
    assert locked.desk.unlocked is not None
    SealedJournal(locked.state / JOURNAL, locked.desk.unlocked.keys, SystemClock(), read_only=True).close()


def test_a_wrong_one_does_not_and_is_counted_with_who_gave_it(locked: Locked) -> None:
    assert locked.give(WRONG) == "the passphrase is wrong"
    assert not locked.desk.opened.is_set()
    held = Attempts(locked.state).read()
    assert (held.wrong, [each.by for each in held.happened]) == (1, ["Officer 7"])
    assert locked.said == ["WRONG PASSPHRASE given by Officer 7, 1 in a row"]


def test_after_a_few_wrong_ones_even_the_right_one_has_to_wait(locked: Locked) -> None:
    wrongly(locked, 3)
    assert locked.give(PASSPHRASE) == "wait 5 s: 3 passphrases were wrong"
    assert locked.view()["locked"]["wait_s"] == 5
    locked.clock.advance(5.1)
    assert locked.give(PASSPHRASE) == ""


def test_a_restart_begins_the_wait_anew_whatever_the_wall_clock_says(locked: Locked) -> None:
    wrongly(locked, 5)
    locked.clock.advance(19)
    locked.clock.set_wall(datetime(2040, 1, 1, tzinfo=UTC))
    locked.restart()
    assert locked.give(PASSPHRASE) == "wait 20 s: 5 passphrases were wrong"


def test_what_is_refused_for_the_wait_is_not_tried_and_makes_it_no_longer(locked: Locked) -> None:
    wrongly(locked, 3)
    for _ in range(3):
        assert "wait" in locked.give(WRONG)
    assert Attempts(locked.state).read().wrong == 3


def test_a_cut_while_one_is_tried_costs_a_guess(locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*args: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("lapel.wiring.locked_desk.opens_state", cut)
    with pytest.raises(KeyboardInterrupt):
        locked.give(WRONG)
    assert Attempts(locked.state).read().wrong == 1


def test_one_that_is_too_short_to_be_right_is_no_guess(locked: Locked) -> None:
    assert "at least 12 are needed" in locked.give("short")
    assert Attempts(locked.state).read().wrong == 0


def test_what_was_wrong_before_the_right_one_is_held_until_it_is_on_record(locked: Locked) -> None:
    wrongly(locked, 2)
    locked.give(PASSPHRASE, "Officer 8")
    assert locked.desk.unlocked is not None
    assert (locked.desk.unlocked.by, locked.desk.unlocked.before.wrong) == ("Officer 8", 2)
    assert Attempts(locked.state).read() == locked.desk.unlocked.before


def test_a_phone_that_is_paired_meanwhile_is_held_and_nothing_else_can_be_said(locked: Locked) -> None:
    for event, trouble in (
        (pairing_event(Pairing.PAIRED, "Officer 7"), ""),
        (answer_event("ab", Answer.IS, "x"), "locked"),
    ):
        message = b'{"say": ' + encoded(event) + b"}"
        assert trouble in json.loads(locked.desk.answer(message, 0)).get("failed", "")
    assert [each.outcome for each in Attempts(locked.state).read().happened] == ["paired"]


@pytest.mark.parametrize(
    "message",
    [b"", b"7", b"[]", b"{}", b'{"ask": "view"}', b'{"unlock": {}}', b'{"unlock": 7}', b"\xff", b'{"say": 1}'],
)
def test_nonsense_unlocks_nothing_and_the_next_is_heard(message: bytes, locked: Locked) -> None:
    assert b"refused" in locked.desk.answer(message, 0)
    assert locked.give(PASSPHRASE) == ""


def test_of_what_was_seen_before_nothing_is_handed_out(locked: Locked) -> None:
    assert locked.desk.answer(b'{"ask": "picture", "alert": "ab", "which": "seen"}', 0) == b"{}"
    assert set(locked.view()) == {"version", "locked"}
    assert set(locked.view()["locked"]) == {"key", "wait_s", "wrong"}
    assert locked.view(locked.view()["version"]) == {}


def test_where_the_disk_takes_no_count_each_wrong_one_waits_a_minute_and_that_is_said(
    locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object, held: object) -> None:
        raise StoreFull("locked.json: disk is full; make room")

    monkeypatch.setattr(Attempts, "write", full)
    assert locked.give(WRONG) == f"the passphrase is wrong; the next is taken in {UNCOUNTED_S:.0f} s"
    assert "cannot be counted" in locked.said[0]
    locked.clock.advance(UNCOUNTED_S + 1)
    assert locked.give(PASSPHRASE) == ""  # a full disk must not lock an officer out


def test_a_damaged_count_gains_no_guess(locked: Locked) -> None:
    (locked.state / ATTEMPTS).write_bytes(b"{")
    locked.restart()
    assert "wait" in locked.give(PASSPHRASE)


@pytest.mark.parametrize("spoil", [lambda path: os.truncate(path, 7), lambda path: path.write_bytes(os.urandom(4096))])
def test_a_damaged_journal_keeps_nobody_out_and_lets_nobody_in(spoil: Callable[[Path], None], locked: Locked) -> None:
    signer_of(locked.state, "cam-7", PassphraseKey(PASSPHRASE))
    spoil(locked.state / JOURNAL)
    assert "wrong" in locked.give(WRONG)
    assert locked.give(PASSPHRASE) == ""


def test_without_anything_to_try_it_on_no_passphrase_is_right(locked: Locked) -> None:
    (locked.state / JOURNAL).write_bytes(b"")
    assert "wrong" in locked.give(PASSPHRASE)


def test_an_own_count_is_the_owners_alone(locked: Locked) -> None:
    Attempts(locked.state).write(WhileLocked(1))
    assert (locked.state / ATTEMPTS).stat().st_mode & 0o077 == 0
