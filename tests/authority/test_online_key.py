"""The online key: the one that the root lists says what is newest, and without it nothing is half published."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from authority_desk import Desk, contents
from lapel.core.updates import Floors
from lapel.store.trusted import Published, verified
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.proposal import read_proposal

TODAY = datetime.now(UTC).date()


def as_a_device_sees_it(desk: Desk) -> Published:
    public = AuthorityFolder(desk.dir).public
    return verified(desk.metadata()["1.root.json"], Floors(), public.metadata, datetime.now(UTC))


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


def test_a_key_that_a_publication_cut_after_its_root_left_waiting_is_not_made_anew(desk: Desk) -> None:
    assert desk.rotate("--new-online-key") == 0
    assert [desk.sign("alice"), desk.sign("bob")] == [0, 0]
    waiting = (desk.dir / "online.next.key").read_bytes()
    authority = AuthorityFolder(desk.dir)
    root = read_proposal(authority).root
    assert root is not None
    authority.put(f"{root.signed.version}.root.json", root)
    assert desk.rotate("--new-online-key", "--replace") == 0
    assert (desk.dir / "online.key").read_bytes() == waiting
