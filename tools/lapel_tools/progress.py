"""Shows on the terminal how far long work has come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


class Progress(Protocol):
    """Shows how far a part has come."""

    def each(self, items: Sequence[T], what: str) -> Iterator[T]:
        """The items, in order."""
        ...


class BarOnStderr:
    """A bar for people, kept away from stdout (port Progress)."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)

    def each(self, items: Sequence[T], what: str) -> Iterator[T]:
        """The items, in order, behind a bar."""
        yield from track(items, description=f"{what:<11}", console=self._console)


class Silent:
    """Shows nothing (port Progress)."""

    def each(self, items: Sequence[T], what: str) -> Iterator[T]:
        """The items, in order."""
        yield from items
