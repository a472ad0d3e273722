"""A code reader that reads what it was told."""

from __future__ import annotations

from lapel.core.codes import Code
from lapel.core.things import Frame


class FixedCodes:
    """Reads the same codes in every frame (port CodeReader)."""

    def __init__(self, *codes: Code) -> None:
        self._codes = codes

    def read(self, frame: Frame) -> tuple[Code, ...]:
        """The codes it was made with."""
        return self._codes
