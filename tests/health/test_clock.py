"""The machine's time, and a settable double that agrees with it on what a clock is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lapel.fakes.clock import FakeClock
from lapel.health.clock import SystemClock
from lapel.ports import Clock


@pytest.fixture(params=[SystemClock, FakeClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    """One clock after the other."""
    made: Clock = request.param()
    return made


def test_monotonic_time_does_not_go_back(clock: Clock) -> None:
    assert clock.monotonic_ns() <= clock.monotonic_ns()


def test_the_boot_keeps_its_name(clock: Clock) -> None:
    assert clock.boot_id() == clock.boot_id() != ""


def test_today_is_the_utc_date_of_the_wall_clock(clock: Clock) -> None:
    before = clock.wall_ns()
    today = clock.today()
    days = {datetime.fromtimestamp(ns // 10**9, UTC).date() for ns in (before, clock.wall_ns())}
    assert today in days


def test_a_settable_clock_moves_only_when_told() -> None:
    clock = FakeClock()
    before = clock.wall_ns()
    clock.advance(86_400)
    assert (clock.wall_ns() - before, clock.today()) == (86_400 * 10**9, date(2026, 2, 1))


def test_a_jump_of_the_wall_clock_leaves_monotonic_time_alone() -> None:
    clock = FakeClock()
    before = clock.monotonic_ns()
    clock.set_wall(datetime(2027, 1, 1, tzinfo=UTC))
    assert (clock.monotonic_ns(), clock.today()) == (before, date(2027, 1, 1))


def test_a_reboot_gives_a_boot_another_name_and_begins_its_time_anew() -> None:
    clock = FakeClock()
    first = clock.boot_id()
    clock.reboot()
    assert clock.boot_id() != first
    assert clock.monotonic_ns() == 0
