"""The one type that holds pixels before faces are destroyed. Only modules of ``lapel.capture`` may import it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lapel.ports import Clock

_GONE = np.empty((0, 0, 3), np.uint8)


class RawFrame:
    """An unblurred picture, with one short life: source, slot, redactor, wiped.

    ``pixels`` RGB u8[h, w, 3], writable and owned by the frame until ``give_back`` has them again; ``number`` counts
    the frames that the source delivered, from 0; ``at_s`` is stream time. There is no conversion to a Frame but the
    redactor's, and no representation, copy or pickle that would carry pixels out.
    """

    __slots__ = (
        "_clock",
        "_delivered_ns",
        "_give_back",
        "_lock",
        "_wiped",
        "at_s",
        "is_overwritten",
        "number",
        "pixels",
    )

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        number: int,
        at_s: float,
        give_back: Callable[[NDArray[np.uint8]], None] | None = None,
    ) -> None:
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
            raise ValueError(f"raw frame {number}: {pixels.dtype}{list(pixels.shape)} is not RGB u8[h, w, 3]")
        self.pixels = pixels
        self.number = number
        self.at_s = at_s
        self.is_overwritten = False
        self._lock = threading.Lock()
        self._give_back = give_back
        self._clock: Clock | None = None
        self._delivered_ns = 0
        self._wiped: Callable[[float], None] | None = None

    def time(self, clock: Clock, wiped: Callable[[float], None] | None = None) -> None:
        """Its source has delivered it. ``wiped`` hears how old, in seconds, it was when it was overwritten."""
        self._clock, self._delivered_ns, self._wiped = clock, clock.monotonic_ns(), wiped

    @property
    def age_s(self) -> float:
        """Seconds since its source delivered it; 0 where nobody times it."""
        return (self._clock.monotonic_ns() - self._delivered_ns) / 1e9 if self._clock is not None else 0.0

    def overwrite(self) -> None:
        """Overwrite the pixels: what a later reader of this memory finds is black. Any thread may, also while the
        frame's owner is at it: the memory stays the owner's, who finds that it ``is_overwritten``."""
        with self._lock:
            if self.is_overwritten:
                return
            self.is_overwritten = True  # first: who copied before it was set has copied a whole picture
            self.pixels.fill(0)
            if self._wiped is not None:
                self._wiped(self.age_s)

    def wipe(self) -> None:
        """Overwrite the pixels, and give the memory back: ``pixels`` are none, for the next frame may be in it. The
        owner's alone."""
        self.overwrite()
        self.pixels.fill(0)  # of areas that were destroyed in what was black already
        if self._give_back is not None:
            pixels, self.pixels = self.pixels, _GONE
            self._give_back(pixels)
            self._give_back = None

    def __repr__(self) -> str:
        return f"RawFrame(number={self.number}, at_s={self.at_s:.3f})"

    def __reduce__(self) -> str:
        raise TypeError("a raw frame is never written or sent")

    def __copy__(self) -> RawFrame:
        raise TypeError("a raw frame has one life and no copies")

    def __deepcopy__(self, memo: object) -> RawFrame:
        raise TypeError("a raw frame has one life and no copies")
