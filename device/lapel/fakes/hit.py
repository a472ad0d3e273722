"""Made-up hits and records, so that alerters can be tried without a camera, models or a journal."""

from __future__ import annotations

from datetime import date

import numpy as np

from lapel.core.geometry import Box
from lapel.core.records import Record, RecordKind
from lapel.core.things import Entry, Expected, Geometry, Hit, Kind, Match, Origin, Pixels, Quality, Sighting

ENTRY = Entry(
    id="crate-17",
    label="Green tool crate",
    kind=Kind.BOX,
    purpose="Stolen, to be returned",
    case="2026-0412",
    authority="District court, order 88",
    expires=date(2026, 12, 31),
    contact="Property office, desk 4",
    check="Number 8841-C is stamped under the lid",
)


BOX = Box(20, 10, 60, 50)
GEOMETRY = Geometry(inliers=120, share=0.41, box=Box(0, 0, 40, 40))


def made_up_hit(
    entry: Entry = ENTRY,
    at_s: float = 8.92,
    track: int = 1,
    box: Box = BOX,
    pixels: Pixels | None = None,
    reference_picture: bytes = b"",
    evidence: float = 3.2,
    geometry: Geometry | None = GEOMETRY,
    code: str = "",
    expected: Expected | None = None,
    is_decoy: bool = False,
) -> Hit:
    """A hit on a sighting that fills ``box``; its pixels are mid-grey where none are given."""
    if pixels is None:
        pixels = np.full((box.height, box.width, 3), 128, dtype=np.uint8)
    sighting = Sighting(
        track=track,
        kind=entry.kind,
        origin=Origin.DETECTOR,
        box=box,
        pixels=pixels,
        at_s=at_s,
        frame=round(at_s * 25),
        frame_box=Box(0, 0, 640, 360),
        quality=Quality(size_px=min(box.width, box.height), sharpness=200.0, exposure=0.5, truncated=False),
    )
    match = Match(entry, similarity=0.8731, geometry=geometry, evidence=evidence, box=box, reference=0)
    return Hit(match, sighting, reference_picture, code, expected, is_decoy)


def made_up_record(sequence: int = 12) -> Record:
    """A record as a journal would give it back; its leaf fits no chain."""
    return Record(sequence, f"made-up-{sequence}", RecordKind.ALERT, "2026-05-04T10:11:12Z", b"{}", bytes(32))
