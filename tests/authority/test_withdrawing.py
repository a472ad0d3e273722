"""One alone withdraws what is listed, at once; what nobody could read or take is not published."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from authority_desk import TERMS, Desk
from lapel.core.updates import Floors
from lapel.core.withdrawals import Withdrawal
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.store.trusted import verified
from lapel_tools.authority.folder import AuthorityFolder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An authority that has published the list springfield, of two crates. Not to be changed: copy it."""
    desk = Desk(tmp_path_factory.mktemp("withdrawing")).founded()
    desk.device()
    today = datetime.now(UTC).date()
    return desk.published(made_up_gallery(today, tuple(made_up_entry(f"crate-{n}", today) for n in (1, 2))), *TERMS)


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    """A copy of it."""
    shutil.copytree(made.folder, tmp_path / "copy")
    return Desk(tmp_path / "copy")


def published(desk: Desk) -> tuple[Withdrawal, ...]:
    """As a device sees them."""
    root = desk.metadata()["1.root.json"]
    return verified(root, Floors(), AuthorityFolder(desk.dir).public.metadata, datetime.now(UTC)).withdrawals


def test_one_alone_withdraws_an_entry_at_once(desk: Desk) -> None:
    assert desk.withdraw("bob", "--list", "springfield", "--entry", "crate-1", "--reason", "given back") == 0
    (found,) = published(desk)
    assert (found.list_id, found.entry_id, found.by, found.serial) == ("springfield", "crate-1", "bob", 1)


