"""A made-up watchlist: numbers drawn from a seed, for whoever needs a gallery and no pictures."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from lapel.core.calibrate import WATCHING, mark_of
from lapel.core.calibration import Calibration, EntryThreshold
from lapel.core.gallery import Gallery, Terms
from lapel.core.search import directions
from lapel.core.things import Entry, Features, Kind, Reference

MODEL_SHA256 = "ab" * 32
_LOCAL_BYTES = 64


def made_up_entry(entry_id: str, expires: date) -> Entry:
    """An entry that lacks nothing."""
    return Entry(
        id=entry_id,
        label=f"crate {entry_id}",
        kind=Kind.BOX,
        purpose="find stolen goods",
        case="C-17",
        authority="magistrate of Springfield",
        expires=expires,
        owner="Harbour Ltd",
        contact="harbour@example.org",
        check="number under the lid",
        codes=("4006381333931",),
    )


def made_up_reference(entry_id: str, seed: int, crops: int = 2, dimensions: int = 32, points: int = 12) -> Reference:
    """A reference whose vectors mean nothing; ``crops`` descriptors, one aggregate, ``points`` local features."""
    draw = np.random.default_rng(seed)
    vectors = directions(draw.standard_normal((crops, dimensions), dtype=np.float32))
    together = directions(draw.standard_normal((1, dimensions // 2), dtype=np.float32))
    places = draw.random((points, 2), dtype=np.float32) * 100
    locals_ = draw.integers(-127, 128, (points, _LOCAL_BYTES), dtype=np.int8)
    for array in (places, locals_):
        array.setflags(write=False)
    features = Features(places, locals_, 100, 100)
    return Reference(entry_id, vectors, together, features, b"\xff\xd8" + draw.bytes(300 + seed))


def made_up_gallery(
    created: date, entries: tuple[Entry, ...] | None = None, model_sha256: str = MODEL_SHA256
) -> Gallery:
    """A list made on ``created`` for 90 days: three entries by default, two references each."""
    expires = created + timedelta(days=90)
    listed = entries if entries is not None else tuple(made_up_entry(f"crate-{n}", expires) for n in range(3))
    references = tuple(
        made_up_reference(entry.id, 2 * number + copy) for number, entry in enumerate(listed) for copy in range(2)
    )
    return Gallery(Terms("springfield", 1, created, expires), model_sha256, listed, references)


def made_up_calibration(version: int = 1, threshold: float = 1.4, **own: float) -> Calibration:
    """A calibration of the made-up list; ``own`` are thresholds by entry, with _ in the place of -."""
    thresholds = tuple(EntryThreshold(name.replace("_", "-"), value) for name, value in own.items())
    rates, counts = (0.05, 0.01, 0.4, 0.125, 900.0), (500, 3)
    mark = mark_of(WATCHING)
    return Calibration(version, "drawn things", threshold, thresholds, *rates, *counts, 0.1, True, mark)
