"""What is installed on a device is complete: the wheel carries models and profiles, and nothing of the bench."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in the device's wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(built).namelist())


def test_the_wheel_carries_every_model_of_the_manifest(wheel: set[str]) -> None:
    tables = tomllib.loads((ROOT / "models" / "manifest.toml").read_text(encoding="utf-8"))
    files = {table["file"] for table in tables.values() if isinstance(table, dict) and "file" in table}
    assert files
    assert {f"lapel/models/{name}" for name in files | {"manifest.toml"}} <= wheel


def test_the_wheel_carries_every_profile(wheel: set[str]) -> None:
    names = {path.name for path in (ROOT / "hardware-profiles").glob("*.toml")}
    assert {f"lapel/profiles/{name}" for name in names} <= wheel


def test_the_wheel_carries_licence_and_notice(wheel: set[str]) -> None:
    assert {Path(name).name for name in wheel if ".dist-info/licenses/" in name} >= {"LICENSE", "NOTICE"}


def test_the_wheel_carries_nothing_of_the_bench_and_no_tests(wheel: set[str]) -> None:
    assert {name.split("/")[0] for name in wheel if ".dist-info/" not in name} == {"lapel"}


def test_the_wheel_carries_every_module(wheel: set[str]) -> None:
    modules = {str(path.relative_to(ROOT / "device")) for path in (ROOT / "device").rglob("*.py")}
    assert modules <= wheel
