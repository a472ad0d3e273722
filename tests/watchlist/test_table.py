"""What a table of things may say, and what is said of a row that may not be listed."""

import json
from datetime import date
from pathlib import Path

import pytest

from lapel.core.things import Kind
from lapel.errors import UsageError
from lapel_tools.watchlist.table import parsed_table, read_table

TODAY = date(2026, 3, 1)
HEAD = "id,label,purpose,case,authority,expires,kind,codes,photos"
GOOD = "mug-1,Blue mug,stolen,C-1,court,2026-06-01,cup,,a.jpg; b.jpg"


def reasons(*rows: str, head: str = HEAD) -> list[str]:
    return [row.reason for row in parsed_table("t.csv", "\n".join((head, *rows)), TODAY)[1]]


def test_a_row_becomes_an_entry_with_its_photos() -> None:
    (row,), refused = parsed_table("t.csv", f"{HEAD}\n{GOOD}\n", TODAY)
    assert (row.line, row.entry.kind, row.photos, refused) == (2, Kind.CUP, ("a.jpg", "b.jpg"), ())


def test_json_says_the_same_as_csv() -> None:
    values = dict(zip(HEAD.split(","), GOOD.split(","), strict=True)) | {"photos": ["a.jpg", "b.jpg"]}
    rows, _ = parsed_table("t.json", json.dumps([values]), TODAY)
    assert rows[0].entry == parsed_table("t.csv", f"{HEAD}\n{GOOD}", TODAY)[0][0].entry
    assert rows[0].photos == ("a.jpg", "b.jpg")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (GOOD.replace("stolen", ""), "mug-1: purpose is empty"),
        (GOOD.replace("2026-06-01", ""), "mug-1: expires is empty"),
        (GOOD.replace("2026-06-01", "1.6.26"), "mug-1: expires '1.6.26' is no day"),
        (GOOD.replace("2026-06-01", "2026-02-01"), "mug-1: expires 2026-02-01 has passed"),
        (GOOD.replace("2026-06-01", "2031-01-01"), "mug-1: expires 2031-01-01 is more than 365 days ahead"),
        (GOOD.replace("cup", "person"), "mug-1: kind 'person' is none"),
        (GOOD.replace("a.jpg", "../a.jpg"), "mug-1: photo '../a.jpg' lies outside"),
        (GOOD.replace("a.jpg; b.jpg", ""), "mug-1: neither a photo nor a code"),
        (GOOD.replace("mug-1", "mug 1"), "id 'mug 1': an id has"),
        (GOOD.replace(",,a.jpg", ",ANSI 636026080102DL,a.jpg"), "mug-1: code is a driving licence"),
        (GOOD.replace(",,a.jpg", ",4006381333931;MH 12 DE 1433,a.jpg"), "mug-1: code is built like a licence plate"),
        (GOOD.replace(",,a.jpg", ",P<UTOERIKSSON<<ANNA,a.jpg"), "mug-1: code is"),
    ],
)
def test_a_row_that_may_not_be_listed_says_why(row: str, reason: str) -> None:
    (found,) = reasons(row)
    assert found.startswith(reason)


def test_the_second_row_of_an_id_is_refused_and_names_the_first() -> None:
    assert reasons(GOOD, GOOD) == ["mug-1: its id is that of line 2 already; give each its own"]
    assert reasons(GOOD, f" {GOOD}") == ["mug-1: its id is that of line 2 already; give each its own"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("t.csv", f"{HEAD},colour\n{GOOD},red", "unknown column 'colour'"),
        ("t.csv", "id,label\nmug-1,Blue mug", "has no column purpose, case, authority, expires"),
        ("t.csv", f"{HEAD},id\n{GOOD},x", "has a column twice"),
        ("t.csv", f"{HEAD}\nmug-1,Blue mug", "line 2 has 2 cells where the head has 9"),
        ("t.csv", "", "has no column id"),
        ("t.json", "{", "is no JSON"),
        ("t.json", '{"id": "mug-1"}', "is no array of objects"),
        ("t.json", '[{"id": 17}]', "has no column"),
        ("t.json", json.dumps([dict.fromkeys(HEAD.split(",")[:6], 1)]), "entry 1: id is int, not text"),
    ],
)
def test_a_file_that_is_no_table_is_refused_whole(name: str, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parsed_table(name, text, TODAY)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        read_table(path, TODAY)
