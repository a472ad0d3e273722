"""Whatever the way between outbox and station does, in whatever order: nothing is lost, doubled or moved."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, suppress
from enum import Enum, auto
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lapel.core.chain import CompactRange, root_over
from lapel.core.records import Event, Head, RecordKind
from lapel.errors import BrokerUnreachable
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.link.acks import encode
from lapel.link.events import CloudEvent
from lapel.link.signals import Arrived, Lost, Signal
from lapel.link.sync import Sender, StationSilent, Sync
from lapel.link.topics import ack_topic
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from sync_rig import DEVICE, SITE, Notebook

WINDOW = 8
ENDS_AFTER = 200


class Fate(Enum):
    """What becomes of what is under way, from one moment to the next."""

    ARRIVES = auto()
    """Records reach the station, and its acks the device."""
    WAITS = auto()
    RECORDS_LOST = auto()
    ONE_LOST = auto()
    ACKS_LOST = auto()
    TWICE = auto()
    MIXED = auto()
    """In the order in which workers that share them may take them."""
    CUT = auto()
    """The connection ends; the broker keeps what it has."""
    NOT_COMMITTED = auto()
    """The station is killed before its commit."""


class Marks:
    """Port Marks, which a kill of the device leaves as it is."""

    def __init__(self) -> None:
        self.head: Head | None = None

    def acked_head(self) -> Head | None:
        """As it was kept."""
        return self.head

    def acknowledge(self, tree: CompactRange) -> None:
        """Keep it."""
        self.head = tree.head()

    def withhold(self, sequence: int) -> None:
        """Nothing is: every message is short."""


class Way:
    """Port Line of the device, and what lies between it and the station."""

    endpoint = "broker:8883"
    most_bytes = 256 * 1024

    def __init__(self) -> None:
        self.under_way: list[Arrived] = []
        self.acks: list[Arrived] = []
        self.fates: list[Fate] = []
        self.now_s = 0.0

    def lead_to(self, register: Mortal, notes: Notebook) -> None:
        """From now on to a station that has just begun; what the broker held for the one before is gone."""
        self.register = register
        self.under_way.clear()
        self._station = Station(register, SITE, notes)

    def publish(self, topic: str, event: CloudEvent) -> None:
        """Take a record on its way."""
        self.under_way.append(Arrived(topic, event.attributes, event.content_type, event.data))

    def wait(self, timeout_s: float) -> tuple[Signal, ...]:
        """Let fate have its turn."""
        self.now_s += 1.1
        fate = self.fates.pop(0)
        match fate:
            case Fate.WAITS:
                return ()
            case Fate.CUT:
                return (Lost("cut"),)
            case Fate.RECORDS_LOST:
                self.under_way.clear()
            case Fate.ONE_LOST:
                del self.under_way[:1]
            case Fate.TWICE:
                self.under_way *= 2
            case Fate.MIXED:
                self.under_way = self.under_way[1::2] + self.under_way[::2]
            case _:
                pass
        self._reach(fate)
        came, self.acks = tuple(self.acks), []
        return came

    def _reach(self, fate: Fate) -> None:
        messages, self.under_way = self.under_way, []
        self.register.dies = fate is Fate.NOT_COMMITTED
        with suppress(KilledInTime):
            answers = self._station.take(messages) if messages else ()
        for answer in () if self.register.dies else answers:
            if fate is not Fate.ACKS_LOST:
                self.acks.append(Arrived(ack_topic(SITE, answer.device), (), "", encode(answer.ack)))


class KilledInTime(BaseException):
    """The station ended in the middle of a batch."""


class Mortal(Register):
    """A register whose process may end before a commit."""

    dies = False

    def commit(self) -> None:
        """Commit, or die."""
        if self.dies:
            raise KilledInTime
        super().commit()


class OutboxAndStation(RuleBasedStateMachine):
    """A device, a station, and the way between them."""

    @initialize()
    def begin(self) -> None:
        """An empty journal, an empty station."""
        self._folder = tempfile.TemporaryDirectory()
        self.file = Path(self._folder.name) / "station.db"
        self.journal = MemoryJournal(FakeClock(), DEVICE)
        self.marks = Marks()
        self.notes = Notebook()
        self.way = Way()
        self.restart_station()
        self.restart_device()

    @rule(kinds=st.lists(st.sampled_from([RecordKind.ALERT, RecordKind.PEOPLE]), min_size=1, max_size=2 * WINDOW))
    def record(self, kinds: list[RecordKind]) -> None:
        """Something happens."""
        for kind in kinds:
            self.journal.append(Event(kind, (("number", self.journal.head().size),)))

    @rule(before=st.integers(60, 90))
    def be_away(self, before: int) -> None:
        """So much happens that an alert has to go ahead."""
        self.record([RecordKind.PEOPLE] * before + [RecordKind.ALERT])

    @rule(fates=st.lists(st.sampled_from(Fate), min_size=1, max_size=12))
    def exchange(self, fates: list[Fate]) -> None:
        """A line, and what becomes of what is sent over it."""
        self.way.fates = list(fates)
        with suppress(BrokerUnreachable, StationSilent):
            self.sync.over(self.way, lambda: not self.way.fates)

    @rule()
    def restart_device(self) -> None:
        """kill -9, and a start."""
        self.sync = Sync(
            self.journal, self.marks, Sender(SITE, DEVICE), self.notes, WINDOW, now_s=lambda: self.way.now_s
        )

    @rule()
    def restart_station(self) -> None:
        """kill -9, and a start."""
        if hasattr(self, "register"):
            self.register.close()
        self.register = Mortal(self.file, FakeClock())
        self.way.lead_to(self.register, self.notes)

    @invariant()
    def what_the_station_holds_is_what_was_recorded(self) -> None:
        """Each record in its place, none that never was, and the head over those without a gap."""
        leaves = [record.leaf for record in self.journal.after(-1, 10**6)]
        with closing(sqlite3.connect(self.file)) as db:
            rows = db.execute("select sequence, leaf from records").fetchall()
        assert all(leaves[sequence] == leaf for sequence, leaf in rows)
        head = self.register.head(DEVICE)
        assert head == Head(head.size, root_over(leaves[: head.size]))
        assert {sequence for sequence, _ in rows} >= set(range(head.size))
        assert "fork" not in self.notes.names()
        assert "refused" not in self.notes.names()

    @invariant()
    def what_the_device_believes_is_so(self) -> None:
        """It counts nothing as sent that the station does not hold."""
        if self.marks.head is not None:
            assert self.marks.head.size <= self.register.head(DEVICE).size

    def teardown(self) -> None:
        """Once the way is good everything arrives, and the device knows it."""
        if not hasattr(self, "register"):
            return
        for _ in range(ENDS_AFTER):
            self.exchange([Fate.ARRIVES] * 3)
            if self.marks.head == self.journal.head() or not self.journal.head().size:
                break
        assert self.register.head(DEVICE) == self.journal.head()
        self.what_the_station_holds_is_what_was_recorded()
        self.register.close()
        self._folder.cleanup()


TestOutboxAndStation = OutboxAndStation.TestCase
TestOutboxAndStation.settings = settings(
    max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
