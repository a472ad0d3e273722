"""A wall clock that was set is noticed between two records, and one that runs is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lapel.core.clock_jumps import jumped_s
from lapel.core.lease import Moment

NOON = Moment(datetime(2026, 1, 31, 12, tzinfo=UTC), "boot-1", 0)


def later(passed_s: float, wall_s: float, boot: str = "boot-1") -> Moment:
    return Moment(NOON.at + timedelta(seconds=wall_s), boot, round(passed_s * 1e9))


@pytest.mark.parametrize(
    ("now", "jump_s"),
    [
        (later(3600, 3600), 0.0),
        (later(3600, 3600.9), 0.0),
        (later(10, 1e6), 1e6 - 10),
        (later(10, -50), -60.0),
        (later(5, 86400, boot="boot-2"), 0.0),  # it was off for a day, or the clock was set: nobody can tell
        (later(5, -86400, boot="boot-2"), -86400.0),
    ],
)
def test_a_jump_is_what_the_clock_gained_on_the_one_that_nobody_sets(now: Moment, jump_s: float) -> None:
    assert jumped_s(NOON, now) == pytest.approx(jump_s)
