"""The watchlist at work, with shipped doubles for the models."""

from dataclasses import replace
from datetime import date
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.core.agreement import Agreement
from lapel.core.calibrate import WATCHING
from lapel.core.codes import Code, CodeKind
from lapel.core.gallery import Gallery, Terms, made_by
from lapel.core.geometry import Box
from lapel.core.looks import Looks
from lapel.core.search import NumpySearch, directions
from lapel.core.things import (
    Entry,
    Features,
    Frame,
    Geometry,
    Hit,
    Kind,
    Origin,
    Pixels,
    Quality,
    Reference,
    Sighting,
)
from lapel.core.withdrawals import NOTHING, Suspended
from lapel.errors import ForeignModel
from lapel.fakes.codes import FixedCodes
from lapel.fakes.models import ColourEmbedder, ColourFeatures, PlainPrints
from lapel.matching import Recall, Shortlists, union

TODAY = date(2026, 6, 1)
RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


def plain(colour: tuple[int, int, int], side: int = 40) -> Pixels:
    return np.broadcast_to(np.array(colour, np.uint8), (side, side, 3)).copy()


def entry(name: str, expires: date = date(2026, 12, 1), codes: tuple[str, ...] = ()) -> Entry:
    return Entry(name, name.title(), Kind.BAG, "stolen", "C-1", "Customs", expires, codes=codes)


def reference(entry_id: str, colour: tuple[int, int, int]) -> Reference:
    features = ColourFeatures().extract(plain(colour))
    described, together = ColourEmbedder().describe(plain(colour)), ColourFeatures().aggregate(features)
    return Reference(entry_id, directions(described), directions(together), features, b"jpeg of " + entry_id.encode())


def gallery_of(entries: tuple[Entry, ...], references: tuple[Reference, ...], until: date, model: str = "") -> Gallery:
    made = model or made_by(ColourEmbedder.model_sha256, ColourFeatures.model_sha256)
    return Gallery(Terms("test", 3, date(2026, 1, 1), until), made, entries, references)


def recall(*listed: tuple[Entry, tuple[int, int, int]], model: str = "", until: date = date(2026, 12, 1)) -> Recall:
    references = tuple(reference(e.id, colour) for e, colour in listed)
    gallery = gallery_of(tuple(e for e, _ in listed), references, until, model)
    return Recall(
        gallery, engines_of(references), ColourEmbedder(), ColourFeatures(), PlainPrints(), WATCHING, lambda: TODAY
    )


def engines_of(references: tuple[Reference, ...]) -> Shortlists:
    return Shortlists(
        NumpySearch(np.concatenate([r.descriptors for r in references])),
        NumpySearch(np.concatenate([r.aggregates for r in references])),
    )


def long_list(count: int = 40) -> tuple[Reference, ...]:
    """As many things, each of a colour of its own, far from red; the last of them is red."""
    others = [(20, 40 + 4 * n, 235 - 5 * n) for n in range(count - 1)]
    return tuple(reference(f"thing-{n}", colour) for n, colour in enumerate((*others, RED)))


class CountedGallery(Gallery):
    """A list that remembers which references were read of it."""

    read: ClassVar[list[int]] = []

    def reference(self, place: int) -> Reference:
        """The reference of that place."""
        self.read.append(place)
        return super().reference(place)


def test_a_look_reads_each_reference_once() -> None:
    references = (reference("red", RED), reference("green", GREEN))
    plain_list = gallery_of((entry("red"), entry("green")), references, date(2026, 12, 1))
    listed = CountedGallery(plain_list.terms, plain_list.model_sha256, plain_list.entries, references)
    watchlist = Recall(
        listed, engines_of(references), ColourEmbedder(), ColourFeatures(), PlainPrints(), WATCHING, lambda: TODAY
    )
    assert watchlist.candidates(sighting(RED), 2)
    assert sorted(listed.read) == [0, 1]


def found_on(references: tuple[Reference, ...], shortlist: int = 4) -> list[str]:
    """What a look at a red thing finds on a list that is too long to be compared whole."""
    entries = tuple(entry(r.entry_id) for r in references)
    watchlist = Recall(
        gallery_of(entries, references, date(2026, 12, 1)),
        engines_of(references),
        ColourEmbedder(),
        ColourFeatures(),
        PlainPrints(),
        WATCHING,
        lambda: TODAY,
        compare_all_up_to=0,
        shortlist=shortlist,
    )
    return [match.entry.id for match in watchlist.candidates(sighting(RED), 100) if match.evidence >= 1]


