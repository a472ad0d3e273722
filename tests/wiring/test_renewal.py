"""A changed watchlist is taken while a watch goes on, or refused and said."""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

import pytest

from footage import patient_profile, write_video
from lapel.config.profile import load_profile
from lapel.core.calibrate import WATCHING
from lapel.core.gallery import Gallery
from lapel.core.record_body import parse_body
from lapel.core.records import Event, RecordKind
from lapel.core.things import Hit
from lapel.health.clock import SystemClock
from lapel.lookout import Listing
from lapel.matching import Recall
from lapel.store.gallery import open_gallery, read_gallery, write_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring import renewal
from lapel.wiring.bench import made_up
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.renewal import Changing, Renewer, Terms
from lapel.wiring.seeing import Seeing, open_seeing
from lapel.wiring.stamps import stamp_of

PROFILE = load_profile("ci-video")


@pytest.fixture(scope="module")
def seeing() -> Seeing:
    return open_seeing(PROFILE)


def kept(gallery: tuple[str, int], hit: Hit) -> Event:
    raise AssertionError("nothing is hit")


@dataclass
class Desk:
    """A list in a file, a watch of it, and what was said."""

    path: Path
    keys: FileKey
    seeing: Seeing
    reads_text: bool = False
    said: list[str] = field(default_factory=list)

    def renewer(self) -> Renewer:
        stamp, listed = stamp_of(self.path), open_gallery(self.path, self.keys)
        recall = self.seeing.recall(listed, WATCHING, SystemClock().today)
        terms = Terms(self.seeing, self.said.append, SystemClock().today, kept, self.reads_text)
        return Renewer(Changing(self.path, self.keys, stamp), recall, terms)

    def change(self, change: Callable[[Gallery], Gallery]) -> None:
        gallery = read_gallery(self.path, self.keys)
        terms = replace(gallery.terms, version=gallery.terms.version + 1)
        write_gallery(self.path, change(replace(gallery, terms=terms)), self.keys)


@pytest.fixture
def desk(tmp_path: Path, seeing: Seeing) -> Desk:
    keys = FileKey.create(tmp_path / "device.key")
    write_gallery(tmp_path / "list.lapel", made_up(PROFILE, 8), keys)
    return Desk(tmp_path / "list.lapel", keys, seeing)


def without_first(gallery: Gallery) -> Gallery:
    gone = gallery.entries[0].id
    references = tuple(each for each in gallery.references if each.entry_id != gone)
    return replace(gallery, entries=gallery.entries[1:], references=references)


def test_nothing_is_offered_while_the_file_stays(desk: Desk) -> None:
    renewer = desk.renewer()
    renewer.look()
    assert renewer.due() is None


def test_another_file_in_the_lists_place_is_offered_once(desk: Desk) -> None:
    renewer = desk.renewer()
    desk.change(without_first)
    renewer.look()
    offered = renewer.due()
    assert offered is not None
    assert isinstance(offered.watchlist, Recall)
    assert [offered.watchlist.listed.owner(n).id for n in range(7)] == [f"made-up-{n}" for n in range(1, 8)]
    assert dict(offered.event.facts)["version"] == 2
    assert (offered.event.kind, renewer.due(), desk.said) == (RecordKind.LIST, None, [])


