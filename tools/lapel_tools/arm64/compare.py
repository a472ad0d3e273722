"""Says whether the emulated board answers as this machine does, within what int8 arithmetic leaves open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapel_tools.arm64.prepare import REPLAYED

LEAST_COSINE = {"board": 0.999, "userland": 0.9}
"""Between answers of two processors, whose int8 kernels round differently: .9998 was measured for descriptors.

In a userland alone the runtime knows no processor, and takes its plain kernels: .92 to .9999 (median .999).
"""
_COUNTS = {"board": ("frames looked at", "alerts", "people at most"), "userland": ("frames looked at", "alerts")}
_MOST_APART = {"people at most": 1}
"""Of the most in any frame, one may be about as sure as the count asks for: of 20 frames 3 people here, 2 there."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing that was compared. ``said`` has both figures."""

    name: str
    agrees: bool
    said: str


def compared(folder: Path, side: str) -> Iterator[Compared]:
    """Compare what this machine found, ``answers.here.npz`` and ``FILM.here.json``, with another ``side``'s files.

    Raises: OSError for one that is missing.
    """
    here, there = np.load(folder / "answers.here.npz"), np.load(folder / f"answers.{side}.npz")
    yield Compared("networks", sorted(here) == sorted(there), f"{len(here)} outputs here, {len(there)} there")
    least = LEAST_COSINE[side]
    for name in sorted(set(here) & set(there)):
        cosine = alike(here[name], there[name])
        yield Compared(f"answer {name}", cosine >= least, f"cosine {cosine:.6f}, at least {least}")
    for film in REPLAYED[side]:
        if not (folder / f"{film}.{side}.json").is_file():
            yield Compared(film, False, "no outcome of its replay there")
            continue
        mine, theirs = (json.loads((folder / f"{film}.{one}.json").read_text("utf-8")) for one in ("here", side))
        for what in _COUNTS[side]:
            ours, others = _count(mine, what), _count(theirs, what)
            agrees = abs(ours - others) <= _MOST_APART.get(what, 0)
            yield Compared(f"{film}: {what}", agrees, f"{ours} here, {others} there")


def _count(outcome: dict[str, Any], what: str) -> int:
    counts = {
        "frames looked at": outcome["account"]["passed"],
        "alerts": outcome["alerts"],
        "people at most": outcome["people_max"],
    }
    return int(counts[what])


def alike(here: NDArray[np.float32], there: NDArray[np.float32]) -> float:
    """Cosine of two outputs; 0 where they differ in shape, 1 where both are nothing but zeros."""
    if here.shape != there.shape:
        return 0.0
    one, other = here.ravel().astype(np.float64), there.ravel().astype(np.float64)
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    if lengths == 0:
        return float(not one.any() and not other.any())
    return float(one @ other) / lengths
