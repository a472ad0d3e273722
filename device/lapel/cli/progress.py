"""Shows on a terminal how far a long work has come; nothing where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def shown_on_stderr(what: str) -> Iterator[Callable[[float], None]]:
    """What is to be told which share is done, 0 to 1; the line is wiped when the work ends."""
    if not sys.stderr.isatty():
        yield lambda share: None
        return
    shown = -1

    def show(share: float) -> None:
        nonlocal shown
        percent = int(share * 100)
        if percent != shown:
            shown = percent
            print(f"\r{what}: {percent} %", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
