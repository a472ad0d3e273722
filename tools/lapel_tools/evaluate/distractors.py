"""References of things that nobody looks for, so that a long list can be tried: parts of pictures, and drawn things."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lapel.capture.still import redact_still
from lapel.core.things import Pixels
from lapel.ports import Finder
from lapel_tools.synth.things import Rendered, render

_SHORTEST_PX, _LONGEST_PX, _SCENE_PX = 110, 480, 1280
_LEAST_CONTRAST = 18.0  # grey levels: a wall is no thing
_TRIES = 6
_FRAMES_A_CLIP = 25
_FIRST_DRAWN = 20_000
_DRAWN_SHARE = 0.15
_SEED = 11


def distractors(
    pictures: tuple[Path, ...], clips: tuple[Path, ...], finders: tuple[Finder, ...], count: int
) -> Iterator[tuple[Pixels, NDArray[np.bool_] | None]]:
    """``count`` pictures RGB u8[h, w, 3], each with its outline where it has one: half of the parts from stills, half
    from clips, and drawn things at the end. The same at every call."""
    random = np.random.default_rng(_SEED)
    drawn = round(count * _DRAWN_SHARE)
    of_clips = (count - drawn) // 2 if clips else 0
    yield from _parts(
        [_small(redact_still(path, finders).pixels) for path in pictures], count - drawn - of_clips, random
    )
    yield from _parts([frame for clip in clips for frame in _frames(clip, finders)], of_clips, random)
    for seed in range(_FIRST_DRAWN, _FIRST_DRAWN + drawn):
        yield cut_out(render(seed))


def cut_out(thing: Rendered) -> tuple[Pixels, NDArray[np.bool_]]:
    """A drawn thing as an administrator outlines it."""
    rows, columns = np.flatnonzero(thing.outline.any(axis=1)), np.flatnonzero(thing.outline.any(axis=0))
    inside = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    return np.ascontiguousarray(thing.pixels[inside]), np.ascontiguousarray(thing.outline[inside])


def _parts(scenes: list[Pixels], count: int, random: Generator) -> Iterator[tuple[Pixels, None]]:
    for scene in islice(cycle(scenes), count):
        yield _part(scene, random), None


def _part(scene: Pixels, random: Generator) -> Pixels:
    """A part with something in it, or the last of a few that had nothing."""
    height, width = scene.shape[:2]
    longest = min(height, width, _LONGEST_PX)
    for _ in range(_TRIES):
        down, across = (int(random.integers(min(_SHORTEST_PX, longest - 1), longest)) for _ in range(2))
        y, x = int(random.integers(0, height - down + 1)), int(random.integers(0, width - across + 1))
        part = np.ascontiguousarray(scene[y : y + down, x : x + across])
        if part.std() > _LEAST_CONTRAST:
            break
    return part


def _frames(clip: Path, finders: tuple[Finder, ...]) -> list[Pixels]:
    """Frames from all over a clip, without faces."""
    source = cv2.VideoCapture(str(clip))
    wanted = np.linspace(0, max(0, source.get(cv2.CAP_PROP_FRAME_COUNT) - 2), _FRAMES_A_CLIP).astype(int)
    found = []
    for number in range(int(wanted[-1]) + 1):
        granted, frame = source.read()
        if not granted:
            break
        if number in wanted:
            rgb = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)
            found.append(_small(redact_still(rgb, finders).pixels))
    source.release()
    return found


def _small(pixels: Pixels) -> Pixels:
    scale = _SCENE_PX / max(pixels.shape)
    if scale >= 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