def test_a_list_that_is_refused_is_said_once_and_the_one_before_stays(desk: Desk) -> None:
    renewer = desk.renewer()
    desk.path.write_bytes(b"no list")
    renewer.look()
    renewer.look()
    assert renewer.due() is None
    assert [text[:21] for text in desk.said] == ["NEW WATCHLIST REFUSED"]
    desk.path.unlink()
    desk.path.write_bytes(b"no list")
    renewer.look()
    assert len(desk.said) == 2


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), MemoryError()], ids=["disk", "memory"])
def test_a_list_that_a_disk_or_memory_kept_from_being_taken_is_tried_again_and_said_once(
    error: Exception, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> NoReturn:
        raise error

    renewer = desk.renewer()
    desk.change(without_first)
    with monkeypatch.context() as broken:
        broken.setattr(renewal, "open_gallery", failing)
        for _ in range(100):
            renewer.look()
    assert [text[:21] for text in desk.said] == ["NEW WATCHLIST REFUSED"]
    for _ in range(50):
        renewer.look()
    assert renewer.due() is not None


def test_a_list_that_is_gone_for_a_moment_stays_and_its_next_version_is_taken(desk: Desk, tmp_path: Path) -> None:
    renewer = desk.renewer()
    os.rename(desk.path, tmp_path / "aside")
    renewer.look()
    assert renewer.due() is None
    os.rename(tmp_path / "aside", desk.path)
    desk.change(without_first)
    renewer.look()
    assert renewer.due() is not None


def test_written_codes_that_plates_were_not_destroyed_for_are_not_read_and_that_is_said(desk: Desk) -> None:
    renewer = desk.renewer()
    desk.change(lambda g: replace(g, entries=(replace(g.entries[0], codes=("CSQU3054383",)), *g.entries[1:])))
    renewer.look()
    assert renewer.due() is not None
    assert desk.said == ["written codes of the new watchlist are not read before Lapel is started again"]


def test_sparse_shards_are_made_anew_when_nothing_has_changed_for_a_minute(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewer = desk.renewer()
    desk.change(lambda g: without_first(without_first(without_first(g))))
    renewer.look()
    sparse = renewer.due()
    monkeypatch.setattr(renewal, "LOOK_EVERY_S", 60.0)
    renewer.look()
    compact = renewer.due()
    assert sparse is not None
    assert compact is not None
    assert isinstance(sparse.watchlist, Recall)
    assert isinstance(compact.watchlist, Recall)
    assert compact.watchlist.listed is sparse.watchlist.listed
    assert compact.watchlist.engines.descriptors is not sparse.watchlist.engines.descriptors
    renewer.look()
    assert renewer.due() is None


def test_a_list_is_taken_over_and_tidied_without_a_change_to_the_disk(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewer = desk.renewer()
    desk.change(lambda g: without_first(without_first(without_first(g))))
    monkeypatch.setattr(renewal, "LOOK_EVERY_S", 60.0)
    folder = desk.path.parent
    before = stands(folder)
    for _ in range(2):
        renewer.look()
        assert renewer.due() is not None
    # So that a cut at any moment finds the list as it was.
    assert stands(folder) == before


def stands(folder: Path) -> set[tuple[Path, int, int]]:
    """What lies in a folder, and when it was last changed."""
    return {(path, path.stat().st_ino, path.stat().st_mtime_ns) for path in (folder, *folder.iterdir())}


def test_of_two_lists_that_were_not_taken_over_the_newer_is(desk: Desk) -> None:
    renewer = desk.renewer()
    for _ in range(2):
        desk.change(without_first)
        renewer.look()
    offered = renewer.due()
    assert offered is not None
    assert (dict(offered.event.facts)["version"], renewer.due()) == (3, None)


def test_a_list_that_comes_while_one_is_taken_over_is_not_lost(desk: Desk) -> None:
    renewer = desk.renewer()
    offer = partial(renewer._offer, renewer._listed, renewer._engines)
    for step in range(1, 40):
        offer()
        first = renewer._offered[0]
        found = interrupted(renewer.due, step, offer)
        left = renewer.due()
        # The newer one replaced the first before that was taken, or is still there.
        assert found is not None
        assert (found is not first) == (left is None)


def interrupted(take: Callable[[], Listing | None], step: int, offer: Callable[[], None]) -> Listing | None:
    """What is taken when the other thread offers another before that step of the interpreter, or after the last."""
    left = step

    def trace(frame: FrameType, event: str, _: object) -> object:
        nonlocal left
        frame.f_trace_opcodes = True
        if frame.f_code.co_name == "due" and event == "opcode":
            left -= 1
            if left == 0:
                offer()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        found = take()
    finally:
        sys.settrace(before)
    if left > 0:
        offer()
    return found


def until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_a_live_watch_goes_by_the_new_list_and_says_so(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    # A sandbox that lets no thread give way must not keep a list from being followed.
    monkeypatch.setattr(os, "setpriority", forbidden)
    clip = write_video(tmp_path / "clip.mp4", 150)
    orders = Orders(str(clip), desk.path, tmp_path, is_live=True, console=False)

    def withdraw() -> None:
        until(lambda: (tmp_path / "journal.db").exists() and (tmp_path / "lookout.sock").exists())
        desk.change(without_first)

    writer = threading.Thread(target=withdraw)
    writer.start()
    watch(load_profile(str(patient_profile(tmp_path))), orders, desk.keys, desk.keys)
    writer.join()
    with SealedJournal(tmp_path / "journal.db", desk.keys, SystemClock(), read_only=True) as journal:
        bodies = [parse_body(record.body) for record in journal.after(-1, 100)]
    assert [dict(body.facts)["entries"] for body in bodies if body.kind is RecordKind.LIST] == [8, 7]
