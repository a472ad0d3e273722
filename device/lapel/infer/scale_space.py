"""SIFT's keypoints as OpenCV finds them, in three fifths of its memory: those of the doubled picture in parts of it.

OpenCV holds all levels of all octaves at once, 59 bytes for each pixel of the doubled picture: 92 MiB for 640 × 640.
Keypoints of the first octave, which is doubled, depend on 27 rows around them: OpenCV is asked for them a part at a
time. Those of the others may depend on the whole, and are found here in the same way. It takes two to three
times the CPU. Of a pattern that repeats, with more keypoints of one strength than are asked for, others of these are
kept.
Source: Lowe, IJCV 2004, with the constants of OpenCV's SIFT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

_LAYERS, _SIGMA, _EDGE = 3, 1.6, 10.0
_BORDER_PX, _MOST_STEPS = 5, 5
_BINS, _AROUND, _REACH, _PEAK = 36, 1.5, 4.5, 0.8
# The doubled picture shows an unsharpness of 1 px.
_FIRST_BLUR = float(np.sqrt(_SIGMA**2 - 1))
_STEP = 2 ** (1 / _LAYERS)
_BLURS = tuple(_SIGMA * _STEP ** (level - 1) * float(np.sqrt(_STEP**2 - 1)) for level in range(1, _LAYERS + 3))
# Of brightness, which OpenCV takes as 0 to 1, and of differences over one and over two pixels each way.
_ONE, _HALF, _QUARTER = (np.float32(part / 255) for part in (1, 0.5, 0.25))
_PART_PX, _MARGIN_PX = 150_000, 32
_FIRST_OCTAVE = 255

Grey = NDArray[np.uint8]
Level = NDArray[np.float32]
Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class _Extrema:
    """Places among differences of levels: layers, rows and columns [n]; f32[n, 3] how far to the right, down and up in
    layers each really lies; f32[n] how strong it is."""

    at: tuple[Numbers, Numbers, Numbers]
    moves: NDArray[np.float32]
    responses: NDArray[np.float32]

    def some(self, which: NDArray[np.bool_] | Numbers) -> _Extrema:
        layers, rows, columns = (each[which] for each in self.at)
        return _Extrema((layers, rows, columns), self.moves[which], self.responses[which])


def strongest(every: cv2.SIFT, grey: Grey, count: int, least_contrast: float) -> list[cv2.KeyPoint]:
    """The strongest keypoints of u8[h, w], in falling order; ``every`` finds those of any strength."""
    kept = _best(_of_doubled(every, grey), count)
    for octave, levels in enumerate(_octaves(grey)):
        found = _extrema(levels, least_contrast)
        if len(kept) == count:
            found = found.some(found.responses >= kept[-1].response)
        kept = _best([*kept, *islice(_oriented(found, levels, octave), count)], count)
    return kept


def _best(keypoints: Iterable[cv2.KeyPoint], count: int) -> list[cv2.KeyPoint]:
    return sorted(keypoints, key=lambda keypoint: -keypoint.response)[:count]


def described(sift: cv2.SIFT, grey: Grey, keypoints: list[cv2.KeyPoint]) -> NDArray[np.float32]:
    """SIFT f32[n, 128] of keypoints. One of the doubled picture is always asked for: without, none is doubled."""
    anchor = cv2.KeyPoint(grey.shape[1] / 2, grey.shape[0] / 2, 2 * _SIGMA, 0, 0, _FIRST_OCTAVE + (1 << 8))
    return np.asarray(sift.compute(grey, [*keypoints, anchor])[1][:-1], np.float32)


def _of_doubled(every: cv2.SIFT, grey: Grey) -> Iterator[cv2.KeyPoint]:
    height = len(grey)
    rows = -(-height // -(-grey.size // _PART_PX))
    for start in range(0, height, rows):
        first, end = max(0, start - _MARGIN_PX), min(height, start + rows)
        for one in every.detect(grey[first : end + _MARGIN_PX], None):
            x, y = one.pt[0], one.pt[1] + first
            if one.octave & 255 == _FIRST_OCTAVE and (start <= y < end or (y >= end == height)):
                yield cv2.KeyPoint(x, y, one.size, one.angle, one.response, one.octave)


def _octaves(grey: Grey) -> Iterator[list[Level]]:
    """Levels of all octaves but the first."""
    level = _blurred(cv2.resize(grey.astype(np.float32), None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR), _FIRST_BLUR)
    for blur in _BLURS[:_LAYERS]:
        level = _blurred(level, blur)
    for _ in range(round(float(np.log2(min(grey.shape) * 2)) - 2)):
        levels = [_halved(level)]
        level = levels[0]
        if min(level.shape) <= 2 * _BORDER_PX:
            return
        for blur in _BLURS:
            levels.append(_blurred(levels[-1], blur))
        yield levels
        level = levels[_LAYERS]


def _extrema(levels: list[Level], least_contrast: float) -> _Extrema:
    """Those of an octave, the strongest first."""
    apart = np.stack([above - below for below, above in pairwise(levels)])
    found = _clear(apart, *_refined(apart), least_contrast)
    return found.some(np.argsort(-found.responses, kind="stable"))


def _blurred(level: object, sigma: float) -> Level:
    return np.asarray(cv2.GaussianBlur(np.asarray(level, np.float32), (0, 0), sigma), np.float32)


def _halved(level: Level) -> Level:
    size = (level.shape[1] // 2, level.shape[0] // 2)
    return np.asarray(cv2.resize(level, size, interpolation=cv2.INTER_NEAREST), np.float32)


def _candidates(apart: Level) -> tuple[Numbers, Numbers, Numbers]:
    """Where f32[5, h, w] is above or below all 26 around it, or as much."""
    around, b = np.ones((3, 3), np.uint8), _BORDER_PX
    highest = np.stack([cv2.dilate(each, around) for each in apart])
    lowest = np.stack([cv2.erode(each, around) for each in apart])
    value, layers = apart[1:-1], range(_LAYERS)
    top = np.stack([highest[layer : layer + 3].max(axis=0) for layer in layers])
    bottom = np.stack([lowest[layer : layer + 3].min(axis=0) for layer in layers])
    is_extreme = ((value > 0) & (value >= top)) | ((value < 0) & (value <= bottom))
    found, rows, columns = np.nonzero(is_extreme[:, b:-b, b:-b])
    return found + 1, rows + b, columns + b


def _refined(apart: Level) -> tuple[tuple[Numbers, Numbers, Numbers], NDArray[np.float32]]:
    """Extrema of f32[5, h, w], each moved until a parabola has its top there; and how far off it still is."""
    layers, rows, columns = _candidates(apart)
    kept, (height, width) = list[tuple[Numbers, Numbers, Numbers, NDArray[np.float32]]](), apart.shape[1:]
    for _ in range(_MOST_STEPS):
        moves = _moves(apart, layers, rows, columns)
        is_there = (np.abs(moves) < 0.5).all(axis=1)
        kept.append((layers[is_there], rows[is_there], columns[is_there], moves[is_there]))
        goes_on = ~is_there & (np.abs(moves) < width + height).all(axis=1)
        steps = np.rint(moves[goes_on]).astype(np.intp)
        layers, rows, columns = (
            layers[goes_on] + steps[:, 2],
            rows[goes_on] + steps[:, 1],
            columns[goes_on] + steps[:, 0],
        )
        inside = (layers >= 1) & (layers <= _LAYERS)
        for at, side in ((rows, height), (columns, width)):
            inside &= (at >= _BORDER_PX) & (at < side - _BORDER_PX)
        layers, rows, columns = layers[inside], rows[inside], columns[inside]
    layers, rows, columns = (np.concatenate([each[n] for each in kept]) for n in range(3))
    moves = np.concatenate([each[3] for each in kept])
    # Two may have come to one place.
    _, once = np.unique((layers * height + rows) * width + columns, return_index=True)
    return (layers[once], rows[once], columns[once]), moves[once]


def _reader(apart: Level, s: Numbers, y: Numbers, x: Numbers) -> Callable[[int, int, int], NDArray[np.float32]]:
    """Reads f32[5, h, w] so many layers, rows and columns off each place."""
    flat, (_, height, width) = apart.ravel(), apart.shape
    places = (s * height + y) * width + x
    return lambda ds, dy, dx: flat.take(places + ((ds * height + dy) * width + dx))


def _slopes(apart: Level, s: Numbers, y: Numbers, x: Numbers) -> NDArray[np.float32]:
    """To the right, down, up in layers: f32[3, n]."""
    at = _reader(apart, s, y, x)
    ahead, behind = (at(0, 0, 1), at(0, 1, 0), at(1, 0, 0)), (at(0, 0, -1), at(0, -1, 0), at(-1, 0, 0))
    return (np.stack(ahead) - np.stack(behind)) * _HALF


def _curves(apart: Level, s: Numbers, y: Numbers, x: Numbers) -> NDArray[np.float32]:
    """xx, yy, ss, xy, xs, ys: f32[6, n]."""
    at = _reader(apart, s, y, x)

    def crossed(ds: int, dy: int, dx: int, es: int, ey: int, ex: int) -> NDArray[np.float32]:
        one, other = at(ds + es, dy + ey, dx + ex), at(ds - es, dy - ey, dx - ex)
        third, last = at(es - ds, ey - dy, ex - dx), at(-ds - es, -dy - ey, -dx - ex)
        return np.asarray((one - other - third + last) * _QUARTER, np.float32)

    twice = at(0, 0, 0) * 2
    straight = (at(0, 0, 1) + at(0, 0, -1), at(0, 1, 0) + at(0, -1, 0), at(1, 0, 0) + at(-1, 0, 0))
    return np.stack(
        [
            *((each - twice) * _ONE for each in straight),
            crossed(0, 1, 0, 0, 0, 1),
            crossed(1, 0, 0, 0, 0, 1),
            crossed(1, 0, 0, 0, 1, 0),
        ]
    )


def _moves(apart: Level, s: Numbers, y: Numbers, x: Numbers) -> NDArray[np.float32]:
    """From each place to the top of the parabola through it: f32[n, 3], by Cramer's rule; 0 where there is none."""
    xx, yy, ss, xy, xs, ys = _curves(apart, s, y, x)
    curves = np.stack([xx, xy, xs, xy, yy, ys, xs, ys, ss], axis=1).reshape(-1, 3, 3)
    slopes = _slopes(apart, s, y, x).T
    whole = _determinants(curves)
    tops = []
    for axis in range(3):
        other = curves.copy()
        other[:, :, axis] = slopes
        tops.append(_determinants(other) / np.where(whole == 0, np.float32(1), whole))
    return np.where(whole[:, None] == 0, np.float32(0), -np.stack(tops, axis=1))


