"""Measures the watch loop with the parts that a watch uses."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lapel.config.profile import Pins, Profile
from lapel.core.compact import level_for
from lapel.core.gallery import Gallery, Terms
from lapel.core.search import directions
from lapel.core.things import Entry, Features, Kind, Reference
from lapel.health.clock import SystemClock
from lapel.infer.learned import read_local, read_reduction
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Runtime
from lapel.ports import KeyProvider
from lapel.store.keys import FileKey
from lapel.wiring.bench_list import write_made_up
from lapel.wiring.body import body_of
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.outcome import Outcome

Result = TypeVar("Result")

# As many local features as an enrolled picture of a printed thing has.
_POINTS = 300
_SEED = 20_250_101
# A GTIN of GS1's own examples: with no code on the list, no frame would be read for codes.
CODES = ("9506000134352",)


@dataclass(frozen=True, slots=True)
class LoopFigures:
    """A measured watch. ``wall_s`` and ``cpu_s`` hold the loading of the models too."""

    outcome: Outcome
    wall_s: float
    cpu_s: float


def measure_loop(
    profile: Profile, source: str, is_live: bool, references: int, watchlist: tuple[Path, KeyProvider] | None
) -> LoopFigures:
    """Watch a source with a real journal in a passing folder, and with a made-up watchlist where none is given.

    Raises: what ``watch`` raises.
    """
    with TemporaryDirectory(prefix="lapel-bench-") as name:
        folder = Path(name)
        keys = FileKey.create(folder / "device.key")
        if watchlist is None:
            watchlist = (folder / "made-up.lapel", keys)
            write_made_up(watchlist[0], models_of(profile), references, keys, codes=CODES)
        orders = Orders(source, watchlist[0], folder, device="bench", is_live=is_live, console=False)
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        with body_of(profile.pins if is_live else Pins(), orders.is_silent, SystemClock()) as body:
            outcome = watch(profile, orders, watchlist[1], keys, body=body)
        if outcome.is_interrupted:
            raise KeyboardInterrupt  # half a measurement is none
        return LoopFigures(outcome, round(time.perf_counter() - wall_s, 3), round(time.process_time() - cpu_s, 3))


def with_runtime(profile: Profile, runtime: str | None) -> Profile:
    """The profile, on another runtime where one is asked for."""
    return profile if runtime is None else replace(profile, models=replace(profile.models, runtime=runtime))


def made_up(profile: Profile, references: int) -> Gallery:
    """A watchlist of noise: as dear to search as a real one of its size, and nothing in it can be found."""
    models = models_of(profile)
    local, reduction = read_local(models), read_reduction(models)
    level = level_for(references)
    random = np.random.default_rng(_SEED)
    today = datetime.now(UTC).date()
    expires = today + timedelta(days=1)
    entries = tuple(
        Entry(f"made-up-{n}", f"made up {n}", Kind.OTHER, "measurement", "none", "none", expires, codes=CODES)
        for n in range(references)
    )
    return Gallery(
        Terms("made-up", 1, today, expires),
        models.describing_sha256,
        entries,
        tuple(
            Reference(
                entry.id,
                directions(_noise_row(random, reduction.dimensions)),
                directions(_noise_row(random, local.aggregation.reduction.dimensions)),
                _noise(random, min(_POINTS, level.points), min(local.code.width, level.width)),
                b"no picture",
            )
            for entry in entries
        ),
    )


def models_of(profile: Profile) -> ModelStore:
    """The committed models, on the profile's runtime."""
    return ModelStore(runtime=Runtime(profile.models.runtime))


def _noise_row(random: np.random.Generator, dimensions: int) -> NDArray[np.float32]:
    return unit(random.standard_normal((1, dimensions), np.float32))


def _noise(random: np.random.Generator, points: int, width: int) -> Features:
    places = random.uniform(0, 320, (points, 2)).astype(np.float32)
    return Features(places, random.integers(-60, 60, (points, width)).astype(np.int8), 320, 320)


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows f32[n, d], each of length 1."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """How long work took, in seconds, and what came of it."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result
