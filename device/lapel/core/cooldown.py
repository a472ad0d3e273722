"""Keeps one seen thing from being told again and again."""

from __future__ import annotations

from dataclasses import dataclass

from lapel.core.geometry import Box
from lapel.core.things import Hit

QUIET_S = 30.0


# Hits of a thing that stands still overlap by far more, of two things side by side by less.
_SAME_PLACE_IOU = 0.3


@dataclass(slots=True)
class _Told:
    """What an entry last did: when it was alerted, and track, place and stream time of the last hit of that sight."""

    track: int
    alerted_s: float
    seen_s: float
    box: Box


class Cooldown:
    """Decides whether a hit is news: one alert an entry every ``quiet_s`` seconds of stream time, and one a track.

    A track that has alerted stays quiet for as long as it keeps hitting, however long that is: a parked thing in
    view for an hour is one alert, by whichever looks it is seen, and however many tracks hold it at its place.
    Stream time alone counts, so that a replay decides as the street did.
    """

    def __init__(self, quiet_s: float = QUIET_S) -> None:
        if quiet_s < 0:
            raise ValueError(f"quiet_s: {quiet_s:g} is below 0; give the seconds for which an entry stays quiet")
        self._quiet_s = quiet_s
        self._told: dict[str, _Told] = {}

    def forget(self) -> None:
        """Whatever comes next is news."""
        self._told = {}

    def is_news(self, hit: Hit) -> bool:
        """Whether the officer is to be told; when it says yes, the entry is quiet from then on."""
        now_s, track, box = hit.sighting.at_s, hit.sighting.track, hit.match.box
        told = self._told.get(hit.entry.id)
        if told is not None and (_may_be_one(track, told.track) or box.iou(told.box) >= _SAME_PLACE_IOU):
            # A source that begins again counts from 0: time that went back by more than the quiet is past, too.
            quiet = abs(now_s - told.seen_s) < self._quiet_s
            told.seen_s, told.track, told.box = now_s, max(track, told.track), box
        else:
            quiet = told is not None and abs(now_s - told.alerted_s) < self._quiet_s
        if not quiet:
            self._told[hit.entry.id] = _Told(track, now_s, now_s, box)
        return not quiet


def _may_be_one(track: int, told: int) -> bool:
    """Whether two hits of an entry may be the same sight: looks at the whole frame, its centre or its codes belong
    to no track (numbers up to 0), so that only two different tracks are known to be two."""
    return track == told or min(track, told) <= 0
