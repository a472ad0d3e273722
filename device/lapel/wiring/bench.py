"""Measures the watch loop with the parts that a watch uses."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lapel.config.profile import Pins, Profile
from lapel.core.gallery import Gallery
from lapel.health.clock import SystemClock
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Runtime
from lapel.ports import KeyProvider
from lapel.store.keys import FileKey
from lapel.wiring.bench_list import noise_list, write_made_up
from lapel.wiring.body import body_of
from lapel.wiring.lookout import Orders, watch
from lapel.wiring.outcome import Outcome

Result = TypeVar("Result")

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


def on_one_thread(profile: Profile) -> Profile:
    """The profile with models and OpenCV held to one thread."""
    return replace(profile, models=replace(profile.models, threads=1))


def made_up(profile: Profile, references: int) -> Gallery:
    """A watchlist of noise, by the models of a profile."""
    return noise_list(models_of(profile), references, CODES)


def models_of(profile: Profile) -> ModelStore:
    """The committed models, on the profile's runtime."""
    return ModelStore(runtime=Runtime(profile.models.runtime))


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows f32[n, d], each of length 1."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """How long work took, in seconds, and what came of it."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result
