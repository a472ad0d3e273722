"""What the officer's phone is shown: alerts to answer, the shift's log, and how the device is. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

SHIFT_S = 12 * 3600.0
UNKNOWN = "unknown"

_LOW_BATTERY_PERCENT = 15
_HOT_C = 80.0
"""At which a Raspberry Pi slows itself down (Raspberry Pi documentation, frequency management and thermal control)."""
_LITTLE_MIB = 256
OLD_LIST_DAYS = 30
"""After which somebody should ask whether there is no newer one."""
_OFFLINE_S = 3600.0


@dataclass(frozen=True, slots=True)
class Line:
    """A name and a value; ``is_bad`` where somebody should look after it."""

    name: str
    text: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the device is; None where nobody can tell. ``contact_s``: seconds since the station was heard, infinite where
    it never was; ``queue``: records that wait for it. Ages in days, storage in MiB."""

    battery_percent: int | None = None
    heat_c: float | None = None
    free_mib: int | None = None
    list_days: int | None = None
    expires_days: int | None = None
    queue: float | None = None
    contact_s: float | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """An alert, big. ``alert`` is its record's id, or another name where it was not recorded. ``has_listed`` a picture
    of the listed thing, ``has_straight`` what was seen laid on it, ``has_seen`` as it was seen. ``at_s``: seconds since
    1970."""

    alert: str
    title: str
    check: str
    lines: tuple[Line, ...]
    at_s: float
    has_listed: bool
    has_straight: bool
    has_seen: bool


@dataclass(frozen=True, slots=True)
class LogLine:
    """An alert of this shift, and what was said of it, empty where nothing was. ``state`` says why its entry is silent,
    empty where it is not."""

    alert: str
    title: str
    at_s: float
    answer: str
    state: str
    is_muted: bool
    has_seen: bool


@dataclass(frozen=True, slots=True)
class View:
    """All of it. ``version`` changes whenever any of it does; ``now_s`` is the device's clock, seconds since 1970."""

    version: int
    now_s: float
    cards: tuple[Card, ...]
    log: tuple[LogLine, ...]
    state: tuple[Line, ...]
    notices: tuple[str, ...]
    silence: str
    is_lockable: bool

    def encoded(self) -> bytes:
        """JSON, UTF-8."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode()


def state_lines(vitals: Vitals) -> tuple[Line, ...]:
    """How the device is, in words; what is not known is told as unknown, and is no alarm."""
    v = vitals
    return (
        _line("Battery", v.battery_percent, lambda p: f"{p:.0f}%", lambda p: p < _LOW_BATTERY_PERCENT),
        _line("Heat", v.heat_c, lambda c: f"{c:.0f} °C", lambda c: c >= _HOT_C),
        _line("Storage", v.free_mib, lambda m: f"{m / 1024:.1f} GiB free", lambda m: m < _LITTLE_MIB),
        _line("List made", v.list_days, _days_ago, lambda d: not 0 <= d <= OLD_LIST_DAYS),
        _line("List ends", v.expires_days, _in_days, lambda d: d < 1),
        _line("Waiting to be sent", v.queue, lambda n: f"{n:.0f} records", lambda n: False),
        _line("Station heard", v.contact_s, _ago, lambda s: s > _OFFLINE_S),
    )


def _line(name: str, value: float | None, said: Callable[[float], str], is_bad: Callable[[float], bool]) -> Line:
    return Line(name, UNKNOWN) if value is None else Line(name, said(value), is_bad(value))


def _days_ago(days: float) -> str:
    if days < 0:  # the clock of a board without a battery starts in the past
        return "on a day that is to come: set the device's clock"
    return "today" if days < 1 else f"{days:.0f} day{'' if days == 1 else 's'} ago"


def _in_days(days: float) -> str:
    if days < 0:
        return "it has expired"
    return "today" if days < 1 else f"in {days:.0f} day{'' if days == 1 else 's'}"


def _ago(seconds: float) -> str:
    if seconds == float("inf"):
        return "never"
    if seconds < 120:
        return "now"
    return f"{seconds / 60:.0f} minutes ago" if seconds < 7200 else f"{seconds / 3600:.0f} hours ago"
