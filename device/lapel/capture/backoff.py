"""How long to wait before trying a lost camera again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from ``first_s`` to ``most_s``, each shortened by up to ``jitter`` of itself at random,
    so that the cameras of one switch do not all come back at once."""

    first_s: float = 0.5
    most_s: float = 30.0
    jitter: float = 0.5

    def waits_s(self, chance: random.Random) -> Iterator[float]:
        """Endless waits in seconds."""
        wait_s = self.first_s
        while True:
            yield wait_s * (1 - self.jitter * chance.random())
            wait_s = min(self.most_s, 2 * wait_s)
