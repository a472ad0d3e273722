"""Showing a list and comparing two, without a model."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lapel.core.compact import LEVELS, compacted
from lapel.core.gallery import Gallery
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.store.gallery import write_gallery
from lapel.store.keys import FileKey
from lapel_tools.cli.main import main

TODAY = datetime.now(UTC).date()


class Shelf:
    """Sealed lists in a folder, and the command on them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, folder / "list.key"
        FileKey.create(self.key)

    def put(self, name: str, gallery: Gallery) -> str:
        write_gallery(self.folder / name, gallery, FileKey(self.key))
        return str(self.folder / name)

    def run(self, *words: str) -> int:
        return main(["watchlist", *words, "--key-file", str(self.key)])


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_list_is_shown_with_purpose_last_day_and_what_finds_it(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shelf.run("show", shelf.put("a.lapel", made_up_gallery(TODAY)), "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    first = shown["entries"][0]
    assert (first["purpose"], first["pictures"], first["verdict"]) == ("find stolen goods", 2, "found by code")
    assert first["expires"] == (TODAY + timedelta(days=90)).isoformat()
    assert shown["picture_bytes"] > 6 * 300


def test_a_list_that_was_long_says_how_much_smaller_its_pictures_go_to_devices(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    given = made_up_gallery(TODAY)
    long = tuple(
        replace(each, features=compacted(each.features, LEVELS[2]), picture=bytes(40 << 10))
        for each in given.references
    )
    assert shelf.run("show", shelf.put("a.lapel", replace(given, references=long))) == 0
    assert "6, 0.2 MiB, sealed in the list; devices get smaller ones, at most 0.1 MiB" in capsys.readouterr().out
    assert shelf.run("show", shelf.put("b.lapel", given)) == 0
    assert "devices get" not in capsys.readouterr().out


def test_an_entry_that_cannot_match_is_a_finding(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    bare = replace(made_up_entry("crate-9", TODAY), codes=())
    listed = shelf.put("a.lapel", replace(made_up_gallery(TODAY, (bare,)), references=()))
    assert shelf.run("show", listed) == 1
    assert "crate-9: cannot be found; " in capsys.readouterr().out


def test_a_page_shows_every_entry_with_its_pictures(shelf: Shelf) -> None:
    page = shelf.folder / "page.html"
    assert shelf.run("show", shelf.put("a.lapel", made_up_gallery(TODAY)), "--html", str(page)) == 0
    text = page.read_text(encoding="utf-8")
    assert all(f"(crate-{number})" in text for number in range(3))
    assert text.count("data:image/jpeg;base64,") == 6


def test_what_comes_goes_and_changes_is_told_apart(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    before = made_up_gallery(TODAY)
    new = replace(before.entries[2], id="crate-7")
    kept = tuple(each for each in before.references if each.entry_id != "crate-2")
    after = replace(before, entries=(replace(before.entries[0], case="C-18"), before.entries[1], new), references=kept)
    page = shelf.folder / "page.html"
    lists = shelf.put("a.lapel", before), shelf.put("b.lapel", after)
    assert shelf.run("diff", *lists, "--json", "--html", str(page)) == 1
    found = json.loads(capsys.readouterr().out)
    assert [each["id"] for each in found["added"]] == ["crate-7"]
    assert [each["id"] for each in found["removed"]] == ["crate-2"]
    assert found["changed"] == [{"id": "crate-0", "case": ["C-17", "C-18"]}]
    assert "C-17 → C-18" in page.read_text(encoding="utf-8")


def test_a_list_does_not_differ_from_itself(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    listed = shelf.put("a.lapel", made_up_gallery(TODAY))
    assert shelf.run("diff", listed, listed) == 0
    assert capsys.readouterr().out == "0 added, 0 removed, 0 changed\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "none.lapel"), 2, "no such file"),
        (("show", "list.key"), 5, "is not a sealed Lapel file"),
        (("diff", "a.lapel", "none.lapel"), 2, "no such file"),
        (("show", "a.lapel", "--html", "no/page.html"), 2, "there is no folder"),
        (("export", "a.lapel", "no/out"), 2, "there is no folder"),
        (("export", "a.lapel", "list.key"), 2, "is there already"),
        (("redescribe", "none.lapel"), 2, "no such file"),
        (("redescribe", "a.lapel", "--out", "a.lapel"), 2, "is there already"),
        (("redescribe", "a.lapel", "--models", "none"), 2, "No such file"),
        (("redescribe", "a.lapel", "--processes", "99"), 2, "--processes 99: give 1 to 8"),
        (("import", "none.csv", "--into", "b.lapel"), 2, "cannot be read"),
        (("import", "list.key", "--into", "b.lapel"), 2, "is no table"),
        (("import", "none.csv", "--into", "no/b.lapel"), 2, "no list can be there"),
        (("import", "none.csv", "--into", "b.lapel", "--photos", "no"), 2, "there is no such folder"),
        (("import", "none.csv", "--into", "b.lapel", "--report", "r.txt"), 2, "ends in none of"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    shelf.put("a.lapel", made_up_gallery(TODAY))
    monkeypatch.chdir(shelf.folder)
    before = contents(shelf.folder)
    assert shelf.run(*words) == code
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert contents(shelf.folder) == before


def test_another_key_opens_nothing(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    listed, other = shelf.put("a.lapel", made_up_gallery(TODAY)), shelf.folder / "other.key"
    FileKey.create(other)
    for words in (["show", listed], ["export", listed, str(shelf.folder / "out")], ["redescribe", listed]):
        assert main(["watchlist", *words, "--key-file", str(other)]) == 5
        assert "does not open it" in capsys.readouterr().err
    assert not (shelf.folder / "out").exists()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but locks, which stay."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }
