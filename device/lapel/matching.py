"""The watchlist at work: a sighting is described, a shortlist is drawn, geometry decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lapel.core.calibrate import Rule, evidence, lying
from lapel.core.careful import CarefulReader, LeftOut
from lapel.core.codes import Code
from lapel.core.compared import Compared, as_match, best_of_each, likeliest, likeness
from lapel.core.gallery import made_by
from lapel.core.geometry import whole
from lapel.core.listed import Listed
from lapel.core.rows import Rows, union
from lapel.core.things import Entry, Features, Frame, Hit, Match, Origin, Quality, Sighting
from lapel.core.withdrawals import NOTHING, Suspended
from lapel.errors import ForeignModel, RowsTampered
from lapel.ports import CodeReader, Embedder, LocalFeatures, Prints, SearchEngine

# Laying a reference on the sighting costs as much as finding how it lies: only what may decide is compared so.
_MOST_LAID = 4
# Evidence of which a closer look would make no other decision.
_PLAIN = 2.0
# References whose prints are compared, of a list that is compared whole and of a longer one: there, they are mostly
# others each time, and each has to be described anew.
_MOST_PRINTS, _MOST_PRINTS_OF_MANY = 14, 3
# So many references are looked at more closely, whatever the list's length, and lists of so many are compared whole.
SHORTLIST, COMPARED_WHOLE = 20, 64


@dataclass(frozen=True, slots=True)
class Shortlists:
    """The two ways to a shortlist: rows of ``descriptors`` and of ``aggregates`` are the references' in their order."""

    descriptors: SearchEngine
    aggregates: SearchEngine

    @property
    def both(self) -> tuple[SearchEngine, SearchEngine]:
        """By descriptor, by aggregate."""
        return self.descriptors, self.aggregates


