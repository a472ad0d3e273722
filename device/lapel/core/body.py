"""What is felt and heard on the body, and what two buttons mean. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

LONG_S = 1.5
"""A button that is held so long asks for a look now."""


class Button(Enum):
    """The two buttons, by what a short press of one says of the newest alert."""

    YES = "yes"
    NO = "no"


class Gesture(Enum):
    """What somebody asks by buttons."""

    IS = "it is"
    IS_NOT = "it is not"
    CHECK = "check this now"
    OFF = "stop capture"


class Capture(Enum):
    """Whether pictures are taken; a light says it to everybody in front of the camera."""

    LOOKING = "looking"
    WAITING = "waiting"
    LOCKED = "locked"
    OFF = "off"


class Cue(Enum):
    """What motor and buzzer tell."""

    ALERT = "possible match"
    UNRECORDED = "possible match that is not recorded"
    TAKEN_IS = "answer taken: it is"
    TAKEN_IS_NOT = "answer taken: it is not"
    CHECKING = "looking again"
    NOTHING = "nothing to answer, or not taken"
    LOCKED = "locked: it looks at nothing until it is unlocked"
    OFF = "capture is stopped"


@dataclass(frozen=True, slots=True)
class Pulse:
    """On for ``on_s``, then off for ``off_s``, in seconds."""

    on_s: float
    off_s: float = 0.15


_SHORT, _MIDDLE, _LONG = Pulse(0.12), Pulse(0.35), Pulse(0.9)

PATTERNS: dict[Cue, tuple[Pulse, ...]] = {
    Cue.ALERT: (_MIDDLE, _MIDDLE, _MIDDLE),
    Cue.UNRECORDED: (_MIDDLE, _MIDDLE, _MIDDLE, _LONG),
    Cue.TAKEN_IS: (_SHORT,),
    Cue.TAKEN_IS_NOT: (_SHORT, _SHORT),
    Cue.CHECKING: (_SHORT, _SHORT, _SHORT),
    Cue.NOTHING: (_LONG,),
    Cue.LOCKED: (_MIDDLE, _LONG),
    Cue.OFF: (_LONG, _LONG),
}
"""No two alike, and none is how another begins but for the one that adds a long pulse."""


@dataclass(slots=True)
class Gestures:
    """Tells gestures from presses. A press means something once it ends; both buttons down mean it at once."""

    _down: dict[Button, float] = field(default_factory=dict)
    _is_spent: bool = False

    def changed(self, button: Button, is_down: bool, at_s: float) -> Gesture | None:
        """A button went down or up at ``at_s`` seconds of a clock that never goes back."""
        if is_down:
            self._down[button] = at_s
            if len(self._down) < len(Button) or self._is_spent:
                return None
            self._is_spent = True
            return Gesture.OFF
        since_s, was_spent = self._down.pop(button, None), self._is_spent
        self._is_spent = was_spent and bool(self._down)
        if since_s is None or was_spent:
            return None
        if at_s - since_s >= LONG_S:
            return Gesture.CHECK
        return Gesture.IS if button is Button.YES else Gesture.IS_NOT
