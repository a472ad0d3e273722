"""A list that is replaced while a watch goes on is taken between two frames, and one that may not be used is not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from footage import write_video
from lapel.config.profile import load_profile
from lapel.core.gallery import Gallery
from lapel.core.record_body import parse_body
from lapel.core.records import RecordKind
from lapel.fakes.clock import FakeClock
from lapel.health.clock import SystemClock
from lapel.store.gallery import write_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.wiring.bench import made_up
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.renewal import Listed, Renewal, listed, without_written
from lapel.wiring.seeing import open_seeing

PROFILE = load_profile("ci-video")
PATIENCE_S = 20.0


def version(number: int, entries: int = 2) -> Gallery:
    gallery = made_up(PROFILE, entries)
    return replace(gallery, terms=replace(gallery.terms, version=number))


def until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


def put(path: Path, content: bytes) -> None:
    draft = path.with_name("draft")
    draft.write_bytes(content)
    draft.replace(path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "list.lapel"
    path.write_bytes(b"the first")
    return path


def test_a_replaced_file_is_made_into_a_list_once(file: Path) -> None:
    parts = listed(open_seeing(PROFILE), version(2), FakeClock())
    made: list[int] = []

    def make() -> Listed:
        made.append(threading.get_ident())
        return parts

    renewal = Renewal(file, make, pytest.fail, every_s=0.01)
    assert renewal.take() is None
    put(file, b"the second")
    until(lambda: bool(made))
    until(lambda: renewal._new is not None)
    assert (renewal.take(), renewal.take()) == (parts, None)
    renewal.close()
    assert len(made) == 1
    assert made[0] != threading.get_ident()


def test_a_list_that_may_not_be_used_is_told_once_and_the_one_before_stays(file: Path) -> None:
    said: list[str] = []

    def make() -> Listed:
        raise ValueError("changed")

    renewal = Renewal(file, make, said.append, every_s=0.01)
    put(file, b"the second")
    until(lambda: bool(said))
    time.sleep(0.1)
    renewal.close()
    assert (said, renewal.take()) == (["NEW WATCHLIST NOT TAKEN, the one before is used: changed"], None)


def test_a_file_that_is_gone_for_a_moment_changes_nothing(file: Path) -> None:
    renewal = Renewal(file, lambda: pytest.fail("made"), pytest.fail, every_s=0.01)
    file.unlink()
    time.sleep(0.1)
    renewal.close()
    assert renewal.take() is None


def test_codes_as_written_are_left_out_where_plates_are_not_destroyed() -> None:
    entry = replace(version(1).entries[0], codes=("CSQU3054383", "4006381333931", "33/1203"))
    assert without_written(replace(version(1), entries=(entry,))).entries[0].codes == ("4006381333931",)


def test_a_live_watch_goes_by_the_new_list_and_says_so(tmp_path: Path) -> None:
    keys, path = FileKey.create(tmp_path / "device.key"), tmp_path / "list.lapel"
    write_gallery(path, version(1), keys)
    orders = Orders(str(write_video(tmp_path / "clip.mp4", 150)), path, tmp_path, is_live=True, console=False)

    def withdraw() -> None:
        until(lambda: (tmp_path / "journal.db").exists() and (tmp_path / "lookout.sock").exists())
        write_gallery(path, version(1, entries=1), keys)

    writer = threading.Thread(target=withdraw)
    writer.start()
    watch(PROFILE, orders, keys, keys)
    writer.join()
    with SealedJournal(tmp_path / "journal.db", keys, SystemClock(), read_only=True) as journal:
        bodies = [parse_body(record.body) for record in journal.after(-1, 100)]
    lists = [dict(body.facts)["entries"] for body in bodies if body.kind is RecordKind.LIST]
    assert lists == [2, 1]
