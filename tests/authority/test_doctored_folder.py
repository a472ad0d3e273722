"""Attacks by one administrator on another, who signs in a copy of the folder: what it says is published was signed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from authority_desk import TERMS, Desk
from lapel.core.gallery import Gallery
from lapel.core.updates import Floors
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.store.trusted import verified
from lapel_tools.authority.folder import AuthorityFolder
from lapel_tools.authority.proposal import read_proposal
from lapel_tools.authority.publish import put_newest

TODAY = datetime.now(UTC).date()


def crates(*names: str) -> Gallery:
    return made_up_gallery(TODAY, tuple(made_up_entry(name, TODAY + timedelta(days=40)) for name in names))


def copy_of(desk: Desk, folder: Path) -> Desk:
    shutil.copytree(desk.folder, folder)
    return Desk(folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An authority that has published the list springfield, of crate-0. Not to be changed: copy it."""
    desk = Desk(tmp_path_factory.mktemp("real")).founded()
    desk.device()
    return desk.published(crates("crate-0"), *TERMS)


@pytest.fixture
def doctored(made: Desk, tmp_path: Path) -> Desk:
    """What alice hands to bob: evil-1 stands in targets that look published, and that nobody signed."""
    desk = copy_of(made, tmp_path / "doctored")
    authority = AuthorityFolder(desk.dir)
    published = authority.current()
    desk.propose("alice", crates("crate-0", "evil-1"))
    proposal = read_proposal(authority)
    assert proposal.targets is not None
    proposal.targets.signed.version = published.targets.signed.version
    proposal.targets.signatures.clear()
    for name in proposal.files.manifests():
        authority.public.put_manifest(name, proposal.files.manifest(name) or b"")
        authority.public.put_chunks_of(name, proposal.files.chunks_of(name))
    authority.public.take_chunks(proposal.files)
    put_newest(authority, proposal.targets, published.withdrawals, datetime.now(UTC), 7)
    shutil.rmtree(authority.proposal)
    return desk


def test_lists_that_nobody_signed_are_not_what_a_proposal_is_compared_with(
    made: Desk, doctored: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Alice has tools of her own: hers proposes from the doctored folder what an honest one refuses to.
    waiting = copy_of(made, tmp_path / "waiting")
    waiting.propose("alice", None, "--days", "60")
    shutil.copytree(waiting.dir / "proposal", doctored.dir / "proposal")
    capsys.readouterr()
    assert doctored.sign("bob") == 5
    said = capsys.readouterr()
    assert "2.targets.json: lacks signatures" in said.err
    assert "take a copy of the folder from the publishing machine" in said.err
    assert said.out == ""
    assert read_proposal(AuthorityFolder(doctored.dir)).documents["targets"].signatures.keys() == (
        read_proposal(AuthorityFolder(waiting.dir)).documents["targets"].signatures.keys()
    )


def test_lists_that_nobody_signed_are_not_proposed_again(doctored: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctored.propose("bob", None, "--days", "60") == 5
    assert "lacks signatures" in capsys.readouterr().err
    assert not (doctored.dir / "proposal").exists()


def test_withdrawals_that_the_publishing_machine_never_named_are_not_compared_with(
    made: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # One alone may sign withdrawals: one left out would come back by a list whose signers were not told.
    desk = copy_of(made, tmp_path / "copy")
    desk.withdraw("carol", "--list", "springfield", "--entry", "crate-0", "--reason", "given back")
    other = copy_of(made, tmp_path / "other")
    other.withdraw("alice", "--list", "springfield", "--unlisted", "--entry", "none", "--reason", "nothing")
    desk.propose("alice", None, "--lift")
    name = "2.withdrawals.json"
    shutil.copy(other.dir / "public" / "metadata" / name, desk.dir / "public" / "metadata" / name)
    assert desk.sign("bob") == 5
    assert f"{name}: is not the one that was published with the rest" in capsys.readouterr().err


def test_an_order_to_wipe_that_nobody_signed_is_not_signed_with_the_next_withdrawal(
    made: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = copy_of(made, tmp_path / "copy")
    other = copy_of(made, tmp_path / "other")
    other.wipe("alice", "cam-1")
    desk.withdraw("carol", "--list", "springfield", "--entry", "crate-0", "--reason", "given back")
    name = "2.withdrawals.json"
    before = (desk.dir / "public" / "metadata" / name).read_bytes()
    shutil.copy(other.dir / "public" / "metadata" / name, desk.dir / "public" / "metadata" / name)
    capsys.readouterr()
    assert desk.withdraw("bob", "--list", "springfield", "--unlisted", "--entry", "none", "--reason", "gone") == 5
    assert f"{name}: is not the one that was published with the rest" in capsys.readouterr().err
    assert desk.wipe("bob", "cam-1") == 5
    (desk.dir / "public" / "metadata" / name).write_bytes(before)
    assert desk.wipe("bob", "cam-1") == 0


def test_an_authority_that_was_made_up_whole_is_refused(
    made: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = copy_of(made, tmp_path / "copy")
    shutil.rmtree(desk.dir)
    assert [desk.key("mallory"), desk.init("alice", "bob", "mallory")] == [0, 0]
    capsys.readouterr()
    assert desk.sign("bob") == 5
    assert "bob.key.authority" in capsys.readouterr().err
    assert [desk.sign("mallory"), desk.sign("alice")] == [0, 5]
    (desk.folder / "alice.key.authority").unlink()  # she is in it
    assert [desk.sign("alice"), desk.publish()] == [0, 0]
    desk.device()
    assert desk.propose("mallory", crates("evil-1"), *TERMS) == 0
    assert [desk.sign("bob"), desk.propose("bob", None, "--replace")] == [5, 5]


def test_what_was_made_for_another_version_than_the_one_shown_is_not_signed(
    made: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # An older copy of the folder is signed throughout, too.
    ahead = copy_of(made, tmp_path / "ahead").published(None)
    ahead.propose("alice", None)
    behind = copy_of(made, tmp_path / "behind")
    shutil.copytree(ahead.dir / "proposal", behind.dir / "proposal")
    assert behind.sign("bob") == 5
    assert "targets is version 4, but version 2 is published" in capsys.readouterr().err


def test_what_has_expired_is_vouched_for_all_the_same(made: Desk, tmp_path: Path) -> None:
    desk = copy_of(made, tmp_path / "copy")
    authority = AuthorityFolder(desk.dir)
    current = authority.current()
    put_newest(authority, current.targets, current.withdrawals, datetime(2020, 3, 1, tzinfo=UTC), 7)
    assert desk.rotate() == 0
    assert [desk.sign("alice"), desk.sign("bob"), desk.publish()] == [0, 0, 0]
    verified(desk.metadata()["1.root.json"], Floors(), authority.public.metadata, datetime.now(UTC))
