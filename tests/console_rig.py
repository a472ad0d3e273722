"""A station's file with what a fleet recorded, and the console on it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from lapel.alert.picture import jpeg
from lapel.core.feedback import Answer, answer_event
from lapel.core.record_body import Stamp, record_of
from lapel.core.records import Event, Fact, Record, RecordKind
from lapel.fakes.clock import FakeClock
from lapel.link.events import cloud_event
from lapel.link.signals import Arrived
from lapel_tools.station.register import Register
from lapel_tools.station.service import Station
from sync_rig import Notebook

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
NAME, PASSWORD = "alice", "correct horse battery staple"
HOSTILE = '<script>document.title="taken"</script><img src=x onerror=alert(1)>'


def picture() -> bytes:
    """A drawn crate."""
    drawn = np.full((240, 320, 3), 205, np.uint8)
    cv2.rectangle(drawn, (70, 60), (250, 200), (140, 90, 40), -1)
    cv2.putText(drawn, "8841-C", (95, 140), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (250, 250, 250), 3)
    return jpeg(drawn)


class Records:
    """What devices sent to the station, one after the other."""

    def __init__(self, file: Path) -> None:
        self.file, self.clock = file, FakeClock(NOON)
        self._sent: dict[str, int] = {}

    def send(self, device: str, event: Event, number: int | None = None) -> Record:
        """One record; with a number of its own, out of its turn."""
        place = self._sent.get(device, 0) if number is None else number
        self._sent[device] = max(self._sent.get(device, 0), place + 1)
        self.clock.advance(60)
        record = record_of(event, Stamp(device, place, self.clock.wall_ns(), "boot-1", place))
        sent = cloud_event(record, f"/lapel/depot/{device}")
        with closing(Register(self.file, self.clock)) as register:
            Station(register, "depot", Notebook()).take(
                [Arrived(f"lapel/depot/{device}/events", sent.attributes, sent.content_type, sent.data)]
            )
        return record

    def alert(self, device: str, label: str = "Crate with a customs seal", seen: bytes = b"") -> Record:
        """A hit."""
        facts: tuple[tuple[str, Fact], ...] = (
            ("entry", "crate-2"),
            ("label", label),
            ("list_id", "spring"),
            ("list_version", 3),
            ("evidence", 2.1),
            ("inliers", 91),
        )
        return self.send(device, Event(RecordKind.ALERT, facts, seen))

    def answer(self, device: str, alert: Record, answer: Answer) -> None:
        """What an officer says of it."""
        self.send(device, answer_event(alert.id, answer, "Officer 7"))


def fleet_records(file: Path) -> Records:
    """Three devices: one that is fine, one with a fork and a gap, one whose text is hostile."""
    made = Records(file)
    listed = Event(RecordKind.LIST, (("list_id", "spring"), ("version", 3), ("entries", 9)))
    for device in ("cam-1", "cam-2", "cam-3"):
        made.send(device, listed)
    first = made.alert("cam-1", seen=picture())
    made.answer("cam-1", first, Answer.IS)
    made.alert("cam-2", "Painting, harbour at dusk")
    made.send("cam-2", Event(RecordKind.STOP, (("reason", "another history"),)), number=1)
    made.send("cam-2", Event(RecordKind.STOP, (("reason", "end"),)), number=7)
    made.alert("cam-3", HOSTILE)
    made.send(
        "cam-3", Event(RecordKind.EXPORT, (("clip", "ab"), ("form", "film"), ("by", "Officer 7"), ("why", HOSTILE)))
    )
    return made
