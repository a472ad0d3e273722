"""Clips lie sealed, whole or not at all."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from lapel.errors import StoreError, StoreFull, Tampered, UsageError, WrongKey
from lapel.fakes.clips import made_up_head
from lapel.fakes.keys import FixedKey
from lapel.store.clips import SealedClips

FILM = b"\xff\xd8\xff film " * 20_000


@pytest.fixture
def clips(tmp_path: Path, keys: FixedKey) -> SealedClips:
    return SealedClips(tmp_path / "clips", keys)


def test_a_clip_is_read_back_as_it_was_kept(clips: SealedClips) -> None:
    clips.keep(made_up_head(FILM), FILM)
    assert clips.read(made_up_head().id) == (made_up_head(FILM), FILM)


@pytest.mark.parametrize("film_bytes", [0, 1, 8192, 100_000])
def test_how_large_its_file_is_going_to_be_is_known_before(clips: SealedClips, film_bytes: int) -> None:
    head = made_up_head(film := bytes(film_bytes))
    clips.keep(head, film)
    assert [each.file_bytes for each in clips.kept()] == [clips.file_bytes(head)]


def test_a_clip_is_named_by_its_first_alerts_record(clips: SealedClips) -> None:
    clips.keep(made_up_head(), FILM)
    assert [path.name for path in clips.folder.iterdir()] == [f"{made_up_head().alerts[0]}.clip"]


def test_nothing_of_a_clip_can_be_read_without_the_key(clips: SealedClips) -> None:
    clips.keep(made_up_head(), FILM)
    (path,) = clips.folder.iterdir()
    content = path.read_bytes()
    assert FILM[:40] not in content
    assert b"crate" not in content
    with pytest.raises(WrongKey):
        SealedClips(clips.folder, FixedKey(b"another")).read(made_up_head().id)


def test_only_its_owner_may_read_a_clip(clips: SealedClips) -> None:
    clips.keep(made_up_head(), FILM)
    assert [path.stat().st_mode & 0o077 for path in (clips.folder, *clips.folder.iterdir())] == [0, 0]


def test_a_changed_clip_is_refused(clips: SealedClips) -> None:
    clips.keep(made_up_head(), FILM)
    (path,) = clips.folder.iterdir()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(Tampered):
        clips.read(made_up_head().id)


def test_a_clip_under_another_clips_name_is_refused(clips: SealedClips) -> None:
    clips.keep(made_up_head(), FILM)
    (path,) = clips.folder.iterdir()
    path.rename(path.with_name("ef" * 16 + ".clip"))
    with pytest.raises(Tampered, match="it was renamed"):
        clips.read("ef" * 16)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "AB" * 16, "ab" * 15])
def test_a_name_that_is_no_clips_leads_nowhere(clips: SealedClips, name: str) -> None:
    for act in (clips.read, clips.remove):
        with pytest.raises(UsageError):
            act(name)


def test_clips_are_told_oldest_first_and_other_files_are_not_theirs(clips: SealedClips) -> None:
    assert clips.kept() == ()
    for name, second in (("ab", 2), ("cd", 1)):
        head = replace(made_up_head(), alerts=(name * 16,))
        clips.keep(head, FILM)
        os.utime(clips.folder / f"{head.id}.clip", (second, second))
    (clips.folder / "notes.txt").touch()
    assert [(each.clip, each.made_ns) for each in clips.kept()] == [("cd" * 16, 10**9), ("ab" * 16, 2 * 10**9)]


def test_a_removed_clip_is_gone_and_may_be_removed_again(clips: SealedClips) -> None:
    clips.keep(made_up_head(), FILM)
    clips.remove(made_up_head().id)
    clips.remove(made_up_head().id)
    assert clips.kept() == ()


def test_drafts_of_a_killed_writer_are_removed(clips: SealedClips) -> None:
    clips.keep(made_up_head(), FILM)
    (clips.folder / f".{'cd' * 16}.clip.0a1b2c3d.part").write_bytes(b"half")
    clips.remove_drafts()
    assert [path.suffix for path in clips.folder.iterdir()] == [".clip"]


def test_a_full_disk_leaves_nothing_half_written(small_disk: Path, keys: FixedKey) -> None:
    clips = SealedClips(small_disk / "clips", keys)
    with pytest.raises(StoreFull):
        clips.keep(made_up_head(), bytes(2_000_000))
    assert list(clips.folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, keys: FixedKey, as_ordinary_user: None) -> None:
    (tmp_path / "clips").mkdir(mode=0o500)
    with pytest.raises(StoreError, match="clips"):
        SealedClips(tmp_path / "clips", keys).keep(made_up_head(), FILM)
