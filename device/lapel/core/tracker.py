"""Short tracking: which box of this frame is which thing of the frames before, for seconds, never longer."""

from __future__ import annotations

from dataclasses import dataclass, field

from lapel.core.things import Frame, Origin, Scene, Thing

# Whole-frame and centre looks belong to no track: their numbers are fixed, and below those of tracks.
SCENE_TRACKS = {Origin.WHOLE: -1, Origin.CENTRE: -2}


@dataclass(frozen=True, slots=True)
class Track:
    """A thing as it is now, under the number it has kept since it was first seen at ``since_s``."""

    number: int
    thing: Thing
    since_s: float


@dataclass(slots=True)
class _Kept:
    number: int
    thing: Thing
    since_s: float
    seen_s: float


@dataclass(slots=True)
class Tracker:
    """Joins boxes of one kind and origin by overlap. ``memory_s``: a thing unseen for longer gets a new number."""

    memory_s: float = 1.0
    least_iou: float = 0.3
    _kept: list[_Kept] = field(default_factory=list)
    _next: int = 1

    def update(self, frame: Frame, scene: Scene) -> tuple[Track, ...]:
        """The tracks that this frame's things belong to, in the scene's order."""
        self._kept = [k for k in self._kept if 0 <= frame.at_s - k.seen_s <= self.memory_s]
        free = list(self._kept)
        tracks = []
        for thing in scene.things:
            if thing.origin in SCENE_TRACKS:
                tracks.append(Track(SCENE_TRACKS[thing.origin], thing, frame.at_s))
                continue
            kept = self._nearest(thing, free)
            if kept is None:
                kept = _Kept(self._next, thing, frame.at_s, frame.at_s)
                self._next += 1
                self._kept.append(kept)
            else:
                free.remove(kept)
                kept.thing, kept.seen_s = thing, frame.at_s
            tracks.append(Track(kept.number, thing, kept.since_s))
        return tuple(tracks)

    def _nearest(self, thing: Thing, free: list[_Kept]) -> _Kept | None:
        # Proposals come and go by the dozen: most of those kept are of another origin or nowhere near.
        near = [(k.thing.box.iou(thing.box), k) for k in free if _may_join(k.thing, thing)]
        iou, best = max(near, key=lambda pair: pair[0], default=(0.0, None))
        return best if iou >= self.least_iou else None


def _may_join(kept: Thing, thing: Thing) -> bool:
    a, b = kept.box, thing.box
    return (
        kept.kind is thing.kind
        and kept.origin is thing.origin
        and a.x0 < b.x1
        and b.x0 < a.x1
        and a.y0 < b.y1
        and b.y0 < a.y1
    )
