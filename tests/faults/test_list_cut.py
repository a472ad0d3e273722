"""Whatever cuts a device off while a list comes, is swapped in or loses an entry, or wherever its disk is full: it has
the old list or the new one, complete, and goes on from there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import pytest

from bad_disk import BadDisk, Loss, PowerCut
from lapel.errors import StoreFull
from lapel.store.choosing import Device
from lapel.store.gallery import open_gallery
from lapel.store.trust import WATCHLIST
from published_rig import Camera, Lists, crates, with_three_crates

OLD, NEW = {"crate-0", "crate-1", "crate-2"}, {f"crate-{n}" for n in range(6)}
A_FEW = 5
"""Every so manieth failure, and so many of the last, in the default suite."""


@dataclass
class Ground:
    """A device before something happens, copied for each failure."""

    folder: Path
    camera: Camera
    count: int = 0

    def device(self) -> Camera:
        """As it was before."""
        self.count += 1
        state = copytree(self.folder / "whole", self.folder / str(self.count))
        copy = Camera.__new__(Camera)
        copy.keys, copy.lists = self.camera.keys, self.camera.lists
        copy.device = Device(Path(state), copy.keys, self.camera.device.model_sha256)
        return copy


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """A device that has received a list of three crates."""
    (tmp_path / "whole").mkdir()
    camera = with_three_crates(tmp_path / "whole", Lists())
    camera.receive()
    return Ground(tmp_path, camera)


def grown(lists: Lists) -> set[str]:
    """Six crates in the place of three: the list before, and after."""
    lists.publish(crates(6), 2)
    return NEW


def shrunk(lists: Lists) -> set[str]:
    """One is withdrawn."""
    lists.withdraw("crate-1")
    return OLD - {"crate-1"}


def both(lists: Lists) -> set[str]:
    """One is withdrawn of a new version that its signers made before they knew."""
    lists.withdraw("crate-1")
    return grown(lists) - {"crate-1"}


CHANGES = pytest.mark.parametrize("change", [grown, shrunk, both])
Change = Callable[[Lists], set[str]]


def failures(ground: Ground, failure: Callable[[], BaseException], every: int, after: set[str]) -> None:
    """Let it fail at each operation, or every so manieth and the last ones; the device must have the list before, the
    one between that a withdrawal leaves, or the one after, and come to the last when nothing fails any more."""
    camera = ground.device()
    with BadDisk(sys.maxsize, failure).used() as sound:
        camera.receive()
    assert sound.done > 20
    seen = [failed(ground.device(), BadDisk(good, failure), after) for good in steps(sound.done, every)]
    assert {frozenset(OLD), frozenset(after)} <= set(seen)


def steps(count: int, every: int) -> Iterable[int]:
    return (step for step in range(count) if step % every == 0 or step >= count - A_FEW)


def failed(camera: Camera, disk: BadDisk, after: set[str]) -> frozenset[str]:
    """What the device has listed when its disk has failed."""
    state = camera.device.state
    with disk.used():
        try:
            camera.receive()
        except PowerCut:
            disk.lose(state)
        except StoreFull as error:
            assert "disk is full" in str(error)  # noqa: PT017, not every failure matters to the program
    assert disk.has_failed
    open_gallery(state / WATCHLIST, camera.keys, camera.device.model_sha256, checked_whole=True)
    listed = camera.listed()
    assert listed in (OLD, OLD - {"crate-1"}, after)
    camera.receive()
    assert camera.listed() == after
    assert not [path for path in state.rglob("*") if path.suffix in {".part", ".new"}]
    return frozenset(listed)


@CHANGES
def test_a_power_cut_leaves_the_old_list_or_the_new_one(ground: Ground, change: Change) -> None:
    failures(ground, PowerCut, A_FEW, change(ground.camera.lists))


@CHANGES
def test_a_full_disk_leaves_the_old_list_or_the_new_one(ground: Ground, change: Change) -> None:
    failures(ground, Loss, A_FEW, change(ground.camera.lists))


@pytest.mark.long
@CHANGES
@pytest.mark.parametrize("failure", [PowerCut, Loss])
def test_a_failure_at_every_operation_leaves_the_old_list_or_the_new_one(
    ground: Ground, change: Change, failure: Callable[[], BaseException]
) -> None:
    failures(ground, failure, 1, change(ground.camera.lists))
