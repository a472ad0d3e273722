"""The watchlist at work: a sighting is described, a shortlist is drawn, geometry decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lapel.core.calibrate import Likeness, Rule, evidence
from lapel.core.codes import Code
from lapel.core.gallery import Gallery, made_by
from lapel.core.geometry import Box, whole
from lapel.core.position import Position
from lapel.core.records import Event, Fact, RecordKind
from lapel.core.rows import Rows, union
from lapel.core.things import Entry, Features, Frame, Geometry, Hit, Match, Origin, Quality, Sighting
from lapel.errors import ForeignModel
from lapel.ports import CodeReader, Embedder, LocalFeatures, SearchEngine

# Laying a reference on the sighting costs as much as finding how it lies: only what may decide is compared so.
_MOST_LAID = 5
# So many references are looked at more closely, whatever the list's length.
SHORTLIST = 20


@dataclass(frozen=True, slots=True)
class Shortlists:
    """The two ways to a shortlist: rows of ``descriptors`` and of ``aggregates`` are the references' in their order."""

    descriptors: SearchEngine
    aggregates: SearchEngine


@dataclass(frozen=True, slots=True)
class _Compared:
    """An entry's best reference for a sighting."""

    entry: Entry
    reference: int
    likeness: Likeness
    geometry: Geometry | None


class Recall:
    """Checks sightings against a gallery (port Watchlist).

    ``today`` is asked at every check, so that an entry expires while the appliance runs.
    A network's descriptor loses much of what is printed, local features lose solid things: each draws a shortlist,
    and ``shortlist`` references of both together are verified. ``compare_all_up_to``: lists with no more references
    are compared whole. Raises: ForeignModel.
    """

    def __init__(
        self,
        gallery: Gallery,
        engines: Shortlists,
        embedder: Embedder,
        features: LocalFeatures,
        rule: Rule,
        today: Callable[[], date],
        compare_all_up_to: int = 64,
        shortlist: int = SHORTLIST,
    ) -> None:
        models = made_by(embedder.model_sha256, features.model_sha256)
        if gallery.references and gallery.model_sha256 != models:
            raise ForeignModel(
                f"watchlist {gallery.terms.list_id}: made with models {gallery.model_sha256[:12]}…, "
                f"this device has {models[:12]}…; enrol the pictures again with these models"
            )
        self._gallery = gallery
        self._engines = engines
        self._embedder = embedder
        self._features = features
        self._rule = rule
        self._today = today
        self._compare_all_up_to = compare_all_up_to
        self._shortlist = shortlist
        self._entries = {entry.id: entry for entry in gallery.entries}
        self._rows = Rows.of([len(reference.descriptors) for reference in gallery.references])
        self._aggregate_rows = Rows.of([len(reference.aggregates) for reference in gallery.references])
        self._expected = gallery.expected()
        self._by_code = {code: entry for entry in gallery.entries for code in entry.codes}

    def hit(self, match: Match, sighting: Sighting) -> Hit:
        """The hit that a match becomes once it was decided on."""
        picture = self._gallery.references[match.reference].picture
        is_decoy = match.entry.id in self._gallery.decoys
        return Hit(match, sighting, picture, expected=self._expected, is_decoy=is_decoy)

    def threshold(self, entry_id: str) -> float:
        """What multiplies the evidence that an entry needs: 1 where the list was not calibrated."""
        calibration = self._gallery.calibration
        return 1.0 if calibration is None else calibration.threshold_of(entry_id)

    def candidates(self, sighting: Sighting, count: int) -> tuple[Match, ...]:
        """At most ``count`` entries, best first, each once."""
        compared = self._compared(sighting)
        scores = evidence(tuple(c.likeness for c in compared), self._rule)
        matches = (
            Match(c.entry, c.likeness.similarity, c.geometry, score, _in_frame(c.geometry, sighting), c.reference)
            for c, score in zip(compared, scores, strict=True)
        )
        return tuple(sorted(matches, key=lambda m: -m.evidence)[:count])

    def read(self, frame: Frame, reader: CodeReader) -> tuple[Hit, ...]:
        """Hits of listed codes that can be read in a frame whose people are masked."""
        if not self._by_code:
            return ()
        found = (
            (code, next((self._by_code[name] for name in code.listed_as if name in self._by_code), None))
            for code in reader.read(frame)
        )
        return tuple(
            self._code_hit(code, entry, frame)
            for code, entry in found
            if entry and self._is_current(entry, self._today())
        )

    def _compared(self, sighting: Sighting) -> tuple[_Compared, ...]:
        today = self._today()
        references = self._gallery.references
        if not references:
            return ()
        queries = self._embedder.describe(sighting.pixels)
        seen = self._features.extract(sighting.pixels)
        best: dict[str, _Compared] = {}
        for place, cosine in self._similar(queries, seen).items():
            entry = self._entries[references[place].entry_id]
            if not self._is_current(entry, today):
                continue
            geometry = self._features.verify(seen, references[place].features)
            one = _Compared(entry, place, _likeness(cosine, geometry), geometry)
            best[entry.id] = _better(best.get(entry.id), one)
        return self._resembling(sighting, tuple(best.values()))

    def _resembling(self, sighting: Sighting, compared: tuple[_Compared, ...]) -> tuple[_Compared, ...]:
        """The same, with what those who have most details in common show when they lie on each other."""
        most = sorted(compared, key=lambda c: -c.likeness.inliers)[:_MOST_LAID]
        return tuple(self._laid(sighting, c) if c in most else c for c in compared)

    def _laid(self, sighting: Sighting, one: _Compared) -> _Compared:
        reference = self._gallery.references[one.reference]
        if one.geometry is None:
            return one
        alike = self._features.resemblance(sighting.pixels, reference.picture, reference.features, one.geometry)
        return replace(one, likeness=replace(one.likeness, resemblance=alike))

    def _is_current(self, entry: Entry, today: date) -> bool:
        """Whether the entry may match on that day: neither it nor its list has expired."""
        return today <= self._gallery.terms.expires and entry.is_current(today)

    def _similar(self, queries: NDArray[np.float32], seen: Features) -> dict[int, float]:
        """The references to verify, each with its descriptor's best cosine."""
        places: Sequence[int] = range(len(self._gallery.references))
        if len(places) > self._compare_all_up_to:
            # As many rows as references are wanted, times those that a reference has: none may crowd out the others.
            wanted = self._shortlist * self._rows.most
            by_descriptor = self._rows.places(self._engines.descriptors.shortlist(queries, wanted))
            aggregates = self._features.aggregate(seen)
            by_aggregate = self._aggregate_rows.places(self._engines.aggregates.shortlist(aggregates, wanted))
            places = union(by_descriptor, by_aggregate, self._shortlist)
        rows = [row for place in places for row in self._rows.of_place(place)]
        cosines = self._engines.descriptors.similarities(queries, np.array(rows, np.intp))
        similar: dict[int, float] = {}
        for row, cosine in zip(rows, cosines, strict=True):
            place = int(self._rows.place_of[row])
            similar[place] = max(float(cosine), similar.get(place, -1.0))
        return similar

    def _code_hit(self, code: Code, entry: Entry, frame: Frame) -> Hit:
        picture = next((r.picture for r in self._gallery.references if r.entry_id == entry.id), b"")
        box = whole(frame.width, frame.height)
        quality = Quality(min(frame.width, frame.height), 0.0, 0.0, truncated=False)
        sighting = Sighting(0, entry.kind, Origin.CODE, box, frame.pixels, frame.at_s, frame.number, box, quality)
        return Hit(Match(entry, 0.0, None, 1.0, box, -1), sighting, picture, code.value)


