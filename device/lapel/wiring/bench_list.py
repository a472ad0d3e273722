"""Lists of noise for a bench: long ones are made and sealed a part at a time, so that none of it stays in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from lapel.core.buckets import Bucket
from lapel.core.compact import at_level, level_for
from lapel.core.gallery import Gallery
from lapel.core.listed import Preface, Terms
from lapel.core.things import Entry, Features, Kind, Reference
from lapel.health.clock import SystemClock
from lapel.infer.learned import read_local, read_reduction
from lapel.infer.manifest import ModelStore
from lapel.ports import KeyProvider
from lapel.store.gallery_writing import write_parts

_SEED = 20_250_101
_ENTRIES_A_PART = 250
_PICTURE_BYTES = 4000


def write_made_up(
    path: Path,
    models: ModelStore,
    rows: int,
    keys: KeyProvider,
    version: int = 1,
    changed: int = 0,
    codes: tuple[str, ...] = (),
    others: Sequence[Reference] = (),
) -> None:
    """Seal a list of so many entries of a picture each, of which the first ``changed`` are others than without it.

    Before them stand ``others``, an entry each, at the level of a list of so many. The first made-up one has ``codes``.
    """
    preface, widths = _preface(models, version), _widths(models)
    named = tuple(_entry(other.entry_id, preface, ()) for other in others)

    def parts() -> Iterator[Bucket]:
        if others:
            yield named, tuple(at_level(other, level_for(rows)) for other in others)
        for first in range(0, rows, _ENTRIES_A_PART):
            numbers = range(first, min(first + _ENTRIES_A_PART, rows))
            random = np.random.default_rng((_SEED, first, 1 if first < changed else 0))
            yield _part(random, numbers, rows, widths, preface, codes)

    write_parts(path, preface, parts, keys)


def noise_list(models: ModelStore, rows: int, codes: tuple[str, ...]) -> Gallery:
    """A list of noise in memory: as dear to search as a real one of its size, and nothing in it can be found."""
    preface = _preface(models, 1)
    random = np.random.default_rng(_SEED)
    entries, references = _part(random, range(rows), rows, _widths(models), preface, codes)
    return Gallery(preface.terms, preface.model_sha256, entries, references)


def _preface(models: ModelStore, version: int) -> Preface:
    today = SystemClock().today()
    return Preface(
        Terms("made-up", version, today, today + timedelta(days=1)), models.describing_sha256, None, frozenset()
    )


def _widths(models: ModelStore) -> tuple[int, int]:
    return read_reduction(models).dimensions, read_local(models).aggregation.reduction.dimensions


def _entry(name: str, preface: Preface, codes: tuple[str, ...]) -> Entry:
    return Entry(name, name, Kind.OTHER, "measurement", "none", "none", preface.terms.expires, codes=codes)


def _part(
    random: np.random.Generator,
    numbers: range,
    rows: int,
    widths: tuple[int, int],
    preface: Preface,
    codes: tuple[str, ...],
) -> Bucket:
    level = level_for(rows)
    entries = tuple(_entry(f"made-up-{n}", preface, () if n else codes) for n in numbers)
    vectors = [random.integers(-90, 90, (len(numbers), 1, width), np.int8) for width in widths]
    places = random.uniform(0, 320, (len(numbers), level.points, 2)).astype(np.float32)
    described = random.integers(-60, 60, (len(numbers), level.points, level.width), np.int8)
    references = tuple(
        Reference(
            entry.id, vectors[0][n], vectors[1][n], Features(places[n], described[n], 320, 320), bytes(_PICTURE_BYTES)
        )
        for n, entry in enumerate(entries)
    )
    return entries, references
