"""A wipe ends with nothing that can be read, whenever the power is cut; and the device says that it was wiped."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from shutil import copytree

import pytest

from bad_disk import BadDisk, PowerCut
from lapel.cli.main import LAPEL, main, parser_of
from lapel.cli.watching import orders_from
from lapel.errors import Refused, StoreError, StoreLocked, UsageError
from lapel.health.clock import SystemClock
from lapel.store.clips import FOLDER
from lapel.store.contact import Contacts
from lapel.store.gallery import write_gallery
from lapel.store.journal import SealedJournal
from lapel.store.keys import FileKey
from lapel.store.link_key import make_link_key
from lapel.store.link_state import LinkState
from lapel.store.pieces import PIECES
from lapel.store.wiping import WIPED, WIPING, refuse_wiped, wipe
from published_rig import crates

AT = "2026-03-01T12:00:00+00:00"
STAYS = {"journal.db.lock", "link.db.lock", "pieces.lock", "watchlist.lapel.lock", "notes.txt", WIPED}


def device(state: Path) -> Path:
    """A state folder with everything that a wipe destroys, and a file of somebody else's."""
    state.mkdir()
    key = FileKey.create(state / "device.key")
    write_gallery(state / "watchlist.lapel", crates(2), key)
    SealedJournal(state / "journal.db", key, SystemClock(), "cam-1").close()
    LinkState(state / "link.db", key).close()
    Contacts(state, key, SystemClock()).note()
    make_link_key(state, "cam-1")
    for folder, name in ((FOLDER, f"{'ab' * 16}.clip"), (f"{PIECES}/ab", "ab" * 32)):
        (state / folder).mkdir(parents=True)
        (state / folder / name).write_bytes(b"sealed")
    (state / ".watchlist.lapel.new").write_bytes(b"a draft")
    (state / "..watchlist.lapel.new.ab12.part").write_bytes(b"a draft of it")
    (state / "notes.txt").write_text("not Lapel's")
    return state


def left(state: Path) -> set[str]:
    return {path.name for path in state.rglob("*") if path.is_file()}


def test_a_wipe_that_is_cut_off_anywhere_is_finished_at_the_next_start(tmp_path: Path) -> None:
    outcomes, steps, whole = set(), 0, device(tmp_path / "whole")
    while True:
        state = Path(copytree(whole, tmp_path / str(steps)))
        with BadDisk(steps).used():
            try:
                wipe(state, state / "device.key", "lost", AT)
                break
            except PowerCut:
                pass
        begun = (state / WIPING).exists() or (state / WIPED).exists()
        if begun:
            with pytest.raises(Refused, match="wiped on"):
                refuse_wiped(state)
            assert left(state) - {f".{WIPING}", f".{WIPED}"} <= STAYS | drafts(state)
        else:
            refuse_wiped(state)
            assert {"device.key", "watchlist.lapel", "journal.db"} <= left(state)
        outcomes.add(begun)
        steps += 1
    assert outcomes == {True, False}
    assert steps > 30
    assert left(state) == STAYS


def drafts(state: Path) -> set[str]:
    """Of the note itself, which holds nothing secret."""
    return {path.name for path in state.glob(".wip*.part")}


def test_a_full_disk_keeps_no_key_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = device(tmp_path / "state")
    real = os.fsync

    def full(descriptor: int) -> None:
        if (state / "device.key").exists() and ".wiping" in os.readlink(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    wipe(state, state / "device.key", "lost", AT)
    assert left(state) == STAYS


def test_a_file_that_cannot_be_removed_leaves_the_rest_gone_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = device(tmp_path / "state")
    real = os.unlink

    def stuck(path: Path, **kwargs: object) -> None:
        if Path(path).name == "link.db":
            raise OSError(errno.EIO, "Input/output error")
        real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", stuck)
        with pytest.raises(StoreError, match=r"link\.db"):
            wipe(state, state / "device.key", "lost", AT)
    assert left(state) == STAYS - {WIPED} | {"link.db", WIPING}
    with pytest.raises(Refused):
        refuse_wiped(state)
    assert left(state) == STAYS


def test_a_device_at_work_is_not_wiped_under_its_lookout(tmp_path: Path) -> None:
    state = device(tmp_path / "state")
    before = left(state)
    journal = SealedJournal(state / "journal.db", FileKey(state / "device.key"), SystemClock(), "cam-1")
    with journal, pytest.raises(StoreLocked, match="stop that one first"):
        wipe(state, state / "device.key", "lost", AT)
    assert before <= left(state)


def test_a_folder_that_is_no_devices_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not Lapel's")
    with pytest.raises(UsageError):
        wipe(tmp_path, None, "lost", AT)
    assert left(tmp_path) == {"notes.txt"}


def test_the_command_asks_wipes_and_every_command_says_so_afterwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAPEL_PASSPHRASE", raising=False)
    state = device(tmp_path / "state")
    assert main(["wipe", "--state", str(state)]) == 2
    assert (state / "device.key").exists()
    assert main(["wipe", "--state", str(state), "--yes", "--why", "lost at the pier"]) == 0
    assert left(state) == STAYS
    for words in ("audit show", "watchlist show list.lapel", "wipe --yes", "clip list"):
        capsys.readouterr()
        assert main([*words.split(), "--state", str(state)]) == 5
        assert "lost at the pier" in capsys.readouterr().err
    watch = parser_of(LAPEL, "run").parse_args(["a.mp4", "--watchlist", "b", "--state", str(state)])
    with pytest.raises(Refused, match="lost at the pier"):
        orders_from(watch, is_live=True)
    assert left(state) == STAYS
