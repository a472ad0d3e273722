"""What is worn on the body, at work with a watch: a light that is true, and presses that are records."""

import _thread
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory

from bad_disk import with_full_journal
from footage import write_video
from lapel.alert import pins as board_pins
from lapel.alert.body import Body
from lapel.alert.pins import Wires, worn
from lapel.cli import watching
from lapel.cli.main import LAPEL, parser_of
from lapel.cli.watching import code_of, tell
from lapel.config.profile import Pins, Profile, load_profile
from lapel.core.alerted import alert_event
from lapel.core.answers import Answers
from lapel.core.body import PATTERNS, Capture, Cue
from lapel.core.located import Located
from lapel.core.record_body import parse_body
from lapel.core.records import Fact, Record, RecordKind
from lapel.core.things import Frame
from lapel.core.wipes import WipeOrder
from lapel.errors import HardwareError, Refused, StoreFull
from lapel.fakes.clock import FakeClock
from lapel.fakes.hit import made_up_hit
from lapel.fakes.journal import MemoryJournal
from lapel.health.clock import SystemClock
from lapel.health.meters import Meters
from lapel.store.gallery import write_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.store.wiping import Wiped, wipe
from lapel.wiring import lookout, ordered_wipe
from lapel.wiring.answering import Answering
from lapel.wiring.bench import made_up
from lapel.wiring.body import BY_BUTTON, Buttons, CaptureState, body_of
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.outcome import Outcome
from lapel.wiring.seeing import Seeing
from shift_rig import systemd, until_lit

LIGHT, MOTOR, YES, NO = 17, 18, 5, 6
FRAME = Frame(np.zeros((8, 8, 3), np.uint8), 0, 0.0)


@dataclass
class Worn:
    """A body, and what a watch would give it."""

    body: Body
    journal: MemoryJournal
    answering: Answering
    state: CaptureState
    clock: FakeClock
    pins: MockFactory
    asked: list[str] = field(default_factory=list)

    def alerted(self) -> str:
        record = self.answering.append(alert_event(made_up_hit(), ("harbour", 1), b""))
        self.body.alert(made_up_hit(), record)
        return record.id

    def press(self, *buttons: int, seconds: float = 0.2) -> None:
        for button in buttons:
            self.pins.pin(button).drive_low()
        self.clock.advance(seconds)
        for button in buttons:
            self.pins.pin(button).drive_high()

    def kept(self, kind: RecordKind) -> list[dict[str, Fact]]:
        return [facts_of(record) for record in self.journal.after(-1, 99) if record.kind is kind]

    @property
    def is_lit(self) -> bool:
        return bool(self.pins.pin(LIGHT).state)

    def felt(self) -> int:
        self.body.close()
        return [each.state for each in self.pins.pin(MOTOR).states].count(True)


def facts_of(record: Record) -> dict[str, Fact]:
    return dict(parse_body(record.body).facts)


@contextmanager
def wearing() -> Iterator[Worn]:
    clock, pins = FakeClock(), MockFactory()
    journal = MemoryJournal(clock)
    answering = Answering(journal, Answers(), Located(clock.today), clock, lambda text: None)
    with worn(
        Wires(LIGHT, MOTOR, None, YES, NO), lambda: clock.monotonic_ns() / 1e9, pins, lambda wait_s: None
    ) as body:
        state = CaptureState(Meters(), body)
        state.keep = answering.append
        made = Worn(body, journal, answering, state, clock, pins)
        buttons = Buttons(body, answering, clock, state, lambda: made.asked.append("stop"))
        buttons.look_again = lambda: made.asked.append("look again")
        yield made


@pytest.fixture
def body() -> Iterator[Worn]:
    with wearing() as made:
        yield made


@pytest.mark.parametrize(("button", "answer"), [(YES, "it is"), (NO, "it is not")])
def test_a_button_answers_the_newest_alert_by_a_record(body: Worn, button: int, answer: str) -> None:
    body.alerted()
    body.clock.advance(60)
    alert = body.alerted()
    body.clock.advance(3)
    body.press(button)
    assert body.kept(RecordKind.ANSWER) == [{"alert": alert, "answer": answer, "by": BY_BUTTON}]


