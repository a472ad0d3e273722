"""Finds pictures that lie about as bare pixels, of unknown width, order and type, in any bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Likes = NDArray[np.float32]

_WINDOWS = ((128 * 1024, 24, 2048), (512 * 1024, 1536, 8192))
"""So many bytes are looked at together, for rows from one length to another: 64 rows of 1280 RGB pixels, and a small
picture in ciphertext, which is louder than any picture."""
LEAST_BYTES = 1024
_LIKELY_ROWS, _FEWEST_ROWS = 2, 8
_LEAST_PEAK = 0.3
"""Of the autocorrelation at the length of a row: pictures have more, ciphertext .02."""
_NEIGHBOURS = 12
_LIKELY_SHARE, _SAMPLE = 0.9, 4096
_SIGN = np.uint8(0x80)
"""What makes bytes of signed ones, which networks take."""


def bare_pictures(data: bytes) -> Iterator[NDArray[np.uint8]]:
    """Grey pictures u8[h, w] as which parts of ``data`` can be read, for every likely length of a row. Each shows the
    beginning of its rows once more at their end, as where a row begins is unknown."""
    content = np.frombuffer(data, np.uint8)
    for size, shortest, longest in _WINDOWS:
        window_bytes = size - longest  # a transform is of all of them, and of as many zeros as a row is long
        for start in range(0, max(1, len(content) - window_bytes // 2), window_bytes // 2):
            window = content[start : start + window_bytes]
            if len(window) < LEAST_BYTES or np.count_nonzero(window) < LEAST_BYTES // 2:
                continue
            reals = tuple(_as_reals(content[start:], window_bytes))
            reading, alike = _most_periodic(reals or (window, window ^ _SIGN), shortest, longest)
            for row_bytes in _row_lengths(alike, shortest):
                yield from _laid_out(reading, row_bytes, alike)


def _most_periodic(readings: tuple[Bytes, ...], shortest: int, longest: int) -> tuple[Bytes, Likes]:
    """The way to read the bytes in which they are most like themselves a row further on."""
    alikes = [_alike(reading, longest) for reading in readings]
    peaks = [float(alike[shortest:].max(initial=0.0)) for alike in alikes]
    best = int(np.argmax(peaks))
    return readings[best], alikes[best]


def _alike(window: Bytes, longest: int) -> Likes:
    """How like themselves the bytes are so many bytes further on: autocorrelation f32[lags], 1 at 0."""
    centred = window.astype(np.float32) - np.float32(window.mean(dtype=np.float64))
    power = float((centred**2).sum())
    lags = min(longest, len(window) // 8)
    if power < len(window):
        return np.zeros(1, np.float32)
    size = 1 << (len(centred) + lags - 1).bit_length()
    spectrum = np.fft.rfft(centred, size)
    alike = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[:lags]
    return (alike / power).astype(np.float32)


def _row_lengths(alike: Likes, shortest: int) -> list[int]:
    found: list[int] = []
    for lag in (int(place) for place in np.argsort(-alike)):
        if len(found) == _LIKELY_ROWS or alike[lag] < _LEAST_PEAK:
            break
        near = alike[max(0, lag - _NEIGHBOURS) : lag + _NEIGHBOURS + 1]
        if lag >= shortest and alike[lag] >= near.max():
            found.append(lag)
    return found


def _laid_out(window: Bytes, row_bytes: int, alike: Likes) -> Iterator[NDArray[np.uint8]]:
    """The bytes as rows of pixels: one channel of each."""
    rows, shown = len(window) // row_bytes - 1, row_bytes * 4 // 3
    if rows < _FEWEST_ROWS:
        return
    lines = np.lib.stride_tricks.as_strided(window, (rows, shown), (row_bytes, 1), writeable=False)
    is_of_pairs = max(alike[2], alike[4]) > max(alike[1], alike[3])
    for pixel_bytes in (4, 2) if is_of_pairs else (3, 1):
        if row_bytes % pixel_bytes == 0:
            yield np.ascontiguousarray(lines[:, ::pixel_bytes])
    if is_of_pairs and row_bytes % 2 == 0:
        yield np.ascontiguousarray(lines[:, 1::2])  # the other byte of a pair: YUV 4:2:2 one way or the other


def _as_reals(content: Bytes, most_values: int) -> Iterator[Bytes]:
    """The beginning as floating point numbers of 0 to 1 or 0 to 255, as bytes again; nothing where it is none."""
    for kind in (np.dtype("<f4"), np.dtype("<f8")):
        for start in range(kind.itemsize):
            if not _are_likely(_values(content[start:], kind, _SAMPLE)).mean() > _LIKELY_SHARE:
                continue
            values = _values(content[start:], kind, most_values)
            likely = _are_likely(values)
            if likely.mean() > _LIKELY_SHARE and np.abs(values[likely]).max() > 0.1:
                least, most = (float(edge) for edge in np.quantile(values[likely], (0.01, 0.99)))
                clipped = np.clip(np.where(likely, values, least), least, most)
                yield ((clipped - least) * (255 / max(most - least, 1e-6))).astype(np.uint8)
                return


def _values(content: Bytes, kind: np.dtype[np.floating[Any]], most: int) -> NDArray[np.float32]:
    usable = min(len(content) // kind.itemsize, most) * kind.itemsize
    with np.errstate(all="ignore"):
        return content[:usable].view(kind).astype(np.float32)


def _are_likely(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        size = np.abs(values)
        return np.asarray((size <= 256) & ((size >= 1e-3) | (size == 0)))
