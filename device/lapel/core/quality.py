"""How good a look is, and which looks of a track go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

import numpy as np
from numpy.typing import NDArray

from lapel.core.coverage import Coverage
from lapel.core.geometry import Box, covered_share, whole
from lapel.core.things import Frame, Origin, Pixels, Quality, Scene, Sighting
from lapel.core.tracker import SCENE_TRACKS, Track
from lapel.errors import CropTooSmall

_SMALLEST_PX = 16
# Sharpness is measured on every second pixel of large crops: the order of looks stays, the cost does not. Of huge ones
# still fewer pixels are taken: no lens resolves each of 12 million, and all of them together look out of focus.
_LARGE_PX, _HUGE_PX = 320, 1080


def quality_of(crop: Pixels, box: Box, width: int, height: int) -> Quality:
    """How good a crop is that was cut at ``box`` from a frame of ``width`` × ``height`` pixels.

    ``crop`` is RGB u8[h, w, 3] with h, w >= 16. Raises: CropTooSmall.
    """
    if min(crop.shape[:2]) < _SMALLEST_PX:
        raise CropTooSmall(f"crop: {crop.shape[1]}×{crop.shape[0]} px; at least {_SMALLEST_PX} px a side are needed")
    grey = _grey(crop)
    at_border = box.x0 <= 1 or box.y0 <= 1 or box.x1 >= width - 1 or box.y1 >= height - 1
    return Quality(min(crop.shape[:2]), sharpness(grey), float(grey.mean()) / 255, at_border)


def sharpness(grey: NDArray[np.float32]) -> float:
    """How well focused a picture is: variance of its Laplacian, >= 0, higher is sharper.

    ``grey`` f32[h, w] in 0..255 with h, w >= 3. Comparable only between pictures of about equal size.
    Source: Pech-Pacheco et al., ICPR 2000.
    """
    middle = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * middle
    return float(laplacian.var())


def _grey(crop: Pixels) -> NDArray[np.float32]:
    shorter = min(crop.shape[:2])
    step = max(2 if shorter > _LARGE_PX else 1, ceil(2 * shorter / _HUGE_PX))
    return np.asarray(crop[::step, ::step] @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a look must have to go on. Lengths in pixels, times in seconds of stream time.

    ``least_exposure`` and ``most_exposure`` bound the mean brightness, 0..1; ``better`` is how much sharper a
    look must be than the track's last one to go on before ``again_s`` is over; ``scene_every_s`` is the pace
    of whole-frame and centre looks, which belong to no track; ``looks_per_second`` bounds them all together.
    """

    least_size_px: int = 48
    least_sharpness: float = 30.0
    least_exposure: float = 0.06
    most_exposure: float = 0.96
    most_destroyed: float = 0.3
    better: float = 1.4
    again_s: float = 1.0
    scene_every_s: float = 0.25
    looks_per_second: float = 12.0


@dataclass(frozen=True, slots=True)
class _Passed:
    at_s: float
    sharpness: float