def sighting(colour: tuple[int, int, int]) -> Sighting:
    quality = Quality(40, 100.0, 0.5, False)
    return Sighting(
        7, Kind.BAG, Origin.DETECTOR, Box(10, 20, 50, 60), plain(colour), 1.0, 25, Box(0, 0, 99, 99), quality
    )


def hit_of(watchlist: Recall, look: Sighting) -> Hit | None:
    """What a watch would make of one look alone."""
    for match in watchlist.candidates(look, 1):
        if Looks().weigh(look, match, watchlist.threshold(match.entry.id)).is_hit:
            return watchlist.hit(match, look)
    return None


def test_a_listed_thing_is_a_hit_with_its_entry_and_reference() -> None:
    hit = hit_of(recall((entry("red"), RED), (entry("blue"), BLUE)), sighting(RED))
    assert hit is not None
    assert hit.entry.id == "red"
    assert hit.reference_picture == b"jpeg of red"


def test_a_thing_that_is_not_listed_is_nothing() -> None:
    assert hit_of(recall((entry("red"), RED), (entry("blue"), BLUE)), sighting(GREEN)) is None


def test_an_expired_entry_cannot_match() -> None:
    watchlist = recall((entry("red", expires=date(2026, 5, 31)), RED), (entry("blue"), BLUE))
    assert hit_of(watchlist, sighting(RED)) is None


def test_an_entry_of_an_expired_list_cannot_match() -> None:
    listed = (entry("red", codes=("SERIAL-000123",)), RED)
    assert hit_of(recall(listed, until=TODAY), sighting(RED)) is not None
    expired = recall(listed, until=date(2026, 5, 31))
    assert hit_of(expired, sighting(RED)) is None
    frame = Frame(plain(GREEN), 3, 0.1)
    assert expired.read(frame, FixedCodes(Code(CodeKind.SERIAL, "SERIAL-000123"))) == ()


def test_an_entry_that_is_withdrawn_while_the_watch_goes_on_cannot_match() -> None:
    red = entry("red", codes=("SERIAL-000123",))
    references = (reference("red", RED),)
    out = NOTHING
    watchlist = Recall(
        gallery_of((red,), references, date(2026, 12, 1)),
        engines_of(references),
        ColourEmbedder(),
        ColourFeatures(),
        PlainPrints(),
        WATCHING,
        lambda: TODAY,
        withdrawn=lambda: out,
    )
    frame, codes = Frame(plain(GREEN), 3, 0.1), FixedCodes(Code(CodeKind.SERIAL, "SERIAL-000123"))
    assert hit_of(watchlist, sighting(RED)) is not None
    assert len(watchlist.read(frame, codes)) == 1
    out = Suspended(False, frozenset({"red"}))
    assert hit_of(watchlist, sighting(RED)) is None
    assert watchlist.read(frame, codes) == ()
    out = Suspended(True, frozenset())
    assert hit_of(watchlist, sighting(RED)) is None


def test_an_entry_matches_on_its_last_day() -> None:
    assert hit_of(recall((entry("red", expires=TODAY), RED)), sighting(RED)) is not None


def test_references_of_another_model_are_refused() -> None:
    with pytest.raises(ForeignModel, match="enrol the pictures again"):
        recall((entry("red"), RED), model="0" * 64)


def test_references_of_another_local_model_are_refused() -> None:
    with pytest.raises(ForeignModel, match="enrol the pictures again"):
        recall((entry("red"), RED), model=made_by(ColourEmbedder.model_sha256, "0" * 64))


def test_of_a_long_list_a_thing_is_found_that_both_shortlists_hold() -> None:
    assert found_on(long_list()) == ["thing-39"]


def misplaced(references: tuple[Reference, ...], name: str) -> tuple[Reference, ...]:
    """The list with the red thing's descriptors or aggregates turned to where nothing red is near."""
    *others, red = references
    return (*others, replace(red, **{name: -getattr(red, name)}))


def test_a_thing_that_the_descriptor_misses_is_found_by_its_local_features() -> None:
    assert found_on(misplaced(long_list(), "descriptors")) == ["thing-39"]


