"""The online key: the one that the root lists says what is newest, and without it nothing is half published."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from authority_desk import TERMS, Desk
from lapel.core.updates import Floors
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.store.trusted import Published, verified
from lapel_tools.authority.folder import AuthorityFolder

TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An authority that has published a list. Not to be changed: copy it."""
    desk = Desk(tmp_path_factory.mktemp("online")).founded()
    desk.device()
    return desk.published(made_up_gallery(TODAY, (made_up_entry("crate-1", TODAY + timedelta(days=9)),)), *TERMS)


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    """A copy of it."""
    shutil.copytree(made.folder, tmp_path / "copy")
    return Desk(tmp_path / "copy")


def as_a_device_sees_it(desk: Desk) -> Published:
    public = AuthorityFolder(desk.dir).public
    return verified(desk.metadata()["1.root.json"], Floors(), public.metadata, datetime.now(UTC))


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_key_that_was_dropped_takes_nobodys_place(desk: Desk) -> None:
    assert desk.rotate("--new-online-key") == 0
    used = (desk.dir / "online.key").read_bytes()
    assert desk.rotate("--replace") == 0
    assert [desk.sign("alice"), desk.sign("bob"), desk.publish()] == [0, 0, 0]
    assert (desk.dir / "online.key").read_bytes() == used
    assert not (desk.dir / "online.next.key").exists()
    assert as_a_device_sees_it(desk).floors.targets == 3


def test_a_lost_online_key_is_replaced(desk: Desk) -> None:
    (desk.dir / "online.key").unlink()
    assert desk.rotate("--new-online-key") == 0
    assert [desk.sign("alice"), desk.sign("bob"), desk.publish()] == [0, 0, 0]
    assert as_a_device_sees_it(desk).floors.targets == 3


@pytest.mark.parametrize("is_there", [False, True])
def test_without_the_key_that_the_root_lists_nothing_is_published(
    desk: Desk, capsys: pytest.CaptureFixture[str], is_there: bool
) -> None:
    desk.propose("alice", None)
    desk.sign("bob")
    (desk.dir / "online.key").unlink()
    if is_there:
        assert desk.rotate("--new-online-key", "--replace") == 0  # makes a key that the published root lists nowhere
        (desk.dir / "online.next.key").rename(desk.dir / "online.key")
        assert desk.propose("alice", None, "--replace") == 0
        desk.sign("bob")
    before = contents(desk.dir)
    capsys.readouterr()
    entry = ("--list", "springfield", "--entry", "crate-1", "--reason", "given back")
    codes = [desk.publish(), desk.publish("--renew"), desk.withdraw("carol", *entry), desk.wipe("carol", "cam-1")]
    assert codes == [3, 3, 3, 3]
    said = capsys.readouterr().err.splitlines()
    what = "is not the online key that the root lists" if is_there else "the online key is not here"
    assert [f"online.key: {what}, and nothing was published" in line for line in said] == [True] * 4
    assert contents(desk.dir) == before
