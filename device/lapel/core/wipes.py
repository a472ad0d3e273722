"""An order to wipe one device: lost, stolen, or given away. Pure.

One administrator's signature is enough, as for a withdrawal: it only takes away, and whoever has a lost device in hand
must not gain the night in which a second one is looked for. It is made out to the key to which lists are
sealed for that device. It is drawn anew whenever one is set up: an order reaches no other device, and no later one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lapel.core.records import Event, RecordKind
from lapel.core.withdrawals import LONGEST_REASON


@dataclass(frozen=True, slots=True)
class WipeOrder:
    """``sealing`` is the device's X25519 key in hexadecimal, ``device`` its name, for people. ``at`` is RFC 3339, as
    whoever ordered it had it."""

    device: str
    sealing: str
    reason: str
    by: str
    at: str

    def __post_init__(self) -> None:
        if not self.device or not self.sealing or not self.reason or len(self.reason) > LONGEST_REASON:
            raise ValueError(f"wipe of {self.device!r}: needs a device, its key and a reason")
        texts = {"device": self.device, "key": self.sealing, "reason": self.reason, "name": self.by, "time": self.at}
        for name, text in texts.items():
            if not text.isprintable():
                raise ValueError(f"wipe of {self.device!r}: its {name} {text!r} cannot be printed in one line")

    @property
    def why(self) -> str:
        """In words, as the device says it afterwards."""
        return f"ordered by {self.by}: {self.reason}"


def order_for(orders: Iterable[WipeOrder], sealing: str) -> WipeOrder | None:
    """The order that is made out to a key; None where there is none."""
    return next((each for each in orders if each.sealing == sealing), None)


def wipe_event(order: WipeOrder) -> Event:
    """The last thing that a device records: from then on it destroys its keys."""
    return Event(RecordKind.WIPE, (("by", order.by), ("ordered", order.at), ("why", order.reason)))
