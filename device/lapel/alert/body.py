"""Alerts on the body: a motor and a buzzer that tell, two buttons that answer, a light that says whether one looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from time import sleep

from lapel.alert.fault import Fault
from lapel.core.body import PATTERNS, Button, Capture, Cue, Gesture, Gestures
from lapel.core.records import Record
from lapel.core.things import Hit

Switch = Callable[[bool], None]
"""Puts something on or off. Raises: HardwareError."""

_MOST_WAITING = 5
_FLASH_S = 0.05


@dataclass(frozen=True, slots=True)
class Told:
    """The newest alert that was told: its record's id, empty where it was not recorded, and when."""

    alert: str
    at_s: float


class Body:
    """Port Alerter. Patterns are played one after the other, in a thread of their own; ``heard`` is called with each
    gesture, in whichever thread tells of the buttons. ``now_s`` never goes back."""

    def __init__(
        self,
        light: Switch,
        tellers: Sequence[Switch],
        now_s: Callable[[], float],
        wait: Callable[[float], None] = sleep,
    ) -> None:
        self._light, self._tellers, self._now_s, self._wait = light, tuple(tellers), now_s, wait
        self._is_lit = False
        self._gestures = Gestures()
        self._waiting: SimpleQueue[Cue | None] = SimpleQueue()
        remedy = "look at the pins, and restart Lapel"
        self._fault, self._dark = Fault("motor and buzzer cannot be driven", remedy), Fault("light stays on", remedy)
        self._player = Thread(target=self._play, name="body", daemon=True)
        self._player.start()
        self.heard: Callable[[Gesture], None] = lambda gesture: None
        self.told: Told | None = None

    @property
    def can_tell(self) -> bool:
        """Whether there is anything to tell an alert with; the light is none."""
        return bool(self._tellers)

    def alert(self, hit: Hit, record: Record | None) -> None:
        """Tell that there is a possible match; what it is, others show."""
        self.told = Told(record.id if record else "", self._now_s())
        self.tell(Cue.ALERT if record else Cue.UNRECORDED)

    def notice(self, text: str) -> None:
        """Nothing: it cannot be told in pulses, and the light shows a lost camera."""

    def tell(self, cue: Cue) -> None:
        """Play a pattern behind those that wait; while several wait, only that capture ends is added."""
        if self._waiting.qsize() < _MOST_WAITING or cue is Cue.OFF:
            self._waiting.put(cue)

    def show(self, capture: Capture) -> None:
        """Light up while frames are looked at; while a camera is awaited blink, by one change a call; while the device
        is locked only flash, once a call. Driven each time, so that a light that fails is known at the next frame.

        Raises: HardwareError: then nobody sees whether one looks, and whoever calls must not look on.
        """
        if capture is Capture.LOCKED:
            self.show(Capture.LOOKING)
            self._wait(_FLASH_S)
            capture = Capture.OFF
        self._is_lit = capture is Capture.LOOKING or (capture is Capture.WAITING and not self._is_lit)
        self._light(self._is_lit)

    def dark(self) -> None:
        """Put the light out, since nothing is looked at any more; where it cannot be, that is said."""
        with self._dark.said_once():
            self.show(Capture.OFF)

    def changed(self, button: Button, is_down: bool) -> None:
        """A button went down or up."""
        gesture = self._gestures.changed(button, is_down, self._now_s())
        if gesture is not None:
            self.heard(gesture)

    def close(self) -> None:
        """Play what waits to its end, and put the light out."""
        self._waiting.put(None)
        self._player.join()
        self.dark()

    def _play(self) -> None:
        while (cue := self._waiting.get()) is not None:
            for pulse in PATTERNS[cue]:
                self._turn(True)
                self._wait(pulse.on_s)
                self._turn(False)
                self._wait(pulse.off_s)

    def _turn(self, is_on: bool) -> None:
        for teller in self._tellers:
            with self._fault.said_once():
                teller(is_on)
