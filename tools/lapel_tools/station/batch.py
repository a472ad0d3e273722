"""Messages that came at once, being taken into the register: what of them is kept, refused, alarming and answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeVar

from lapel.core.record_body import parse_body
from lapel.core.records import RecordKind
from lapel.core.succession import succession_in
from lapel.link.events import Withheld
from lapel_tools.station.cosigning import Cosigner
from lapel_tools.station.intake import Incoming, NotTaken, Offered, Reason
from lapel_tools.station.register import Outcome, Register
from lapel_tools.station.witness import Alarm, Alarming

_Kind = TypeVar("_Kind")
_MOST_OFFERS = 4
"""Heads of one device that are judged in one batch, as each may take a reading of its records: an honest one offers
the next after an answer."""

_REPLACED = (
    "says that its journal was damaged, and begins another with record {}; what it had not sent is in its files "
    "aside-… alone: have them examined"
)
_TOO_EARLY = (
    "says that its journal was damaged, and begins another with record {}, which is held here already: it cannot go "
    "on; have its files aside-… examined, and set it up anew"
)


@dataclass(slots=True)
class Said:
    """What a device hears of a batch beside the head that is held."""

    refusal: str = ""
    witness: str | None = None


@dataclass(slots=True)
class Told:
    """Something that was seen so often in a batch, in the words of the last time."""

    device: str
    detail: str
    count: int = 0


@dataclass(slots=True)
class Batch:
    """Takes messages between the register's ``begin`` and ``commit``. All of one kind is written once, at the end:
    whoever floods the station is to cost it little, and fill no log."""

    register: Register
    cosigner: Cosigner | None
    kept: int = 0
    duplicates: int = 0
    witnessed: int = 0
    refused: dict[tuple[str, Reason], Told] = field(default_factory=dict)
    alarms: dict[tuple[str, Alarm], Told] = field(default_factory=dict)
    _said: dict[str, Said] = field(default_factory=dict)
    _offers: list[Offered] = field(default_factory=list)

    def take(self, came: Incoming | Offered | NotTaken) -> bool:
        """Take one; whether it is new to the register. Raises: StoreError."""
        if isinstance(came, Offered):
            self._offers.append(came)
            return False
        if isinstance(came, NotTaken):
            self._refuse(came)
            return False
        try:
            outcome = self.register.take(came)
        except NotTaken as refusal:
            if refusal.reason is Reason.FORK and not self._is_replaced(came, _TOO_EARLY):
                self.alarm(came.device, Alarm.FORK, str(refusal))
            self._refuse(refusal)
            return False
        is_new = outcome in (Outcome.KEPT, Outcome.EARLY)
        if is_new and came.delivery.withheld is not Withheld.NOTHING:
            self.alarm(came.device, Alarm.WITHHELD, "")
        if is_new:
            self._is_replaced(came, _REPLACED)
        self.kept += is_new
        self.duplicates += outcome is Outcome.DUPLICATE
        return is_new

    def finish(self) -> None:
        """Judge what was offered, over the records that are held by now, and write what is to be told. Raises:
        StoreError."""
        self.register.write()
        judged: Counter[str] = Counter()
        for offered in self._offers:
            judged[offered.device] += 1
            if judged[offered.device] <= _MOST_OFFERS:
                self._witness(offered)
            else:
                self._refuse(NotTaken(Reason.FLOOD, offered.device, f"over {_MOST_OFFERS} heads were offered at once"))
        for (_, reason), told in self.refused.items():
            self.register.refuse(NotTaken(reason, told.device, told.detail), told.count)
        for (_, alarm), told in self.alarms.items():
            if alarm is Alarm.WITHHELD:
                told.detail = self.register.missing(told.device)
            self.register.alarm(told.device, alarm, told.detail, told.count)

    def alarm(self, device: str, alarm: Alarm, detail: str) -> None:
        """Keep that somebody must look into a device."""
        _tell(self.alarms, (device, alarm), device, detail)

    def said(self, device: str) -> Said:
        """What a device is to hear."""
        return self._said.setdefault(device, Said())

    def _is_replaced(self, came: Incoming, detail: str) -> bool:
        """Whether a journal begins anew with this record, which is told then, taken or not: nobody is to drop records
        so and be told of only once a head is witnessed, if ever."""
        brought = came.delivery
        if brought.kind != RecordKind.JOURNAL.value or not brought.body:
            return False
        if succession_in(parse_body(brought.body)) is None:
            return False
        self.alarm(came.device, Alarm.REPLACED, detail.format(brought.sequence))
        return True

    def _witness(self, offered: Offered) -> None:
        said = self.said(offered.device)
        said.witness = ""
        try:
            if self.cosigner is not None:
                said.witness, is_new = self.register.witness(offered, self.cosigner)
                self.witnessed += is_new
        except Alarming as shown:
            self.alarm(offered.device, shown.alarm, str(shown))
            return
        if offered.offer.note:
            self.register.hear(offered)

    def _refuse(self, refusal: NotTaken) -> None:
        _tell(self.refused, (refusal.device, refusal.reason), refusal.device, str(refusal))
        if refusal.device:
            self.said(refusal.device).refusal = f"{refusal.reason.value}: {refusal}"


def _tell(told: dict[_Kind, Told], kind: _Kind, device: str, detail: str) -> None:
    same = told.setdefault(kind, Told(device, detail))
    same.detail = detail
    same.count += 1
