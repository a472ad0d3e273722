"""Bad input to an administrator's commands: one clear line, and nothing half-done."""

from pathlib import Path

import pytest

from authority_desk import PASSPHRASE, TERMS, Desk
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
    return Desk(folder).founded()


ALICE = ("--dir", "authority", "--key", "alice.key", "--passphrase-file")
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
        (("publish", "--dir", "authority"), 2, "no proposal waits there"),
        (("device", "add", "--dir", "authority", "text.txt"), 2, "describes no device"),
        (("device", "add", "--dir", "authority", "none.json"), 2, "describes no device"),
        (("device", "revoke", "--dir", "authority", "cam-9"), 2, "is not listed"),
        (("authority", "rotate", "--dir", "authority", "--remove", "zoe"), 2, "is no administrator"),
        (("authority", "rotate", "--dir", "authority", "--add", "text.txt"), 2, "is no public part"),
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


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