def _likeness(cosine: float, geometry: Geometry | None) -> Likeness:
    if geometry is None:
        return Likeness(cosine, 0, 0.0)
    return Likeness(cosine, geometry.inliers, geometry.share, resemblance=0.0)


def _better(one: _Compared | None, other: _Compared) -> _Compared:
    """The reference that speaks for an entry: the one with more inliers; the closer one where there are none.

    The entry's cosine is the best of all its references, since the two kinds of likeness speak apart.
    """
    if one is None:
        return other
    first, second = sorted((one, other), key=lambda c: (-c.likeness.inliers, -c.likeness.similarity))
    closest = max(first.likeness.similarity, second.likeness.similarity)
    return replace(first, likeness=replace(first.likeness, similarity=closest))


def _in_frame(geometry: Geometry | None, sighting: Sighting) -> Box:
    """Where the reference's outline lies in the frame; the sighting's own box where geometry does not say."""
    if geometry is None:
        return sighting.box
    seen = geometry.box.shifted(sighting.box.x0, sighting.box.y0).intersection(sighting.frame_box)
    return seen if seen.area else sighting.box


def alert_event(hit: Hit, gallery: tuple[str, int], picture: bytes, position: Position | None = None) -> Event:
    """What is kept of a hit. ``gallery`` is the list's id and version; ``position`` is rounded already."""
    match, box = hit.match, hit.match.box
    facts: tuple[tuple[str, Fact], ...] = (
        ("entry", hit.entry.id),
        ("label", hit.entry.label),
        ("kind", hit.entry.kind.value),
        ("t_s", round(hit.sighting.at_s, 3)),
        ("frame", hit.sighting.frame),
        ("x0", box.x0),
        ("y0", box.y0),
        ("x1", box.x1),
        ("y1", box.y1),
        ("evidence", round(match.evidence, 3)),
        ("similarity", round(match.similarity, 4)),
        ("inliers", match.geometry.inliers if match.geometry else 0),
        ("share", round(match.geometry.share, 4) if match.geometry else 0.0),
        ("code", hit.code),
        ("false_alerts_per_hour", float(f"{hit.expected.per_hour:.3g}") if hit.expected else None),
        ("list_id", gallery[0]),
        ("list_version", gallery[1]),
    )
    if position is not None:
        facts += (("latitude_deg", position.latitude_deg), ("longitude_deg", position.longitude_deg))
    return Event(RecordKind.ALERT, facts, picture)
