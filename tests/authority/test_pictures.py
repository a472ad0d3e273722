"""Of a long list devices get small pictures, each made once; whoever keeps the list keeps them in full."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from authority_desk import TERMS, Desk
from lapel.alert.picture import jpeg
from lapel.core.buckets import Bucket
from lapel.core.compact import LEVELS, Level, compacted
from lapel.core.gallery import Gallery
from lapel.core.things import Pixels, Reference
from lapel.errors import Refused, UpdateRefused
from lapel.fakes.gallery import made_up_entry, made_up_gallery, made_up_reference
from lapel.infer.resemblance import decoded
from lapel.store.gallery import read_gallery
from lapel.store.keys import FileKey, PassphraseKey
from lapel_tools.authority.administrators import open_administrator
from lapel_tools.authority.changes import entry_changes
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.lists import published_list
from lapel_tools.authority.pictures import for_device, for_devices

TODAY = datetime.now(UTC).date()
LONG = LEVELS[1:]


def drawn(seed: int) -> Pixels:
    """A picture 640 px wide with about as much in it as a photo has."""
    coarse = np.random.default_rng(seed).integers(0, 256, (60, 80, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (640, 480), interpolation=cv2.INTER_CUBIC), np.uint8)


def referenced(level: Level, seed: int = 0, entry_id: str = "crate-0") -> Reference:
    """A reference on a list of that level, with its picture in full."""
    made = made_up_reference(entry_id, seed)
    return replace(made, features=compacted(made.features, level), picture=jpeg(drawn(seed)))


def listed(level: Level, count: int) -> Gallery:
    """A list of that level."""
    entries = tuple(made_up_entry(f"crate-{n}", TODAY + timedelta(days=9)) for n in range(count))
    references = tuple(referenced(level, n, entry.id) for n, entry in enumerate(entries))
    return replace(made_up_gallery(TODAY, entries), references=references)


def bucket(*references: Reference) -> tuple[int, Bucket]:
    return 3, ((), references)


def remade(picture: bytes) -> bytes:
    """The same small picture as another encoder makes it."""
    return picture[:60] + b"otherwise" + picture[60:]


@pytest.mark.parametrize("level", LONG)
def test_a_picture_is_as_small_as_the_level_of_its_features_says_and_still_one(level: Level) -> None:
    given = referenced(level)
    made = for_device(given)
    shown = decoded(made.picture)
    assert shown is not None
    assert len(given.picture) > level.picture_bytes >= len(made.picture)
    assert max(shown.shape[:2]) <= level.picture_px
    assert made.features is given.features


def test_on_a_short_list_and_where_it_is_small_already_a_picture_stays_as_it_is() -> None:
    short, small = referenced(LEVELS[0]), for_device(referenced(LEVELS[2]))
    assert for_device(short) is short
    assert for_device(small) is small


def test_of_the_same_picture_the_same_bytes_are_made() -> None:
    assert for_device(referenced(LEVELS[2])).picture == for_device(referenced(LEVELS[2])).picture


def test_what_was_destroyed_stays_so() -> None:
    pixels = drawn(1).copy()
    pixels[:, :320] = 127
    made = decoded(for_device(replace(referenced(LEVELS[2]), picture=jpeg(pixels))).picture)
    assert made is not None
    inside = made[:, : made.shape[1] // 2 - 16]  # all but the blocks of the JPEG that reach across the edge
    assert inside.size
    assert np.abs(inside.astype(int) - 127).max() <= 3


def test_a_picture_that_is_published_is_taken_as_it_is_whatever_encodes_by_now() -> None:
    given = referenced(LEVELS[2])
    published = replace(given, picture=remade(for_device(given).picture))
    (found,) = for_devices(iter([bucket(given)]), iter([bucket(published)]))
    assert [each.picture for each in found[1][1]] == [published.picture]


@pytest.mark.parametrize(
    "other", [referenced(LEVELS[2], seed=1), referenced(LEVELS[1])], ids=["another picture", "another level"]
)
def test_another_picture_is_not_taken_for_it(other: Reference) -> None:
    given = referenced(LEVELS[2])
    (found,) = for_devices(iter([bucket(given)]), iter([bucket(replace(other, picture=for_device(other).picture))]))
    assert found[1][1][0].picture == for_device(given).picture


def test_a_picture_of_another_entry_is_not_taken_though_it_says_to_be_made_of_the_same() -> None:
    right = referenced(LEVELS[2])
    forged = for_device(right).picture
    others = bucket(replace(right, entry_id="crate-9", picture=forged[:-2] + b"other" + forged[-2:]))
    ((_, (_, (given,))),) = for_devices(iter([bucket(right)]), iter([others]))
    assert given.picture == forged


def test_a_picture_that_is_larger_than_its_level_is_not_taken() -> None:
    right = referenced(LEVELS[2])
    small = for_device(right).picture
    assert for_device(right, [small[:-2] + bytes(LEVELS[2].picture_bytes) + small[-2:]]).picture == small


def test_whoever_signs_is_told_of_pictures_that_were_only_made_smaller_that_they_were() -> None:
    full, entry = referenced(LEVELS[2]), made_up_entry("crate-0", TODAY)
    small = for_device(full)
    forged = replace(small, picture=small.picture[:-2] + b"other" + small.picture[-2:])
    before, *after = (replace(made_up_gallery(TODAY, (entry,)), references=(each,)) for each in (full, small, forged))
    said = [entry_changes(before, each).changed[0].differences[0].after for each in after]
    assert said == ["the same, smaller", "1, other ones"]


def test_pictures_are_found_in_their_own_bucket_though_others_come_and_go() -> None:
    first, last = referenced(LEVELS[2], 1), referenced(LEVELS[2], 2)
    made = [replace(each, picture=remade(for_device(each).picture)) for each in (first, last)]
    had = iter([(1, ((), (made[0],))), (4, ((), ())), (9, ((), (made[1],)))])
    found = list(for_devices(iter([(n, ((), (one,))) for n, one in ((1, first), (2, first), (9, last))]), had))
    pictures = [references[0].picture for _, (_, references) in found]
    assert pictures == [made[0].picture, for_device(first).picture, made[1].picture]


def test_where_what_is_published_cannot_be_opened_pictures_are_made_anew() -> None:
    def broken() -> Iterator[tuple[int, Bucket]]:
        raise UpdateRefused("missing", "chunk: is not there")
        yield bucket()

    given = referenced(LEVELS[2])
    (found,) = for_devices(iter([bucket(given)]), broken())
    assert found[1][1][0].picture == for_device(given).picture


def test_a_picture_that_is_none_is_refused_with_its_entry() -> None:
    with pytest.raises(Refused, match="entry crate-0: a picture of it cannot be decoded; enrol the entry again"):
        for_device(replace(referenced(LEVELS[2]), picture=b"\xff\xd8" + bytes(9000)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An authority with one device. Not to be changed: copy it."""
    desk = Desk(tmp_path_factory.mktemp("pictures")).founded()
    desk.device()
    return desk


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    """A copy of it."""
    shutil.copytree(made.folder, tmp_path / "copy")
    return Desk(tmp_path / "copy")


def test_devices_get_small_pictures_and_the_sealed_list_keeps_full_ones(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    given = listed(LEVELS[2], 30)
    assert desk.propose("alice", given, *TERMS, "--json") == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["bytes"] == said["new_bytes"] < 30 * 8000
    assert [desk.sign("bob"), desk.publish()] == [0, 0]
    administrator = open_administrator(desk.folder / "carol.key", PassphraseKey.from_file(desk.passphrase))
    found = published_list(AuthorityFolder(desk.dir), "springfield", administrator)
    assert found is not None
    assert {each.picture for each in found.gallery.references} == {
        for_device(each).picture for each in given.references
    }
    kept = read_gallery(desk.folder / "list.lapel", FileKey(desk.folder / "list.key"))
    assert [each.picture for each in kept.references] == [each.picture for each in given.references]


def test_of_a_next_version_only_what_changed_is_new(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    given = listed(LEVELS[2], 30)
    desk.published(given, *TERMS)
    relabelled = (replace(given.entries[0], label="another"), *given.entries[1:])
    capsys.readouterr()
    assert desk.propose("alice", replace(given, entries=relabelled), "--json") == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["new_bytes"] < said["bytes"] / 5
