"""A long list is opened without being read; what is looked at is what was sealed, or is refused."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from lapel.core.gallery import Gallery
from lapel.core.listed import Listed
from lapel.core.listing import findings, summary
from lapel.errors import Refused, Tampered
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.fakes.keys import FixedKey
from lapel.store import gallery as stored
from lapel.store.gallery import PURPOSE, open_gallery, verified_gallery, write_gallery
from lapel.store.sealed import read_sealed, write_sealed

MADE = date(2026, 1, 31)
DASHED, ISBN = "978-3-16-148410-0", "9783161484100"


def given() -> Gallery:
    """Three entries with codes and two references each, one without a picture, one that expired and has neither."""
    bare = replace(made_up_entry("bare", MADE + timedelta(days=9)), codes=("X-1", "X-2"))
    over = replace(made_up_entry("over", MADE - timedelta(days=1)), codes=())
    whole = made_up_gallery(MADE)
    return replace(whole, entries=(*whole.entries, bare, over))


@pytest.fixture
def path(tmp_path: Path, keys: FixedKey) -> Path:
    write_gallery(tmp_path / "list.lapel", given(), keys)
    return tmp_path / "list.lapel"


@pytest.fixture(params=["in memory", "sealed"])
def listed(request: pytest.FixtureRequest, path: Path, keys: FixedKey) -> Listed:
    """The same list, as both adapters of the port have it."""
    return given() if request.param == "in memory" else open_gallery(path, keys)


@pytest.fixture
def as_if_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """No list is short enough to be looked through at once."""
    monkeypatch.setattr(stored, "_LOOKED_THROUGH", 0)
    monkeypatch.setattr(stored, "_CHECKED_WHOLE", 0)


def test_a_reference_is_its_entrys_and_as_it_was(listed: Listed) -> None:
    for place, reference in enumerate(given().references):
        found = listed.reference(place)
        assert (found.entry_id, found.picture) == (reference.entry_id, reference.picture)
        np.testing.assert_array_equal(found.descriptors, reference.descriptors)
        np.testing.assert_array_equal(found.features.descriptors, reference.features.descriptors)
        np.testing.assert_allclose(found.features.points, reference.features.points, atol=0.001)
        assert listed.owner(place).id == reference.entry_id


def test_rows_to_search_by_are_those_of_the_references(listed: Listed) -> None:
    wanted = np.concatenate([reference.descriptors for reference in given().references])
    np.testing.assert_array_equal(listed.descriptors.stored[:], wanted)
    assert [int(place) for place in listed.descriptors.rows.place_of] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [int(place) for place in listed.aggregates.rows.place_of] == [0, 1, 2, 3, 4, 5]
    assert listed.aggregates.stored.shape == (6, 16)


def test_codes_lead_to_their_entries_and_first_pictures(listed: Listed) -> None:
    assert dict(listed.codes) == {"4006381333931": (0, 1, 2), "X-1": (3,), "X-2": (3,)}
    assert listed.entry_at(3).id == "bare"
    assert listed.picture_of(3) == b""
    assert listed.picture_of(2) == given().references[4].picture


def sharing() -> Gallery:
    """Two entries of codes alone with the same one, written in two ways."""
    made = [replace(made_up_entry(name, MADE), codes=(code,)) for name, code in (("a", DASHED), ("b", ISBN))]
    return replace(given(), entries=tuple(made), references=())


def written_by_an_older_lapel(path: Path, keys: FixedKey) -> None:
    """Has a file's table lead to the last entry of each code alone."""
    content = bytes(read_sealed(path, keys, PURPOSE))
    for new, old in ((b',"shares_codes":true', b""), (b"[0,1]", b"1")):
        assert content.count(new) == 1
        content = content.replace(new, old.ljust(len(new)))
    write_sealed(path, [content], keys, PURPOSE)


def test_a_code_that_two_entries_share_leads_to_both_and_both_can_match(path: Path, keys: FixedKey) -> None:
    write_gallery(path, sharing(), keys)
    for listed in (sharing(), open_gallery(path, keys)):
        assert dict(listed.codes) == {ISBN: (0, 1)}
        assert findings(listed, MADE) == ()


