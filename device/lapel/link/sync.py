"""Sends the journal's unsent tail to the station, and believes only what the station itself acknowledges.

The journal is the outbox. Nothing counts as delivered before the station, after its own commit, has named the count
and the Merkle root of what it holds, and that root is the root of this journal at that count.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from lapel.core.chain import CompactRange
from lapel.core.records import Fact, Record
from lapel.errors import BrokerUnreachable, ConfigError, Refused, Tampered
from lapel.link.acks import Ack, decode
from lapel.link.ahead import Ahead
from lapel.link.events import CloudEvent, Withheld, given_up, within
from lapel.link.marks import Marks
from lapel.link.mqtt import Line
from lapel.link.offers import Witness
from lapel.link.outbox import Outbox
from lapel.link.refusals import StationSilent, check_answer
from lapel.link.signals import Arrived, Lost, Published, Signal
from lapel.link.topics import events_topic
from lapel.link.under_way import UnderWay

WINDOW = 1000
"""Records under way at a time, where they are small (see under_way): 100 take the station a third longer."""
PATIENCE_S = 10.0
"""How long the station may say nothing about records that it was sent."""
_GAP_S = 1.0
"""How long records may be missing at the station while later ones are there, before they are sent again: an alert that
was sent ahead is such a later one."""
_LISTEN_S = 0.25
_READ_AT_A_TIME = 50


class StationRefuses(Refused):
    """The station does not take a record of this device."""


class Notes(Protocol):
    """Hears what happens to the link."""

    def event(self, name: str, **fields: Fact) -> None:
        """An event's name and plain fields."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the parts of the device's topics."""

    site: str
    device: str

    @property
    def source(self) -> str:
        """The device as CloudEvents' URI reference."""
        return f"/lapel/{self.site}/{self.device}"


