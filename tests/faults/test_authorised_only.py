"""Whatever is published, cut off, withdrawn, rotated or ordered: a device tells of what is authorised now, of all of it
and of nothing else."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fakes.authority import NOON
from lapel.core.updates import Why
from lapel.core.withdrawals import Withdrawal, newest_serial, united, without_settled
from lapel.errors import UpdateRefused
from lapel.fakes.clock import FakeClock
from lapel.store import staging
from lapel.store.contact import CONTACT, Contacts
from lapel.store.lease_spent import LEASE
from lapel.store.trust import FILE
from lapel.wiring.lease import LeaseKeeper
from lapel.wiring.withheld import Withheld
from published_rig import Camera, Lists, another_key, crates
from watch_rig import CODES, coded_crates, told_of

PEOPLE = ("alice", "bob", "carol", "dora", "erin")
SITE_HOURS = 45.0
LEASES = st.sampled_from((0, 30, 60))

_SAID = ("files", "targets", "versions", "withdrawn", "wipes", "names", "root")


@dataclass(frozen=True)
class Signed:
    """What two administrators signed: entries and their last days, the withdrawals that they knew, and a lease."""

    entries: dict[str, date]
    settled: int
    ends: date
    lease_hours: int


class Killed(BaseException):
    """kill -9 of the import."""


class Shift(RuleBasedStateMachine):
    """An authority at work, its enemies, and one device that watches. What the device may tell of is worked out here
    from what was done, and never asked of the device."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.lists, self.clock = Lists(), FakeClock(NOON)
        self.camera = Camera(Path(self.folder.name), self.lists)
        self.signed: dict[int, Signed] = {}
        self.version = self.held = 0
        self.told: tuple[Withdrawal, ...] = ()
        self.ever: tuple[Withdrawal, ...] = ()
        self.heard = 0
        self.is_to_be_wiped = False
        self.contact_s: float | None = None
        self.past_s = self.fresh_until_s = 0.0

    def teardown(self) -> None:
        staging.MOST_REWRITTEN = 10_000
        self.folder.cleanup()

    @initialize(is_long=st.booleans(), site_hours=st.sampled_from((0.0, SITE_HOURS)), lease=LEASES)
    def begin(self, is_long: bool, site_hours: float, lease: int) -> None:
        """A watch begins with a list; it may count as a long one, which is not written anew for a withdrawal."""
        staging.MOST_REWRITTEN = 0 if is_long else 10_000
        self.site_hours = site_hours
        self.restart()
        self.publish(4, False, 20, lease, True)

    @rule()
    def restart(self) -> None:
        """The device is switched off and on."""
        state, keys = self.camera.device.state, self.camera.keys
        self.clock.reboot()
        self.withheld = Withheld(state, keys, print)
        self.lease = LeaseKeeper(state, keys, self.clock, self.site_hours, print)

    @rule(name=st.sampled_from((FILE, CONTACT, LEASE)))
    def start_without(self, name: str) -> None:
        """Somebody has the card in hand, and takes a file away; it is put back afterwards."""
        path = self.camera.device.state / name
        if not path.exists():
            return
        kept = path.read_bytes()
        path.unlink()
        self.restart()
        told = self._told_of()
        assert not told if name == FILE or self._leases() else told == self.authorised
        path.write_bytes(kept)
        self.restart()

    @rule(count=st.integers(1, 4), settle=st.booleans(), days=st.integers(3, 20), lease=LEASES, taken=st.booleans())
    def publish(self, count: int, settle: bool, days: int, lease: int, taken: bool) -> None:
        """Two sign a list, each entry ending some days after the one before; it is taken at once or not."""
        self.version += 1
        authority = self.lists.authority
        settled = newest_serial(authority.withdrawn) if settle else 0
        today = authority.now.date()
        gallery = coded_crates(count, today)
        ends = today + timedelta(days=days)
        dates = {"created": today, "not_before": today, "expires": ends}
        self.lists.publish(gallery, self.version, authority.names[:2], settled=settled, lease_hours=lease, **dates)
        self._published()
        self.signed[self.version] = Signed({e.id: e.expires for e in gallery.entries}, settled, ends, lease)
        if taken:
            self.take()

    @rule(name=st.sampled_from(("alice", "mallory")))
    def publish_alone(self, name: str) -> None:
        """One signs a list; what was there before is published again afterwards."""
        before = self._snapshot()
        self.lists.publish(crates(6), self.version + 100, by=(name,))
        assert self._why_refused() is Why.SIGNATURES
        self._restore(before)

    @rule(entry=st.sampled_from(("crate-0", "crate-1", "crate-2", "")))
    def withdraw(self, entry: str) -> None:
        """One withdraws."""
        self.lists.withdraw(entry, by=self.lists.authority.names[2])
        self._published()

    @rule()
    def drop_settled(self) -> None:
        """What the newest list has settled takes room no more: a device that never heard of it must not tell of it."""
        if self.version in self.signed:
            authority, settled = self.lists.authority, self.signed[self.version].settled
            authority.withdrawn = without_settled(authority.withdrawn, {"springfield": settled})
            authority.withdraw(by=authority.names[2:])
            self._published()

    @rule(is_ours=st.sampled_from((False, False, True)))
    def order_wipe(self, is_ours: bool) -> None:
        """One orders a device to be wiped, this one or another, and it hears of that."""
        sealing = self.camera.trust().sealing if is_ours else another_key()
        self.lists.authority.order_wipe(sealing, by=self.lists.authority.names[2])
        self._published()
        self.take()

    @rule()
    def order_wipe_as_a_stranger(self) -> None:
        """Whoever is no administrator orders it; what was there before is published again afterwards."""
        before = self._snapshot()
        self.lists.authority.order_wipe(self.camera.trust().sealing, by="mallory")
        assert self._why_refused() is Why.SIGNATURES
        self._restore(before)

    @rule(gone=st.sampled_from((0, 1, 2)), new=st.sampled_from(PEOPLE))
    def rotate(self, gone: int, new: str) -> None:
        """A lost key is replaced by the other two; it signs no more."""
        authority = self.lists.authority
        if new in authority.names:
            return
        lost = authority.names[gone]
        left = tuple(name for name in authority.names if name != lost)
        authority.rotate((*left, new), by=left)
        authority.publish(by=left, withdrawn_by=(new,))
        self._published()
        before = self._snapshot()
        self.lists.withdraw("", by=lost)
        assert self._why_refused() is Why.SIGNATURES
        self._restore(before)

    @rule()
    def rotate_alone(self) -> None:
        """One names himself and his friends administrators."""
        before, authority = self._snapshot(), self.lists.authority
        friends = (authority.names[0], "mallory", "trudy")
        authority.rotate(friends, by=friends)
        authority.publish(by=friends[:2], withdrawn_by=friends[2:])
        assert self._why_refused() is Why.SIGNATURES
        self._restore(before)

    @rule(hours=st.sampled_from((10, 20, 40, 200)), renewed=st.booleans())
    def wait(self, hours: int, renewed: bool) -> None:
        """Time passes, and the publication is renewed or not."""
        self.lists.authority.later(hours=hours)
        self.clock.advance(hours * 3600)
        self.past_s += hours * 3600
        if renewed:
            self.lists.authority.snapshot()
            self._published()

    @rule()
    def hear_the_station(self) -> None:
        """The station acknowledges a record."""
        self._contact()

    @rule(number=st.integers(0, 50))
    def take_cut_off(self, number: int) -> None:
        """A chunk is missing."""
        names = sorted(self.lists.chunks)
        if names:
            name = names[number % len(names)]
            data = self.lists.chunks.pop(name)
            self._take(Why.MISSING)
            self.lists.chunks[name] = data

    @rule()
    def take_killed(self) -> None:
        """The import is killed while it writes the list."""

        def killed(share: float) -> NoReturn:
            raise Killed

        try:
            self.camera.take(progress=killed)
            self.held = self.version  # it had the list already
        except (UpdateRefused, Killed):
            pass
        self._heard()

    @rule()
    def take(self) -> None:
        """The device takes what there is; it refuses nothing that is good."""
        self._take()

    def _take(self, *allowed: Why) -> None:
        newest = self.signed.get(self.version)
        if self.past_s >= self.fresh_until_s:
            allowed = (*allowed, Why.FROZEN)
        if newest is None:
            allowed = (*allowed, Why.GROUP)
        elif newest.ends < self.clock.today():
            allowed = (*allowed, Why.EXPIRED)
        refused = self._why_refused()
        if refused is None:
            self.held = self.version
        assert refused is None or refused in allowed
        self._heard()

    def _why_refused(self) -> Why | None:
        """Why the device takes nothing of what is published; None where it took the newest list, or had it."""
        try:
            taken = self.camera.take()
        except UpdateRefused as error:
            return Why(error.why)
        assert taken.held.version == self.version
        return None

    def _heard(self) -> None:
        """What the device was told by now: all that stood there, if it was taken; and then that was contact."""
        if self.past_s >= self.fresh_until_s:
            return
        authority = self.lists.authority
        self.told = self.ever
        self.is_to_be_wiped |= any(each.sealing == self.camera.trust().sealing for each in authority.wipes)
        if authority.versions["timestamp"] > self.heard:
            self.heard = authority.versions["timestamp"]
            self._contact()

    def _contact(self) -> None:
        Contacts(self.camera.device.state, self.camera.keys, self.clock).note()
        self.contact_s = self.past_s

    def _published(self) -> None:
        self.ever = united(self.ever, self.lists.authority.withdrawn)
        self.fresh_until_s = self.past_s + self.lists.authority.timestamp_days * 86_400

    def _snapshot(self) -> tuple[object, ...]:
        authority = self.lists.authority
        kept = authority.withdrawn, authority.wipes, authority.names, authority.root
        return dict(authority.files), dict(authority.targets), dict(authority.versions), *kept

    def _restore(self, before: tuple[object, ...]) -> None:
        authority = self.lists.authority
        for name, value in zip(_SAID, before, strict=True):
            setattr(authority, name, value)

    @property
    def authorised(self) -> set[str]:
        """Entries of a list that two signed, without what has ended and what the device was told is withdrawn; none
        where it was told to wipe itself, or has had no contact for longer than list and site allow."""
        signed, today = self.signed.get(self.held), self.clock.today()
        if signed is None or self.is_to_be_wiped or today > signed.ends:
            return set()
        leases = self._leases()
        if leases and (self.contact_s is None or self.past_s - self.contact_s > min(leases) * 3600):
            return set()
        gone = {each.entry_id for each in self.told if each.serial > signed.settled}
        return set() if "" in gone else {name for name, last in signed.entries.items() if today <= last} - gone

    def _leases(self) -> list[float]:
        """The hours that list and site allow without contact."""
        signed = self.signed.get(self.held)
        return [hours for hours in (signed.lease_hours if signed else 0, self.site_hours) if hours]

    def _told_of(self) -> set[str]:
        """What is told of now, by the real list, withdrawals, lease and loop."""
        self.withheld.look()
        self.lease.look()
        return told_of(self.camera, self.clock, self.withheld, self.lease, CODES)

    @invariant()
    def what_is_authorised_now_is_told_of_and_nothing_else(self) -> None:
        """Whatever was done."""
        assert self._told_of() == self.authorised


A_FEW, MANY = (
    settings(max_examples=count, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    for count in (15, 300)
)


def test_in_a_few_shifts_what_is_authorised_is_told_of_and_nothing_else() -> None:
    run_state_machine_as_test(Shift, settings=A_FEW)  # type: ignore[no-untyped-call]


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_in_many_shifts_what_is_authorised_is_told_of_and_nothing_else() -> None:
    run_state_machine_as_test(Shift, settings=MANY)  # type: ignore[no-untyped-call]
