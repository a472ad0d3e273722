"""A kit of hand-held clips with frame truth, and the watchlist of what is to be found in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import cv2

from lapel.capture.picture import SUFFIXES
from lapel.capture.still import redact_still
from lapel.core.compact import fitted
from lapel.core.gallery import Gallery, Terms
from lapel.core.geometry import Box
from lapel.core.things import Entry, Frame, Pixels, Reference
from lapel.errors import EnrolmentRefused, StoreError, UsageError
from lapel.wiring.seeing import Seeing
from lapel_tools.enrol.parts import enrolment_tools
from lapel_tools.enrol.request import EnrolmentTools, Photo
from lapel_tools.enrol.verdict import judge
from lapel_tools.synth.clips import Clip, Shown, make_clip
from lapel_tools.synth.handheld import FPS, FRAMES, HEIGHT_PX, WIDTH_PX
from lapel_tools.synth.things import render

UNLISTED_EVERY = 4
"""Of so many clips of a sort the last shows a thing that is on no list: whatever is hit in it is hit falsely."""

_LISTED_DAYS = 30
_LICENCE = "Apache-2.0 (drawn by the project)"
_LICENCE_WITH_GROUND = "the drawn thing: Apache-2.0; the ground: as the picture it was put into"


def planned(count: int) -> Iterator[tuple[Shown, int, bool]]:
    """What the clips of a kit show: its sort, its seed, and whether it is listed."""
    for shown in Shown:
        for seed in range(count):
            yield shown, seed, seed % UNLISTED_EVERY != UNLISTED_EVERY - 1


def write_clips(
    folder: Path, count: int, grounds: tuple[Path, ...], seeing: Seeing, frames: int = FRAMES
) -> tuple[Clip, ...]:
    """Write ``count`` clips of each sort and their index as a kit's video part; the clips whose thing is to be listed.

    ``grounds``: pictures without people to put the things into, in turn; faces in them are destroyed all the same.
    Raises: StoreError, MediaError.
    """
    video = folder / "video"
    video.mkdir(parents=True, exist_ok=True)
    rows, listed = [], []
    for place, (shown, seed, is_listed) in enumerate(planned(count)):
        ground = _ground(grounds, place, seeing)
        clip = make_clip(shown, seed, ground, frames)
        boxes = _film(clip, video / f"{clip.name}.mp4")
        rows.append(_row(clip, boxes, is_listed, ground is not None))
        if is_listed:
            listed.append(clip)
    (video / "notes.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return tuple(listed)


def list_of(clips: tuple[Clip, ...], seeing: Seeing, today: date) -> Gallery:
    """The things of the clips as a watchlist: numbers by code, the others by a picture straight on.

    Raises: EnrolmentRefused.
    """
    tools = enrolment_tools(seeing, today)
    expires = today + timedelta(days=_LISTED_DAYS)
    entries, references = [], []
    for clip in clips:
        codes = (clip.code,) if clip.code else ()
        label = f"Drawn {clip.shown.value} no. {clip.seed}"
        entries.append(
            Entry(clip.name, label, clip.kind, "synthetic measurement", "none", "none", expires, codes=codes)
        )
        if not clip.code:
            references.append(_reference(clip, tools))
    return fitted(Gallery(Terms("clips", 1, today, expires), tools.model_sha256, tuple(entries), tuple(references)))


def grounds_in(folder: Path | None) -> tuple[Path, ...]:
    """The pictures of a folder, by name. Raises: UsageError."""
    if folder is None:
        return ()
    found = tuple(sorted(p for p in folder.glob("*") if p.suffix.lower() in SUFFIXES)) if folder.is_dir() else ()
    if not found:
        raise UsageError(f"--ground {folder}: no pictures there; give a folder of pictures without people")
    return found


def _reference(clip: Clip, tools: EnrolmentTools) -> Reference:
    shown = render(clip.thing)
    photo = Photo(clip.name, Frame(shown.pixels, 0, 0.0), mask=shown.outline)
    verdict = judge(photo, clip.name, tools)
    if verdict.reference is None:
        raise EnrolmentRefused(f"{clip.name}: {verdict.reason}")
    return verdict.reference


def _ground(grounds: tuple[Path, ...], place: int, seeing: Seeing) -> Pixels | None:
    if not grounds:
        return None
    return redact_still(grounds[place % len(grounds)], seeing.without_turns().finders).pixels


def _film(clip: Clip, path: Path) -> list[Box | None]:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FPS, (WIDTH_PX, HEIGHT_PX))
    if not writer.isOpened():
        raise StoreError(f"{path}: no video can be written; check the folder and OpenCV's codecs")
    boxes = []
    for pixels, box in clip.frames():
        writer.write(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
        boxes.append(box)
    writer.release()
    return boxes


def _row(clip: Clip, boxes: list[Box | None], is_listed: bool, has_ground: bool) -> dict[str, object]:
    frames = [[n, box.x0, box.y0, box.width, box.height] for n, box in enumerate(boxes) if box is not None]
    return {
        "file": f"{clip.name}.mp4",
        "width": WIDTH_PX,
        "height": HEIGHT_PX,
        "fps": f"{round(FPS * 2)}/2",
        "frames": len(boxes),
        "visible": f"synthetic: hand-held pan over drawn things, among them one {clip.shown.value}; nobody",
        "licence": _LICENCE_WITH_GROUND if has_ground else _LICENCE,
        "synthetic": True,
        "truth": [{"entry": clip.name, "frames": frames}] if is_listed else [],
    }
