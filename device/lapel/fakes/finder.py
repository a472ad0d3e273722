"""Doubles of face finders."""

from __future__ import annotations

from collections.abc import Sequence

from lapel.core.geometry import Box
from lapel.core.things import Pixels


class FixedFinder:
    """Finds the same areas in every picture."""

    def __init__(self, areas: Sequence[Box] = ()) -> None:
        self._areas = tuple(areas)

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """The areas it was made with."""
        return self._areas


class ScriptedFinder:
    """Finds what a script says, one line a picture, then nothing; a line that is an exception is raised."""

    def __init__(self, script: Sequence[tuple[Box, ...] | Exception]) -> None:
        self._script = list(script)

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """The next line of the script."""
        if not self._script:
            return ()
        line = self._script.pop(0)
        if isinstance(line, Exception):
            raise line
        return line
