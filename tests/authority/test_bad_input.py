"""Bad input to an administrator's commands: one clear line, and nothing half-done."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from authority_desk import PASSPHRASE, TERMS, Desk, contents
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.fakes.keys import FixedKey
from lapel.store.gallery import write_gallery
from lapel.store.keys import FileKey
from lapel_tools.cli.main import main

WRONG = "another passphrase altogether"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "text.txt").write_text("id,label\n", encoding="utf-8")
    (folder / "no.passphrase").write_text(WRONG + "\n", encoding="utf-8")
    (folder / "no.passphrase").chmod(0o600)
    (folder / "yes.passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
    (folder / "yes.passphrase").chmod(0o600)
    today = datetime.now(UTC).date()
    write_gallery(folder / "other.lapel", made_up_gallery(today, (made_up_entry("crate", today),)), FixedKey())
    FileKey.create(folder / "list.key")
    described = {"name": "cam-1", "group": "patrol", "sealing": "00" * 32}
    for name, value in (
        ("list.json", []),
        ("device.json", described),
        ("number.json", described | {"name": 3}),
        ("unusable.json", described),
    ):
        (folder / name).write_text(json.dumps(value), encoding="utf-8")
    return Desk(folder).founded()


ALICE = ("--dir", "authority", "--key", "alice.key", "--passphrase-file")
WITH = ("--passphrase-file", "yes.passphrase")
OPENED, CLOSED = (*ALICE, "yes.passphrase"), (*ALICE, "no.passphrase")
LIST = ("--watchlist", "text.txt", "--watchlist-key-file", "text.txt", *TERMS)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("sign", *OPENED, "--yes"), 2, "no proposal waits there"),
        (("propose", *CLOSED, *LIST), 5, "does not open it"),
        (("propose", *OPENED, *LIST), 3, "others may use it"),
        (("propose", *OPENED, "--again", "spring"), 2, "--again spring: is not published"),
        (("propose", *OPENED, "--watchlist", "text.txt"), 2, "no key for the watchlist"),
        (("withdraw", *CLOSED, "--list", "spring", "--reason", "x"), 5, "does not open it"),
        (("withdraw", *OPENED, "--list", "spring", "--reason", "x"), 2, "is not published"),
        (("withdraw", "--dir", "authority", "--key", "text.txt", "--list", "s", "--reason", "x"), 2, "no passphrase"),
        (("withdraw", "--dir", "authority", "--key", "text.txt", *WITH, "--list", "s", "--reason", "x"), 5, "text.txt"),
        (("withdraw", *OPENED, "--list", "spring"), 2, "--reason"),
        (("sign", "--dir", "authority", "--key", "none.key", *WITH, "--yes"), 2, "no proposal waits there"),
        (("sign", "--dir", "nowhere", "--key", "alice.key", *WITH), 2, "there is no such folder"),
        (
            ("propose", *OPENED, "--watchlist", "none.lapel", "--watchlist-key-file", "list.key", *TERMS),
            2,
            "none.lapel",
        ),
        (("propose", *OPENED, "--watchlist", "text.txt", "--watchlist-key-file", "list.key", *TERMS), 5, "text.txt"),
        (
            ("propose", *OPENED, "--watchlist", "other.lapel", "--watchlist-key-file", "list.key", *TERMS),
            5,
            "other.lapel",
        ),
        (("wipe", "cam-9", *OPENED, "--reason", "lost", "--yes"), 2, "cam-9: is not listed"),
        (("publish", "--dir", "authority"), 2, "no proposal waits there"),
        (("publish", "--dir", "nowhere"), 2, "there is no such folder"),
        (("publish", "--dir", "authority", "--renew", "--timestamp-days", "99"), 2, "--timestamp-days 99"),
        (("authority", "status", "--dir", "nowhere"), 2, "there is no such folder"),
        (("authority", "key", "--key", "alice.key", "--name", "al", *WITH), 3, "alice.key"),
        (("authority", "init", "--dir", "authority", "--administrator", "none.json"), 2, "none.json"),
        (("device", "add", "--dir", "authority", "text.txt"), 2, "describes no device"),
        (("device", "add", "--dir", "authority", "none.json"), 2, "describes no device"),
        (("device", "revoke", "--dir", "authority", "cam-9"), 2, "is not listed"),
        (("authority", "rotate", "--dir", "authority", "--remove", "zoe"), 2, "is no administrator"),
        (("authority", "rotate", "--dir", "authority", "--add", "text.txt"), 2, "is no public part"),
        (("authority", "rotate", "--dir", "authority", "--add", "list.json"), 2, "is no JSON of named texts"),
        (("authority", "rotate", "--dir", "authority", "--add", "device.json"), 2, "lacks signing"),
        (("device", "add", "--dir", "authority", "list.json"), 2, "is no JSON of named texts"),
        (("device", "add", "--dir", "authority", "alice.key.public.json"), 2, "lacks group"),
        (("device", "add", "--dir", "authority", "number.json"), 2, "its name is no text"),
        (("device", "add", "--dir", "authority", "unusable.json"), 2, "no X25519 key that anything can be sealed to"),
    ],
)
def test_it_is_one_line_and_leaves_the_authority_as_it_was(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(desk.folder)
    monkeypatch.delenv("LAPEL_PASSPHRASE", raising=False)
    before = contents(desk.dir)
    capsys.readouterr()
    assert main(list(words)) == code
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert contents(desk.dir) == before


def test_a_proposal_of_another_authority_is_neither_signed_nor_published(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other").founded()
    other.device()
    today = datetime.now(UTC).date()
    other.propose("alice", made_up_gallery(today, (made_up_entry("crate", today),)), *TERMS)
    shutil.copytree(other.dir / "proposal", desk.dir / "proposal")
    before = contents(desk.dir)
    try:
        capsys.readouterr()
        assert [desk.sign("bob"), desk.publish()] == [5, 5]
        assert [len(line) > 9 for line in capsys.readouterr().err.splitlines()] == [True, True]
        assert contents(desk.dir) == before
    finally:
        shutil.rmtree(desk.dir / "proposal")
