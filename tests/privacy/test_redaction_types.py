"""Privacy by type: what could carry a raw pixel or a person's place past the redactor does not type-check or exist."""

import dataclasses
import subprocess
import sys
from pathlib import Path

from lapel.core.things import Scene

ROOT = Path(__file__).parents[2]

SMUGGLER = """
from lapel.capture.raw import RawFrame
from lapel.core.things import Scene
from lapel.ports import Detector

def smuggle(detector: Detector, raw: RawFrame) -> Scene:
    return detector.detect(raw)
"""


def test_a_detector_given_a_raw_frame_does_not_type_check(tmp_path: Path) -> None:
    (tmp_path / "smuggler.py").write_text(SMUGGLER)
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(tmp_path / "smuggler.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'incompatible type "RawFrame"; expected "Frame"' in checked.stdout


def test_a_scene_has_no_place_for_what_a_finder_found() -> None:
    assert {field.name: field.type for field in dataclasses.fields(Scene)} == {
        "things": "tuple[Thing, ...]",
        "people": "int",
        "canvas": "Pixels",
    }


def test_only_capture_names_the_type_of_raw_frames() -> None:
    device = ROOT / "device/lapel"
    naming = {
        path.relative_to(device).parts[0]
        for folder in (device, ROOT / "tools/lapel_tools")
        for path in folder.rglob("*.py")
        if "capture.raw" in path.read_text(encoding="utf-8")
    }
    assert naming == {"capture"}