def test_what_is_pressed_as_an_alert_comes_was_not_meant_for_it(body: Worn) -> None:
    body.alerted()
    body.press(NO)
    assert body.kept(RecordKind.ANSWER) == []


def test_what_is_pressed_long_after_an_alert_was_not_meant_for_it_either(body: Worn) -> None:
    alert = body.alerted()
    body.clock.advance(599)
    body.press(YES)
    body.clock.advance(60)
    body.press(NO)
    assert [each["answer"] for each in body.kept(RecordKind.ANSWER) if each["alert"] == alert] == ["it is"]


def test_without_an_alert_or_with_one_that_was_not_recorded_there_is_nothing_to_answer(body: Worn) -> None:
    body.press(YES)
    body.body.alert(made_up_hit(), None)
    body.clock.advance(3)
    body.press(YES)
    assert body.kept(RecordKind.ANSWER) == []
    assert body.felt() == sum(len(PATTERNS[cue]) for cue in (Cue.NOTHING, Cue.UNRECORDED, Cue.NOTHING))


def test_an_answer_that_a_full_store_does_not_take_is_not_told_as_taken(
    body: Worn, monkeypatch: pytest.MonkeyPatch
) -> None:
    body.alerted()
    body.clock.advance(3)

    def full(event: object) -> Record:
        raise StoreFull("journal: full; free some")

    monkeypatch.setattr(body.journal, "append", full)
    body.press(NO)
    assert body.felt() == len(PATTERNS[Cue.ALERT]) + len(PATTERNS[Cue.NOTHING])


def test_a_long_press_asks_for_a_look_and_both_buttons_for_the_end(body: Worn) -> None:
    body.press(YES, seconds=2)
    body.press(YES, NO)
    assert body.asked == ["look again", "stop"]


def test_a_lost_camera_shows_and_is_a_record_and_so_is_its_return(body: Worn) -> None:
    assert body.is_lit
    lit = []
    for is_lost in (True, True, True, False):
        body.state.awaiting(True) if is_lost else body.state.beat(FRAME)
        lit.append(body.is_lit)
    assert lit == [False, True, False, True]
    assert body.kept(RecordKind.SOURCE) == [{"outcome": "lost"}, {"outcome": "back"}]