def test_a_thing_that_local_features_miss_is_found_by_its_descriptor() -> None:
    assert found_on(misplaced(long_list(), "aggregates")) == ["thing-39"]


def test_a_thing_that_both_shortlists_miss_is_not_found() -> None:
    assert found_on(misplaced(misplaced(long_list(), "descriptors"), "aggregates")) == []


def test_a_reference_without_aggregate_is_found_by_its_descriptor() -> None:
    *others, red = long_list()
    assert found_on((*others, replace(red, aggregates=red.aggregates[:0]))) == ["thing-39"]


def test_the_union_holds_the_better_half_of_either_list() -> None:
    joined = union(tuple(range(20)), tuple(range(100, 120)), 20)
    assert len(joined) == 20
    assert set(joined) == {*range(10), *range(100, 110)}


def test_the_union_holds_what_stands_on_both_lists_once_and_fills_up() -> None:
    assert union((1, 2, 3, 4), (2, 1, 5), 4) == (1, 2, 3, 5)
    assert union((1, 2, 3), (), 5) == (1, 2, 3)


def test_no_more_references_are_verified_than_the_shortlist_allows() -> None:
    class Counting(ColourFeatures):
        verified = 0

        def verify(self, sighting: Features, reference: Features) -> Geometry | None:
            self.verified += 1
            return super().verify(sighting, reference)

    references, features = long_list(), Counting()
    gallery = gallery_of(tuple(entry(r.entry_id) for r in references), references, date(2026, 12, 1))
    engines = engines_of(references)
    watchlist = Recall(gallery, engines, ColourEmbedder(), features, PlainPrints(), WATCHING, lambda: TODAY, 0, 6)
    watchlist.candidates(sighting(RED), 1)
    assert features.verified == 6


class RightPrint(PlainPrints):
    """Finds the print of one reference on everything, and counts what it is asked."""

    def __init__(self, picture: bytes) -> None:
        self._picture = picture
        self.asked = self.rested = 0

    def agreement(self, sighting: Pixels, seen: Features, picture: bytes) -> Agreement | None:
        self.asked += 1
        return Agreement(90.0, Box(1, 2, 11, 22)) if picture == self._picture else None

    def rest(self) -> None:
        self.rested += 1


def printed(references: tuple[Reference, ...], prints: RightPrint, compare_all_up_to: int = 64) -> Recall:
    gallery = gallery_of(tuple(entry(r.entry_id) for r in references), references, date(2026, 12, 1))
    parts = (engines_of(references), ColourEmbedder(), ColourFeatures(), prints)
    return Recall(gallery, *parts, WATCHING, lambda: TODAY, compare_all_up_to)


def test_a_print_is_found_where_no_detail_is_and_says_where_it_lies() -> None:
    references = (reference("green", GREEN), reference("blue", BLUE))
    (match, other) = printed(references, RightPrint(references[1].picture)).candidates(sighting(RED), 2)
    assert match.entry.id == "blue"
    assert match.evidence >= 1 > other.evidence
    assert match.geometry is None
    assert match.motion == ()
    assert match.box == Box(1, 2, 11, 22).shifted(sighting(RED).box.x0, sighting(RED).box.y0)


def test_prints_of_the_likeliest_references_alone_are_compared() -> None:
    references = long_list(40)
    short, long = RightPrint(b"no picture"), RightPrint(b"no picture")
    printed(references, short).candidates(sighting(RED), 1)
    printed(references, long, compare_all_up_to=0).candidates(sighting(RED), 1)
    assert (short.asked, short.rested) == (2 * 14, 0)  # by the whole look, and by its middle
    assert (long.asked, long.rested) == (2 * 3, 2)  # before the first look, and after it


class NearPrint(RightPrint):
    """Sees its print of one reference on everything, more of it from near, and keeps how that was said to lie."""

    def __init__(self, picture: bytes, near: float) -> None:
        super().__init__(picture)
        self._near = near
        self.motions: list[NDArray[np.float64]] = []

    def agreement(self, sighting: Pixels, seen: Features, picture: bytes) -> Agreement | None:
        found = super().agreement(sighting, seen, picture)
        return None if found is None else replace(found, corners=30.0, motion=(5.0, 0, 1, 0, 5, 2, 0, 0, 1))

    def closer(self, sighting: Pixels, reference: Reference, motion: NDArray[np.float64]) -> Agreement | None:
        self.motions.append(motion)
        return Agreement(self._near, Box(3, 4, 13, 24))


