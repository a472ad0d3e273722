"""A long list is proposed, seen and published without being in memory; of a new version only what is new is read."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from lapel.core.buckets import bucketed
from lapel.core.gallery import Gallery
from lapel.core.manifest import Manifest
from lapel.errors import Refused, UpdateRefused
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.fakes.keys import FixedKey
from lapel.store.bucket import encode_bucket
from lapel.store.gallery import open_gallery, write_gallery
from lapel.store.published import PublishedFolder
from lapel.store.unpacking import Unpacked, opened_key
from lapel_tools.authority import differing as module
from lapel_tools.authority.changes import changes
from lapel_tools.authority.differing import differing
from lapel_tools.authority.opened import Opened
from lapel_tools.authority.packing import Recipient, new_list_key, pack, seal_keys
from lapel_tools.authority.source import Enrolled, Published

DAY = datetime.now(UTC).date()
CAM = X25519PrivateKey.generate()
BUCKETS = 16
KEYS = FixedKey()
GALLERY = made_up_gallery(DAY, tuple(made_up_entry(f"crate-{n}", DAY + timedelta(days=9)) for n in range(40)))


class Shelf(dict[str, bytes]):
    """Chunks, and which were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def fetch(self, name: str) -> bytes | None:
        self.asked.add(name)
        return self.get(name)


def opened(gallery: Gallery, shelf: Shelf, version: int = 1, **said: int) -> Opened:
    """A list as an administrator opens it."""
    key = new_list_key()
    parts = bucketed(gallery.entries, gallery.references, BUCKETS).items()
    found = pack(parts, None, gallery.decoys, bytes(32), key, shelf.__setitem__)
    cam = Recipient("device/cam-1", CAM.public_key().public_bytes_raw().hex(), False)
    terms = gallery.terms
    pages = seal_keys((cam,), key, bytes(32), terms.list_id, version, shelf.__setitem__)
    counts = {"entries": found.entries, "references": found.references} | said
    manifest = Manifest(
        list_id=terms.list_id,
        version=version,
        purpose="to try",
        authority="nobody",
        model_sha256=gallery.model_sha256,
        created=terms.created,
        not_before=terms.created,
        expires=terms.expires,
        groups=("patrol",),
        settled=0,
        buckets=BUCKETS,
        pages=found.pages,
        keys=pages,
        **counts,
    )
    unpacked = Unpacked.of(manifest, opened_key(manifest, "device/cam-1", CAM, shelf.get), shelf.fetch)
    shelf.asked.clear()
    return Opened(unpacked, bytes(32), ())


def relabelled(*numbers: int) -> Gallery:
    entries = tuple(replace(e, label="another") if n in numbers else e for n, e in enumerate(GALLERY.entries))
    return replace(GALLERY, entries=entries)


def test_whoever_signs_a_long_list_opens_only_the_buckets_that_are_new_and_sees_all_that_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lapel_tools.authority.differing._MOST_JUDGED_AGAIN", 39)
    shelf = Shelf()
    before, after = opened(GALLERY, shelf), opened(relabelled(3), shelf, 2)
    change = changes(*differing(before, after))
    assert [each.entry.id for each in change.entries.changed] == ["crate-3"]
    assert (change.entries.added, change.entries.removed) == ((), ())
    assert len(shelf.asked) <= 4  # two versions of one bucket, and of the page of the table that it stands in


def test_whoever_signs_sees_how_far_it_has_come() -> None:
    shelf, first, next_one = Shelf(), list[float](), list[float]()
    before = opened(GALLERY, shelf)
    differing(None, before, first.append)
    differing(before, opened(relabelled(3, 9, 27), shelf, 2), next_one.append)
    for shares in (first, next_one):
        assert len(shares) > 1
        assert shares == sorted(shares)
        assert 0.9 < shares[-1] <= 1


