"""What pyproject.toml allows, what the lock files install and what the second runtime needs agree."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "tools" / "locks"
SECOND = ("tflite-runtime", "gpio")
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(name: str) -> dict[str, Version]:
    """Names and versions of a lock file or of what it is compiled from."""
    text = (LOCKS / name).read_text(encoding="utf-8")
    return {normal(package): Version(version) for package, version in PIN.findall(text)}


def project(path: str) -> dict[str, object]:
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))["project"]


def wanted(path: str, extra: str | None = None) -> list[Requirement]:
    table = project(path)
    lines = table["dependencies"] if extra is None else table["optional-dependencies"][extra]
    return [each for each in map(Requirement, lines) if normal(each.name) != "lapel"]


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("dev.txt", [*wanted("pyproject.toml"), *wanted("pyproject.toml", "litert"), *wanted("tools/pyproject.toml")]),
        ("device.txt", [*wanted("pyproject.toml"), *wanted("pyproject.toml", "litert")]),
        (
            "device-tflite-runtime.txt",
            [*wanted("pyproject.toml"), *(each for name in SECOND for each in wanted("pyproject.toml", name))],
        ),
        ("tflite-runtime.txt", [*wanted("pyproject.toml"), *wanted("pyproject.toml", "tflite-runtime")]),
    ],
)
def test_a_lock_holds_a_version_that_the_project_allows(lock: str, requirements: list[Requirement]) -> None:
    locked = pins(lock)
    for requirement in requirements:
        assert locked[normal(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("name", ["dev", "device", "device-tflite-runtime", "tflite-runtime"])
def test_a_lock_was_compiled_from_what_stands_beside_it(name: str) -> None:
    locked = pins(f"{name}.txt")
    assert {package: locked.get(package) for package in pins(f"{name}.in")} == pins(f"{name}.in")


def test_bench_and_device_install_the_same_versions() -> None:
    bench, device = pins("dev.txt"), pins("device.txt")
    assert {name: bench.get(name) for name in device} == device


def test_what_is_tested_under_the_second_runtime_is_what_its_package_holds() -> None:
    tested, shipped = pins("tflite-runtime.txt"), pins("device-tflite-runtime.txt")
    del shipped["lgpio"]  # drives pins, which no machine for tests has
    assert {name: tested.get(name) for name in shipped} == shipped


def test_the_build_backend_of_the_project_is_the_locked_one() -> None:
    for path in ("pyproject.toml", "tools/pyproject.toml"):
        requires = tomllib.loads((ROOT / path).read_text(encoding="utf-8"))["build-system"]["requires"]
        assert requires == [f"hatchling=={pins('dev.txt')['hatchling']}"]


@pytest.mark.parametrize("lock", ["dev.txt", "device.txt", "device-tflite-runtime.txt", "tflite-runtime.txt"])
def test_every_locked_package_has_a_hash(lock: str) -> None:
    blocks = re.split(r"\n(?=\S)", (LOCKS / lock).read_text(encoding="utf-8").strip())
    assert [block for block in blocks if PIN.match(block) and "--hash=sha256:" not in block] == []


def test_the_device_has_wheels_for_both_kinds_of_machine_by_hash() -> None:
    locked = (LOCKS / "device.txt").read_text(encoding="utf-8")
    for package in ("numpy", "ai-edge-litert", "sqlcipher3"):
        block = re.search(rf"^{package}==.*?(?=^\S|\Z)", locked, re.MULTILINE | re.DOTALL)
        assert block is not None
        assert block.group().count("--hash=") >= 4


def test_program_and_bench_have_one_version() -> None:
    assert project("pyproject.toml")["version"] == project("tools/pyproject.toml")["version"]
