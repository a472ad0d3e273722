"""Rows of bytes that stay sealed on disk: read where they are asked for, and nowhere else in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lapel.errors import RowsTampered, Tampered
from lapel.store.gallery_layout import Content


class SealedRows:
    """Rows i8[n, d] that stand in a sealed file from ``start`` (port StoredRows). Raises at reading: Tampered,
    StoreError; of rows that are asked for by number RowsTampered, which says whose seal is broken."""

    def __init__(self, file: Content, start: int, count: int, width: int) -> None:
        self._file = file
        self._start = start
        self._count, self._width = count, width

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, d)."""
        return self._count, self._width

    def __getitem__(self, rows: slice | NDArray[np.intp], /) -> NDArray[np.int8]:
        """Rows from a slice without a step, or those of the numbers given, in their order; read-only."""
        if isinstance(rows, slice):
            first, end, _ = rows.indices(self._count)
            read: bytes | bytearray = self._read(first, max(0, end - first))
        else:
            try:
                # Neighbours at once: each read opens a whole chunk of the seal, which holds some 32 rows.
                runs = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1) if len(rows) else []
                read = b"".join(self._read(int(run[0]), len(run)) for run in runs)
            except Tampered as error:
                broken = tuple(int(row) for row in rows if not self._is_whole(int(row)))
                raise RowsTampered(broken, str(error)) from error
        found = np.frombuffer(read, np.int8).reshape(-1, self._width)
        found.setflags(write=False)
        return found

    def _is_whole(self, row: int) -> bool:
        try:
            self._read(row, 1)
        except Tampered:
            return False
        return True

    def _read(self, first: int, count: int) -> bytes | bytearray:
        if not 0 <= first <= first + count <= self._count:
            raise IndexError(f"rows {first} to {first + count} of {self._count}")
        return self._file.read(self._start + first * self._width, count * self._width)