class Recall:
    """Checks sightings against a gallery (port Watchlist).

    ``today`` is asked at every check, so that an entry expires while the appliance runs.
    A network's descriptor loses much of what is printed, local features lose solid things: each draws a shortlist,
    and ``shortlist`` references of both together are verified. ``compare_all_up_to``: lists with no more references
    are compared whole. ``left_out`` is told of entries that are looked for no more, since what is kept of them was
    changed; without it that is raised. ``withdrawn`` is asked at every check, too. Raises: ForeignModel.
    """

    def __init__(
        self,
        gallery: Listed,
        engines: Shortlists,
        embedder: Embedder,
        features: LocalFeatures,
        prints: Prints,
        rule: Rule,
        today: Callable[[], date],
        compare_all_up_to: int = COMPARED_WHOLE,
        shortlist: int = SHORTLIST,
        left_out: LeftOut | None = None,
        withdrawn: Callable[[], Suspended] = lambda: NOTHING,
    ) -> None:
        models = made_by(embedder.model_sha256, features.model_sha256)
        if gallery.reference_count and gallery.model_sha256 != models:
            raise ForeignModel(
                f"watchlist {gallery.terms.list_id}: made with models {gallery.model_sha256[:12]}…, "
                f"this device has {models[:12]}…; enrol the pictures again with these models"
            )
        self._gallery = gallery
        self._engines = engines
        self._embedder = embedder
        self._features = features
        self._prints = prints
        self._rule = rule
        self._today = today
        self._withdrawn = withdrawn
        self._is_compared_whole = gallery.reference_count <= compare_all_up_to
        self._shortlist = shortlist
        self._rows = gallery.descriptors.rows
        self._aggregate_rows = gallery.aggregates.rows
        self._expected = gallery.expected()
        self._reader = CarefulReader(gallery, left_out)
        self._pictures: dict[int, bytes] = {}
        if not self._is_compared_whole:
            prints.rest()  # before the first look, too

    @property
    def listed(self) -> Listed:
        """The list that is searched."""
        return self._gallery

    @property
    def engines(self) -> Shortlists:
        """What it is searched with."""
        return self._engines

    def hit(self, match: Match, sighting: Sighting) -> Hit:
        """The hit that a match becomes once it was decided on."""
        known = self._pictures.get(match.reference)  # read a moment ago, when it was compared
        picture = self._gallery.reference(match.reference).picture if known is None else known
        is_decoy = match.entry.id in self._gallery.decoys
        return Hit(match, sighting, picture, expected=self._expected, is_decoy=is_decoy)

    def threshold(self, entry_id: str) -> float:
        """What multiplies the evidence that an entry needs: 1 where the list was not calibrated."""
        calibration = self._gallery.calibration
        return 1.0 if calibration is None else calibration.threshold_of(entry_id)

    def candidates(self, sighting: Sighting, count: int) -> tuple[Match, ...]:
        """At most ``count`` entries, best first, each once."""
        compared = self._compared(sighting)
        self._pictures = {c.place: c.reference.picture for c in compared}
        scores = evidence(tuple(c.likeness for c in compared), self._rule)
        matches = (as_match(c, score, sighting, self._rule) for c, score in zip(compared, scores, strict=True))
        return tuple(sorted(matches, key=lambda m: -m.evidence)[:count])

    def read(self, frame: Frame, reader: CodeReader) -> tuple[Hit, ...]:
        """Hits of listed codes that can be read in a frame whose people are masked."""
        if not self._gallery.codes:
            return ()
        today = self._today()
        return tuple(
            self._code_hit(code, entry, picture, frame)
            for code in reader.read(frame)
            for entry, picture in self._reader.named(code, lambda entry: self._is_current(entry, today))
        )

    def _compared(self, sighting: Sighting) -> tuple[Compared, ...]:
        today = self._today()
        if not self._gallery.reference_count:
            return ()
        queries = self._embedder.describe(sighting.pixels)
        seen = self._features.extract(sighting.pixels)
        verified = []
        for place, cosine in self._similar(queries, seen).items():
            entry = self._reader.owner(place)
            if entry is None or not self._is_current(entry, today):
                continue
            reference = self._reader.reference(place, entry)
            if reference is not None:
                geometry = self._features.verify(seen, reference.features)
                verified.append(Compared(entry, place, reference, likeness(cosine, geometry, self._rule), geometry))
        trusted = [c for c in verified if not self._reader.is_out(c.entry)]
        found = self._closer(sighting, self._resembling(sighting, self._printed(sighting, trusted)))
        if not self._is_compared_whole:  # the list itself takes memory: details of a picture and of a print in turn
            self._prints.rest()
        return best_of_each(found, self._rule)

    def _printed(self, sighting: Sighting, verified: list[Compared]) -> list[Compared]:
        """The same, with how much of its print lies on the sighting for the likeliest of them, either way."""
        placed = sorted((c for c in verified if c.geometry), key=lambda c: -c.likeness.inliers)
        close = sorted(verified, key=lambda c: -c.likeness.similarity)
        most = _MOST_PRINTS if self._is_compared_whole else _MOST_PRINTS_OF_MANY
        likely = union(tuple(c.place for c in placed), tuple(c.place for c in close), most)
        if not likely:
            return verified
        views = (self._prints.describe(sighting.pixels), self._prints.middle(sighting.pixels))
        return [self._with_print(sighting, views, c) if c.place in likely else c for c in verified]

    def _with_print(self, sighting: Sighting, views: tuple[Features, ...], one: Compared) -> Compared:
        for view in views:
            found = self._prints.agreement(sighting.pixels, view, one.reference.picture)
            one = one.with_print(found, self._rule)
        return one

    def _closer(self, sighting: Sighting, compared: list[Compared]) -> list[Compared]:
        """The same, with what more of a print shows once the sighting is laid straight on the likeliest references."""
        if (
            max(evidence(tuple(c.likeness for c in best_of_each(compared, self._rule)), self._rule), default=0.0)
            >= _PLAIN
        ):
            return compared
        most = likeliest(sorted(compared, key=lambda c: -lying(c.likeness, self._rule)), self._rule.closer)
        return [self._straight(sighting, c) if c in most else c for c in compared]

    def _straight(self, sighting: Sighting, one: Compared) -> Compared:
        motion = one.motion(self._rule)
        if motion is None:
            return one
        return one.with_print(self._prints.closer(sighting.pixels, one.reference, motion), self._rule)

    def _resembling(self, sighting: Sighting, compared: list[Compared]) -> list[Compared]:
        """The same, with what those who have most details in common show when they lie on each other."""
        most = likeliest(sorted(compared, key=lambda c: -c.likeness.inliers), _MOST_LAID)
        return [self._laid(sighting, c) if c in most else c for c in compared]

    def _laid(self, sighting: Sighting, one: Compared) -> Compared:
        if one.geometry is None:
            return one
        picture, features = one.reference.picture, one.reference.features
        alike = self._features.resemblance(sighting.pixels, picture, features, one.geometry)
        return replace(one, likeness=replace(one.likeness, resemblance=alike))

    def _is_current(self, entry: Entry, today: date) -> bool:
        """Whether the entry may match on that day: neither it nor its list has expired, or was withdrawn."""
        if self._withdrawn().covers(entry.id):
            return False
        return today <= self._gallery.terms.expires and entry.is_current(today)

    def _similar(self, queries: NDArray[np.float32], seen: Features) -> dict[int, float]:
        """The references to verify, each with its descriptor's best cosine."""
        places: Sequence[int] = range(self._gallery.reference_count)
        if not self._is_compared_whole:
            # As many rows as references are wanted, times those that a reference has: none may crowd out the others.
            wanted = self._shortlist * self._rows.most
            by_descriptor = self._drawn(self._engines.descriptors, queries, wanted, self._rows)
            aggregates = self._features.aggregate(seen)
            by_aggregate = self._drawn(self._engines.aggregates, aggregates, wanted, self._aggregate_rows)
            places = union(by_descriptor, by_aggregate, self._shortlist)
        return self._cosines(queries, places)

    def _drawn(self, engine: SearchEngine, queries: NDArray[np.float32], wanted: int, rows: Rows) -> tuple[int, ...]:
        """The references of the best rows that can be trusted."""
        while True:
            try:
                return rows.places(engine.shortlist(queries, wanted))
            except RowsTampered as error:
                engine.leave_out(np.array(error.rows, np.intp))
                self._reader.lose(rows, error)

    def _cosines(self, queries: NDArray[np.float32], places: Sequence[int]) -> dict[int, float]:
        """Each reference's best, of those whose rows can be trusted."""
        rows = np.array([row for place in places for row in self._rows.of_place(place)], np.intp)
        try:
            cosines = self._engines.descriptors.similarities(queries, rows)
        except RowsTampered as error:
            self._reader.lose(self._rows, error)
            lost = self._rows.places(np.array(error.rows, np.intp))
            return self._cosines(queries, [place for place in places if place not in lost])
        similar: dict[int, float] = {}
        for row, cosine in zip(rows, cosines, strict=True):
            place = int(self._rows.place_of[row])
            similar[place] = max(float(cosine), similar.get(place, -1.0))
        return similar

    def _code_hit(self, code: Code, entry: Entry, picture: bytes, frame: Frame) -> Hit:
        box = whole(frame.width, frame.height)
        quality = Quality(min(frame.width, frame.height), 0.0, 0.0, truncated=False)
        sighting = Sighting(0, entry.kind, Origin.CODE, box, frame.pixels, frame.at_s, frame.number, box, quality)
        return Hit(Match(entry, 0.0, None, 1.0, box, -1), sighting, picture, code.value)
