"""Several must sign what is looked for, one may withdraw, and a lost key is survived."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from authority_desk import Desk
from lapel.core.updates import Floors
from lapel.store.keys import PassphraseKey
from lapel.store.trusted import Published, verified
from lapel_tools.authority.administrators import open_administrator
from lapel_tools.authority.folder import AuthorityFolder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An authority of alice, bob and carol. Not to be changed: copy it."""
    return Desk(tmp_path_factory.mktemp("authority")).founded()


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    """A copy of it."""
    shutil.copytree(made.folder, tmp_path / "copy")
    return Desk(tmp_path / "copy")


def as_a_device_sees_it(desk: Desk, before: Published | None = None) -> Published:
    pinned = desk.metadata()["1.root.json"]
    root, floors = (before.root, before.floors) if before else (pinned, Floors())
    return verified(root, floors, AuthorityFolder(desk.dir).public.metadata, datetime.now(UTC))


def test_what_was_signed_by_two_is_what_a_device_takes(desk: Desk) -> None:
    assert as_a_device_sees_it(desk).floors.targets == 1


def test_without_enough_signatures_nothing_is_published(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.rotate()
    desk.sign("alice")
    before = desk.metadata()
    assert desk.publish() == 5
    assert "root lacks 1 more signature of: bob, carol" in capsys.readouterr().err
    assert desk.metadata() == before


def test_the_drill_a_lost_key_is_replaced_by_the_other_two(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    before = as_a_device_sees_it(desk)
    assert desk.rotate("--remove", "carol", "--add", str(desk.public("dora"))) == 0
    assert [desk.sign("alice"), desk.sign("bob"), desk.publish()] == [0, 0, 0]
    found = as_a_device_sees_it(desk, before)
    assert (found.floors.targets, b"dora" in found.root, b"carol" in found.root) == (2, True, False)
    assert desk.withdraw("carol", "--list", "x", "--reason", "revenge") == 5
    assert "carol: is no administrator" in capsys.readouterr().err


def test_whoever_signs_sees_who_comes_and_who_goes(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.rotate("--remove", "carol", "--add", str(desk.public("dora")))
    capsys.readouterr()
    assert desk.sign("bob", "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "  + administrator dora, key " in shown
    assert "  - administrator carol, key " in shown
    assert "signed by" not in shown


def test_nothing_is_signed_unseen_where_nobody_can_be_asked(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    desk.rotate()
    assert desk.sign("bob", "--key", str(desk.folder / "bob.key")) == 2
    assert "sign it with --yes" in capsys.readouterr().err


def test_a_root_that_no_device_would_take_is_not_published(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.rotate("--remove", "carol", "--add", str(desk.public("dora")))
    assert [desk.sign("alice"), desk.sign("bob")] == [0, 0]
    before = desk.metadata()
    monkeypatch.setattr("lapel_tools.authority.folder.LARGEST_MESSAGE_BYTES", 1500)
    assert desk.publish() == 2
    assert "2.root.json: would have" in capsys.readouterr().err
    assert desk.metadata() == before


def test_a_stranger_cannot_sign(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.rotate()
    assert desk.sign("dora") == 5
    assert "no administrator's of this authority" in capsys.readouterr().err


def test_a_waiting_proposal_is_dropped_only_when_asked(desk: Desk) -> None:
    assert [desk.rotate(), desk.rotate(), desk.rotate("--replace")] == [0, 2, 0]


def test_renewing_says_again_what_is_newest(desk: Desk) -> None:
    before = as_a_device_sees_it(desk)
    assert desk.publish("--renew", "--timestamp-days", "3") == 0
    found = as_a_device_sees_it(desk, before)
    assert (found.floors.timestamp, found.floors.targets) == (2, 1)


def test_a_new_online_key_is_used_from_the_publication_on(desk: Desk) -> None:
    before = as_a_device_sees_it(desk)
    desk.rotate("--new-online-key")
    assert desk.publish("--renew") == 0
    assert [desk.sign("alice"), desk.sign("bob"), desk.publish()] == [0, 0, 0]
    assert as_a_device_sees_it(desk, before).floors.targets == 2


def test_a_rotation_cut_off_after_its_root_is_published_again(desk: Desk) -> None:
    before = as_a_device_sees_it(desk)
    timestamp = desk.dir / "public" / "metadata" / "timestamp.json"
    old = timestamp.read_bytes()
    desk.rotate("--new-online-key")
    assert [desk.sign("alice"), desk.sign("bob")] == [0, 0]
    shutil.copytree(desk.dir / "proposal", desk.folder / "kept")
    desk.publish()
    shutil.move(desk.folder / "kept", desk.dir / "proposal")
    timestamp.write_bytes(old)
    assert desk.publish() == 0
    assert as_a_device_sees_it(desk, before).floors.targets == 2


def test_a_timestamp_that_no_device_takes_is_refused_before_anything_is_written(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.rotate("--new-online-key")
    assert [desk.sign("alice"), desk.sign("bob")] == [0, 0]
    before = {path: path.read_bytes() for path in desk.dir.rglob("*") if path.is_file()}
    assert desk.publish("--timestamp-days", "32") == 2
    assert "--timestamp-days 32: devices take 1 to 31" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in desk.dir.rglob("*") if path.is_file()} == before


def test_signing_and_publishing_speak_json(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.rotate("--remove", "carol", "--add", str(desk.public("dora")))
    capsys.readouterr()
    assert desk.sign("alice", "--json", "--yes") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["signed"], said["missing"]["root"], said["lists"]) == (["root", "targets", "withdrawals"], 1, [])
    assert any("+ administrator dora" in line for line in said["people"])
    assert desk.sign("bob", "--json", "--yes") == 0
    capsys.readouterr()
    assert desk.publish("--json") == 0
    assert json.loads(capsys.readouterr().out)["lists"] == []


def test_status_speaks_json(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.rotate()
    desk.sign("alice")
    capsys.readouterr()
    assert desk.status("--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["administrators"] == ["alice", "bob", "carol"]
    assert "root: signed by alice, 1 missing" in shown["proposal"]


@pytest.mark.parametrize(
    ("names", "threshold", "said"),
    [
        (("alice", "bob", "carol"), 1, "one person alone must not add"),
        (("alice", "bob"), 2, "one lost key would end the authority"),
        (("alice", "bob", "bob"), 2, "given twice"),
    ],
)
def test_an_authority_that_one_could_end_or_bend_is_not_made(
    made: Desk, tmp_path: Path, names: tuple[str, ...], threshold: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = Desk(made.folder)
    elsewhere.dir = tmp_path / "new"
    assert elsewhere.init(*names, threshold=threshold) == 2
    assert said in capsys.readouterr().err
    assert not elsewhere.dir.exists()


def test_a_wrong_passphrase_opens_no_keys(desk: Desk) -> None:
    desk.rotate()
    desk.passphrase.write_text("another passphrase\n", encoding="utf-8")
    assert desk.sign("alice") == 5


def test_keys_are_not_written_over(desk: Desk) -> None:
    assert desk.key("alice") == 3


def test_keys_in_a_file_are_sealed(desk: Desk) -> None:
    data = (desk.folder / "alice.key").read_bytes()
    opened = open_administrator(desk.folder / "alice.key", PassphraseKey.from_file(desk.passphrase))
    assert opened.opener.private_bytes_raw() not in data
    assert opened.opener.private_bytes_raw().hex().encode() not in data


def test_a_public_part_that_is_none_is_a_usage_error(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.public("dora").write_text('{"name": "dora"}', encoding="utf-8")
    assert desk.rotate("--add", str(desk.public("dora"))) == 2
    assert "dora.key.public.json: is no public part" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_a_usage_error(desk: Desk) -> None:
    desk.dir = desk.folder / "elsewhere"
    assert [desk.status(), desk.publish(), desk.rotate(), desk.sign("alice")] == [2, 2, 2, 2]
