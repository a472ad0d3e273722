"""What a watch would tell of now: the real loop, list and terms over doubles of camera and models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import numpy as np

from lapel.core.calibrate import WATCHING
from lapel.core.codes import Code, CodeKind
from lapel.core.cooldown import Cooldown
from lapel.core.gallery import Gallery
from lapel.core.quality import Gate
from lapel.core.records import Event, RecordKind
from lapel.core.search import NumpySearch
from lapel.core.things import Frame
from lapel.core.tracker import Tracker
from lapel.fakes.alerter import RecordingAlerter
from lapel.fakes.camera import RecordedEye
from lapel.fakes.clock import FakeClock
from lapel.fakes.codes import FixedCodes
from lapel.fakes.journal import MemoryJournal
from lapel.fakes.models import ColourEmbedder, ColourFeatures, FixedDetector, PlainPrints
from lapel.health.meters import Meters
from lapel.lookout import Lookout
from lapel.matching import Recall, Shortlists
from lapel.store.gallery import open_gallery
from lapel.store.staging import WATCHLIST
from lapel.wiring.lease import LeaseKeeper
from lapel.wiring.withheld import Withheld, asked_of
from published_rig import Camera, crates

CODES = tuple(Code(CodeKind.GTIN, f"40063813339{number:02}") for number in range(7))


def coded_crates(count: int, today: date) -> Gallery:
    """Crates that each bear a code of their own, each ending some days after the one before."""
    gallery = crates(count)
    entries = tuple(
        replace(entry, codes=(CODES[number].value,), expires=today + timedelta(days=4 * number + 2))
        for number, entry in enumerate(gallery.entries)
    )
    return replace(gallery, entries=entries, references=())


def told_of(
    camera: Camera, clock: FakeClock, withheld: Withheld, lease: LeaseKeeper, codes: Sequence[Code]
) -> set[str]:
    """The entries that are alerted where all of these codes are in view; none where there is no list."""
    path = camera.device.state / WATCHLIST
    if not path.exists():
        return set()
    listed = open_gallery(path, camera.keys)
    rows = NumpySearch(np.zeros((0, 32), np.int8))
    models = ColourEmbedder(), ColourFeatures(), PlainPrints()
    out = asked_of(withheld, listed)
    alerter = RecordingAlerter()
    watch = Lookout(
        RecordedEye(()),
        FixedDetector((), 0),
        Tracker(),
        Gate(),
        Recall(listed, Shortlists(rows, rows), *models, WATCHING, partial(withheld.today, clock), withdrawn=out),
        FixedCodes(*codes),
        Cooldown(),
        MemoryJournal(clock),
        alerter,
        Meters(),
        lambda hit: Event(RecordKind.ALERT, (("entry", hit.entry.id),)),
        lease=lease,
    )
    watch.look(Frame(np.zeros((48, 64, 3), np.uint8), 0, 0.0))
    return {alert.hit.entry.id for alert in alerter.alerts}
