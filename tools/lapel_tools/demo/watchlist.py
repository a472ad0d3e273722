"""Enrols what the demo lists, by the path that an administrator's pictures take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lapel.capture.eye import CapturedEye
from lapel.capture.sources import open_source
from lapel.capture.still import redact_still
from lapel.config.profile import Redaction, load_profile
from lapel.core.gallery import Gallery
from lapel.core.things import Entry, Frame
from lapel.errors import EnrolmentRefused
from lapel.health.clock import SystemClock
from lapel.store.gallery import write_gallery
from lapel.store.keys import FileKey
from lapel.wiring.seeing import Seeing, open_seeing
from lapel_tools.demo.listing import BICYCLE, CLIP_THINGS, ClipThing, clip_entry, drawn_things
from lapel_tools.enrol.enrolment import enrol, extend_gallery
from lapel_tools.enrol.parts import enrolment_tools
from lapel_tools.enrol.request import EnrolmentRequest, EnrolmentTools, Photo

PROFILE = "ci-video"


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """What came of enrolling: the list, and a line for each thing that enrolment refused."""

    gallery: Gallery
    refused: tuple[str, ...]


def make_watchlist(clip: Path, path: Path, key: FileKey, without: frozenset[str], today: date) -> Listed:
    """Enrol everything but ``without`` into a sealed list.

    Raises: EnrolmentRefused where it is the bicycle that is refused; MediaError, StoreError.
    """
    profile = load_profile(PROFILE)
    seeing = open_seeing(profile)
    tools = enrolment_tools(seeing, today)
    gallery: Gallery | None = None
    refused: list[str] = []
    for request in _requests(clip, profile.redaction, seeing, without, today):
        try:
            gallery = _extended(gallery, request, tools)
        except EnrolmentRefused as refusal:
            if request.entry.id == BICYCLE:
                raise
            refused.append(str(refusal))
    if gallery is None:
        raise ValueError("nothing is left to list; leave fewer entries out")
    write_gallery(path, gallery, key)
    return Listed(gallery, tuple(refused))


def _extended(gallery: Gallery | None, request: EnrolmentRequest, tools: EnrolmentTools) -> Gallery:
    return extend_gallery(
        gallery,
        request.entry,
        enrol(request, tools),
        list_id="demo",
        model_sha256=tools.model_sha256,
        today=tools.today,
    )


def _requests(
    clip: Path, redaction: Redaction, seeing: Seeing, without: frozenset[str], today: date
) -> list[EnrolmentRequest]:
    clip_things = tuple(thing for thing in CLIP_THINGS if thing.id not in without)
    frames = _frames(clip, redaction, seeing, frozenset(thing.frame for thing in clip_things))
    made = [_of_clip(thing, frames[thing.frame], today) for thing in clip_things]
    finders = seeing.without_turns().finders
    for drawn in drawn_things(today):
        if drawn.entry.id not in without:
            frame = redact_still(drawn.picture.pixels, finders)
            made.append(_request(drawn.entry, frame, drawn.picture.outline))
    return made


def _of_clip(thing: ClipThing, frame: Frame, today: date) -> EnrolmentRequest:
    corners = thing.outline or (
        (thing.box.x0, thing.box.y0),
        (thing.box.x1 - 1, thing.box.y0),
        (thing.box.x1 - 1, thing.box.y1 - 1),
        (thing.box.x0, thing.box.y1 - 1),
    )
    mask = np.zeros((frame.height, frame.width), dtype=np.uint8)
    cv2.fillPoly(mask, [np.array(corners, dtype=np.int32)], 1)
    return _request(clip_entry(thing, today), frame, mask > 0)


def _request(entry: Entry, frame: Frame, mask: NDArray[np.bool_]) -> EnrolmentRequest:
    return EnrolmentRequest(entry, (Photo(entry.id, frame, mask=mask),))


def _frames(clip: Path, redaction: Redaction, seeing: Seeing, wanted: frozenset[int]) -> dict[int, Frame]:
    """Frames of the clip by number, as the device sees them: no pixel reaches the demo with a face in it."""
    eye = CapturedEye(
        open_source(str(clip)),
        seeing.finders,
        SystemClock(),
        hold_frames=redaction.hold_frames,
        delay_frames=redaction.delay_frames,
    )
    found: dict[int, Frame] = {}
    for frame in eye.frames():
        if frame.number in wanted:
            found[frame.number] = frame
    return found
