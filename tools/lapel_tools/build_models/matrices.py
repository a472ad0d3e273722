"""What is learned without gradients: principal axes, centres, and the file that they are kept in."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Reals = NDArray[np.float64]


def archive(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Arrays as an .npz file, the same bytes for the same arrays: numpy dates its members 1980."""
    made = io.BytesIO()
    np.savez_compressed(made, **arrays)  # type: ignore[arg-type]
    return made.getvalue()


def in_bytes(basis: Reals) -> dict[str, NDArray[np.generic]]:
    """A map f64[d, count] as bytes and one scale a column: whose rounding is lost in that of the rows' own bytes."""
    scales = np.abs(basis).max(axis=0) / 127
    return {"basis": np.rint(basis / scales).astype(np.int8), "scales": scales.astype(np.float32)}


def principal(rows: Reals, centre: Reals, count: int) -> Reals:
    """The ``count`` axes f64[d, count] along which rows f64[n, d] vary most about a centre, the widest first.

    Of either sign of an axis the one whose largest value is positive, so that two builds agree.
    """
    apart = rows - centre
    values, axes = np.linalg.eigh(apart.T @ apart / len(apart))
    chosen = axes[:, np.argsort(-values, kind="stable")[:count]]
    peaks = chosen[np.abs(chosen).argmax(axis=0), np.arange(chosen.shape[1])]
    return np.asarray(chosen * np.sign(peaks), np.float64)


def centres(rows: Reals, count: int, random: Generator, rounds: int = 25) -> Reals:
    """``count`` centres f64[count, d] of rows f64[n, d] (Lloyd's k-means)."""
    found = rows[random.choice(len(rows), count, replace=False)]
    for _ in range(rounds):
        nearest = ((found**2).sum(axis=1) - 2 * rows @ found.T).argmin(axis=1)
        sizes = np.bincount(nearest, minlength=count)
        sums = np.zeros_like(found)
        np.add.at(sums, nearest, rows)
        found = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], found)
    return np.asarray(found, np.float64)


def telling_apart(rows: Reals, things: NDArray[np.intp], count: int, shrinkage: float) -> Reals:
    """A map f64[d, count] after which looks at one thing lie near each other and things lie apart.

    Rows f64[n, d] are looks at the things of those numbers. What varies within a thing is made equal in all directions,
    then the widest axes are taken. ``shrinkage`` times the mean variance is added to every direction: with little to
    learn from, what seemed not to vary would otherwise count for all. Source: Mikolajczyk & Matas, ICCV 2007.
    """
    _, number, sizes = np.unique(things, return_inverse=True, return_counts=True)
    sums = np.zeros((len(sizes), rows.shape[1]))
    np.add.at(sums, number, rows)
    apart = rows - (sums / sizes[:, None])[number]
    within = apart.T @ apart / len(rows)
    within += shrinkage * np.trace(within) / len(within) * np.eye(len(within))
    values, axes = np.linalg.eigh(within)
    equal = axes / np.sqrt(values)
    spread = (rows - rows.mean(axis=0)) @ equal
    return np.asarray(equal @ principal(spread, np.zeros(spread.shape[1]), count), np.float64)
