"""What is to be found in a clip, frame by frame, where its index says so; and how hits stand against that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from lapel.core.geometry import Box
from lapel_tools.evaluate.results import VideoHit, VideoResult
from lapel_tools.report.share import Share

_LATE_S = 1.5
"""A code is believed when several looks agree, and a look is decided with those before it: a hit may come so much after
the thing was last in view."""
_ABOUT = 1.6  # times a thing's size: a hit whose middle lies in there is placed on it


@dataclass(frozen=True, slots=True, eq=False)
class TrueTrack:
    """Where a listed thing is: its entry, and its box by frame number, where most of it is in the frame."""

    entry: str
    boxes: Mapping[int, Box]


@dataclass(frozen=True, slots=True, eq=False)
class ClipTruth:
    """All that is listed in a clip of ``fps`` frames a second; no tracks where nothing is."""

    fps: float
    tracks: tuple[TrueTrack, ...]
    is_synthetic: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How a clip's hits stand against its truth. ``delays_s``: from coming into view to the first right hit."""

    found: int
    tracks: int
    delays_s: tuple[float, ...]
    placed: int
    right: int
    wrong: int


def score(result: VideoResult, truth: ClipTruth) -> Score:
    """Count the tracks that were hit, and the hits that are of nothing that is in view."""
    first: dict[str, float] = {}
    placed = right = wrong = 0
    for hit in result.hits:
        track = next((t for t in truth.tracks if t.entry == hit.entry and _in_view(hit, t, truth.fps)), None)
        if track is None:
            wrong += 1
            continue
        right += 1
        placed += _is_placed(hit, track, truth.fps)
        first.setdefault(hit.entry, hit.at_s - min(track.boxes) / truth.fps)
    seen = [track for track in truth.tracks if track.boxes]
    return Score(len(first), len(seen), tuple(first.values()), placed, right, wrong)


def of_truth(results: Sequence[VideoResult], truths: Mapping[str, ClipTruth]) -> tuple[str, ...]:
    """Lines about the clips whose truth is known; none where there is none."""
    known = [(score(r, truths[r.file]), truths[r.file]) for r in results if r.file in truths]
    if not known:
        return ()
    scores = [s for s, _ in known]
    empty = [s for s in scores if not s.tracks]
    name = "synthetic clips" if all(truth.is_synthetic for _, truth in known) else "clips"
    delays = [delay for s in scores for delay in s.delays_s]
    after = f", in the median {median(delays):.1f} s after it came into view" if delays else ""
    found = Share(sum(s.found for s in scores), sum(s.tracks for s in scores))
    right = sum(s.right for s in scores)
    return (
        f"{name} against frame truth: {found.in_full()} listed things in view were hit{after}",
        f"{name} against frame truth: {sum(s.wrong for s in scores)} hits of what is not in view, {right} right ones, "
        f"{sum(s.placed for s in scores)} of these in the right place",
        f"{name} without a listed thing: {sum(s.wrong for s in empty)} hits in {len(empty)} clips",
    )


def _in_view(hit: VideoHit, track: TrueTrack, fps: float) -> bool:
    number = round(hit.at_s * fps)
    return any(near in track.boxes for near in range(number - round(_LATE_S * fps), number + 2))


def _is_placed(hit: VideoHit, track: TrueTrack, fps: float) -> bool:
    """Whether a hit lies on the thing; one that was read as a code is about the whole frame."""
    number = round(hit.at_s * fps)
    nearest = min(track.boxes, key=lambda frame: abs(frame - number))
    about = track.boxes[nearest].grown(_ABOUT)
    x, y = (hit.box.x0 + hit.box.x1) / 2, (hit.box.y0 + hit.box.y1) / 2
    holds_it = track.boxes[nearest].share_inside(hit.box) > 0.8
    return holds_it or (about.x0 <= x < about.x1 and about.y0 <= y < about.y1)