def test_a_light_that_fails_ends_the_watch_with_the_next_frame_also_after_a_motor_that_failed(
    body: Worn, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    body.state.notice = said.append
    body.pins.pin(MOTOR).close()
    body.alerted()
    body.state.beat(FRAME)
    body.pins.pin(LIGHT).close()
    with pytest.raises(HardwareError, match=r"pins\.light: GPIO 17: ") as ended:
        body.state.beat(FRAME)
    assert ended.value.exit_code == 4
    assert said == [f"THE WATCH ENDS, NOTHING IS LOOKED AT: its light cannot be driven: {ended.value}"]
    body.state.ended()
    body.body.close()
    lines = capsys.readouterr().err.splitlines()
    assert {line.split(": ")[1] for line in lines} == {"motor and buzzer cannot be driven", "light stays on"}


def test_that_every_frame_comes_too_late_shows_is_told_and_is_a_record_and_so_is_its_end(body: Worn) -> None:
    said: list[str] = []
    body.state.notice = said.append
    for _ in range(4):
        body.state.awaiting(False)
    body.state.beat(FRAME)  # one in between: that is slow, and no more
    assert (said, body.kept(RecordKind.SOURCE)) == ([], [])
    lit = []
    for _ in range(9):
        body.state.awaiting(False)
        lit.append(body.is_lit)
    assert lit[:4] == [False, True, False, True]
    assert len(said) == 1
    assert said[0].startswith("TOO SLOW, NOTHING IS LOOKED AT: ")
    for _ in range(99):
        body.state.beat(FRAME)
    assert body.kept(RecordKind.SOURCE) == [{"outcome": "too slow"}]
    body.state.beat(FRAME)
    assert body.is_lit
    assert said[1:] == ["frames are looked at again: their redaction keeps up"]
    assert body.kept(RecordKind.SOURCE) == [{"outcome": "too slow"}, {"outcome": "in time"}]


def test_a_locked_device_only_flashes_and_is_dark_in_between(body: Worn) -> None:
    body.body.show(Capture.OFF)
    before = len(body.pins.pin(LIGHT).states)
    for _ in range(2):
        body.body.show(Capture.LOCKED)
        assert not body.is_lit
    assert [bool(each.state) for each in body.pins.pin(LIGHT).states[before:]] == [True, False, True, False]


def test_an_end_by_both_buttons_is_a_record_and_another_one_is_none_of_theirs(body: Worn) -> None:
    body.state.ended()
    assert not body.is_lit
    assert body.kept(RecordKind.SOURCE) == []
    body.press(YES, NO)
    body.state.ended()
    assert body.kept(RecordKind.SOURCE) == [{"by": BY_BUTTON, "outcome": "off"}]


PROFILE = replace(load_profile("ci-video"), pins=Pins(LIGHT, MOTOR, -1, YES, NO))


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> MockFactory:
    """This machine's pins, as if it had some."""
    made = MockFactory()
    monkeypatch.setattr(board_pins, "_board", lambda: made)
    return made


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    write_gallery(tmp_path / "list.lapel", made_up(PROFILE, 1), FileKey.create(tmp_path / "device.key"))
    return Orders(str(write_video(tmp_path / "clip.mp4", 3000)), tmp_path / "list.lapel", tmp_path, console=False)


def worn_watch(profile: Profile, orders: Orders, keys: FileKey, stop: Callable[[], None]) -> Outcome:
    """A watch on the body of its profile's pins, as the program makes both."""
    with body_of(profile.pins, False, SystemClock(), stop) as body:
        return watch(profile, orders, keys, keys, stop, body=body)


def watched(orders: Orders, stop: Callable[[], None] = lambda: None) -> list[tuple[RecordKind, dict[str, Fact]]]:
    """What a watch kept."""
    keys = FileKey(orders.state / "device.key")
    with suppress(KeyboardInterrupt):  # before the loop
        worn_watch(PROFILE, orders, keys, stop)
    with SealedJournal(orders.state / "journal.db", keys, SystemClock(), read_only=True) as journal:
        return [(record.kind, facts_of(record)) for record in journal.after(-1, 99)]


@contextmanager
def beside(wait: Callable[[], object], act: Callable[[], object]) -> Iterator[None]:
    """Somebody acts during the block, once ``wait`` returns."""
    somebody = threading.Thread(target=lambda: (wait(), act()))
    somebody.start()
    yield
    somebody.join()


def press_both(pins: MockFactory, is_let_go: bool = False) -> None:
    for button in (YES, NO):
        pins.pin(button).drive_low()
    for button in (YES, NO) if is_let_go else ():
        pins.pin(button).drive_high()


# Stopped while a network is loaded, a watch that ends leaves the file open that kept the runtime's greeting.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("interruptible")
def test_a_watch_shows_that_it_looks_until_both_buttons_end_it_on_record(pins: MockFactory, orders: Orders) -> None:
    light = pins.pin(LIGHT)
    with beside(partial(until_lit, light), partial(press_both, pins)):
        kept = watched(orders, _thread.interrupt_main)
    assert (RecordKind.SOURCE, {"by": BY_BUTTON, "outcome": "off"}) in kept
    assert [bool(each.state) for each in light.states[1:3]] == [True, False]


def test_a_watch_ends_on_record_once_nobody_can_see_that_it_looks(pins: MockFactory, orders: Orders) -> None:
    light = pins.pin(LIGHT)
    with (
        beside(partial(until_lit, light), light.close),
        pytest.raises(HardwareError, match=r"pins\.light: GPIO 17: "),
    ):
        watched(orders)
    keys = FileKey(orders.state / "device.key")
    with SealedJournal(orders.state / "journal.db", keys, SystemClock(), read_only=True) as journal:
        stops = [facts_of(record) for record in journal.after(-1, 99) if record.kind is RecordKind.STOP]
    assert stops == [{"reason": "HardwareError"}]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("interruptible")
def test_a_watch_that_both_buttons_end_is_not_started_again_though_a_full_journal_kept_nothing_of_it(
    pins: MockFactory, orders: Orders, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = FileKey(orders.state / "device.key")
    profile = with_full_journal(PROFILE, orders.state, keys)
    monkeypatch.setenv("NOTIFY_SOCKET", str(orders.state / "notify"))
    with (
        systemd(orders.state / "notify") as receiver,
        beside(partial(receiver.recv, 4096), partial(press_both, pins)),  # that it is ready: it looks
    ):
        outcome = worn_watch(profile, orders, keys, _thread.interrupt_main)
    assert outcome.unrecorded
    assert code_of(outcome) == 0
    tell(outcome, as_json=False)
    assert "NOT RECORDED" in capsys.readouterr().err


@pytest.mark.usefixtures("interruptible")
def test_both_buttons_are_heard_while_a_watch_loads_so_that_its_camera_is_never_opened(
    pins: MockFactory, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = lookout.open_seeing

    def pressed_meanwhile(profile: Profile) -> Seeing:
        press_both(pins, is_let_go=True)
        return load(profile)

    monkeypatch.setattr(lookout, "open_seeing", pressed_meanwhile)
    keys = FileKey(orders.state / "device.key")
    clip = write_video(orders.state / "short.mp4", 3)
    with pytest.raises(KeyboardInterrupt):
        worn_watch(PROFILE, replace(orders, source=str(clip)), keys, _thread.interrupt_main)
    assert True not in [bool(each.state) for each in pins.pin(LIGHT).states]
    assert not (orders.state / "journal.db").exists()


@pytest.mark.usefixtures("interruptible")
def test_both_buttons_are_heard_between_what_a_device_waited_for_and_its_watch(
    pins: MockFactory, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordered_wipe, "ordered", lambda *_: press_both(pins, is_let_go=True))  # and nothing is ordered
    monkeypatch.setattr(watching, "load_profile", lambda name: PROFILE)
    clip = write_video(orders.state / "short.mp4", 3)
    options = ["--watchlist", str(orders.watchlist), "--state", str(orders.state)]
    with pytest.raises(KeyboardInterrupt):
        watching.watched(parser_of(LAPEL, "run").parse_args([str(clip), *options]), is_live=True)
    assert True not in [bool(each.state) for each in pins.pin(LIGHT).states]
    assert not (orders.state / "journal.db").exists()


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("before", [0, 1])
def test_both_buttons_do_not_cut_off_an_ordered_wipe_before_a_watch_nor_after_it(
    pins: MockFactory, orders: Orders, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    heard = iter([*[None] * before, WipeOrder("cam-7", "ab" * 32, "lost", "alice", "2026-11-29T00:00:00Z")])

    def pressed_meanwhile(*order: Any) -> Wiped:
        press_both(pins, is_let_go=True)
        return wipe(*order)

    monkeypatch.setattr(ordered_wipe, "ordered", lambda *_: next(heard))
    monkeypatch.setattr(ordered_wipe, "wipe", pressed_meanwhile)
    monkeypatch.setattr(watching, "load_profile", lambda name: PROFILE)
    clip = write_video(orders.state / "short.mp4", 3)
    options = ["--watchlist", str(orders.watchlist), "--state", str(orders.state)]
    with pytest.raises((Refused, KeyboardInterrupt), match="ordered by alice: lost"):
        watching.watched(parser_of(LAPEL, "run").parse_args([str(clip), *options]), is_live=True)
    assert not (orders.state / "device.key").exists()


def test_a_watch_whose_pins_something_else_holds_does_not_begin(pins: MockFactory, orders: Orders) -> None:
    with worn(Wires(LIGHT), lambda: 0.0, pins), pytest.raises(HardwareError, match=r"pins\.light: GPIO 17"):
        watched(orders)
