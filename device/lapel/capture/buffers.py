"""Memory for raw pixels: few places, used again and again, that no dump, child process or swap file gets to see.

What is beside them, in ordinary memory that the next frames reuse: what OpenCV, FFmpeg and camera drivers hold inside
while they decode, what finders are fed (up to 640 × 384 px), and where plates are looked for, whole pictures in other
colours and crops. Nothing of the process is ever dumped (wiring.memory_walls, which also keeps all of it out of swap
where the limit allows it).
"""

from __future__ import annotations

import ctypes
import mmap
import threading

import numpy as np

from lapel.core.things import Pixels

_libc = ctypes.CDLL(None, use_errno=True)


def guarded(*shape: int) -> Pixels:
    """Memory u8 of a shape, page-aligned and black: left out of core dumps (MADV_DONTDUMP) and of child processes
    (MADV_DONTFORK), and locked where the limit allows (mlock(2)). It is unmapped with the last reference to it."""
    count = int(np.prod(shape))
    area = mmap.mmap(-1, max(1, count), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    area.madvise(mmap.MADV_DONTDUMP)
    area.madvise(mmap.MADV_DONTFORK)
    pixels = np.frombuffer(area, np.uint8, count).reshape(shape)
    _lock(pixels)
    return pixels


def is_lockable(size_bytes: int) -> bool:
    """Whether so much memory could be locked now, beside what is locked already."""
    area = mmap.mmap(-1, size_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return _lock(np.frombuffer(area, np.uint8))


def _lock(pixels: Pixels) -> bool:
    # A refusal (EPERM, ENOMEM) leaves the pixels where they could be swapped out: lapel doctor says so beforehand.
    return int(_libc.mlock(ctypes.c_void_p(pixels.ctypes.data), ctypes.c_size_t(pixels.nbytes))) == 0


class Buffers:
    """Guarded memory of one source's pictures. As many as are in use at once exist; those given back are used again,
    those of a size that is out of use are let go. Any thread may take or give back."""

    def __init__(self) -> None:
        self._free: list[Pixels] = []
        self._lock = threading.Lock()

    def take(self, height: int, width: int) -> Pixels:
        """Black or overwritten memory u8[height, width, 3], which belongs to the caller until it is given back."""
        with self._lock:
            self._free = [pixels for pixels in self._free if pixels.shape == (height, width, 3)]
            return self._free.pop() if self._free else guarded(height, width, 3)

    def give_back(self, pixels: Pixels) -> None:
        """Memory whose pixels were overwritten."""
        with self._lock:
            self._free.append(pixels)
