"""While its first list has still to come a device is dark but for its light's blinking, and hears what it must."""

import _thread
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from gpiozero.pins.mock import MockFactory

from lapel.alert import pins as board_pins
from lapel.config.profile import Pins
from lapel.core.feedback import Answer, Pairing, answer_event, pairing_event
from lapel.core.handed import encoded
from lapel.core.records import RecordKind
from lapel.errors import Refused
from lapel.health.clock import SystemClock
from lapel.store.journal import JOURNAL, SealedJournal
from lapel.store.keys import KEY_FILE, FileKey
from lapel.store.trust import WATCHLIST
from lapel.store.wiping import wipe
from lapel.wiring.body import body_of
from lapel.wiring.recording import record
from lapel.wiring.unlisted import UnlistedDesk, await_list
from shift_rig import until_lit


@pytest.fixture
def state(tmp_path: Path) -> Path:
    SealedJournal(tmp_path / JOURNAL, FileKey.create(tmp_path / KEY_FILE), SystemClock(), "cam-7").close()
    return tmp_path


def test_a_phone_that_is_paired_meanwhile_is_a_record_and_nothing_else_can_be_said(state: Path) -> None:
    keys = FileKey(state / KEY_FILE)
    desk = UnlistedDesk(partial(record, state, keys, SystemClock()), SystemClock())
    for asked, said in (
        (b'{"say": ' + encoded(pairing_event(Pairing.PAIRED, "Officer 7")) + b"}", ""),
        (b'{"say": ' + encoded(answer_event("ab", Answer.IS, "x")) + b"}", "NO WATCHLIST YET"),
        (b'{"lock": {"by": "Officer 7"}}', "not unlocked by its phone"),
        (b'{"unlock": {"by": "Officer 7", "point": "", "box": ""}}', "unlocked already"),
    ):
        assert said in json.loads(desk.answer(asked, 0))["failed" if said else "id"]
    assert b"refused" in desk.answer(b"nonsense", 0)
    with SealedJournal(state / JOURNAL, keys, SystemClock(), read_only=True) as journal:
        assert [each.kind for each in journal.after(-1, 9)] == [RecordKind.PAIRING]


def waiting(state: Path, pins: Pins, stop: Callable[[], None]) -> None:
    with body_of(pins, False, SystemClock(), stop) as body:
        await_list(state / WATCHLIST, state, FileKey(state / KEY_FILE), None, body, lambda text: None)


def test_a_device_that_was_wiped_waits_for_no_list(state: Path) -> None:
    wipe(state, None, "test", "2026-01-01T00:00:00+00:00")
    with pytest.raises(Refused, match="wiped"):
        waiting(state, Pins(), lambda: None)


@pytest.mark.usefixtures("interruptible")
def test_whoever_wears_it_sees_that_it_waits_and_may_switch_it_off(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = MockFactory()
    monkeypatch.setattr(board_pins, "_board", lambda: pins)
    light, *buttons = (pins.pin(number) for number in (17, 5, 6))

    def press() -> None:
        until_lit(light)
        for button in buttons:
            button.drive_low()

    wearer = Thread(target=press)
    wearer.start()
    with pytest.raises(KeyboardInterrupt):
        waiting(state, Pins(17, -1, -1, 5, 6), _thread.interrupt_main)
    wearer.join()
    assert not light.state


def test_a_light_that_blinked_meanwhile_is_out_once_the_list_is_there_and_both_buttons_are_still_heard(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins, stopped = MockFactory(), list[str]()
    monkeypatch.setattr(board_pins, "_board", lambda: pins)
    light, *buttons = (pins.pin(number) for number in (17, 5, 6))

    def bring() -> None:
        until_lit(light)
        (state / WATCHLIST).touch()

    link = Thread(target=bring)
    link.start()
    with body_of(Pins(17, -1, -1, 5, 6), False, SystemClock(), partial(stopped.append, "stop")) as body:
        await_list(state / WATCHLIST, state, FileKey(state / KEY_FILE), None, body, lambda text: None)
        assert not light.state
        for button in buttons:
            button.drive_low()
        assert stopped == ["stop"]
    link.join()
