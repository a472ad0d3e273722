"""What every test may use: the test kit, and a list of what was skipped and why."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Runtime
from postgres_rig import cluster

__all__ = ["cluster"]

_missing: Counter[str] = Counter()


@pytest.fixture(scope="session")
def kit() -> Path:
    """The folder of the test kit: pictures and videos that are not part of the repository."""
    given = os.environ.get("LAPEL_KIT", "")
    if not given:
        pytest.skip("the test kit: set LAPEL_KIT to its folder")
    folder = Path(given)
    assert folder.is_dir(), f"LAPEL_KIT: {folder}: no such folder; give the kit's folder, or unset it"
    return folder


@pytest.fixture(scope="session")
def models(runtime: Runtime) -> ModelStore:
    """The committed models under the runtime under test: tools/test runs them under both."""
    return ModelStore(runtime=runtime)


@pytest.fixture(scope="session")
def runtime() -> Runtime:
    """The runtime that LAPEL_RUNTIME names."""
    return Runtime(os.environ.get("LAPEL_RUNTIME", Runtime.LITERT.value))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT interrupts, whatever an earlier test's watch made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what skipped tests lacked."""
    _note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Count whole files that were skipped."""
    _note(report)


def pytest_sessionfinish() -> None:
    """Write the list for tools/test, which shows it last."""
    target = os.environ.get("LAPEL_SKIPS", "")
    # Beside its workers the process that leads them hears of every test: each must be counted once.
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if target and _missing and not is_worker:
        with Path(target).open("a", encoding="utf-8") as listing:
            where = f" under {runtime}" if (runtime := os.environ.get("LAPEL_RUNTIME")) else ""
            listing.writelines(f"{reason} ({count} tests{where})\n" for reason, count in sorted(_missing.items()))


def _note(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        _missing[report.longrepr[2].removeprefix("Skipped: ")] += 1
