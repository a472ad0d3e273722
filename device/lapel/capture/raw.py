"""The one type that holds pixels before faces are destroyed. Only modules of ``lapel.capture`` may import it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class RawFrame:
    """An unblurred picture, with one short life: source, slot, redactor, wiped.

    ``pixels`` RGB u8[h, w, 3], writable and owned by the frame; ``number`` counts the frames that the source
    delivered, from 0; ``at_s`` is stream time. There is no conversion to a Frame but the redactor's, and no
    representation, copy or pickle that would carry pixels out.
    """

    __slots__ = ("at_s", "number", "pixels")

    def __init__(self, pixels: NDArray[np.uint8], number: int, at_s: float) -> None:
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
            raise ValueError(f"raw frame {number}: {pixels.dtype}{list(pixels.shape)} is not RGB u8[h, w, 3]")
        self.pixels = pixels
        self.number = number
        self.at_s = at_s

    def wipe(self) -> None:
        """Overwrite the pixels: what a later reader of this memory finds is black."""
        self.pixels.fill(0)

    def __repr__(self) -> str:
        return f"RawFrame(number={self.number}, at_s={self.at_s:.3f})"

    def __reduce__(self) -> str:
        raise TypeError("a raw frame is never written or sent")

    def __copy__(self) -> RawFrame:
        raise TypeError("a raw frame has one life and no copies")

    def __deepcopy__(self, memo: object) -> RawFrame:
        raise TypeError("a raw frame has one life and no copies")
