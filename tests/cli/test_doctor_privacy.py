"""The doctor hunts for faces on the device: it finds what leaks, and says so where nothing does."""

import json
import tomllib
from pathlib import Path

import cv2
import pytest

import lapel
from lapel.cli.main import main
from lapel.hunt.scene import scenes
from lapel.wiring.doctor_privacy import RAW_PLACES, SOCKET_MODULES, imports_of_sockets
from seeded_leaks import SEEDS, plant

ROOT = Path(__file__).parents[2]
OURS = ("import wall", "network wall", "searcher", "hunt's watch", "leak hunt", "kept pictures")


def verdicts(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[bool, str]]:
    """The privacy verdicts: fine or not, and what was said."""
    every = {each["name"]: (each["is_fine"], each["said"]) for each in json.loads(capsys.readouterr().out)}
    return {name: every[name] for name in OURS}


def test_a_device_from_which_nothing_leaks_is_fine(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--privacy", "--state", str(state), "--json"])
    found = verdicts(capsys)
    assert [name for name, (is_fine, _) in found.items() if not is_fine] == []
    assert found["leak hunt"][1].startswith("no marked face in ")


@pytest.mark.long
def test_a_device_that_leaks_and_keeps_a_face_is_told_where(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(plant(SEEDS["a debug dump"], tmp_path / "copy")))
    (state / "old.jpg").write_bytes(cv2.imencode(".jpg", next(scenes(1))[..., ::-1])[1].tobytes())
    assert main(["doctor", "--privacy", "--state", str(state), "--json"]) == 1
    found = verdicts(capsys)
    assert "debug-1.png › PNG at 0" in found["leak hunt"][1]
    assert found["kept pictures"] == (False, "1 of 1 may show a face; look at them: old.jpg › JPEG at 0")


def test_an_import_of_a_socket_where_pixels_are_is_found(tmp_path: Path) -> None:
    copy = plant(SEEDS["a debug dump"], tmp_path) / "lapel"
    assert list(imports_of_sockets(copy)) == []
    (copy / "capture" / "planted.py").write_text("def late() -> None:\n    from urllib import request\n")
    assert list(imports_of_sockets(copy)) == ["capture/planted.py:2: import of urllib"]


def test_the_doctor_knows_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (wall,) = (each for each in contracts if each["name"] == "Raw pixels never meet the network")
    assert set(wall["forbidden_modules"]) == SOCKET_MODULES
    assert {f"lapel.{place.removesuffix('.py')}" for place in RAW_PLACES} == set(wall["source_modules"])
    assert list(imports_of_sockets(Path(lapel.__file__).parent)) == []
