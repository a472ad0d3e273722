"""A list falls silent so long after the last contact, whatever becomes of the clock, and comes back with contact."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lapel.errors import UpdateRefused
from lapel.fakes.clock import FakeClock
from lapel.fakes.keys import FixedKey
from lapel.store.contact import CONTACT, Contacts
from lapel.store.lease_spent import LEASE
from lapel.wiring.lease import LeaseKeeper, leased
from published_rig import Camera, Lists, crates

KEY, HOURS = FixedKey(), 24.0


class Device:
    """A state folder, its clock, and its lease as a watch holds to it."""

    def __init__(self, state: Path) -> None:
        self.state, self.clock, self.said = state, FakeClock(), list[str]()

    def watch(self) -> LeaseKeeper:
        return LeaseKeeper(self.state, KEY, self.clock, HOURS, self.said.append)

    def contact(self) -> None:
        Contacts(self.state, KEY, self.clock).note()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.wall_ns() / 1e9, UTC)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def test_without_any_contact_a_leased_list_is_silent_until_there_is_one(device: Device) -> None:
    keeper = device.watch()
    assert keeper.has_lapsed
    device.contact()
    keeper.look()
    assert not keeper.has_lapsed


def test_a_lease_lapses_after_its_hours_and_contact_renews_it(device: Device) -> None:
    device.contact()
    keeper = device.watch()
    device.clock.advance(HOURS * 3600)
    keeper.look()
    assert not keeper.has_lapsed
    device.clock.advance(1)
    keeper.look()
    assert keeper.has_lapsed
    device.contact()
    keeper.look()
    assert not keeper.has_lapsed


def test_a_clock_set_back_extends_no_lease(device: Device) -> None:
    device.contact()
    keeper = device.watch()
    device.clock.advance(HOURS * 3600 + 1)
    device.clock.set_wall(device.now() - timedelta(days=9))
    keeper.look()
    assert keeper.has_lapsed
    device.clock.reboot()
    assert device.watch().has_lapsed


def test_time_that_the_device_was_off_counts(device: Device) -> None:
    device.contact()
    device.clock.reboot()
    device.clock.set_wall(device.now() + timedelta(hours=HOURS, seconds=1))
    assert device.watch().has_lapsed


def test_a_board_that_starts_in_the_past_is_as_late_as_what_it_has_seen_signed(tmp_path: Path) -> None:
    lists = Lists()
    camera = Camera(tmp_path, lists)
    clock = FakeClock(lists.authority.now)
    Contacts(tmp_path, camera.keys, clock).note()
    lists.publish_bytes("springfield", b"no list")
    lists.authority.later(days=2)
    lists.authority.publish()
    with pytest.raises(UpdateRefused):
        camera.take()
    clock.reboot()
    clock.set_wall(datetime(2021, 1, 1, tzinfo=UTC))
    assert LeaseKeeper(tmp_path, camera.keys, clock, HOURS, print).has_lapsed


@pytest.mark.parametrize("data", [b"", b"{}", b'{"at": "2126-01-01T00:00:00+00:00", "boot": "boot-1"}'])
def test_a_contact_that_somebody_made_up_is_none_and_that_is_said(device: Device, data: bytes) -> None:
    (device.state / CONTACT).write_bytes(data)
    keeper = device.watch()
    keeper.look()
    assert keeper.has_lapsed
    assert [text[:7] for text in device.said] == ["LEASE: "]


def test_what_is_used_up_is_not_believed_of_a_file_that_another_wrote(device: Device) -> None:
    device.contact()
    device.watch()
    path = device.state / LEASE
    path.write_bytes(path.read_bytes().replace(b'"seconds": 0.0', b'"seconds": 9e9'))
    device.clock.reboot()
    assert device.watch().has_lapsed


def test_where_nobody_asks_for_a_lease_there_is_none(device: Device) -> None:
    with leased(device.state, KEY, device.clock, 0.0, device.said.append) as lease:
        device.clock.advance(9e6)
        lease.look()
        assert (lease.hours, lease.has_lapsed) == (0, False)


@pytest.mark.parametrize(("site", "of_list", "holds"), [(0, 5, 5), (24, 5, 5), (5, 24, 5), (5, 0, 5)])
def test_of_the_lists_lease_and_the_sites_the_stricter_one_holds(
    tmp_path: Path, site: float, of_list: int, holds: float
) -> None:
    lists = Lists()
    camera = Camera(tmp_path, lists)
    clock = FakeClock(lists.authority.now)
    keeper = LeaseKeeper(tmp_path, camera.keys, clock, site, print)
    assert keeper.has_lapsed == (site > 0)
    Contacts(tmp_path, camera.keys, clock).note()
    lists.publish(crates(1), lease_hours=of_list)
    camera.take()
    clock.advance(holds * 3600)
    keeper.look()
    assert (keeper.hours, keeper.has_lapsed) == (holds, False)
    clock.advance(1)
    keeper.look()
    assert keeper.has_lapsed


def test_a_later_list_without_a_lease_leaves_that_of_the_site(tmp_path: Path) -> None:
    lists = Lists()
    camera = Camera(tmp_path, lists)
    lists.publish(crates(1), lease_hours=5)
    camera.take()
    keeper = LeaseKeeper(tmp_path, camera.keys, FakeClock(lists.authority.now), HOURS, print)
    assert keeper.hours == 5
    lists.publish(crates(1), 2)
    camera.take()
    keeper.look()
    assert keeper.hours == HOURS


class Shift(RuleBasedStateMachine):
    """Contact, work, restarts and clocks that are set: the lease never lasts longer than its hours of work."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.device = Device(Path(self.folder.name))
        self.keeper = self.device.watch()
        self.worked_s: float | None = None
        self.is_clock_right = True

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule()
    def contact(self) -> None:
        self.device.clock.advance(61)
        self.device.contact()
        self.worked_s, self.is_clock_right = 0.0, True

    @rule(hours=st.integers(1, 12))
    def work(self, hours: int) -> None:
        self.device.clock.advance(hours * 3600)
        self.keeper.look()
        if self.worked_s is not None:
            self.worked_s += hours * 3600

    @rule(hours=st.integers(-1000, 1000))
    def set_clock(self, hours: int) -> None:
        self.device.clock.set_wall(self.device.now() + timedelta(hours=hours))
        self.is_clock_right = False

    @rule()
    def restart(self) -> None:
        self.keeper.look()
        self.device.clock.reboot()
        self.keeper = self.device.watch()

    @invariant()
    def it_is_looked_for_within_the_lease_and_never_after(self) -> None:
        self.keeper.look()
        if self.worked_s is None or self.worked_s > HOURS * 3600:
            assert self.keeper.has_lapsed
        elif self.is_clock_right:
            assert not self.keeper.has_lapsed


TestShift = Shift.TestCase
TestShift.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
