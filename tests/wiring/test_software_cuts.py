"""Power cuts and a full disk while software is updated: one version is always whole, and what happened is on record."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copytree

import pytest

from bad_disk import BadDisk, Loss, PowerCut, let_go
from lapel.errors import HardwareError, StoreError, StoreFull, UsageError
from lapel.fakes.installer import FakeInstaller
from lapel.store.debian import release_of
from lapel.store.shelf import Shelf
from software_rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def ask_again(rig: Rig) -> None:
    """Ask for something that changes nothing: what was cut off is finished first."""
    with suppress(UsageError):  # where the other version is installed
        rig.updates.keep(rig.folder / "1.deb")


@contextmanager
def failing(rig: Rig, number: int, disk: BadDisk, act: Callable[[], object]) -> Iterator[Path]:
    """The folder of updates once the disk failed, power came back, and the script of the start has run."""
    state = Path(copytree(rig.shelf.path, rig.folder / f"shelf-{number}"))
    before = rig.shelf, rig.installer
    rig.shelf = Shelf(state)
    rig.installer = FakeInstaller(state, lambda path: release_of(path).version, rig.installer.version)
    try:
        with disk.used():
            try:
                act()
            except PowerCut:
                disk.lose(state)
                let_go(state)
            except (StoreError, HardwareError) as error:
                assert isinstance(error, StoreFull)  # noqa: PT017, not every failure matters
        rig.installer.put_back()
        yield state
    finally:
        rig.shelf, rig.installer = before


def failed(rig: Rig, number: int, disk: BadDisk) -> str:
    """What is installed then."""
    with failing(rig, number, disk, rig.take) as state:
        found = rig.installer.version
        assert found in ("1", "2")
        json.loads(rig.shelf.file.read_bytes())
        ask_again(rig)
        told = {outcome for outcome, _ in rig.told()}
        assert told <= ({"applied"} if found == "2" else {"put back"})
        if found == "2":
            assert told == {"applied"}
        else:
            rig.updates.fetch(rig.stick)
            rig.updates.apply(again=True)
        assert (rig.installer.version, rig.shelf.read().previous) == ("2", "1")
        assert not list(state.glob("*.part"))
        return found


@pytest.mark.parametrize("failure", [PowerCut, Loss])
def test_a_cut_or_a_full_disk_anywhere_leaves_one_version_whole(rig: Rig, failure: Callable[[], BaseException]) -> None:
    rig.offer("2")
    sound = BadDisk(sys.maxsize, failure)
    assert failed(rig, -1, sound) == "2"
    assert sound.done > 10
    assert {failed(rig, good, BadDisk(good, failure)) for good in range(sound.done)} == {"1", "2"}


def went_back(rig: Rig, number: int, disk: BadDisk) -> str:
    """What is installed once going back was cut off; it is on record, and stays away, if it is the version before."""
    with failing(rig, number, disk, lambda: rig.updates.roll_back("no alerts since")):
        ask_again(rig)
        told, shunned = rig.told(), rig.shelf.read().shunned
        if rig.installer.version == "1":
            assert (told, shunned) == ([("applied", ""), ("rolled back", "no alerts since")], ("2",))
        else:
            assert told in (
                [("applied", "")],
                [("applied", ""), ("put back", "it was cut off before it had become ready")],
            )
            assert "2" not in shunned
        return rig.installer.version


def test_a_cut_while_going_back_leaves_one_version_whole_and_what_happened_on_record(rig: Rig) -> None:
    rig.offer("2")
    rig.take()
    assert went_back(rig, -1, sound := BadDisk(sys.maxsize)) == "1"
    assert {went_back(rig, good, BadDisk(good)) for good in range(sound.done)} == {"1", "2"}
