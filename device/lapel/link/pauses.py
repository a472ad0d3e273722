"""How long to wait before asking again whoever did not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0


def pauses(chance: Callable[[], float]) -> Iterator[float]:
    """Seconds to wait after each failure in a row: doubling, and spread by ``chance`` (0..1).

    Spread between half and all of it, so that a fleet does not return to a restarted broker at the same moment.
    """
    pause = FIRST_PAUSE_S
    while True:
        yield pause * (0.5 + 0.5 * chance())
        pause = min(pause * 2, LONGEST_PAUSE_S)