def test_a_closer_look_counts_where_it_shows_more() -> None:
    references = (reference("green", GREEN), reference("blue", BLUE))
    prints, fewer = NearPrint(references[1].picture, near=90.0), NearPrint(references[1].picture, near=10.0)
    near = printed(references, prints).candidates(sighting(RED), 1)[0]
    far = printed(references, fewer).candidates(sighting(RED), 1)[0]
    assert near.evidence >= 1 > far.evidence > 0
    assert near.box == Box(3, 4, 13, 24).shifted(sighting(RED).box.x0, sighting(RED).box.y0)
    np.testing.assert_array_equal(prints.motions, [[[5, 0, 1], [0, 5, 2], [0, 0, 1]]])


def test_what_is_plain_is_not_looked_at_closer() -> None:
    class Plain(NearPrint):
        def agreement(self, sighting: Pixels, seen: Features, picture: bytes) -> Agreement | None:
            found = super().agreement(sighting, seen, picture)
            return None if found is None else replace(found, corners=150.0)

    references = (reference("green", GREEN), reference("blue", BLUE))
    prints = Plain(references[1].picture, near=300.0)
    (match,) = printed(references, prints).candidates(sighting(RED), 1)
    assert (match.entry.id, match.evidence >= 2, prints.motions) == ("blue", True, [])


def test_a_closer_look_is_at_the_place_where_details_lie_and_at_as_many_references_as_the_rule_says() -> None:
    class Placed(ColourFeatures):
        def verify(self, sighting: Features, reference: Features) -> Geometry | None:
            return Geometry(40, 0.5, Box(0, 0, 8, 8), (0.5, 0, 1, 0, 0.5, 2, 0, 0, 1))

    references = long_list(8)
    laid: dict[int, list[NDArray[np.float64]]] = {}
    gallery = gallery_of(tuple(entry(r.entry_id) for r in references), references, date(2026, 12, 1))
    for closer in (1, 3):
        prints = NearPrint(b"no picture", near=0.0)
        parts = (engines_of(references), ColourEmbedder(), Placed(), prints)
        Recall(gallery, *parts, replace(WATCHING, closer=closer), lambda: TODAY).candidates(sighting(RED), 1)
        laid[closer] = prints.motions
    width = references[0].features.width
    assert [len(laid[closer]) for closer in (1, 3)] == [1, 3]
    recall = Recall(gallery, engines_of(references), ColourEmbedder(), Placed(), PlainPrints(), WATCHING, lambda: TODAY)
    (match, *_) = recall.candidates(sighting(RED), 1)
    assert match.motion == pytest.approx((0.5 * width, 0, 1, 0, 0.5 * width, 2, 0, 0, 1))
    np.testing.assert_allclose(laid[1][0], [[0.5 * width, 0, 1], [0, 0.5 * width, 2], [0, 0, 1]])


def test_details_around_a_references_middle_are_no_hit_by_a_rule_that_asks_for_its_middle() -> None:
    class Around(ColourFeatures):
        def verify(self, sighting: Features, reference: Features) -> Geometry | None:
            return Geometry(80, 0.5, Box(0, 0, 8, 8), in_middle=self.reach)

    references, features = (reference("red", RED),), Around()
    gallery = gallery_of((entry("red"),), references, date(2026, 12, 1))
    parts = (engines_of(references), ColourEmbedder(), features, PlainPrints())
    found = {}
    for asks in (False, True):
        watchlist = Recall(gallery, *parts, replace(WATCHING, in_middle=asks), lambda: TODAY)
        for features.reach in (1.0, 0.05):
            (match,) = watchlist.candidates(sighting(RED), 1)
            found[asks, features.reach] = match.evidence >= 1
    assert found == {(False, 1.0): True, (False, 0.05): True, (True, 1.0): True, (True, 0.05): False}


