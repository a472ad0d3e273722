"""The station at work: takes what came, commits it, and only then says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lapel.errors import BrokerUnreachable
from lapel.link.acks import Ack, encode
from lapel.link.events import JSON, CloudEvent
from lapel.link.mqtt import Line
from lapel.link.signals import FAILURE, Arrived, Lost, Published
from lapel.link.sync import Notes
from lapel.link.topics import ack_topic
from lapel_tools.station.intake import NotTaken, Reason, incoming
from lapel_tools.station.register import Outcome, Register

WINDOW = 1000
"""Messages that the broker may hand over before they are settled: bounds the station's memory."""
_LISTEN_S = 0.25


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device is told after a batch."""

    device: str
    ack: Ack


class Station:
    """Receives for one site into one register."""

    def __init__(self, register: Register, site: str, notes: Notes) -> None:
        self.done = 0
        """Records kept by this process."""
        self.duplicates = 0
        """Records that came again, and were dropped."""
        self.refused = 0
        """Messages that were not taken."""
        self._register = register
        self._site = site
        self._notes = notes

    def over(self, line: Line, is_over: Callable[[], bool]) -> None:
        """Receive until ``is_over``; a batch that was begun is finished. Raises: BrokerUnreachable, StoreError."""
        while not is_over():
            signals = line.wait(_LISTEN_S)
            messages = [signal for signal in signals if isinstance(signal, Arrived)]
            if messages:
                answers = self.take(messages)
                # The broker may forget them now: they are committed, or counted as refused.
                line.settle(messages)
                for answer in answers:
                    line.publish(ack_topic(self._site, answer.device), CloudEvent((), JSON, encode(answer.ack)))
            for signal in signals:
                if isinstance(signal, Lost):
                    raise BrokerUnreachable(f"{line.endpoint}: the connection ended ({signal.why})")
                if isinstance(signal, Published) and signal.reason >= FAILURE:
                    self._notes.event("ack_refused", reason=signal.reason)

    def take(self, messages: Sequence[Arrived]) -> tuple[Answer, ...]:
        """Commit a batch; afterwards, what its devices are to be told. Raises: StoreError; then nothing is kept."""
        gaps: dict[str, bool] = {}
        refusals: dict[str, str] = {}
        kept = duplicates = 0
        self._register.begin()
        try:
            for message in messages:
                try:
                    brought = incoming(self._site, message)
                    outcome = self._register.take(brought)
                except NotTaken as refusal:
                    self._refuse(refusal)
                    if refusal.device:
                        refusals[refusal.device] = f"{refusal.reason.value}: {refusal}"
                        gaps.setdefault(refusal.device, False)
                    continue
                kept += outcome is Outcome.KEPT
                duplicates += outcome is Outcome.DUPLICATE
                # Told by the last message: an earlier gap may be closed by now.
                gaps[brought.device] = outcome is Outcome.GAP
            self._register.commit()
        except BaseException:
            self._register.rollback()
            raise
        self.done += kept
        self.duplicates += duplicates
        return tuple(
            Answer(device, Ack(self._register.head(device), is_gap, refusals.get(device, "")))
            for device, is_gap in gaps.items()
        )

    def _refuse(self, refusal: NotTaken) -> None:
        self.refused += 1
        self._register.refuse(refusal)
        name = "fork" if refusal.reason is Reason.FORK else "refused"
        self._notes.event(name, device=refusal.device, reason=refusal.reason.value, detail=str(refusal))
