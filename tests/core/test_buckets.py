"""Entries lie where their ids say, and the number of buckets seldom changes."""

from datetime import date

import pytest

from lapel.core.buckets import bucket_count, bucket_of, bucketed
from lapel.fakes.gallery import made_up_gallery

GALLERY = made_up_gallery(date(2026, 3, 1))


@pytest.mark.parametrize(("entries", "count"), [(0, 1), (3, 1), (4, 2), (300_000, 131_072), (10_000_000, 2**20)])
def test_a_bucket_holds_about_two_or_three_entries(entries: int, count: int) -> None:
    assert bucket_count(entries, None) == count


def test_the_number_of_buckets_stays_while_a_list_grows_or_shrinks_by_half() -> None:
    assert [bucket_count(entries, 1024) for entries in (1000, 1500, 3000, 6000)] == [1024] * 4
    assert [bucket_count(entries, 1024) for entries in (700, 12_288)] == [256, 4096]


def test_every_entry_is_in_the_bucket_of_its_id_with_its_references() -> None:
    buckets = bucketed(GALLERY.entries, GALLERY.references, 4)
    assert sorted(entry.id for entries, _ in buckets.values() for entry in entries) == ["crate-0", "crate-1", "crate-2"]
    for number, (entries, references) in buckets.items():
        assert {bucket_of(entry.id, 4) for entry in entries} == {number}
        assert [reference.entry_id for reference in references] == [e.id for e in entries for _ in range(2)]


def test_the_order_of_enrolment_does_not_matter() -> None:
    turned = bucketed(reversed(GALLERY.entries), GALLERY.references, 4)
    assert turned == bucketed(GALLERY.entries, GALLERY.references, 4)
