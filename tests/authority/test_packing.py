"""A list is packed into messages of which few change when little of it does, and comes back whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from lapel.core.buckets import bucketed
from lapel.core.gallery import Gallery
from lapel.core.manifest import Manifest
from lapel.core.updates import LARGEST_MESSAGE_BYTES
from lapel.errors import UpdateRefused
from lapel.fakes.gallery import made_up_calibration, made_up_entry, made_up_gallery
from lapel.store.bucket import encode_bucket
from lapel.store.key_pages import SealedKey, decode_key_page, encode_key_pages, page_of
from lapel.store.list_keys import open_from, seal_to
from lapel.store.unpacking import Unpacked, opened_key
from lapel_tools.authority.opened import whole
from lapel_tools.authority.packing import Recipient, new_list_key, pack, seal_keys
from lapel_tools.evaluate.delta import Drawn, measured

DAY = date(2026, 3, 1)
CAM, OTHER = X25519PrivateKey.generate(), X25519PrivateKey.generate()
SECRET = bytes(32)
GALLERY = replace(
    made_up_gallery(DAY, tuple(made_up_entry(f"crate-{n}", date(2026, 5, 1)) for n in range(40))),
    calibration=made_up_calibration(),
    decoys=frozenset({"crate-7"}),
)
Shelf = dict[str, bytes]


def packed(gallery: Gallery, shelf: Shelf, version: int = 1, buckets: int = 16) -> Manifest:
    list_key = new_list_key()
    parts = bucketed(gallery.entries, gallery.references, buckets).items()
    found = pack(parts, gallery.calibration, gallery.decoys, SECRET, list_key, shelf.__setitem__)
    cam = Recipient("device/cam-1", CAM.public_key().public_bytes_raw().hex(), False)
    terms = gallery.terms
    return Manifest(
        terms.list_id,
        version,
        "to try",
        "nobody",
        gallery.model_sha256,
        terms.created,
        terms.created,
        terms.expires,
        ("patrol",),
        0,
        found.entries,
        found.references,
        buckets,
        found.pages,
        seal_keys((cam,), list_key, SECRET, terms.list_id, version, shelf.__setitem__),
    )


def opened(manifest: Manifest, shelf: Shelf) -> Gallery:
    key = opened_key(manifest, "device/cam-1", CAM, shelf.get)
    return whole(Unpacked.of(manifest, key, shelf.get))


def why(manifest: Manifest, shelf: Shelf) -> str:
    with pytest.raises(UpdateRefused) as caught:
        opened(manifest, shelf)
    return caught.value.why


def test_a_list_comes_back_whole() -> None:
    shelf: Shelf = {}
    found = opened(packed(GALLERY, shelf), shelf)
    assert (found.terms, found.calibration, found.decoys) == (GALLERY.terms, GALLERY.calibration, GALLERY.decoys)
    was, is_ = (bucketed(each.entries, each.references, 1)[0] for each in (GALLERY, found))
    assert encode_bucket(is_) == encode_bucket(was)


def test_everything_is_named_by_its_sha256_and_fits_a_message() -> None:
    shelf: Shelf = {}
    manifest = packed(GALLERY, shelf)
    assert [name for name, data in shelf.items() if sha256(data).hexdigest() != name] == []
    assert max(len(manifest.encoded()), *map(len, shelf.values())) <= LARGEST_MESSAGE_BYTES


def test_nothing_of_the_list_can_be_read_in_what_is_published() -> None:
    shelf: Shelf = {}
    manifest = packed(GALLERY, shelf)
    published = b"".join((manifest.encoded(), *shelf.values()))
    assert b"crate-7" not in published
    assert GALLERY.references[0].picture[:40] not in published


def test_a_new_version_of_the_same_list_shares_all_but_its_head_and_its_keys() -> None:
    first: Shelf = {}
    second: Shelf = {}
    packed(GALLERY, first)
    manifest = packed(GALLERY, second, version=2)
    heads = {page.sha256 for page in (*manifest.pages, *manifest.keys)}
    assert second.keys() - first.keys() == heads


def test_one_changed_entry_moves_its_bucket_and_its_page_of_the_table_alone() -> None:
    first: Shelf = {}
    second: Shelf = {}
    packed(GALLERY, first)
    entries = (replace(GALLERY.entries[0], label="another"), *GALLERY.entries[1:])
    packed(replace(GALLERY, entries=entries), second, version=2)
    assert len(second.keys() - first.keys()) == 4  # bucket, page of the table, head, keys


def test_of_a_long_list_in_which_one_in_300_changes_less_than_2_percent_of_the_bytes_move() -> None:
    move = measured(Drawn(rows=12_000, picture_bytes=600), changed=40)
    assert move.share <= 0.02
    assert move.largest_message_bytes <= LARGEST_MESSAGE_BYTES


def test_a_missing_or_tampered_chunk_is_refused_whichever_it_is() -> None:
    shelf: Shelf = {}
    manifest = packed(GALLERY, shelf, buckets=2)
    for name in shelf:
        assert why(manifest, {key: value for key, value in shelf.items() if key != name}) == "missing"
        assert why(manifest, shelf | {name: shelf[name][:-1] + bytes([shelf[name][-1] ^ 1])}) == "tampered"


def test_a_list_that_holds_other_than_its_manifest_says_is_refused() -> None:
    shelf: Shelf = {}
    manifest = packed(GALLERY, shelf)
    assert why(replace(manifest, entries=41), shelf) == "malformed"
    assert why(replace(manifest, buckets=8), shelf) == "malformed"


def test_a_list_with_an_entry_without_a_purpose_is_refused_although_it_was_signed() -> None:
    shelf: Shelf = {}
    entries = (replace(GALLERY.entries[0], purpose=" "), *GALLERY.entries[1:])
    assert why(packed(replace(GALLERY, entries=entries), shelf), shelf) == "flawed"


def test_a_device_that_is_not_listed_cannot_open_the_list() -> None:
    shelf: Shelf = {}
    manifest = packed(GALLERY, shelf)
    for name, key in (("device/cam-2", CAM), ("device/cam-1", OTHER)):
        with pytest.raises(UpdateRefused) as caught:
            opened_key(manifest, name, key, shelf.get)
        assert caught.value.why == "key"


def test_a_key_is_good_for_its_own_list_and_version_alone() -> None:
    sealed = seal_to(CAM.public_key().public_bytes_raw(), b"k" * 32, "harbour", 3)
    assert open_from(CAM, sealed, "harbour", 3) == b"k" * 32
    for list_id, version in (("harbour", 4), ("rail", 3)):
        with pytest.raises(UpdateRefused):
            open_from(CAM, sealed, list_id, version)


def test_keys_of_thousands_of_devices_are_pages_of_one_message_each() -> None:
    keys = [SealedKey(f"device/cam-{n}", "ab" * 32, bytes(80)) for n in range(3000)]
    pages = encode_key_pages(keys)
    assert max(len(data) for _, data in pages) <= LARGEST_MESSAGE_BYTES
    shelf: Shelf = {}
    manifest = packed(GALLERY, shelf)
    listed = replace(
        manifest, keys=tuple(replace(manifest.keys[0], sha256=str(n), first=f) for n, (f, _) in enumerate(pages))
    )
    for key in keys[::100]:
        data = pages[int(page_of(listed, key.name).sha256)][1]
        assert key in decode_key_page(data)
