"""What pins of a board do, held to the states that gpiozero's own fake of them recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from lapel.alert.body import Body
from lapel.alert.pins import Wires, worn
from lapel.core.body import PATTERNS, Capture, Cue, Gesture
from lapel.errors import HardwareError, Refused
from lapel.fakes.hit import made_up_hit, made_up_record

LIGHT, MOTOR, BUZZER, YES, NO = 17, 18, 27, 5, 6
ALL = Wires(LIGHT, MOTOR, BUZZER, YES, NO)


@dataclass
class Board:
    """A board's pins, and how long was waited between their changes."""

    pins: MockFactory = field(default_factory=MockFactory)
    waits: list[float] = field(default_factory=list)
    now_s: float = 0.0

    @contextmanager
    def wears(self, wires: Wires = ALL) -> Iterator[Body]:
        with worn(wires, lambda: self.now_s, self.pins, self.waits.append) as body:
            yield body

    def states(self, pin: int) -> list[bool]:
        """What a pin was after it was first off, each change once."""
        return [bool(each.state) for each in self.pins.pin(pin).states[1:]]


@pytest.fixture
def board() -> Board:
    return Board()


def pulsed(cue: Cue) -> tuple[list[bool], list[float]]:
    pulses = PATTERNS[cue]
    return [True, False] * len(pulses), [wait for pulse in pulses for wait in (pulse.on_s, pulse.off_s)]


def test_an_alert_is_felt_and_heard_as_the_table_says(board: Board) -> None:
    with board.wears() as body:
        body.alert(made_up_hit(), made_up_record())
    assert (board.states(MOTOR), board.waits) == pulsed(Cue.ALERT)
    assert board.states(BUZZER) == board.states(MOTOR)


def test_an_alert_that_is_not_recorded_feels_otherwise(board: Board) -> None:
    with board.wears() as body:
        body.alert(made_up_hit(), None)
    assert (board.states(MOTOR), board.waits) == pulsed(Cue.UNRECORDED)


def test_the_light_is_on_while_one_looks_blinks_while_a_camera_is_awaited_and_ends_dark(board: Board) -> None:
    with board.wears() as body:
        for capture in (Capture.LOOKING, Capture.LOOKING, *[Capture.WAITING] * 3, Capture.LOOKING):
            body.show(capture)
        assert board.states(LIGHT) == [True, False, True, False, True]
    assert board.states(LIGHT)[-1] is False


def test_pressed_buttons_reach_whoever_hears(board: Board) -> None:
    heard: list[Gesture] = []
    with board.wears() as body:
        body.heard = heard.append
        board.pins.pin(YES).drive_low()
        board.pins.pin(YES).drive_high()
        board.pins.pin(NO).drive_low()
        board.now_s = 2.0
        board.pins.pin(NO).drive_high()
        board.pins.pin(NO).drive_low()
        board.pins.pin(YES).drive_low()
    assert heard == [Gesture.IS, Gesture.CHECK, Gesture.OFF]


def test_a_pin_that_something_else_holds_is_named_and_all_others_are_let_go(board: Board) -> None:
    with (
        board.wears(Wires(MOTOR)),
        pytest.raises(HardwareError, match=r"pins\.motor: GPIO 18: .*already in use.*; end what holds it") as caught,
        board.wears(),
    ):
        pass
    assert caught.value.exit_code == 4
    with board.wears():
        pass


def test_a_button_that_is_pressed_at_the_start_is_no_button(board: Board) -> None:
    stuck = board.pins.pin(NO)
    stuck._set_pull = lambda pull: None  # a wire to ground, which no pull lifts
    with pytest.raises(HardwareError, match=r"pins\.no: GPIO 6: pressed at the start"), board.wears():
        pass


def test_both_buttons_pressed_at_the_start_mean_that_nothing_is_to_look_and_no_unit_starts_it_again(
    board: Board,
) -> None:
    for pin in (YES, NO):
        held = board.pins.pin(pin)
        held._set_pull = lambda pull: None
    with (
        pytest.raises(Refused, match="both buttons are pressed at the start: nothing is looked at") as caught,
        board.wears(),
    ):
        pass
    assert caught.value.exit_code == 5  # of RestartPreventExitStatus=
    assert True not in board.states(LIGHT)


def test_a_motor_that_breaks_is_said_once(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    with board.wears() as body:
        board.pins.pin(MOTOR).close()
        for _ in range(2):
            body.alert(made_up_hit(), made_up_record())
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert board.states(BUZZER) == pulsed(Cue.ALERT)[0] * 2


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this machine has pins, which are not ours to drive")
def test_a_machine_without_pins_says_so_and_leaves_no_file_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HardwareError, match="this board's cannot be had"), worn(Wires(LIGHT), lambda: 0.0):
        pass
    assert list(tmp_path.iterdir()) == []
