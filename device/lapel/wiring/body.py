"""What is worn on the body, joined to a watch: the light says whether one looks, buttons answer and stop it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from lapel.alert.body import Body, Told
from lapel.alert.pins import Wires, worn
from lapel.config.profile import NO_PIN, Pins
from lapel.core.body import Capture, Cue, Gesture
from lapel.core.feedback import Answer, answer_event
from lapel.core.records import Event, RecordKind
from lapel.core.things import Frame
from lapel.errors import HardwareError, StoreError, Tampered
from lapel.ports import Clock, Health, Journal

BY_BUTTON = "whoever wears it, by button"
_AT_ONCE_S, _LONG_AGO_S = 1.0, 600.0
"""Nobody has looked at an alert so soon: what is pressed then was meant for the one before. Nobody stands before its
thing so late: what is pressed then was meant for none, and the page still takes an answer."""

_ANSWERS = {Gesture.IS: (Answer.IS, Cue.TAKEN_IS), Gesture.IS_NOT: (Answer.IS_NOT, Cue.TAKEN_IS_NOT)}


@contextmanager
def body_of(
    pins: Pins, is_silent: bool, clock: Clock, stop: Callable[[], None] = lambda: None
) -> Iterator[Body | None]:
    """The body of a profile's pins, None where it has none. Before a watch hears its buttons, both ``stop``.

    A watch does not begin without one that its profile names: nobody would see that it looks, and nobody could stop
    it. Raises: ConfigError, HardwareError; Refused where both buttons are pressed already.
    """
    if pins.light == NO_PIN:
        yield None
        return
    motor, buzzer, yes, no = (
        None if pin == NO_PIN else pin for pin in (pins.motor, NO_PIN if is_silent else pins.buzzer, pins.yes, pins.no)
    )
    with worn(Wires(pins.light, motor, buzzer, yes, no), lambda: clock.monotonic_ns() / 1e9) as body:
        body.heard = partial(_heard, body, stop)
        yield body


def _heard(body: Body, stop: Callable[[], None], gesture: Gesture) -> None:
    """Nothing can be answered, and nothing looked at; to switch it off is anybody's who wears it."""
    if gesture is Gesture.OFF:
        stop()
    body.tell(Cue.OFF if gesture is Gesture.OFF else Cue.NOTHING)


_TELL_AFTER, _BACK_AFTER = 5, 100
"""Wakes in a row without a frame, one a second, after which it is told that all come too late; frames in a row after
which they no longer do: what is in between must not fill the journal."""


class CaptureState:
    """Port Health, passed on: the light shows whether one looks, and a camera that is lost or back is a record. So is
    that every frame comes too late, of which ``notice`` is told as well. A light that fails ends the watch: whatever
    shows raises HardwareError then."""

    def __init__(self, health: Health, body: Body | None) -> None:
        self._health, self._body = health, body
        self.keep: Callable[[Event], None] = lambda event: None
        self.notice: Callable[[str], None] = lambda text: None
        self._is_lost = self._is_slow = False
        self._without = self._looked_at = 0
        self.stopped_by = ""
        self._is_end_told = False

    def begins(self) -> None:
        """The camera is about to be opened, and whoever wears it is heard: not before may the light go on."""
        self._show(Capture.LOOKING)

    def beat(self, frame: Frame) -> None:
        """A frame was looked at completely."""
        self._health.beat(frame)
        if self._is_lost:
            self._is_lost = False
            self.keep(Event(RecordKind.SOURCE, (("outcome", "back"),)))
        self._without, self._looked_at = 0, self._looked_at + 1
        if self._is_slow and self._looked_at >= _BACK_AFTER:
            self._is_slow = False
            self.keep(Event(RecordKind.SOURCE, (("outcome", "in time"),)))
            self.notice("frames are looked at again: their redaction keeps up")
        self._show(Capture.LOOKING)

    def awaiting(self, is_lost: bool) -> None:
        """A lost camera is awaited, or a frame that is not too late."""
        self._health.awaiting(is_lost)
        if is_lost and not self._is_lost:
            self._is_lost = True
            self.keep(Event(RecordKind.SOURCE, (("outcome", "lost"),)))
        self._without, self._looked_at = 0 if is_lost else self._without + 1, 0
        if self._without >= _TELL_AFTER and not self._is_slow:
            self._is_slow = True
            self.keep(Event(RecordKind.SOURCE, (("outcome", "too slow"),)))
            self.notice(
                "TOO SLOW, NOTHING IS LOOKED AT: every frame comes too late from its redaction; lower camera.fps of "
                "the profile, or measure it here: lapel bench loop --write-profile"
            )
        self._show(Capture.WAITING)

    def spent(self, stage: str, seconds: float) -> None:
        """A stage of the loop took that long."""
        self._health.spent(stage, seconds)

    def raw_wiped(self, age_s: float) -> None:
        """An unblurred picture was overwritten."""
        self._health.raw_wiped(age_s)

    def ended(self) -> None:
        """The camera was let go. May be said again."""
        if self._body is not None:
            self._body.dark()
        if self.stopped_by and not self._is_end_told:
            self._is_end_told = True
            self.keep(Event(RecordKind.SOURCE, (("outcome", "off"), ("by", self.stopped_by))))

    def _show(self, capture: Capture) -> None:
        if self._body is None:
            return
        try:
            self._body.show(capture)
        except HardwareError as error:  # capture must not go on where nobody can see it
            self.notice(f"THE WATCH ENDS, NOTHING IS LOOKED AT: its light cannot be driven: {error}")
            raise


@contextmanager
def capturing(health: Health, body: Body | None) -> Iterator[CaptureState]:
    """What is shown from ``begins`` on, until the camera is let go, whatever happens in between."""
    state = CaptureState(health, body)
    try:
        yield state
    finally:
        state.ended()


class Buttons:
    """Does what gestures ask, in whichever thread they come; ``look_again`` is what is asked by a long press."""

    def __init__(
        self, body: Body | None, journal: Journal, clock: Clock, state: CaptureState, stop: Callable[[], None]
    ) -> None:
        self._body, self._journal, self._clock, self._state, self._stop = body, journal, clock, state, stop
        self.look_again: Callable[[], None] = lambda: None
        if body is not None:
            body.heard = partial(self._heard, body)
        state.begins()

    def _heard(self, body: Body, gesture: Gesture) -> None:
        if gesture is Gesture.OFF:
            self._state.stopped_by = BY_BUTTON
            self._stop()
            body.tell(Cue.OFF)
        elif gesture is Gesture.CHECK:
            self.look_again()
            body.tell(Cue.CHECKING)
        else:
            body.tell(self._answered(body.told, *_ANSWERS[gesture]))

    def _answered(self, told: Told | None, answer: Answer, taken: Cue) -> Cue:
        if told is None or not told.alert:
            return Cue.NOTHING
        if not _AT_ONCE_S <= self._clock.monotonic_ns() / 1e9 - told.at_s <= _LONG_AGO_S:
            return Cue.NOTHING
        try:
            self._journal.append(answer_event(told.alert, answer, BY_BUTTON))
        except (StoreError, Tampered, ValueError):
            return Cue.NOTHING
        return taken