def test_a_list_that_an_older_lapel_wrote_leads_to_both_too(path: Path, keys: FixedKey) -> None:
    write_gallery(path, sharing(), keys)
    written_by_an_older_lapel(path, keys)
    listed = open_gallery(path, keys)
    assert dict(listed.codes) == {ISBN: (0, 1)}
    assert findings(listed, MADE) == ()


def test_what_cannot_match_is_counted_without_reading_an_entry(listed: Listed) -> None:
    assert (listed.entry_count, listed.reference_count) == (5, 6)
    assert listed.census().current(MADE) == 4
    assert summary(listed, MADE) == (
        "1 of 5 entries expired and cannot match",
        "1 of 5 entries have neither a picture nor a code",
    )


def test_entries_are_counted_by_purpose_and_authority(listed: Listed) -> None:
    assert listed.purposes == (("find stolen goods", "magistrate of Springfield", 5),)


def test_a_list_of_no_entry_is_a_list(tmp_path: Path, keys: FixedKey) -> None:
    write_gallery(tmp_path / "a", replace(given(), entries=(), references=()), keys)
    found = open_gallery(tmp_path / "a", keys)
    assert (found.entry_count, len(found.codes), found.descriptors.stored.shape) == (0, 0, (0, 0))
    assert "has no entry" in summary(found, MADE)[0]


@pytest.mark.usefixtures("as_if_long")
def test_a_changed_picture_of_a_long_list_is_refused_when_it_is_looked_at(path: Path, keys: FixedKey) -> None:
    pictured = replace(given().references[5], picture=b"\xff\xd8" + bytes(60_000))
    write_gallery(path, replace(given(), references=(*given().references[:5], pictured)), keys)
    data = bytearray(path.read_bytes())
    data[-10_000] ^= 1
    path.write_bytes(data)
    listed = open_gallery(path, keys)
    assert listed.reference(0).picture == given().references[0].picture
    with pytest.raises(Tampered, match="was changed near byte"):
        listed.reference(5)


@pytest.mark.usefixtures("as_if_long")
def test_an_entry_of_a_long_list_that_may_not_stand_on_one_is_refused_when_it_is_looked_at(
    path: Path, keys: FixedKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlawful = replace(given().entries[1], purpose=" ")
    monkeypatch.setattr(stored, "flaws", lambda gallery: ())  # sealed by another program that holds the key
    write_gallery(path, replace(given(), entries=(given().entries[0], unlawful, *given().entries[2:])), keys)
    listed = open_gallery(path, keys)
    assert listed.owner(0).id == "crate-0"
    with pytest.raises(Refused, match="entry 'crate-1': no purpose"):
        listed.owner(2)


def test_a_list_stays_open_when_another_takes_its_place(path: Path, keys: FixedKey) -> None:
    listed = open_gallery(path, keys)
    write_gallery(path, replace(given(), references=()), keys)
    assert listed.reference(5).picture == given().references[5].picture


@pytest.mark.usefixtures("as_if_long")
def test_a_long_list_is_verified_through_and_refused_for_what_stands_anywhere_in_it(
    path: Path, keys: FixedKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verified_gallery(path, keys).entry_count == 5
    monkeypatch.setattr(stored, "flaws", lambda gallery: ())  # sealed by another program that holds the key
    entries = given().entries
    for wrong, said in (
        ((*entries[:4], replace(entries[4], case=" ")), "entry 'over': no case"),
        ((*entries, replace(entries[3], codes=())), "entry 'bare': listed 2 times"),
    ):
        write_gallery(path, replace(given(), entries=wrong), keys)
        assert open_gallery(path, keys).entry_count == len(wrong)
        with pytest.raises(Refused, match=said):
            verified_gallery(path, keys)


@pytest.mark.usefixtures("as_if_long")
def test_a_long_list_is_verified_in_a_fraction_of_its_bytes_of_memory(path: Path, keys: FixedKey) -> None:
    entries = tuple(made_up_entry(f"crate-{n}", MADE) for n in range(60))
    whole = made_up_gallery(MADE, entries)
    pictured = tuple(replace(each, picture=bytes([1]) * 60_000) for each in whole.references)
    write_gallery(path, replace(whole, references=pictured), keys)
    tracemalloc.start()
    try:
        assert verified_gallery(path, keys).reference_count == 120
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 120 * 60_000 / 2
