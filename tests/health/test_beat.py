"""systemd hears of life only while the loop looks at frames."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapel.fakes.clock import FakeClock
from lapel.health.beat import LOOKS, SLOW, Beat


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """The receiving end of sd_notify, as systemd opens it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.setblocking(False)
        yield receiver


def heard(systemd: socket.socket) -> list[str]:
    messages = []
    while True:
        try:
            messages.append(systemd.recv(4096).decode())
        except BlockingIOError:
            return messages


def beat_to(systemd: socket.socket, clock: FakeClock) -> Beat:
    return Beat(clock, {"NOTIFY_SOCKET": systemd.getsockname()})


def test_nothing_is_said_before_the_first_frame(systemd: socket.socket) -> None:
    beat_to(systemd, FakeClock())
    assert heard(systemd) == []


def test_the_first_frame_says_that_the_appliance_is_ready(systemd: socket.socket) -> None:
    beat_to(systemd, FakeClock())(LOOKS)
    assert heard(systemd) == ["READY=1\nSTATUS=looks out\nWATCHDOG=1"]


def test_frames_keep_the_watchdog_quiet(systemd: socket.socket) -> None:
    clock = FakeClock()
    beat = beat_to(systemd, clock)
    beat()
    clock.advance(0.6)
    beat()
    assert heard(systemd)[1:] == ["WATCHDOG=1"]


def test_fast_frames_do_not_flood_systemd(systemd: socket.socket) -> None:
    clock = FakeClock()
    beat = beat_to(systemd, clock)
    for _ in range(100):
        beat()
        clock.advance(0.01)
    assert len(heard(systemd)) == 2


def test_an_end_on_purpose_is_announced(systemd: socket.socket) -> None:
    beat_to(systemd, FakeClock()).stopping()
    assert heard(systemd) == ["STOPPING=1"]


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_without_systemd_a_beat_does_nothing_and_fails_nothing(environment: dict[str, str]) -> None:
    beat = Beat(FakeClock(), environment)
    beat()
    assert not beat.is_heard


def test_a_systemd_that_went_away_does_not_stop_the_loop(systemd: socket.socket) -> None:
    beat = beat_to(systemd, FakeClock())
    Path(systemd.getsockname()).unlink()
    beat()
    assert beat.is_heard


def test_a_systemd_that_hears_nothing_does_not_hold_the_loop(systemd: socket.socket) -> None:
    beat = beat_to(systemd, FakeClock())
    for _ in range(1000):  # net.unix.max_dgram_qlen is 512 at most on a usual kernel
        beat.stopping()
    beat(LOOKS)  # the queue is full: it is lost
    assert 0 < len(heard(systemd)) < 1000
    beat(LOOKS)
    assert heard(systemd) == ["READY=1\nSTATUS=looks out\nWATCHDOG=1"]


def test_an_abstract_address_is_reached(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(f"\0{tmp_path}/notify")
        receiver.settimeout(10)
        Beat(FakeClock(), {"NOTIFY_SOCKET": f"@{tmp_path}/notify"})()
        assert receiver.recv(100) == b"READY=1\nSTATUS=runs\nWATCHDOG=1"


def test_a_locked_appliance_is_ready_says_what_it_waits_for_and_keeps_the_watchdog_quiet(
    systemd: socket.socket,
) -> None:
    clock = FakeClock()
    beat = beat_to(systemd, clock)
    for _ in range(2):
        beat("LOCKED")
        clock.advance(1)
    assert heard(systemd) == ["READY=1\nSTATUS=LOCKED\nWATCHDOG=1", "WATCHDOG=1"]


def test_systemd_is_told_at_once_that_nothing_is_looked_at_and_that_something_is_again(systemd: socket.socket) -> None:
    beat = beat_to(systemd, FakeClock())
    for status in (LOOKS, SLOW, LOOKS):
        beat(status)
    assert heard(systemd) == [f"READY=1\nSTATUS={status}\nWATCHDOG=1" for status in (LOOKS, SLOW, LOOKS)]


def test_once_unlocked_it_may_load_as_long_as_a_start_takes_and_then_the_watchdog_is_as_before(
    systemd: socket.socket,
) -> None:
    beat = Beat(FakeClock(), {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "10000000"})
    beat.loading()
    beat(LOOKS)
    assert heard(systemd) == [
        "STATUS=unlocked, and loading\nWATCHDOG_USEC=120000000\nWATCHDOG=1",
        "READY=1\nSTATUS=looks out\nWATCHDOG_USEC=10000000\nWATCHDOG=1",
    ]