def test_many_references_of_one_entry_keep_no_other_from_being_laid() -> None:
    class Laid(ColourFeatures):
        def verify(self, sighting: Features, reference: Features) -> Geometry | None:
            return Geometry(80 if reference.descriptors[0, 0] > 0 else 82, 0.5, Box(0, 0, 8, 8))

        def resemblance(self, sighting: Pixels, picture: bytes, reference: Features, geometry: Geometry) -> float:
            return 0.95 if reference.descriptors[0, 0] > 0 else 0.65

    references = (*(reference("many", GREEN) for _ in range(12)), reference("right", RED))
    gallery = gallery_of((entry("many"), entry("right")), references, date(2026, 12, 1))
    parts = (engines_of(references), ColourEmbedder(), Laid(), PlainPrints())
    best = Recall(gallery, *parts, WATCHING, lambda: TODAY).candidates(sighting(RED), 1)[0]
    assert (best.entry.id, best.evidence >= 1) == ("right", True)


def test_a_print_is_found_by_the_whole_look_or_by_its_middle() -> None:
    class OneView(RightPrint):
        def __init__(self, picture: bytes, width: int) -> None:
            super().__init__(picture)
            self._width = width

        def middle(self, pixels: Pixels) -> Features:
            return replace(self.describe(pixels), width=24)

        def agreement(self, sighting: Pixels, seen: Features, picture: bytes) -> Agreement | None:
            return super().agreement(sighting, seen, picture) if seen.width == self._width else None

    references = (reference("green", GREEN), reference("blue", BLUE))
    for width, is_found in ((40, True), (24, True), (30, False)):
        (match,) = printed(references, OneView(references[1].picture, width)).candidates(sighting(RED), 1)
        assert (match.evidence >= 1) == is_found


def test_two_entries_of_the_same_look_are_no_hit() -> None:
    assert hit_of(recall((entry("red"), RED), (entry("scarlet"), RED)), sighting(RED)) is None


def test_each_entry_stands_once_on_the_candidate_list() -> None:
    found = recall((entry("red"), RED), (entry("blue"), BLUE)).candidates(sighting(RED), 5)
    assert [match.entry.id for match in found] == ["red", "blue"]
    assert found[0].evidence > found[1].evidence


def test_a_match_lies_where_the_look_was_cut() -> None:
    (found,) = recall((entry("red"), RED)).candidates(sighting(RED), 1)
    assert found.box == Box(10, 20, 50, 60)


def test_a_listed_code_is_a_hit_and_another_is_nothing() -> None:
    frame = Frame(plain(GREEN), 3, 0.1)
    watchlist = recall((entry("red", codes=("SERIAL-000123",)), RED))
    assert [h.code for h in watchlist.read(frame, FixedCodes(Code(CodeKind.SERIAL, "SERIAL-000123")))] == [
        "SERIAL-000123"
    ]
    assert watchlist.read(frame, FixedCodes(Code(CodeKind.SERIAL, "SERIAL-000124"))) == ()


def test_a_panel_is_its_substance_and_else_only_its_hazard_number() -> None:
    frame = Frame(plain(GREEN), 3, 0.1)
    watchlist = recall((entry("petrol", codes=("33/1203",)), RED), (entry("hazard-33", codes=("33/*",)), BLUE))

    def found(value: str) -> list[str]:
        return [h.entry.id for h in watchlist.read(frame, FixedCodes(Code(CodeKind.ADR, value)))]

    assert found("33/1203") == ["petrol"]
    assert found("33/1204") == ["hazard-33"]
    assert found("30/1203") == []


def test_a_code_of_an_expired_entry_is_nothing() -> None:
    old = entry("red", expires=date(2026, 5, 31), codes=("SERIAL-000123",))
    frame = Frame(plain(GREEN), 3, 0.1)
    assert recall((old, RED)).read(frame, FixedCodes(Code(CodeKind.SERIAL, "SERIAL-000123"))) == ()


def test_doubles_of_the_models_satisfy_their_ports() -> None:
    features: Features = ColourFeatures().extract(plain(RED))
    geometry: Geometry | None = ColourFeatures().verify(features, features)
    assert geometry is not None
    assert geometry.share == 1.0


def test_a_code_s_hit_shows_the_frame_that_it_was_read_in() -> None:
    frame = Frame(plain(GREEN), 3, 0.1)
    watchlist = recall((entry("red", codes=("SERIAL-000123",)), RED))
    (hit,) = watchlist.read(frame, FixedCodes(Code(CodeKind.SERIAL, "SERIAL-000123")))
    assert hit.sighting.pixels is frame.pixels
