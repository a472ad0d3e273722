"""The watchlist at work, with shipped doubles for the models."""

from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from lapel.core.calibrate import WATCHING
from lapel.core.codes import Code, CodeKind
from lapel.core.gallery import Gallery, Terms
from lapel.core.geometry import Box
from lapel.core.search import NumpySearch
from lapel.core.things import Entry, Features, Frame, Geometry, Kind, Origin, Pixels, Quality, Reference, Sighting
from lapel.errors import ForeignModel
from lapel.fakes.codes import FixedCodes
from lapel.fakes.models import ColourEmbedder, ColourFeatures
from lapel.matching import Recall

TODAY = date(2026, 6, 1)
RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


def plain(colour: tuple[int, int, int], side: int = 40) -> Pixels:
    return np.broadcast_to(np.array(colour, np.uint8), (side, side, 3)).copy()


def entry(name: str, expires: date = date(2026, 12, 1), codes: tuple[str, ...] = ()) -> Entry:
    return Entry(name, name.title(), Kind.BAG, "stolen", "C-1", "Customs", expires, codes=codes)


def recall(
    *listed: tuple[Entry, tuple[int, int, int]], model: str | None = None, until: date = date(2026, 12, 1)
) -> Recall:
    embedder, features = ColourEmbedder(), ColourFeatures()
    references = tuple(
        Reference(e.id, embedder.describe(plain(colour)), features.extract(plain(colour)), b"jpeg of " + e.id.encode())
        for e, colour in listed
    )
    terms = Terms("test", 3, date(2026, 1, 1), until)
    entries = tuple(e for e, _ in listed)
    gallery = Gallery(terms, model or embedder.model_sha256, entries, references)
    rows: NDArray[np.float32] = np.concatenate([r.descriptors for r in references])
    return Recall(gallery, NumpySearch(rows), embedder, features, WATCHING, lambda: TODAY)


def sighting(colour: tuple[int, int, int]) -> Sighting:
    quality = Quality(40, 100.0, 0.5, False)
    return Sighting(
        7, Kind.BAG, Origin.DETECTOR, Box(10, 20, 50, 60), plain(colour), 1.0, 25, Box(0, 0, 99, 99), quality
    )


def test_a_listed_thing_is_a_hit_with_its_entry_and_reference() -> None:
    hit = recall((entry("red"), RED), (entry("blue"), BLUE)).check(sighting(RED))
    assert hit is not None
    assert hit.entry.id == "red"
    assert hit.reference_picture == b"jpeg of red"


def test_a_thing_that_is_not_listed_is_nothing() -> None:
    assert recall((entry("red"), RED), (entry("blue"), BLUE)).check(sighting(GREEN)) is None


def test_an_expired_entry_cannot_match() -> None:
    assert recall((entry("red", expires=date(2026, 5, 31)), RED), (entry("blue"), BLUE)).check(sighting(RED)) is None


def test_an_entry_of_an_expired_list_cannot_match() -> None:
    listed = (entry("red", codes=("SERIAL-000123",)), RED)
    assert recall(listed, until=TODAY).check(sighting(RED)) is not None
    expired = recall(listed, until=date(2026, 5, 31))
    assert expired.check(sighting(RED)) is None
    assert expired.read(Frame(plain(GREEN), 3, 0.1), FixedCodes(Code(CodeKind.SERIAL, "SERIAL-000123"))) == ()


def test_an_entry_matches_on_its_last_day() -> None:
    assert recall((entry("red", expires=TODAY), RED)).check(sighting(RED)) is not None


def test_references_of_another_model_are_refused() -> None:
    with pytest.raises(ForeignModel, match="enrol the pictures again"):
        recall((entry("red"), RED), model="0" * 64)


def test_two_entries_of_the_same_look_are_no_hit() -> None:
    assert recall((entry("red"), RED), (entry("scarlet"), RED)).check(sighting(RED)) is None


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


def test_a_code_of_an_expired_entry_is_nothing() -> None:
    old = entry("red", expires=date(2026, 5, 31), codes=("SERIAL-000123",))
    frame = Frame(plain(GREEN), 3, 0.1)
    assert recall((old, RED)).read(frame, FixedCodes(Code(CodeKind.SERIAL, "SERIAL-000123"))) == ()


def test_doubles_of_the_models_satisfy_their_ports() -> None:
    features: Features = ColourFeatures().extract(plain(RED))
    geometry: Geometry | None = ColourFeatures().verify(features, features)
    assert geometry is not None
    assert geometry.share == 1.0
