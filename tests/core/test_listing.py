"""A watchlist must say of each entry what it is for and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from lapel.core.gallery import Gallery
from lapel.core.listing import findings, flaws
from lapel.core.things import Entry, Reference
from lapel.fakes.gallery import made_up_calibration, made_up_entry, made_up_gallery

MADE = date(2026, 1, 31)
WHOLE = made_up_gallery(MADE)


def with_entry(**changes: object) -> Gallery:
    changed = replace(WHOLE.entries[1], **changes)  # type: ignore[arg-type]
    return replace(WHOLE, entries=(WHOLE.entries[0], changed, WHOLE.entries[2]))


def with_reference(**changes: object) -> Gallery:
    changed = replace(WHOLE.references[2], **changes)  # type: ignore[arg-type]
    return replace(WHOLE, references=(*WHOLE.references[:2], changed, *WHOLE.references[3:]))


def test_a_list_that_lacks_nothing_has_no_flaw() -> None:
    assert flaws(WHOLE) == ()


def test_an_entry_may_expire_365_days_after_the_list_was_made() -> None:
    assert flaws(with_entry(expires=MADE + timedelta(days=365))) == ()


def test_an_entry_that_has_expired_may_stay_on_the_list() -> None:
    assert flaws(with_entry(expires=MADE - timedelta(days=30))) == ()


@pytest.mark.parametrize(
    "expires", [MADE + timedelta(days=366), date(2999, 1, 1), date(1970, 1, 1), date.min, date.max]
)
def test_an_absurd_expiry_is_a_flaw_that_names_the_entry_and_the_date(expires: date) -> None:
    (flaw,) = flaws(with_entry(expires=expires))
    assert "'crate-1'" in flaw
    assert str(expires) in flaw


@pytest.mark.parametrize("field", ["label", "purpose", "case", "authority"])
@pytest.mark.parametrize("text", ["", "   "])
def test_an_entry_without_a_reason_is_a_flaw(field: str, text: str) -> None:
    assert f"entry 'crate-1': no {field}" in flaws(with_entry(**{field: text}))[0]


@pytest.mark.parametrize("text", ["line\nbreak", "\x1b[2J", "\ud800", "x" * 1001])
def test_text_that_a_terminal_cannot_show_as_it_is_is_a_flaw(text: str) -> None:
    assert flaws(with_entry(check=text))[0].startswith("entry 'crate-1': text")


def test_an_id_that_two_entries_have_is_a_flaw() -> None:
    twins: tuple[Entry, ...] = (WHOLE.entries[0], *WHOLE.entries)
    assert flaws(replace(WHOLE, entries=twins)) == ("entry 'crate-0': listed 2 times; an id belongs to one entry",)


def test_a_reference_of_an_entry_that_is_not_listed_is_a_flaw() -> None:
    assert flaws(with_reference(entry_id="ghost")) == ("entry 'ghost': has a reference but is not listed",)


@pytest.mark.parametrize("name", ["descriptors", "aggregates"])
def test_a_description_without_direction_is_a_flaw(name: str) -> None:
    nothing = np.zeros_like(getattr(WHOLE.references[2], name))
    assert flaws(with_reference(**{name: nothing})) == (
        "entry 'crate-1': a reference's descriptor is all zero, which is no direction; enrol its picture again",
    )


def test_a_reference_without_an_aggregate_is_no_flaw() -> None:
    assert flaws(with_reference(aggregates=np.empty((0, 16), np.int8))) == ()


def test_aggregates_of_different_lengths_are_a_flaw() -> None:
    assert "different lengths" in flaws(with_reference(aggregates=np.ones((1, 15), np.int8)))[0]


def test_a_reference_without_a_descriptor_is_a_flaw() -> None:
    assert "no descriptor" in flaws(with_reference(descriptors=np.empty((0, 32), np.int8)))[0]


@pytest.mark.parametrize("size", [0, 64 * 1024 + 1])
def test_a_reference_picture_that_is_missing_or_too_large_is_a_flaw(size: int) -> None:
    assert f"picture has {size} bytes" in flaws(with_reference(picture=bytes(size)))[0]


def test_descriptors_of_different_lengths_are_a_flaw() -> None:
    short: Reference = replace(WHOLE.references[2], descriptors=np.eye(1, 16, dtype=np.float32))
    mixed = replace(WHOLE, references=(short, *WHOLE.references))
    assert "different lengths" in flaws(mixed)[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 0}, "versions count from 1"),
        ({"created": date(1970, 1, 1)}, "no date of a list"),
        ({"created": date(2970, 1, 1)}, "no date of a list"),
        ({"created": date.max}, "no date of a list"),
        ({"expires": MADE + timedelta(days=366)}, "not within 365 days"),
        ({"expires": MADE - timedelta(days=1)}, "not within 365 days"),
        ({"list_id": ""}, "printable characters"),
    ],
)
def test_absurd_terms_are_a_flaw(changes: dict[str, object], said: str) -> None:
    terms = replace(WHOLE.terms, **changes)  # type: ignore[arg-type]
    assert said in flaws(replace(WHOLE, terms=terms))[0]


def test_every_flaw_is_told_and_not_only_the_first() -> None:
    entries = tuple(made_up_entry(name, date(2999, 1, 1)) for name in ("a", "b"))
    assert [flaw[:9] for flaw in flaws(made_up_gallery(MADE, entries))] == ["entry 'a'", "entry 'b'"]


def test_a_list_that_was_changed_since_it_was_calibrated_is_a_finding() -> None:
    gallery = made_up_gallery(MADE)
    stale = replace(gallery, calibration=made_up_calibration(version=gallery.terms.version - 1))
    fresh = replace(gallery, calibration=made_up_calibration(version=gallery.terms.version))
    assert ["changed since it was calibrated" in line for line in findings(stale, MADE)] == [True]
    assert findings(fresh, MADE) == ()


def test_a_list_that_was_calibrated_by_another_rule_is_a_finding_that_says_so() -> None:
    for mark in ("", "0123456789abcdef"):
        (line,) = findings(replace(made_up_gallery(MADE), calibration=replace(made_up_calibration(), rule=mark)), MADE)
        assert "was calibrated by another version of Lapel" in line
        assert line.endswith("calibrate it again")


def test_a_code_of_a_person_that_a_list_holds_is_found_and_not_repeated() -> None:
    (line,) = findings(with_entry(codes=("4006381333931", "BADGE 4711")), MADE)
    assert "its code 2 is a person's badge; it is never read" in line
    assert "4711" not in line
