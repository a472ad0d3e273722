"""The devices' records in their order, and what was refused, as the station writes them into its database.

A device's records are kept without a gap, so its tree (a compact range) grows with every one of them, and its head
is what the station can vouch for. Everything between ``begin`` and ``commit`` becomes durable together, or not at all.
Several workers may write: each has its devices' rows to itself from ``begin`` to ``commit``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path

from lapel.core.chain import EMPTY_ROOT, CompactRange
from lapel.core.record_body import rfc3339
from lapel.core.records import Head
from lapel.core.signed_note import parse_note
from lapel.ports import Clock
from lapel_tools.station.alarms import raise_alarm, settle
from lapel_tools.station.cosigning import Cosigner
from lapel_tools.station.holdings import Holdings
from lapel_tools.station.intake import Incoming, NotTaken, Offered, Reason
from lapel_tools.station.witness import Alarm, Witnessed, judge
from lapel_tools.station.witness_rows import begun_in, keep_journal_size, keep_witnessed, leaves_of

MOST_EARLY = 2000
"""Records of a device that are kept before their predecessors have come; further ones are to be sent again."""
MOST_FORKS = 100
"""Forged versions of a device's records that are kept as evidence; further ones are counted."""


class Outcome(Enum):
    """What became of a record."""

    KEPT = "kept"
    DUPLICATE = "duplicate"
    EARLY = "early"
    """Kept, and in no head before its predecessors have come."""
    TOO_EARLY = "too early"
    """Dropped, since too many wait already; it is to be sent again."""


@dataclass(slots=True)
class _Held:
    """A device's tree, and leaves that wait for their predecessors, by sequence."""

    tree: CompactRange
    early: dict[int, bytes] = field(default_factory=dict)

    def add(self, sequence: int, leaf: bytes) -> None:
        """Add a leaf in its place; the tree grows as far as there is no gap."""
        self.early[sequence] = leaf
        while (following := self.early.pop(self.tree.size, None)) is not None:
            self.tree = self.tree.append(following)


