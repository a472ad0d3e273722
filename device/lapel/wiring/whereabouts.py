"""Where the device is, for whoever looks out: asked of the GPS relay beside the loop, which waits for nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lapel.config.site import Gps
from lapel.core.position import Fix, Position, Whereabouts
from lapel.errors import HardwareError
from lapel.wiring.beside import looking
from lapel.wiring.local import asked

if TYPE_CHECKING:  # the relay, which says the same words, has no room for what the ports name
    from lapel.ports import Clock

ASK = b"fix"
_LONGEST_BYTES = 4096
_ASK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Told:
    """What the relay says: the last fix, what became of gpsd's lines, and why there is no newer one where it knows."""

    fix: Fix | None
    counts: Mapping[str, int]
    trouble: str = ""

    def encoded(self) -> bytes:
        """As it goes over the socket."""
        return json.dumps(asdict(self)).encode()


def told(path: Path) -> Told:
    """What the relay at ``path`` says now. Raises: HardwareError where it says nothing."""
    try:
        answer = asked(path, ASK, _LONGEST_BYTES)
    except OSError as error:
        raise HardwareError(f"{path}: {error.strerror}; ask as root, or as the lookout's user") from error
    if answer is None:
        raise HardwareError(f"{path}: no GPS relay answers; systemctl start lapel-gps")
    try:
        said = json.loads(answer)
        return Told(_fix(said["fix"]), dict(said["counts"]), str(said["trouble"]))
    except (KeyError, TypeError, ValueError) as error:
        raise HardwareError(
            f"{path}: the GPS relay tells this user nothing; ask as root, or as the lookout's"
        ) from error


def _fix(said: dict[str, Any] | None) -> Fix | None:
    """A fix that can be one. Raises: KeyError, TypeError, ValueError."""
    if said is None:
        return None
    position = Position(float(said["position"]["latitude_deg"]), float(said["position"]["longitude_deg"]))
    age_s, accuracy_m = float(said["age_s"]), None if said["accuracy_m"] is None else float(said["accuracy_m"])
    if not (position.is_on_earth and 0 <= age_s < float("inf") and 0 <= (accuracy_m or 0) < float("inf")):
        raise ValueError("a fix that cannot be one")
    return Fix(position, age_s, accuracy_m)


def how_it_is(said: Told) -> str:
    """The fix in words, without its place."""
    if said.fix is None:
        return "no fix yet; under a roof there may be none"
    how_well = "" if said.fix.accuracy_m is None else f", to {said.fix.accuracy_m:.0f} m"
    return f"fix {said.fix.age_s:.0f} s old{how_well}"


def examine_gps(path: Path) -> str:
    """How the relay at ``path`` fares. Raises: HardwareError where it, gpsd or the receiver is silent."""
    said = told(path)
    if said.trouble:
        raise HardwareError(said.trouble)
    return how_it_is(said)


class LastFix:
    """The relay's last fix, as old as it is now, also once the relay is gone. ``notice`` hears why no newer ones come,
    once, and when they come again."""

    def __init__(self, ask: Callable[[], Told], clock: Clock, notice: Callable[[str], None]) -> None:
        self._ask, self._clock, self._notice = ask, clock, notice
        self._told: tuple[Fix, float] | None = None
        self._is_troubled = False

    def look(self) -> None:
        """Ask the relay."""
        try:
            said = self._ask()
        except HardwareError as error:
            said = Told(None, {}, str(error))
        if said.fix is not None:
            self._told = said.fix, self._now_s()
        if bool(said.trouble) != self._is_troubled:
            self._is_troubled = bool(said.trouble)
            self._notice(f"NO NEW POSITION: {said.trouble}" if said.trouble else "the GPS receiver is heard again")

    def __call__(self) -> Fix | None:
        """The last fix; None where there was none."""
        if (last := self._told) is None:
            return None
        fix, told_s = last
        return replace(fix, age_s=fix.age_s + self._now_s() - told_s)

    def _now_s(self) -> float:
        return self._clock.monotonic_ns() / 1e9


@contextmanager
def followed(gps: Gps, grid_m: float, clock: Clock, notice: Callable[[str], None]) -> Iterator[Whereabouts]:
    """What may be kept of where the device is, for the time of a watch; nothing where a site has no receiver."""
    path = gps.socket
    if path is None:
        yield Whereabouts(grid_m)
        return
    last = LastFix(lambda: told(path), clock, notice)
    with looking("gps", _ASK_EVERY_S, last.look, begin=last.look):
        yield Whereabouts(grid_m, last, gps.longest_age_s)
