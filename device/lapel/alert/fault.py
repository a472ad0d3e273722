"""Says once that an alerter is broken, so that the others can go on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Fault:
    """Swallows the trouble an alerter has with its own output, and says so on standard error the first time.

    Alerts fail open: a full disk under the report page must not end the watch. Only what the system reports
    (``OSError``) or a closed stream (``ValueError``) is swallowed.
    """

    def __init__(self, what: str, remedy: str) -> None:
        self._what, self._remedy = what, remedy
        self._said = False

    @contextmanager
    def said_once(self) -> Iterator[None]:
        """Do the enclosed, and go on whatever becomes of it."""
        try:
            yield
        except (OSError, ValueError) as trouble:
            if not self._said:
                self._said = True
                reason = getattr(trouble, "strerror", None) or str(trouble)
                self._say(f"lapel: {self._what}: {reason}; {self._remedy}")

    def _say(self, line: str) -> None:
        try:
            print(line, file=sys.stderr, flush=True)
        except (OSError, ValueError):
            # Standard error is gone as well: nobody is left to be told, and the watch goes on.
            self._said = True
