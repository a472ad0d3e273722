"""A device as the station hears it: its records, and the heads that it signs of them."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lapel.core.chain import range_over
from lapel.core.checkpoint import Checkpoint
from lapel.core.proof import nodes_over, prove_consistency
from lapel.core.records import Event, Head, Record, RecordKind
from lapel.core.succession import Succession
from lapel.fakes.clock import FakeClock
from lapel.fakes.journal import MemoryJournal
from lapel.link.events import cloud_event
from lapel.link.offers import Offer, offer_event
from lapel.link.signals import Arrived
from lapel.store.signing import NoteSigner
from sync_rig import DEVICE, SITE

TOPIC = f"lapel/{SITE}/{DEVICE}/events"


class Teller:
    """A device with a history of its own, which it signs."""

    def __init__(
        self, entry: str = "thing", signer: NoteSigner | None = None, events: tuple[Event, ...] | None = None
    ) -> None:
        journal = MemoryJournal(FakeClock(), DEVICE)
        self.events = events or tuple(Event(RecordKind.ALERT, (("entry", f"{entry}-{n}"),)) for n in range(40))
        self.records: list[Record] = [journal.append(event) for event in self.events]
        self.signer = signer or NoteSigner(DEVICE, Ed25519PrivateKey.generate())
        self._leaves = [record.leaf for record in self.records]

    def begun_anew(self, size: int, former: Head | None = None) -> Teller:
        """The same device with another journal, which goes on after so many records of this one."""
        begins = Succession(former or range_over(self._leaves[:size]).head()).event(())
        return Teller(signer=self.signer, events=(*self.events[:size], begins, *self.events[size:]))

    def offer(self, size: int, earlier: int = 0) -> Offer:
        note = self.signer.signed(str(Checkpoint(DEVICE, range_over(self._leaves[:size]).head())))
        proof = prove_consistency(earlier, size, nodes_over(self._leaves)) if 0 < earlier < size else ()
        return Offer(str(note), str(self.signer.key), earlier, proof, len(self.records))

    def told(self, first: int, end: int) -> list[Arrived]:
        events = [cloud_event(record, f"/lapel/{SITE}/{DEVICE}") for record in self.records[first:end]]
        return [Arrived(TOPIC, event.attributes, event.content_type, event.data) for event in events]


def offered(offer: Offer) -> Arrived:
    event = offer_event(offer, f"/lapel/{SITE}/{DEVICE}")
    return Arrived(TOPIC, event.attributes, event.content_type, event.data)
