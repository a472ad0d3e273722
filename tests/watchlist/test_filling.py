"""A list filled from a table and photos, on the committed models; and described anew."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from filling_rig import LAST_DAY, Store, other_models
from lapel.infer.manifest import ModelStore
from lapel.store.gallery import read_gallery
from lapel.store.keys import FileKey
from lapel_tools.cli.main import main


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


BAD = ("bad-1", "Crate", "stolen", "C-1", "court", LAST_DAY, "gone.png")


def test_a_refused_row_keeps_all_others_off_the_list_until_that_is_asked_for(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    (store.folder / "note.png").write_text("no picture", encoding="utf-8")
    store.things(1, BAD, (*BAD[:-1], "note.png"), ("bad-2", *BAD[1:-1], "note.png"))
    report = store.folder / "refused.csv"
    assert store.fill("--report", str(report)) == 1
    assert not store.list.exists()
    out = capsys.readouterr().out
    assert "line 3: bad-1: photo" in out
    assert "line 4: bad-1: its id is that of line 3 already" in out
    assert "line 5: bad-2: note.png: not a picture" in out.replace(f"{store.folder}/", "")
    assert len(report.read_text(encoding="utf-8").splitlines()) == 4
    assert store.fill("--skip-refused", "--json") == 1
    assert json.loads(capsys.readouterr().out)["added"] == 1
    assert [entry.id for entry in store.gallery().entries] == ["thing-0"]


def test_a_killed_import_goes_on_and_describes_nothing_again(store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    store.things(4)
    command = store.words("import", str(store.table), "--into", str(store.list), "--processes", "1")
    program = [sys.executable, "-m", "lapel_tools.cli.main", *command]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not done(store) and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    before = done(store)
    assert before
    assert not store.list.exists()
    capfd.readouterr()
    assert store.fill() == 0
    assert f"{len(before)} of 4 entries were described before" in capfd.readouterr().err
    assert len(store.gallery().entries) == 4
    assert not done(store)


def done(store: Store) -> set[str]:
    """What was described whole, by name."""
    return {path.name for path in store.work.glob("[0-9a-f]*") if len(path.name) == 64}


def test_a_table_that_was_imported_changes_nothing_again(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.things(1)
    assert [store.fill(), store.fill("--json")] == [0, 0]
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["written"], found["unchanged"], store.gallery().terms.version) == (False, 1, 1)


@pytest.mark.parametrize("plain", [True, False])
def test_an_exported_list_comes_back_as_it_was(store: Store, plain: bool, capsys: pytest.CaptureFixture[str]) -> None:
    store.things(2)
    assert store.fill() == 0
    out = store.folder / "out"
    assert main(store.words("export", str(store.list), str(out), *(["--plain"] if plain else []))) == 0
    assert ("anyone who has this folder reads" in capsys.readouterr().err) == plain
    assert any(b"stolen" in path.read_bytes() for path in out.rglob("*") if path.is_file()) == plain
    table = out / "table.csv" if plain else out
    assert store.fill("--json", table=table) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 2
    shutil.copy(store.list, store.folder / "first.lapel")
    store.list.unlink()
    assert store.fill(table=table) == 0
    assert [(e.id, e.purpose) for e in store.gallery().entries] == [("thing-0", "stolen"), ("thing-1", "stolen")]


def test_terms_change_by_an_edited_export_and_pictures_are_kept_as_described(store: Store) -> None:
    store.things(1)
    assert store.fill() == 0
    before, out = store.gallery(), store.folder / "out"
    assert main(store.words("export", str(store.list), str(out), "--plain")) == 0
    table = out / "table.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("stolen", "looted"), encoding="utf-8")
    assert store.fill(table=table) == 1
    assert store.gallery().entries == before.entries
    assert store.fill("--update", table=table) == 0
    after = store.gallery()
    assert (after.entries[0].purpose, after.terms.version) == ("looted", 2)
    assert (after.references[0].descriptors == before.references[0].descriptors).all()


def test_a_list_is_described_by_other_models_from_the_pictures_that_it_keeps(store: Store) -> None:
    store.things(1)
    assert store.fill() == 0
    other, out = other_models(store.folder / "models"), store.folder / "other.lapel"
    words = ("redescribe", str(store.list), "--models", str(other), "--out", str(out), "--processes", "1")
    assert main(store.words(*words)) == 0
    before, after = store.gallery(), read_gallery(out, FileKey(store.key))
    assert after.model_sha256 == ModelStore(other).describing_sha256 != before.model_sha256
    assert after.entries == before.entries
    assert [each.picture for each in after.references] == [each.picture for each in before.references]
    assert after.calibration is None
