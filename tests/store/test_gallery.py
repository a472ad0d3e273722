"""A watchlist file gives back the list that was sealed, or nothing."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from lapel.core.gallery import Gallery
from lapel.core.listed import Listed
from lapel.core.things import Reference
from lapel.errors import EnrolmentRefused, ForeignModel, Refused, Tampered, WrongKey
from lapel.fakes.gallery import MODEL_SHA256, made_up_calibration, made_up_entry, made_up_gallery
from lapel.fakes.keys import FixedKey
from lapel.store.gallery import PURPOSE, open_gallery, read_gallery, write_gallery
from lapel.store.gallery_index import encode_entry, encode_terms
from lapel.store.gallery_layout import ENTRY, Places, decode_head
from lapel.store.gallery_terms import decode_calibration, encode_calibration
from lapel.store.sealed import read_sealed, write_sealed

MADE = date(2026, 1, 31)
Reader = Callable[..., Listed]


@pytest.fixture
def file(tmp_path: Path, keys: FixedKey) -> Path:
    """A watchlist file of three entries and six references."""
    path = tmp_path / "list.lapel"
    write_gallery(path, made_up_gallery(MADE), keys)
    return path


def same(one: Reference, other: Reference) -> bool:
    arrays = [
        (one.descriptors, other.descriptors),
        (one.aggregates, other.aggregates),
        (one.features.descriptors, other.features.descriptors),
    ]
    # A place is two bytes a coordinate: a step of 1/65535 of the longer side.
    near = np.abs(one.features.points - other.features.points).max(initial=0) < 0.001
    sizes = [(item.features.width, item.features.height) for item in (one, other)]
    return (
        one.entry_id == other.entry_id
        and one.picture == other.picture
        and sizes[0] == sizes[1]
        and near
        and all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in arrays)
    )


def reseal(path: Path, keys: FixedKey, **changes: object) -> None:
    """What someone who holds the key can do: write a list with another head or first entry than write_gallery would."""
    content = bytes(read_sealed(path, keys, PURPOSE))
    length = int.from_bytes(content[:4], "little")
    head = json.loads(content[4 : 4 + length])
    places = Places.of(decode_head(head), length)
    entries = np.frombuffer(content[places.entries :], ENTRY, head["entries"]).copy()
    texts = [content[places.texts + line["start"] :][: line["length"]] for line in entries]
    first = json.loads(texts[0])
    for name, value in changes.items():
        target = head if name in head or name == "format" else first
        if value is ...:
            target.pop(name)
        else:
            target[name] = value
    texts[0] = json.dumps(first).encode()
    entries["length"] = [len(text) for text in texts]
    entries["start"] = np.cumsum([0, *entries["length"][:-1]])
    if "texts" not in changes:
        head["texts"] = sum(map(len, texts))
    data = json.dumps(head).encode()
    sections = (
        len(data).to_bytes(4, "little") + data,
        entries.tobytes(),
        content[places.codes : places.texts],
        b"".join(texts),
        content[places.blobs :],
    )
    write_sealed(path, [section + bytes(-len(section) % 8) for section in sections], keys, PURPOSE)


def written_as_format_2(path: Path, gallery: Gallery, keys: FixedKey) -> None:
    """A list as the Lapel before this one wrote it."""
    references = gallery.references
    index = {
        "format": 2,
        "terms": encode_terms(gallery.terms),
        "model_sha256": gallery.model_sha256,
        "width": references[0].descriptors.shape[1],
        "aggregate_width": references[0].aggregates.shape[1],
        "entries": [encode_entry(entry) for entry in gallery.entries],
        "references": [
            [r.entry_id, len(r.descriptors), len(r.aggregates), *r.features.descriptors.shape, 100, 100, len(r.picture)]
            for r in references
        ],
    }
    data = json.dumps(index).encode()
    blobs = [len(data).to_bytes(4, "little") + data]
    blobs += [b"".join(r.descriptors.tobytes() for r in references)]
    blobs += [b"".join(r.aggregates.tobytes() for r in references)]
    for r in references:
        places = np.rint(r.features.points * (65535 / 100)).astype("<u2").tobytes()
        blobs += [places, r.features.descriptors.tobytes(), r.picture]
    write_sealed(path, [blob + bytes(-len(blob) % 8) for blob in blobs], keys, PURPOSE)


@pytest.mark.parametrize("read", [read_gallery, open_gallery])
def test_a_list_of_the_format_before_is_still_read(tmp_path: Path, keys: FixedKey, read: Reader) -> None:
    given = made_up_gallery(MADE)
    written_as_format_2(tmp_path / "a", given, keys)
    found = read(tmp_path / "a", keys, MODEL_SHA256)
    assert found.terms == given.terms
    assert [found.entry_at(n) for n in range(3)] == list(given.entries)
    assert [same(found.reference(n), one) for n, one in enumerate(given.references)] == [True] * 6


def test_terms_and_entries_come_back(file: Path, keys: FixedKey) -> None:
    given, found = made_up_gallery(MADE), read_gallery(file, keys)
    assert (found.terms, found.model_sha256, found.entries) == (given.terms, given.model_sha256, given.entries)


def test_references_come_back_in_order_and_bit_for_bit_but_for_places(file: Path, keys: FixedKey) -> None:
    given, found = made_up_gallery(MADE).references, read_gallery(file, keys).references
    assert [same(*pair) for pair in zip(given, found, strict=True)] == [True] * 6


def test_arrays_of_a_list_are_read_only(file: Path, keys: FixedKey) -> None:
    reference = read_gallery(file, keys).references[0]
    features = reference.features
    arrays = (reference.descriptors, reference.aggregates, features.points, features.descriptors)
    assert [array.flags.writeable for array in arrays] == [False] * 4


def test_a_list_without_references_comes_back(tmp_path: Path, keys: FixedKey) -> None:
    given = replace(made_up_gallery(MADE), references=())
    write_gallery(tmp_path / "a", given, keys)
    assert read_gallery(tmp_path / "a", keys, "another model").entries == given.entries


def test_a_reference_without_local_features_comes_back(tmp_path: Path, keys: FixedKey) -> None:
    given = made_up_gallery(MADE)
    bare = replace(given.references[0].features, points=np.empty((0, 2), np.float32))
    bare = replace(bare, descriptors=np.empty((0, 64), np.int8))
    blank = replace(given.references[0], features=bare, aggregates=given.references[0].aggregates[:0])
    given = replace(given, references=(blank, *given.references[1:]))
    write_gallery(tmp_path / "a", given, keys)
    found = read_gallery(tmp_path / "a", keys).references
    assert found[0].features.descriptors.shape == (0, 64)
    assert found[0].aggregates.shape == (0, 16)
    assert [same(*pair) for pair in zip(given.references, found, strict=True)] == [True] * 6


def test_an_expired_entry_stays_on_the_list_for_people_to_see(tmp_path: Path, keys: FixedKey) -> None:
    entries = (made_up_entry("old", MADE - timedelta(days=1)),)
    write_gallery(tmp_path / "a", made_up_gallery(MADE, entries), keys)
    assert not read_gallery(tmp_path / "a", keys).entries[0].is_current(MADE)


@pytest.mark.parametrize("share", [0, 0.001, 0.02, 0.3, 0.5, 0.8, 0.999])
def test_a_truncated_list_is_refused(file: Path, keys: FixedKey, share: float) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(Tampered, match=r"truncated|empty"):
        read_gallery(file, keys)


@pytest.mark.parametrize("read", [read_gallery, open_gallery])
@pytest.mark.parametrize("share", random.Random(3).sample([at / 1000 for at in range(1000)], 30))
def test_a_list_with_one_changed_byte_is_refused(file: Path, keys: FixedKey, share: float, read: Reader) -> None:
    data = bytearray(file.read_bytes())
    data[int(len(data) * share)] ^= 0x40
    file.write_bytes(data)
    with pytest.raises(Refused):
        read(file, keys)


def test_a_list_does_not_open_with_another_key(file: Path) -> None:
    with pytest.raises(WrongKey):
        read_gallery(file, FixedKey(b"another"))


def test_references_of_another_model_are_refused_and_both_models_named(file: Path, keys: FixedKey) -> None:
    with pytest.raises(ForeignModel, match=f"{MODEL_SHA256[:12]}.*{'cd' * 6}.*enrol the list again"):
        read_gallery(file, keys, "cd" * 32)


def test_references_of_the_loaded_model_are_taken(file: Path, keys: FixedKey) -> None:
    assert len(read_gallery(file, keys, MODEL_SHA256).references) == 6


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expires": ...}, "entry 'crate-0': has no expires, which is mandatory"),
        ({"expires": None}, "entry 'crate-0': expires is empty"),
        ({"expires": ""}, "entry 'crate-0': expires is empty"),
        ({"expires": "never"}, "entry 'crate-0': expires 'never' is no date"),
        ({"expires": "2026-02-30"}, "entry 'crate-0': expires '2026-02-30' is no date"),
        ({"expires": "9999-12-31"}, "entry 'crate-0': expires 9999-12-31, over 365 days"),
        ({"expires": "0001-01-01"}, "entry 'crate-0': expires 0001-01-01, which is no date for"),
        ({"kind": "person"}, "entry 'crate-0': kind 'person' is none that Lapel looks for"),
        ({"case": ""}, "entry 'crate-0': no case"),
        ({"id": "crate-1"}, "entry 'crate-1': listed 2 times"),
        ({"face": "x"}, "entry 'crate-0': unknown field 'face'"),
        ({"codes": "x"}, "entry 'crate-0': codes: is no list"),
        ({"label": 5}, "entry 'crate-0': label: 5 is no text"),
        ({"format": 1}, "format 1, made by an older Lapel .* enrol its pictures again"),
        ({"format": 4}, "format 4; this Lapel reads 3: install the matching one"),
        ({"format": "3"}, "format '3'; this Lapel reads 3"),
        ({"format": [1]}, "format .1.; this Lapel reads 3"),
        ({"aggregate_width": 8}, "does not fit its content"),
        ({"entries": {}}, "entries: {} is no count"),
        ({"entries": 2}, "does not fit its content"),
        ({"references": 5}, "does not fit its content"),
        ({"rows": -1}, "rows: -1 is no count"),
        ({"rows": 10**9}, "does not fit its content"),
        ({"texts": True}, "texts: True is no count"),
        ({"blobs": ...}, "its head has no blobs"),
        ({"width": 33}, "does not fit its content"),
        ({"expires": "2026-05-02"}, "entry 'crate-0': expires 2026-05-02, and not when the list's table says"),
        ({"model_sha256": ""}, "references name no model"),
    ],
)
def test_a_list_with_a_wrong_index_is_refused_whoever_sealed_it(
    file: Path, keys: FixedKey, changes: dict[str, object], said: str
) -> None:
    reseal(file, keys, **changes)
    for read in (read_gallery, open_gallery):
        with pytest.raises(Refused, match=said):
            read(file, keys)


def test_a_list_that_may_not_be_used_is_not_sealed(tmp_path: Path, keys: FixedKey) -> None:
    endless = made_up_gallery(MADE, (made_up_entry("endless", date(2999, 1, 1)),))
    with pytest.raises(EnrolmentRefused, match="entry 'endless': expires 2999-01-01"):
        write_gallery(tmp_path / "a", endless, keys)
    assert not (tmp_path / "a").exists()


def test_a_list_of_the_first_format_is_refused_with_what_to_do(file: Path, keys: FixedKey) -> None:
    content = bytes(read_sealed(file, keys, PURPOSE))
    head = json.loads(content[4 : 4 + int.from_bytes(content[:4], "little")])
    first = {"format": 1, "references": []} | {name: head[name] for name in ("terms", "model_sha256", "width")}
    data = json.dumps(first).encode()
    write_sealed(file, [len(data).to_bytes(4, "little") + data], keys, PURPOSE)
    with pytest.raises(
        Refused, match=r"list\.lapel: a watchlist of format 1, made by an older Lapel.*enrol its pictures"
    ):
        read_gallery(file, keys)


def test_a_reference_without_direction_is_not_sealed(tmp_path: Path, keys: FixedKey) -> None:
    given = made_up_gallery(MADE)
    still = replace(given.references[0], descriptors=np.zeros((1, 32), np.int8))
    with pytest.raises(EnrolmentRefused, match="entry 'crate-0': a reference's descriptor is all zero"):
        write_gallery(tmp_path / "a", replace(given, references=(still, *given.references[1:])), keys)


def test_a_list_replaces_the_one_before(file: Path, keys: FixedKey) -> None:
    changed: Gallery = replace(made_up_gallery(MADE), references=())
    write_gallery(file, changed, keys)
    assert read_gallery(file, keys).references == ()


def test_a_calibration_and_decoys_come_back_as_they_were_sealed(tmp_path: Path, keys: FixedKey) -> None:
    path = tmp_path / "list.lapel"
    calibrated = replace(
        made_up_gallery(MADE), calibration=made_up_calibration(crate_1=2.5), decoys=frozenset({"crate-2"})
    )
    write_gallery(path, calibrated, keys)
    found = read_gallery(path, keys)
    assert (found.calibration, found.decoys) == (calibrated.calibration, calibrated.decoys)


def test_a_list_that_was_never_calibrated_has_no_calibration(file: Path, keys: FixedKey) -> None:
    found = read_gallery(file, keys)
    assert (found.calibration, found.decoys) == (None, frozenset())


def test_a_decoy_that_is_not_listed_is_refused(tmp_path: Path, keys: FixedKey) -> None:
    gallery = replace(made_up_gallery(MADE), decoys=frozenset({"crate-9"}))
    with pytest.raises(EnrolmentRefused, match="'crate-9': is a decoy but is not listed"):
        write_gallery(tmp_path / "list.lapel", gallery, keys)


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), "high", True])
def test_a_calibration_whose_threshold_is_no_number_is_refused(wrong: object) -> None:
    item = encode_calibration(made_up_calibration()) | {"threshold": wrong}
    with pytest.raises(ValueError, match=r"calibration's threshold is .* calibrate the list again"):
        decode_calibration(item)


def test_a_calibration_of_before_there_were_marks_of_the_rule_is_read_and_holds_for_nothing() -> None:
    item = encode_calibration(made_up_calibration())
    assert item.pop("rule")
    found = decode_calibration(item)
    assert found == replace(made_up_calibration(), rule="")
    assert not found.holds_for(found.version)


def test_a_calibration_that_lacks_a_figure_is_refused() -> None:
    item = encode_calibration(made_up_calibration())
    del item["per_hour"]
    with pytest.raises(ValueError, match="has no per_hour"):
        decode_calibration(item)
