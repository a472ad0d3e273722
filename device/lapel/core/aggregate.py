"""One vector of many local features: what they look like together, wherever in the picture they are. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# With fewer features the vector says more about which of them were found than about the thing.
FEWEST_FEATURES = 8
_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class LocalCode:
    """How a RootSIFT vector u8[128] is stored: turned onto ``basis``, most telling value first, a byte a value.

    ``mean`` f32[128], ``basis`` f32[128, w] with orthonormal columns, ``step`` the value of one unit of a byte.
    Since the columns are ordered, the first values alone are a shorter code of the same feature.
    """

    mean: NDArray[np.float32]
    basis: NDArray[np.float32]
    step: float

    @property
    def width(self) -> int:
        """Bytes of a code."""
        return int(self.basis.shape[1])

    def codes(self, rooted: NDArray[np.float32]) -> NDArray[np.int8]:
        """Codes i8[n, w] of RootSIFT f32[n, 128]."""
        values = (rooted - self.mean) @ self.basis / np.float32(self.step)
        return np.asarray(np.clip(np.rint(values), -127, 127), np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class Reduction:
    """A learned linear map to fewer values. ``mean`` f32[n], ``basis`` f32[n, d]."""

    mean: NDArray[np.float32]
    basis: NDArray[np.float32]

    @property
    def dimensions(self) -> int:
        """Length of what comes out."""
        return int(self.basis.shape[1])

    def unit(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit rows f32[k, d] of f32[k, n]."""
        return unit_rows(np.asarray((rows - self.mean) @ self.basis, np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Aggregation:
    """Residuals to the nearest words, summed word by word and reduced (VLAD).

    ``words`` f32[k, w] are centres of local codes. Each word's sum is made a unit, which keeps what repeats from
    drowning the rest. Source: Jégou et al., CVPR 2010; Arandjelović & Zisserman, CVPR 2013.
    """

    words: NDArray[np.float32]
    reduction: Reduction

    def of(self, codes: NDArray[np.int8]) -> NDArray[np.float32]:
        """The aggregate f32[1, d], a unit row, of local codes i8[n, >= w]; none, f32[0, d], of too few of them."""
        if len(codes) < FEWEST_FEATURES:
            return np.empty((0, self.reduction.dimensions), np.float32)
        return self.reduction.unit(self.residuals(codes)[None])

    def residuals(self, codes: NDArray[np.int8]) -> NDArray[np.float32]:
        """What is reduced: f32[k * w]."""
        count, width = self.words.shape
        values = codes[:, :width].astype(np.float32)
        nearest = ((self.words**2).sum(axis=1) - 2 * (values @ self.words.T)).argmin(axis=1)
        chosen = np.zeros((count, len(values)), np.float32)
        chosen[nearest, np.arange(len(values))] = 1
        apart = values - self.words[nearest]
        apart /= np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), _TINY)
        sums = chosen @ apart
        sums = np.sign(sums) * np.sqrt(np.abs(sums))
        return np.asarray(unit_rows(unit_rows(sums).reshape(1, -1))[0], np.float32)


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows made one long; a row of zeros stays one."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _TINY), np.float32)