def test_entries_that_come_and_go_are_seen_whatever_bucket_they_are_in() -> None:
    shelf = Shelf()
    fewer = replace(GALLERY, entries=GALLERY.entries[5:], references=GALLERY.references[10:])
    change = changes(*differing(opened(GALLERY, shelf), opened(fewer, shelf, 2)))
    assert [each.entry.id for each in change.entries.removed] == [f"crate-{n}" for n in range(5)]
    change = changes(*differing(opened(fewer, shelf), opened(GALLERY, shelf, 2)))
    assert [each.entry.id for each in change.entries.added] == [f"crate-{n}" for n in range(5)]


def test_a_manifest_that_counts_other_than_the_list_is_not_to_be_signed() -> None:
    shelf = Shelf()
    with pytest.raises(Refused, match="holds 40 entries and 80 references, and its manifest says 39 and 80"):
        differing(opened(GALLERY, shelf), opened(relabelled(3), shelf, 2, entries=39))
    with pytest.raises(UpdateRefused):
        differing(None, opened(GALLERY, shelf, entries=39))


def test_a_changed_entry_without_a_purpose_is_refused_before_it_is_signed() -> None:
    shelf = Shelf()
    entries = (replace(GALLERY.entries[0], purpose=" "), *GALLERY.entries[1:])
    with pytest.raises(UpdateRefused, match="no purpose"):
        differing(opened(GALLERY, shelf), opened(replace(GALLERY, entries=entries), shelf, 2))


def test_of_a_list_that_is_all_new_the_first_entries_by_id_keep_their_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SHOWN", 7)
    change = changes(*differing(None, opened(GALLERY, Shelf())))
    assert len(change.entries.added) == 40
    assert all(len(each.pictures) == 2 for each in change.entries.added)
    assert [all(each.pictures) for each in change.entries.added] == [True] * 7 + [False] * 33


def test_ids_are_looked_up_in_their_own_buckets() -> None:
    shelf = Shelf()
    found = opened(GALLERY, shelf).among({"crate-7", "none", ""})
    assert found == {"crate-7"}
    assert len(shelf.asked) <= 3


@pytest.mark.parametrize("count", [1, 8, BUCKETS])
def test_a_list_in_a_file_and_a_published_one_give_the_buckets_of_the_same_list(tmp_path: Path, count: int) -> None:
    mixed = replace(
        GALLERY, entries=GALLERY.entries[::-1], references=GALLERY.references[::3] + GALLERY.references[1::3]
    )
    write_gallery(tmp_path / "list", mixed, KEYS)
    wanted = {n: encode_bucket(b) for n, b in bucketed(mixed.entries, mixed.references, count).items()}
    for source in (Enrolled(open_gallery(tmp_path / "list", KEYS)), Published(opened(mixed, Shelf()))):
        assert {number: encode_bucket(bucket) for number, bucket in source.buckets(count)} == wanted
        assert source.among(frozenset({"crate-1", "none"})) == {"crate-1"}
        assert source.entry_count == 40


def test_the_buckets_of_a_file_are_never_in_memory_together(tmp_path: Path) -> None:
    pictured = tuple(replace(each, picture=bytes([1]) * 60_000) for each in GALLERY.references)
    write_gallery(tmp_path / "list", replace(GALLERY, references=pictured), KEYS)
    tracemalloc.start()
    try:
        assert sum(len(b[1]) for _, b in Enrolled(open_gallery(tmp_path / "list", KEYS)).buckets(BUCKETS)) == 80
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 80 * 60_000 / 2


def test_chunks_are_published_by_being_moved(tmp_path: Path) -> None:
    draft, public = PublishedFolder(tmp_path / "draft"), PublishedFolder(tmp_path / "public")
    draft.put_chunk_in_draft("ab12", b"one")
    public.put_chunk("cd34", b"two")
    public.take_chunks(draft)
    assert (public.chunks(), draft.chunks(), public.chunk("ab12")) == (("ab12", "cd34"), (), b"one")
