"""A calibrated watchlist: thresholds of its own, and what is expected of them."""

from dataclasses import replace
from datetime import date

import numpy as np

from lapel.core.calibrate import WATCHING
from lapel.core.gallery import Gallery, Terms, made_by
from lapel.core.geometry import Box
from lapel.core.looks import Looks
from lapel.core.search import NumpySearch, directions
from lapel.core.things import Entry, Kind, Origin, Quality, Reference, Sighting
from lapel.fakes.gallery import made_up_calibration
from lapel.fakes.models import ColourEmbedder, ColourFeatures, PlainPrints
from lapel.matching import Recall, Shortlists

TODAY, UNTIL = date(2026, 6, 1), date(2026, 12, 1)
RED = np.broadcast_to(np.array((200, 20, 20), np.uint8), (40, 40, 3)).copy()
FEATURES = ColourFeatures().extract(RED)
REFERENCE = Reference(
    "bag",
    directions(ColourEmbedder().describe(RED)),
    directions(ColourFeatures().aggregate(FEATURES)),
    FEATURES,
    b"picture",
)
LIST = Gallery(
    Terms("test", 1, date(2026, 1, 1), UNTIL),
    made_by(ColourEmbedder.model_sha256, ColourFeatures.model_sha256),
    (Entry("bag", "Bag", Kind.BAG, "stolen", "C-1", "Customs", UNTIL),),
    (REFERENCE,),
)
BOX = Box(0, 0, 40, 40)
LOOK = Sighting(1, Kind.BAG, Origin.DETECTOR, BOX, RED, 2.0, 50, BOX, Quality(40, 100.0, 0.5, truncated=False))


def recall(gallery: Gallery) -> Recall:
    engines = Shortlists(NumpySearch(REFERENCE.descriptors), NumpySearch(REFERENCE.aggregates))
    return Recall(gallery, engines, ColourEmbedder(), ColourFeatures(), PlainPrints(), WATCHING, lambda: TODAY)


def test_a_list_that_was_never_calibrated_decides_by_the_rule_alone() -> None:
    assert recall(LIST).threshold("bag") == 1
    (match,) = recall(LIST).candidates(LOOK, 1)
    assert recall(LIST).hit(match, LOOK).expected is None


def test_a_calibrated_list_asks_for_its_own_evidence() -> None:
    (match,) = recall(LIST).candidates(LOOK, 1)
    too_much = made_up_calibration(threshold=match.evidence + 0.01)
    threshold = recall(replace(LIST, calibration=too_much)).threshold("bag")
    assert not Looks().weigh(LOOK, match, threshold).is_hit
    assert Looks().weigh(LOOK, match).is_hit


def test_an_entry_with_look_alikes_has_a_threshold_of_its_own() -> None:
    watchlist = recall(replace(LIST, calibration=made_up_calibration(threshold=1.2, bag=2.5)))
    assert (watchlist.threshold("bag"), watchlist.threshold("another")) == (2.5, 1.2)


def test_a_hit_says_what_is_expected_of_the_list() -> None:
    (match,) = recall(LIST).candidates(LOOK, 1)
    hit = recall(replace(LIST, calibration=made_up_calibration())).hit(match, LOOK)
    assert hit.expected is not None
    assert (hit.expected.per_hour, hit.expected.at_most_per_hour, hit.expected.entries) == (0.05, 0.4, 3)


def test_a_list_that_was_changed_since_promises_nothing_and_keeps_its_thresholds() -> None:
    watchlist = recall(replace(LIST, calibration=made_up_calibration(version=0, threshold=1.3)))
    (match,) = watchlist.candidates(LOOK, 1)
    assert watchlist.hit(match, LOOK).expected is None
    assert watchlist.threshold("bag") == 1.3


def test_a_list_that_was_calibrated_by_another_rule_promises_nothing_and_keeps_its_thresholds() -> None:
    watchlist = recall(replace(LIST, calibration=replace(made_up_calibration(threshold=1.3), rule="")))
    (match,) = watchlist.candidates(LOOK, 1)
    assert watchlist.hit(match, LOOK).expected is None
    assert watchlist.threshold("bag") == 1.3


def test_a_hit_on_a_decoy_says_that_it_is_one() -> None:
    watchlist = recall(replace(LIST, decoys=frozenset({"bag"})))
    (match,) = watchlist.candidates(LOOK, 1)
    assert watchlist.hit(match, LOOK).is_decoy
