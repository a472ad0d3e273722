"""Looks for something in a thread beside the loop, time and again, until the watch ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread


@contextmanager
def looking(
    name: str, every_s: float, look: Callable[[], None], begin: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Look every so many seconds while the block runs; ``begin`` is done first, in the thread of that ``name``."""
    stop = Flag()

    def keep_looking() -> None:
        begin()
        while not stop.wait(every_s):
            look()

    thread = Thread(target=keep_looking, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