class Register(Holdings):
    """The database, opened to be written and read. Raises: StoreError, UsageError, ConfigError."""

    def __init__(self, where: Path | str, clock: Clock, any_thread: bool = False) -> None:
        super().__init__(where, any_thread)
        self._clock = clock
        self._known: set[str] = set()
        self._begun: dict[str, _Held] = {}
        self._heard: set[str] = set()
        self._unwritten: list[tuple[object, ...]] = []

    def begin(self, devices: Iterable[str]) -> None:
        """Begin a batch with records of these devices, whose rows nobody else changes until it ends.

        Raises: StoreError.
        """
        names = sorted(set(devices))  # in one order, so that no two workers wait for each other
        new = [name for name in names if name not in self._known]
        if new:
            self._db.begin()
            self._db.run_many(
                "insert into devices values (?, 0, ?, ?, '') on conflict (device) do nothing",
                [(name, b"", EMPTY_ROOT) for name in new],
            )
            self._db.commit()
            self._known.update(new)
        self._db.begin()
        if names:
            self._lock(names)

    def commit(self) -> None:
        """Make the batch durable. Raises: StoreError; then nothing of it is kept."""
        self.write()
        now = self._now()
        heard = [(name, self._begun[name].tree) for name in sorted(self._heard)]
        if heard:
            self._db.run_many(
                "update devices set size = ?, peaks = ?, root = ?, heard_at = ? where device = ?",
                [(tree.size, tree.to_bytes(), tree.root(), now, name) for name, tree in heard],
            )
        self._db.commit()
        self._forget()

    def rollback(self) -> None:
        """Forget the batch."""
        self._forget()
        self._db.rollback()

    def take(self, brought: Incoming) -> Outcome:
        """Keep a record of the batch's devices. Raises: NotTaken where another record has its place already."""
        device, delivery = brought.device, brought.delivery
        held = self._begun[device]
        self._heard.add(device)
        if delivery.sequence < held.tree.size or delivery.sequence in held.early:
            return self._seen_before(brought)
        is_next = delivery.sequence == held.tree.size
        if not is_next and len(held.early) >= MOST_EARLY:
            return Outcome.TOO_EARLY
        self._unwritten.append(
            (
                device,
                delivery.sequence,
                delivery.id,
                delivery.kind,
                delivery.at,
                delivery.body,
                delivery.leaf,
                delivery.picture,
                delivery.withheld.value,
                self._now(),
            )
        )
        held.add(delivery.sequence, delivery.leaf)
        return Outcome.KEPT if is_next else Outcome.EARLY

    def refuse(self, refusal: NotTaken, count: int = 1) -> None:
        """Count messages that were not taken, of which the last one says why."""
        self._db.run(
            "insert into refusals values (?, ?, ?, ?, ?) on conflict (device, reason) do update set"
            " count = refusals.count + excluded.count, last_detail = excluded.last_detail, last_at = excluded.last_at",
            # PostgreSQL keeps no NUL in a text; what was refused may have held one.
            (refusal.device, refusal.reason.value, count, _plain(str(refusal)), self._now()),
        )

    def alarm(self, device: str, alarm: Alarm, detail: str, count: int = 1) -> None:
        """Keep that somebody must look into a device, for something that was seen so often."""
        raise_alarm(self._db, device, alarm, detail, self._now(), count)

    def settle(self, device: str, alarm: str, who: str, why: str) -> bool:
        """Keep that somebody looked into an open alarm; whether there was one. Raises: StoreError."""
        return settle(self._db, device, alarm, who, why, self._now())

    def witness(self, offered: Offered, cosigner: Cosigner) -> tuple[str, bool]:
        """Sign what a device of the batch offers, if it may be signed; its last head that is, and whether it is new.

        Raises: Alarming.
        """
        device = offered.device
        last = self.witnessed(device)
        self.write()
        leaves, begun = partial(leaves_of, self._db, device), partial(begun_in, self._db, device)
        grown = judge(device, offered.offer, last, self.head(device), leaves, begun)
        if grown is None:
            return (last.note if last else ""), False
        note = str(cosigner.cosigned(parse_note(grown.note), self._clock.wall_ns() // 10**9))
        keep_witnessed(self._db, device, Witnessed(grown.key, grown.tree, note), self._now())
        return note, True

    def hear(self, offered: Offered) -> None:
        """Keep what a device of the batch says of its journal beside a head that it offers. Raises: StoreError."""
        keep_journal_size(self._db, offered.device, offered.offer.kept, self._now())
        self._heard.add(offered.device)

    def write(self) -> None:
        """Hand what was taken to the database, so that it can be read before the batch ends. Raises: StoreError."""
        if self._unwritten:
            self._db.run_many("insert into records values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._unwritten)
            self._unwritten = []

    def head(self, device: str) -> Head:
        """What is held of a device without a gap, including the batch that was begun."""
        held = self._begun.get(device)
        return held.tree.head() if held else super().head(device)

    def is_gap(self, device: str) -> bool:
        """Whether records of a device of this batch are held whose predecessors are not."""
        return bool(self._begun[device].early)

    def behind(self, for_s: float) -> tuple[str, ...]:
        """Devices of which early records came so long ago, and their predecessors did not come since."""
        before_at = rfc3339(self._clock.wall_ns() - int(for_s * 1e9))
        return tuple(
            name
            for (name,) in self._db.run(
                "select device from devices d where (select min(received_at) from records e"
                " where e.device = d.device and e.sequence >= d.size) < ?",
                (before_at,),
            )
        )

    def _lock(self, names: list[str]) -> None:
        among = f"({', '.join('?' * len(names))})"
        for name, size, peaks in self._db.run(
            f"select device, size, peaks from devices where device in {among} order by device{self._db.lock_rows}",
            names,
        ):
            self._begun[name] = _Held(CompactRange.from_bytes(size, peaks))
        # One look at the index for each device; a join would be planned as a reading of every record.
        for name, last in self._db.run(
            "select device, (select max(sequence) from records r where r.device = devices.device)"
            f" from devices where device in {among}",
            names,
        ):
            held = self._begun[name]
            if last is not None and last >= held.tree.size:
                held.early = dict(
                    self._db.run(
                        "select sequence, leaf from records where device = ? and sequence >= ?", (name, held.tree.size)
                    )
                )

    def _seen_before(self, brought: Incoming) -> Outcome:
        device, delivery = brought.device, brought.delivery
        self.write()
        found = self._db.run("select leaf from records where device = ? and sequence = ?", (device, delivery.sequence))
        if found and found[0][0] == delivery.leaf:
            return Outcome.DUPLICATE
        if self._db.run("select count(*) from forks where device = ?", (device,))[0][0] < MOST_FORKS:
            self._db.run(
                "insert into forks values (?, ?, ?, ?, ?) on conflict (device, sequence, leaf) do nothing",
                (device, delivery.sequence, delivery.leaf, delivery.body, self._now()),
            )
        raise NotTaken(
            Reason.FORK, device, f"record {delivery.sequence}: another record of that number is held already (a fork)"
        )

    def _forget(self) -> None:
        self._begun.clear()
        self._heard.clear()
        self._unwritten = []

    def _now(self) -> str:
        return rfc3339(self._clock.wall_ns())


def _plain(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
