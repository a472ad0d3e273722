"""Whatever is published, cut off, withdrawn or rotated: a device never holds an entry that is not authorised now."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lapel.errors import UpdateRefused
from published_rig import Camera, Lists, crates

PEOPLE = ("alice", "bob", "carol", "dora", "erin")


@dataclass(frozen=True)
class Signed:
    """What two administrators signed: entries, and the withdrawals that they knew."""

    entries: frozenset[str]
    settled: int
    ends: date


class Shift(RuleBasedStateMachine):
    """An authority at work, its enemies, and one device."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.lists = Lists()
        self.camera = Camera(Path(self.folder.name), self.lists)
        self.signed: dict[int, Signed] = {}
        self.held = 0
        self.version = 0

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(count=st.integers(1, 4), settle=st.booleans(), days=st.integers(1, 20))
    def publish(self, count: int, settle: bool, days: int) -> None:
        """Two sign a list."""
        self.version += 1
        authority = self.lists.authority
        settled = len(authority.withdrawn) if settle else 0
        today = authority.now.date()
        gallery = crates(count)
        ends = today + timedelta(days=days)
        self.lists.publish(
            gallery, self.version, authority.names[:2], settled=settled, created=today, not_before=today, expires=ends
        )
        self.signed[self.version] = Signed(frozenset(e.id for e in gallery.entries), settled, ends)

    @rule(name=st.sampled_from(("alice", "mallory")))
    def publish_alone(self, name: str) -> None:
        """One signs a list; what was there before is published again afterwards."""
        files, targets = dict(self.lists.authority.files), dict(self.lists.authority.targets)
        versions = dict(self.lists.authority.versions)
        self.lists.publish(crates(6), self.version + 100, by=(name,))
        self.take()
        self.lists.authority.files, self.lists.authority.targets = files, targets
        self.lists.authority.versions = versions

    @rule(entry=st.sampled_from(("crate-0", "crate-1", "crate-2", "")))
    def withdraw(self, entry: str) -> None:
        """One withdraws."""
        self.lists.withdraw(entry, by=self.lists.authority.names[2])

    @rule(gone=st.sampled_from((0, 1, 2)), new=st.sampled_from(PEOPLE))
    def rotate(self, gone: int, new: str) -> None:
        """A lost key is replaced by the other two."""
        authority = self.lists.authority
        if new in authority.names:
            return
        left = tuple(name for number, name in enumerate(authority.names) if number != gone)
        authority.rotate((*left, new), by=left)
        authority.publish(by=left, withdrawn_by=(new,))

    @rule(days=st.integers(1, 9), renewed=st.booleans())
    def wait(self, days: int, renewed: bool) -> None:
        """Time passes, and the publication is renewed or not."""
        self.lists.authority.later(days=days)
        if renewed:
            self.lists.authority.snapshot()

    @rule(number=st.integers(0, 50))
    def take_cut_off(self, number: int) -> None:
        """A chunk is missing."""
        names = sorted(self.lists.chunks)
        if names:
            name = names[number % len(names)]
            data = self.lists.chunks.pop(name)
            self.take()
            self.lists.chunks[name] = data

    @rule()
    def take(self) -> None:
        """The device takes what there is; refused or not, it holds only what it may."""
        held = self.held
        try:
            taken = self.camera.take()
            held = taken.held.version
        except UpdateRefused:
            pass
        self.held = held

    @invariant()
    def only_what_is_authorised_is_held(self) -> None:
        """Entries of a list that two signed, without what the device was told is withdrawn."""
        listed = self.camera.listed()
        if not listed:
            return
        signed = self.signed[self.held]
        assert listed <= signed.entries
        assert self.camera.until() == signed.ends
        told = self.camera.told()
        assert not any(serial > signed.settled and not entry for serial, entry in told)
        assert listed.isdisjoint({entry for serial, entry in told if serial > signed.settled})


TestShift = Shift.TestCase
TestShift.settings = settings(
    max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
