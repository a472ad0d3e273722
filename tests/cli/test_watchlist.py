"""``lapel watchlist`` shows what is looked for, and lets nothing in that may not be used."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lapel.cli.main import main
from lapel.core.gallery import Gallery
from lapel.fakes.gallery import made_up_entry, made_up_gallery
from lapel.health.clock import SystemClock
from lapel.infer.manifest import ModelStore
from lapel.store.gallery import read_gallery, write_gallery
from lapel.store.keys import FileKey

TODAY = SystemClock().today()
MODEL = ModelStore().describing_sha256


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with a key."""
    folder = tmp_path / "state"
    FileKey.create(folder / "device.key")
    return folder


def sealed(state: Path, gallery: Gallery) -> Path:
    path = state.parent / "list.lapel"
    write_gallery(path, gallery, FileKey(state / "device.key"))
    return path


def current(**changes: object) -> Gallery:
    return replace(made_up_gallery(TODAY - timedelta(days=10), model_sha256=MODEL), **changes)  # type: ignore[arg-type]


def with_expired_entry() -> Gallery:
    entries = (made_up_entry("old", TODAY - timedelta(days=1)), made_up_entry("last-day", TODAY))
    return made_up_gallery(TODAY - timedelta(days=10), entries, MODEL)


def run(action: str, file: Path, state: Path, *more: str) -> int:
    return main(["watchlist", action, str(file), "--state", str(state), *more])


def test_show_gives_terms_entries_and_days_left(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", sealed(state, current()), state) == 0
    shown = capsys.readouterr().out
    row = next(line for line in shown.splitlines() if line.startswith("crate-1"))
    assert "list springfield  version 1" in shown
    assert f"{TODAY + timedelta(days=80)}  80" in row


def test_show_marks_an_expired_entry_and_not_one_on_its_last_day(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("show", sealed(state, with_expired_entry()), state)
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert ("EXPIRED" in rows["old"], "EXPIRED" in rows["last-day"]) == (True, False)


def test_show_speaks_json(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("show", sealed(state, with_expired_entry()), state, "--json")
    shown = json.loads(capsys.readouterr().out)
    assert [(entry["id"], entry["days_left"], entry["expired"], entry["references"]) for entry in shown["entries"]] == [
        ("old", -1, True, 2),
        ("last-day", 0, False, 2),
    ]
    assert shown["model_sha256"] == MODEL


def test_verify_is_0_for_a_list_that_may_be_used_whole(state: Path) -> None:
    assert run("verify", sealed(state, current()), state) == 0


@pytest.mark.parametrize(
    ("gallery", "said"),
    [
        (with_expired_entry(), "entry 'old': expired on"),
        (made_up_gallery(TODAY - timedelta(days=100), model_sha256=MODEL), "list 'springfield': expired on"),
        (made_up_gallery(TODAY + timedelta(days=2), model_sha256=MODEL), "which is to come"),
        (current(entries=(), references=()), "has no entry"),
        (
            current(references=(), entries=(replace(made_up_entry("a", TODAY), codes=()),)),
            "entry 'a': has neither a picture nor a code",
        ),
    ],
    ids=["expired-entry", "expired-list", "future-list", "no-entry", "nothing-to-match"],
)
def test_verify_is_1_with_a_line_for_each_finding(
    state: Path, gallery: Gallery, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("verify", sealed(state, gallery), state) == 1
    assert said in capsys.readouterr().out


def test_verify_is_5_for_a_changed_list(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = sealed(state, current())
    data = bytearray(file.read_bytes())
    data[-100] ^= 1
    file.write_bytes(data)
    assert run("verify", file, state) == 5
    assert capsys.readouterr().err.startswith(f"lapel: {file}: was changed near byte")


def test_verify_is_5_for_references_of_another_model(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", sealed(state, made_up_gallery(TODAY)), state) == 5
    assert f"models {MODEL[:12]} are loaded" in capsys.readouterr().err


def test_verify_is_5_for_a_wrong_key(state: Path) -> None:
    file = sealed(state, current())
    FileKey.create(state / "other.key")
    assert run("verify", file, state, "--key-file", str(state / "other.key")) == 5


def test_verify_is_2_for_a_missing_file(state: Path) -> None:
    assert run("verify", state / "absent.lapel", state) == 2


def test_verify_is_3_for_a_missing_key(state: Path, tmp_path: Path) -> None:
    assert run("verify", sealed(state, current()), tmp_path / "elsewhere") == 3


def test_a_passphrase_of_the_environment_opens_a_list(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPEL_PASSPHRASE", "another passphrase")
    assert run("verify", sealed(state, current()), state) == 5


def test_import_puts_the_list_into_the_state_folder(state: Path) -> None:
    assert run("import", sealed(state, current()), state) == 0
    imported = read_gallery(state / "watchlist.lapel", FileKey(state / "device.key"))
    assert [entry.id for entry in imported.entries] == ["crate-0", "crate-1", "crate-2"]
    assert sorted(path.name for path in state.iterdir()) == ["device.key", "watchlist.lapel"]


def test_import_of_a_refused_list_keeps_the_one_before(state: Path) -> None:
    run("import", sealed(state, current()), state)
    before = (state / "watchlist.lapel").read_bytes()
    foreign = sealed(state, made_up_gallery(TODAY))
    assert run("import", foreign, state) == 5
    assert (state / "watchlist.lapel").read_bytes() == before


def test_import_refuses_a_list_that_has_expired(state: Path) -> None:
    expired = sealed(state, made_up_gallery(TODAY - timedelta(days=100), model_sha256=MODEL))
    assert run("import", expired, state) == 5
    assert not (state / "watchlist.lapel").exists()


def test_import_takes_a_list_with_an_expired_entry_and_says_so(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", sealed(state, with_expired_entry()), state) == 0
    assert "entry 'old': expired on" in capsys.readouterr().out