def test_an_entry_that_was_mistyped_is_not_withdrawn_unless_that_is_asked_for(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ("--list", "springfield", "--entry", "crate-1", "--entry", "crate1", "--reason", "given back")
    before = desk.metadata()
    assert desk.withdraw("bob", *wanted) == 2
    assert "--entry 'crate1': is not on list springfield as it is published" in capsys.readouterr().err
    assert desk.metadata() == before
    assert desk.withdraw("bob", *wanted, "--unlisted", "--json") == 0
    said = json.loads(capsys.readouterr().out)["withdrawn"]
    assert [(each["entry_id"], each["serial"]) for each in said] == [("crate-1", 1), ("crate1", 2)]


def test_whoever_may_not_open_the_list_may_withdraw_from_it(desk: Desk) -> None:
    desk.rotate("--remove", "carol", "--add", str(desk.public("dora")))
    assert [desk.sign("alice"), desk.sign("bob"), desk.publish()] == [0, 0, 0]
    assert desk.withdraw("dora", "--list", "springfield", "--entry", "crate-1", "--reason", "given back") == 0


def test_a_disk_that_cannot_read_the_list_keeps_nobody_from_withdrawing(desk: Desk) -> None:
    for chunk in (desk.dir / "public").glob("chunks/??/*"):
        chunk.unlink()
        chunk.mkdir()  # which no disk reads as a file
    assert desk.withdraw("bob", "--list", "springfield", "--entry", "crate-1", "--reason", "given back") == 0


def test_withdrawals_add_up(desk: Desk) -> None:
    for entry in ("crate-1", "crate-2"):
        desk.withdraw("bob", "--list", "springfield", "--entry", entry, "--reason", "given back")
    assert [each.serial for each in published(desk)] == [1, 2]


@pytest.mark.parametrize(("option", "value"), [("--reason", "two\nlines"), ("--entry", "crate\t1")])
def test_a_withdrawal_that_nobody_could_print_is_not_signed(
    desk: Desk, option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = desk.metadata()
    options = {"--list": "springfield", "--entry": "crate-1", "--reason": "given back"} | {option: value}
    assert desk.withdraw("bob", *(part for pair in options.items() for part in pair)) == 2
    assert f"{value!r} cannot be printed" in capsys.readouterr().err
    assert desk.metadata() == before


def test_withdrawals_that_no_device_would_take_are_not_published(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    before = desk.metadata()
    entries = [part for number in range(300) for part in ("--entry", f"crate-{number}")]
    assert desk.withdraw("bob", "--list", "springfield", "--reason", "given back", "--unlisted", *entries) == 2
    assert "no device takes over 61440; nothing was published: give a shorter" in capsys.readouterr().err
    assert desk.metadata() == before


def test_a_list_that_is_not_published_is_not_withdrawn(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    before = desk.metadata()
    assert desk.withdraw("bob", "--list", "sprinfgield", "--reason", "given back") == 2
    assert "--list 'sprinfgield': is not published" in capsys.readouterr().err
    assert desk.metadata() == before


def test_an_entry_without_an_id_does_not_withdraw_the_whole_list(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    before = desk.metadata()
    assert desk.withdraw("bob", "--list", "springfield", "--entry", "", "--reason", "given back") == 2
    assert "--entry '': names no entry" in capsys.readouterr().err
    assert desk.metadata() == before


def test_a_stranger_cannot_withdraw(desk: Desk) -> None:
    before = desk.metadata()
    assert desk.withdraw("dora", "--list", "springfield", "--reason", "no reason") == 5
    assert desk.metadata() == before


def test_a_proposal_that_was_overtaken_is_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.rotate()
    desk.sign("alice")
    desk.sign("bob")
    desk.withdraw("carol", "--list", "springfield", "--reason", "in a hurry")
    assert desk.publish() == 5
    assert "version 2 is published by now; propose again" in capsys.readouterr().err


def test_a_publication_cut_off_before_its_timestamp_changes_nothing_and_is_done_again(desk: Desk) -> None:
    timestamp = desk.dir / "public" / "metadata" / "timestamp.json"
    old = timestamp.read_bytes()
    desk.withdraw("bob", "--list", "springfield", "--reason", "cut off")
    timestamp.write_bytes(old)
    assert published(desk) == ()
    desk.withdraw("bob", "--list", "springfield", "--reason", "again")
    assert [each.reason for each in published(desk)] == ["again"]


def test_room_is_made_by_dropping_what_lists_have_settled_as_several_sign(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = ("--list", "springfield", "--reason", "given back")
    many = [part for number in range(200) for part in ("--entry", f"crate-{number}")]
    more = [part for number in range(60) for part in ("--entry", f"box-{number}")]
    assert desk.withdraw("carol", *reason, "--unlisted", *many) == 0
    assert desk.withdraw("carol", *reason, "--unlisted", *more) == 2
    assert "authority rotate --drop-settled" in capsys.readouterr().err
    desk.status()
    assert "of 61,440 bytes used" in capsys.readouterr().out
    today = datetime.now(UTC).date()
    before = made_up_gallery(today, tuple(made_up_entry(f"crate-{n}", today) for n in (1, 300)))
    desk.published(before)
    assert desk.rotate("--drop-settled") == 0
    capsys.readouterr()
    assert [desk.sign("alice"), desk.sign("bob"), desk.publish()] == [0, 0, 0]
    assert "withdrawals: 200 targets become 1, since lists have settled them" in capsys.readouterr().out
    assert [(each.serial, each.entry_id) for each in published(desk)] == [(200, "")]
    assert desk.withdraw("carol", *reason, "--unlisted", *more) == 0
    assert published(desk)[-1].serial == 260
    # What was withdrawn stays out of a file made before, and comes back as what it is.
    capsys.readouterr()
    assert desk.propose("alice", before) == 0
    assert "left out: crate-1, withdrawn by carol" in capsys.readouterr().out
    assert desk.propose("alice", before, "--lift", "--replace") == 0
    assert desk.sign("bob") == 0
    assert "comes back: crate-1, withdrawn by carol" in capsys.readouterr().out


def test_what_no_list_has_settled_is_not_dropped(desk: Desk) -> None:
    for entry in ("crate-1", "crate-2"):
        desk.withdraw("bob", "--list", "springfield", "--entry", entry, "--reason", "given back")
    assert desk.rotate("--drop-settled") == 0
    assert [desk.sign("alice"), desk.sign("bob"), desk.publish()] == [0, 0, 0]
    assert [each.entry_id for each in published(desk)] == ["crate-1", "crate-2"]
