"""How a watchlist grows."""

from dataclasses import replace
from datetime import date

import pytest

from lapel.core.gallery import Gallery
from lapel.core.listing import flaws
from lapel.errors import EnrolmentRefused, ForeignModel
from lapel.fakes.gallery import made_up_entry, made_up_reference
from lapel_tools.enrol.enrolment import extend_gallery

TODAY = date(2026, 3, 1)
MODEL = "a" * 64
CRATE = made_up_entry("crate-17", date(2026, 6, 1))
BICYCLE = made_up_entry("bicycle-3", date(2026, 9, 1))


def listing(gallery: Gallery | None, entry=CRATE, model: str = MODEL) -> Gallery:  # type: ignore[no-untyped-def]
    references = (made_up_reference(entry.id, seed=1),)
    return extend_gallery(gallery, entry, references, list_id="spring", model_sha256=model, today=TODAY)


def test_a_new_list_is_version_1_and_ends_with_its_entry() -> None:
    gallery = listing(None)
    assert (gallery.terms.list_id, gallery.terms.version) == ("spring", 1)
    assert (gallery.terms.created, gallery.terms.expires) == (TODAY, CRATE.expires)
    assert flaws(gallery) == ()


def test_an_extended_list_keeps_what_was_on_it_and_is_the_next_version() -> None:
    first = listing(None)
    second = listing(first, BICYCLE)
    assert second.entries == (CRATE, BICYCLE)
    assert second.references[0] is first.references[0]
    assert second.terms.version == 2
    assert second.terms.expires == BICYCLE.expires
    assert flaws(second) == ()


def test_more_pictures_of_an_entry_make_no_second_entry() -> None:
    gallery = listing(listing(None))
    assert gallery.entries == (CRATE,)
    assert [reference.entry_id for reference in gallery.references] == ["crate-17", "crate-17"]


@pytest.mark.parametrize(("name", "value"), [("label", "A red crate"), ("expires", date(2026, 7, 1)), ("case", "x")])
def test_an_id_that_is_listed_on_other_terms_is_refused_by_what_differs(name: str, value: object) -> None:
    with pytest.raises(EnrolmentRefused, match=f"crate-17: listed already with another {name}"):
        listing(listing(None), replace(CRATE, **{name: value}))


def test_a_list_made_by_another_model_is_not_extended() -> None:
    with pytest.raises(ForeignModel, match=r"aaaaaaaaaaaa….*bbbbbbbbbbbb…"):
        listing(listing(None), BICYCLE, model="b" * 64)