def _determinants(of: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((of[:, 0] * np.cross(of[:, 1], of[:, 2])).sum(axis=1), np.float32)


def _clear(
    apart: Level, at: tuple[Numbers, Numbers, Numbers], moves: NDArray[np.float32], least_contrast: float
) -> _Extrema:
    """Those that stand out enough, and are no edges."""
    contrasts = apart[at] * _ONE + (_slopes(apart, *at).T * moves).sum(axis=1) * np.float32(0.5)
    xx, yy, _, xy, _, _ = _curves(apart, *at)
    trace, determinant = xx + yy, xx * yy - xy * xy
    is_clear = np.abs(contrasts) * _LAYERS >= least_contrast
    is_clear &= (determinant > 0) & (trace**2 * _EDGE < (_EDGE + 1) ** 2 * determinant)
    return _Extrema(at, moves, np.asarray(np.abs(contrasts), np.float32)).some(is_clear)


def _oriented(found: _Extrema, levels: list[Level], octave: int) -> Iterator[cv2.KeyPoint]:
    """A keypoint for each way that most of what is around a place points, as OpenCV packs it."""
    layers, rows, columns = found.at
    for layer, row, column, (right, down, up), response in zip(
        layers.tolist(), rows.tolist(), columns.tolist(), found.moves.tolist(), found.responses.tolist(), strict=True
    ):
        scale = _SIGMA * 2 ** ((layer + up) / _LAYERS)
        packed = octave + (layer << 8) + (round((up + 0.5) * 255) << 16)
        for angle in _angles(levels[layer], row, column, scale):
            x, y = (column + right) * 2**octave, (row + down) * 2**octave
            yield cv2.KeyPoint(x, y, scale * 2 ** (octave + 1), angle, response, packed)


def _angles(level: Level, row: int, column: int, scale: float) -> Iterator[float]:
    radius, height, width = round(_REACH * scale), *level.shape
    top, bottom = max(1, row - radius), min(height - 1, row + radius + 1)
    left, right = max(1, column - radius), min(width - 1, column + radius + 1)
    across = level[top:bottom, left + 1 : right + 1] - level[top:bottom, left - 1 : right - 1]
    up = level[top - 1 : bottom - 1, left:right] - level[top + 1 : bottom + 1, left:right]
    strength, angle = cv2.cartToPolar(across, up, angleInDegrees=True)
    far = (np.arange(top, bottom)[:, None] - row) ** 2 + (np.arange(left, right)[None] - column) ** 2
    weighed = strength * np.exp(far / (-2 * (_AROUND * scale) ** 2))
    bins = np.rint(angle * (_BINS / 360)).astype(np.intp) % _BINS
    raw = np.bincount(bins.ravel(), weighed.ravel(), _BINS)
    ring = np.concatenate([raw[-2:], raw, raw[:2]])
    smooth = (ring[:-4] + ring[4:]) / 16 + (ring[1:-3] + ring[3:-1]) / 4 + raw * (6 / 16)
    before, after = np.concatenate([smooth[-1:], smooth[:-1]]), np.concatenate([smooth[1:], smooth[:1]])
    for peak in np.flatnonzero((smooth > before) & (smooth > after) & (smooth >= smooth.max() * _PEAK)):
        b, m, a = before[peak], smooth[peak], after[peak]
        yield float(-360 / _BINS * (peak + 0.5 * (b - a) / (b - 2 * m + a))) % 360