class Sync:
    """One journal on its way to one station, over one line after another."""

    def __init__(
        self,
        journal: Outbox,
        marks: Marks,
        sender: Sender,
        notes: Notes,
        window: int = WINDOW,
        patience_s: float = PATIENCE_S,
        witness: Witness | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.done = 0
        """Records that the station acknowledged to this process."""
        self.withheld = 0
        """Records that were sent in part: the broker's packet limit, or what the journal has given up."""
        self._journal = journal
        self._marks = marks
        self._sender = sender
        self._topic = events_topic(sender.site, sender.device)
        self._notes = notes
        self._witness = witness
        self._patience_s = patience_s
        self._now_s = now_s
        self._under_way = UnderWay(window)
        self._ahead = Ahead(journal)
        self._is_gap = False
        self._asked_again_at = -1
        self._noted_until, self._given_up_until = 0, -1
        self._acked = marks.acked_head() or CompactRange().head()
        self._held = CompactRange()
        self._held = self._tree_at(self._acked.size, "acknowledged", self._acked.root)

    def over(self, line: Line, is_over: Callable[[], bool], until_empty: bool = False) -> None:
        """Send what is unsent, and what comes to it, until ``is_over``; or until nothing is left.

        Raises: BrokerUnreachable, BrokerRefused, StationSilent, StationRefuses, Tampered, ConfigError. In each case
        everything that was not acknowledged is sent again on the next line.
        """
        self._ahead.begin()
        self._send_again(-1)
        if self._witness:
            self._witness.begin()
        moved_at = self._now_s()
        while not is_over():
            # First: it says how many records wait, and the line may be cut before they are through.
            if self._witness and (offer := self._witness.offer(self._acked.size)):
                line.publish(self._topic, offer)
            self._fill(line)
            if until_empty and not self._under_way and not (self._witness and self._witness.is_waiting()):
                return
            before = self._held.size
            self._hear(line.wait(_LISTEN_S))
            stalled_s = self._now_s() - moved_at
            if self._held.size != before or not self._under_way:
                moved_at = self._now_s()
            elif self._is_gap and stalled_s > _GAP_S and self._held.size != self._asked_again_at:
                self._send_again(self._held.size)
            elif stalled_s > self._patience_s:
                sent, site = len(self._under_way), self._sender.site
                raise StationSilent(
                    f"{line.endpoint}: no ack for {sent} records in {self._patience_s:.0f} s; they wait. "
                    f"Is `lapel-admin station` running for site {site}?"
                )

    def _send_again(self, sequence: int) -> None:
        """Send again what follows what is held; ``sequence`` says from where, as that is done once from each place."""
        self._under_way.clear()
        self._is_gap = False
        self._asked_again_at = sequence

    def _fill(self, line: Line) -> None:
        for alert in self._ahead.alerts(self._next() + _READ_AT_A_TIME):
            line.publish(self._topic, self._event(line, alert)[0])
        while room := self._under_way.room():
            records = self._journal.to_send(self._next() - 1, min(room, _READ_AT_A_TIME))
            for record in records:
                self._send(line, record)
                if not self._under_way.room():
                    return  # what was read in vain is read again
            if not records:
                return

    def _next(self) -> int:
        return self._held.size + len(self._under_way)

    def _send(self, line: Line, record: Record) -> None:
        if record.sequence != self._next():
            raise Tampered(
                f"journal: record {self._next()} is to be sent and is not there; "
                "restore the station's database, and run `lapel audit verify` on this device"
            )
        event, withheld = self._event(line, record)
        if withheld is not Withheld.NOTHING and record.sequence >= self._noted_until:
            self._note(record, withheld, line.most_bytes)
        line.publish(self._topic, event)
        self._under_way.send(record.leaf, len(event.data))

    def _note(self, record: Record, withheld: Withheld, most_bytes: int) -> None:
        self.withheld += 1
        is_given_up = withheld is given_up(record)
        # Once for all that was given up in a row: it may be all that a journal has.
        if not (is_given_up and record.sequence == self._given_up_until):
            self._notes.event(
                "withheld",
                sequence=record.sequence,
                part=withheld.value,
                is_given_up=is_given_up,
                bytes=len(record.body) + len(record.picture),
                broker_takes_bytes=most_bytes,
            )
        self._noted_until, self._given_up_until = record.sequence + 1, record.sequence + 1 if is_given_up else -1

    def _event(self, line: Line, record: Record) -> tuple[CloudEvent, Withheld]:
        """A record as it is sent, and what of it is not. Raises: Tampered, ConfigError, BrokerRefused."""
        if record.body and record.device != self._sender.device:
            raise ConfigError(
                f"journal: record {record.sequence} was written by device {record.device!r}, and would be sent as "
                f"{self._sender.device!r}; give the device one name, in its site file and its certificate"
            )
        event, withheld = within(record, self._sender.source, line.most_bytes)
        if withheld is not given_up(record):
            self._marks.withhold(record.sequence)
        return event, withheld

    def _hear(self, signals: tuple[Signal, ...]) -> None:
        acks: list[Ack] = []
        for signal in signals:
            match signal:
                case Published(reason=reason):
                    check_answer(reason, self._topic, self._sender.device)
                case Arrived(data=data):
                    acks.append(decode(data))
                    if self._witness:
                        self._witness.heard(acks[-1])
                case Lost(why=why):
                    raise BrokerUnreachable(f"the connection ended ({why}); what was not acknowledged is sent again")
        if acks:
            # The last one says all that those before it said.
            self._believe(acks[-1])
        for refusal in (ack.refusal for ack in acks if ack.refusal):
            raise StationRefuses(f"the station refuses a record: {refusal}; run `lapel audit verify` on this device")

    def _believe(self, ack: Ack) -> None:
        size, held = ack.head.size, self._held.size
        if size < held and not ack.is_gap:
            return  # said before something that we have heard already
        tree = self._tree_at(size, "holds", ack.head.root)
        if size < held:
            self._notes.event("station_behind", holds=size, acknowledged=self._acked.size)
        if size < held:
            self._send_again(size)
        self._is_gap = ack.is_gap
        self._under_way.arrived(size - held)
        self._held = tree
        if size > self._acked.size:
            self._marks.acknowledge(tree)
            self.done += size - self._acked.size
            self._acked = ack.head

    def _tree_at(self, size: int, what: str, root: bytes) -> CompactRange:
        """This journal's tree at ``size``, if it has the root that the station gives it. Raises: Tampered."""
        tree = self._held if size >= self._held.size else CompactRange()
        if tree is self._held:
            for leaf in islice(self._under_way.leaves, size - tree.size):
                tree = tree.append(leaf)
        kept = self._journal.head().size
        if tree.size < size <= kept:
            tree = self._journal.tree_at(size)
        if tree.size == size and tree.root() == root:
            return tree
        self._notes.event("history_differs", station_size=size, journal_size=kept)
        raise Tampered(
            f"journal: the station {what} {size} records under root {root.hex()[:16]}…, which these {kept} records "
            "do not have; the journal was cut, replaced or edited. Keep it as it is, and run `lapel audit verify`"
        )