@dataclass(slots=True)
class Gate:
    """Lets the good looks of a frame's tracks pass, and not every frame of each."""

    limits: Limits = field(default_factory=Limits)
    _passed: dict[int, _Passed] = field(default_factory=dict)
    _coverage: Coverage = field(default_factory=Coverage)
    _allowance: float = 1.0
    _filled_s: float | None = None
    _is_asked: bool = False

    def look_again(self) -> None:
        """Somebody asks for looks now: take what is in view as if nothing of it had been looked at. Any thread may."""
        self._is_asked = True

    def good_looks(self, frame: Frame, scene: Scene, tracks: tuple[Track, ...]) -> tuple[Sighting, ...]:
        """Sightings worth describing, the track that waited longest first, and the larger of two such; behind them one
        proposal where any shows what was not looked at yet."""
        if self._is_asked:
            self._is_asked, self._coverage, self._filled_s = False, Coverage(), None
            self._passed.clear()
        self._fill(frame.at_s)
        self._forget({track.number for track in tracks}, frame.at_s)
        asked = [track for track in tracks if track.thing.origin is not Origin.PROPOSAL]
        looks = [look for track in asked if (look := self._look(frame, scene, track))]
        looks.sort(key=lambda s: (self._last_s(s.track), -s.box.area))
        chosen = looks[: int(self._allowance)]
        self._allowance -= len(chosen)
        proposed = [track for track in tracks if track.thing.origin is Origin.PROPOSAL]
        chosen += self._proposal(frame, scene, proposed)
        for look in chosen:
            self._passed[look.track] = _Passed(frame.at_s, look.quality.sharpness)
            self._coverage.add(look.box, scene.canvas, frame.at_s)
        return tuple(chosen)

    def _proposal(self, frame: Frame, scene: Scene, tracks: list[Track]) -> list[Sighting]:
        """The first good look at what was longest not looked at, the worthiest of such; looks of the others are never
        fewer for it, since whoever proposes keeps to a budget of its own."""
        waiting = [(max(self._coverage.looked_s(t.thing.box), self._last_s(t.number)), t) for t in tracks]
        for _, track in sorted(waiting, key=lambda pair: (pair[0], -pair[1].thing.score)):
            if self._coverage.is_known(track.thing.box, scene.canvas, frame.at_s):
                continue
            look = self._look(frame, scene, track)
            if look is not None:
                return [look]
        return []

    def _fill(self, now_s: float) -> None:
        """Looks are an allowance that fills with time, so that a crowded frame cannot stop the loop."""
        rate = self.limits.looks_per_second
        elapsed = 0.0 if self._filled_s is None else max(0.0, now_s - self._filled_s)
        if self._filled_s is None:
            self._allowance = max(rate, 1.0)
        self._filled_s = now_s
        self._allowance = min(max(rate, 1.0), self._allowance + elapsed * rate)

    def _last_s(self, track: int) -> float:
        last = self._passed.get(track)
        return float("-inf") if last is None else last.at_s

    def _look(self, frame: Frame, scene: Scene, track: Track) -> Sighting | None:
        thing, box = track.thing, track.thing.box
        from_scene = thing.origin in SCENE_TRACKS
        is_due = self._is_due(track, frame.at_s)
        if (from_scene and not is_due) or min(box.width, box.height) < self.limits.least_size_px:
            return None
        if covered_share(box, frame.destroyed) > self.limits.most_destroyed:
            return None
        crop = scene.canvas[box.y0 : box.y1, box.x0 : box.x1]  # of the canvas: nobody is on it
        quality = quality_of(crop, box, frame.width, frame.height)
        last = self._passed.get(track.number)
        is_better = last is None or quality.sharpness >= self.limits.better * last.sharpness
        if not self._is_good(quality, from_scene) or not (is_due or is_better):
            return None
        crop.setflags(write=False)
        within = whole(frame.width, frame.height)
        return Sighting(track.number, thing.kind, thing.origin, box, crop, frame.at_s, frame.number, within, quality)

    def _is_due(self, track: Track, now_s: float) -> bool:
        pause_s = self.limits.scene_every_s if track.thing.origin in SCENE_TRACKS else self.limits.again_s
        elapsed_s = now_s - self._last_s(track.number)
        return not 0 <= elapsed_s < pause_s - 1e-6

    def _is_good(self, quality: Quality, from_scene: bool) -> bool:
        limits = self.limits
        return (
            quality.sharpness >= limits.least_sharpness
            and limits.least_exposure <= quality.exposure <= limits.most_exposure
            and (from_scene or not quality.truncated or quality.size_px >= 2 * limits.least_size_px)
        )

    def _forget(self, alive: set[int], now_s: float) -> None:
        for number in [n for n, p in self._passed.items() if n not in alive and now_s - p.at_s > 10]:
            del self._passed[number]
