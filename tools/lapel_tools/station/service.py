"""The station at work: takes what came, commits it, and only then says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lapel.errors import BrokerUnreachable
from lapel.link.acks import EXPIRES_S, Ack, encode
from lapel.link.events import JSON, CloudEvent
from lapel.link.mqtt import Line
from lapel.link.signals import FAILURE, Arrived, Lost, Published
from lapel.link.sync import Notes
from lapel.link.topics import ack_topic, writer
from lapel_tools.station.batch import Batch, Said
from lapel_tools.station.cosigning import Cosigner
from lapel_tools.station.floods import Floods
from lapel_tools.station.intake import Incoming, NotTaken, Offered, Reason, incoming
from lapel_tools.station.meters import Meters
from lapel_tools.station.register import Register
from lapel_tools.station.witness import Alarm

WINDOW = 1000
"""Messages that the broker may hand over before they are settled: bounds the station's memory."""
_LISTEN_S = 0.25
_GAP_S, _GAPS_EVERY_S = 3600.0, 600.0
"""After so long a gap is one that somebody must look into, and so often they are looked for."""
_FLOODS = "sends more than a device has to send; what is over that is dropped unread, and is to be sent again later"
_AGAIN_S = 2.0
"""Where workers share the messages: so long may a record stay in another worker's hands before its device is asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device is told after a batch."""

    device: str
    ack: Ack


class Station:
    """Receives for one site into one register. ``shares``: other workers receive for the same site, too. With a
    ``cosigner`` it is the witness of its devices' journals; ``floods`` says how much it does for one device."""

    def __init__(
        self,
        register: Register,
        site: str,
        notes: Notes,
        shares: bool = False,
        cosigner: Cosigner | None = None,
        floods: Floods | None = None,
    ) -> None:
        self.meters = Meters()
        self._register = register
        self._site = site
        self._notes = notes
        self._shares = shares
        self._cosigner = cosigner
        self._floods = floods or Floods()
        self._asked_at = self._looked_at = time.monotonic()

    @property
    def done(self) -> int:
        """Records kept by this process."""
        return self.meters.kept

    @property
    def duplicates(self) -> int:
        """Records that came again, and were dropped."""
        return self.meters.duplicates

    @property
    def refused(self) -> int:
        """Messages that were not taken."""
        return self.meters.refused.total()

    def over(self, line: Line, is_over: Callable[[], bool]) -> None:
        """Receive until ``is_over``; a batch that was begun is finished. Raises: BrokerUnreachable, StoreError."""
        self.meters.linked = True
        try:
            while not is_over():
                self._serve(line)
        finally:
            self.meters.linked = False

    def _serve(self, line: Line) -> None:
        signals = line.wait(_LISTEN_S)
        messages = [signal for signal in signals if isinstance(signal, Arrived)]
        if messages:
            answers = self.take(messages)
            # The broker may forget them now: they are committed, or counted as refused.
            line.settle(messages)
            self._say(line, answers)
        self._ask_again(line)
        for signal in signals:
            if isinstance(signal, Lost):
                raise BrokerUnreachable(f"{line.endpoint}: the connection ended ({signal.why})")
            if isinstance(signal, Published) and signal.reason >= FAILURE:
                self._notes.event("ack_refused", reason=signal.reason)

    def _say(self, line: Line, answers: Sequence[Answer]) -> None:
        for answer in answers:
            line.publish(ack_topic(self._site, answer.device), CloudEvent((), JSON, encode(answer.ack), EXPIRES_S))

    def _ask_again(self, line: Line) -> None:
        """Of what a worker that died had in its hands, only its device knows still."""
        if time.monotonic() - self._looked_at > _GAPS_EVERY_S:
            self._looked_at = time.monotonic()
            self.look_for_gaps()
        if self._shares and time.monotonic() - self._asked_at > _AGAIN_S:
            self._asked_at = time.monotonic()
            behind = self._register.behind(_AGAIN_S)
            self._say(line, [Answer(device, Ack(self._register.head(device), is_gap=True)) for device in behind])

    def look_for_gaps(self) -> None:
        """Raise an alarm for each device of which records came long ago, and their predecessors never."""
        gaps = {
            (device, f"record {self._register.head(device).size} never came, later ones did over an hour ago")
            for device in self._register.behind(_GAP_S)
        }
        # A gap that may last for ever is not raised again once somebody looked into it.
        gaps -= {(each.raised.device, each.raised.detail) for each in self._register.settled()}
        if gaps:
            with self._batch(0, ()) as batch:
                for device, detail in sorted(gaps):
                    batch.alarm(device, Alarm.GAP, detail)
                batch.finish()

    def take(self, messages: Sequence[Arrived]) -> tuple[Answer, ...]:
        """Commit a batch, once the database lets it; afterwards, what its devices are to be told. Raises: StoreError;
        then nothing is kept."""
        opened = [self._opened(message) for message in messages]
        devices = tuple(dict.fromkeys(each.device for each in opened if each.device))
        with self._batch(len(messages), devices) as batch:
            for message, each in zip(messages, opened, strict=True):
                is_new = batch.take(each)
                if each.device and not _is_flood(each):
                    self._floods.was(each.device, len(message.data), is_new)
            for device in self._floods.begun():
                batch.alarm(device, Alarm.FLOOD, _FLOODS)
            batch.finish()
            return tuple(self._answer(device, batch.said(device)) for device in devices)

    @contextmanager
    def _batch(self, messages: int, devices: Sequence[str]) -> Iterator[Batch]:
        """What is written together, all or nothing; counted and told once it is durable. Raises: StoreError."""
        batch = Batch(self._register, self._cosigner)
        self.meters.begin(messages)
        try:
            self._register.begin(devices)
            yield batch
            self._register.commit()
        except BaseException:
            self._register.rollback()
            raise
        finally:
            self.meters.end()
        self._count(batch)

    def _opened(self, message: Arrived) -> Incoming | Offered | NotTaken:
        device = writer(self._site, message.topic)
        if device is not None and not self._floods.lets_in(device, len(message.data)):
            return NotTaken(Reason.FLOOD, device, _FLOODS)
        try:
            return incoming(self._site, message)
        except NotTaken as refusal:
            return refusal

    def _answer(self, device: str, said: Said) -> Answer:
        # Where workers share the messages, what is missing here is probably in another one's hands.
        is_gap = not self._shares and self._register.is_gap(device)
        return Answer(device, Ack(self._register.head(device), is_gap, said.refusal, said.witness))

    def _count(self, batch: Batch) -> None:
        """Tell whoever reads figures and log of what is committed."""
        self.meters.kept += batch.kept
        self.meters.duplicates += batch.duplicates
        self.meters.witnessed += batch.witnessed
        for (device, reason), told in batch.refused.items():
            self.meters.refused[reason.value] += told.count
            name = "fork" if reason is Reason.FORK else "refused"
            self._notes.event(name, device=device, reason=reason.value, detail=told.detail, messages=told.count)
        for (device, alarm), told in batch.alarms.items():
            self.meters.alarms[alarm.value] += told.count
            self._notes.event("alarm", device=device, alarm=alarm.value, detail=told.detail)


def _is_flood(came: Incoming | Offered | NotTaken) -> bool:
    return isinstance(came, NotTaken) and came.reason is Reason.FLOOD
