"""The hunt is hunted: leaks planted in copies of the package are caught, each of them."""

from pathlib import Path

import pytest

from lapel.config.profile import load_profile
from lapel.wiring.hunting import Hunted, hunt
from seeded_leaks import FRAMES, SEEDS, SKIPPING, Seed, plant, skip_without_core_dumps

pytestmark = pytest.mark.timeout(900)

AMONG_ALL_TESTS = {"a debug dump", "the alert's picture", "a ring of raw stills"}
NAMES = [
    pytest.param(name, marks=() if name in AMONG_ALL_TESTS else pytest.mark.long, id=name.replace(" ", "-"))
    for name in SEEDS
]


def hunted_with(seed: Seed, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Hunted:
    """The hunt over a copy of the package with that in it."""
    monkeypatch.setenv("PYTHONPATH", str(plant(seed, folder / "copy")))
    (folder / "hunt").mkdir()
    return hunt(folder / "hunt", load_profile("ci-video"), frames=FRAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_planted_leak_is_caught(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    skip_without_core_dumps(name)
    found = hunted_with(SEEDS[name], tmp_path, monkeypatch)
    print(f"{name}: {len(found.leaks)} leaks, the first: {found.leaks[0].where if found.leaks else 'none'}")
    assert found.leaks, found.trouble


@pytest.mark.long
def test_a_finder_that_skips_frames_leaks_nothing_while_faces_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = hunted_with(Seed(SKIPPING, "capture/redact.py"), tmp_path, monkeypatch)
    assert (found.frames, found.alerts > 0, found.leaks) == (FRAMES, True, ())


def test_at_least_twenty_leaks_are_planted() -> None:
    assert len(SEEDS) >= 20
