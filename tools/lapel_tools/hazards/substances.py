"""Substances, hazard numbers and what to do first, from tables whose every row names its sources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Guide:
    """What to do first: how far to keep people away at once, and from a burning tank (ERG 2024)."""

    number: str
    about: str
    isolate: str
    fire: str
    first: str

    @property
    def text(self) -> str:
        """The first action in one line, with its source."""
        return (
            f"Keep people {self.isolate} away on all sides, upwind; {self.fire} if a tank burns. {self.first} "
            f"(ERG 2024, guide {self.number})"
        )


@dataclass(frozen=True, slots=True)
class Substance:
    """A substance that may stand on an orange panel. ``sources`` are those that agree on the row: ADR, CFR, ERG."""

    un: str
    hazards: tuple[str, ...]
    guide: Guide
    sources: tuple[str, ...]
    name: str


@cache
def guides() -> dict[str, Guide]:
    """Emergency guides by their number."""
    return {row[0]: Guide(*row) for row in _rows("guides.tsv", 5)}


@cache
def hazard_numbers() -> dict[str, str]:
    """What each hazard number means (ADR 2025, 5.3.2.3.2)."""
    return dict(_rows("hazard_numbers.tsv", 2))


@cache
def substances() -> tuple[Substance, ...]:
    """All substances of the list, by UN number."""
    return tuple(
        Substance(un, tuple(hazards.split()), guides()[guide], tuple(sources.split()), name)
        for un, hazards, guide, sources, name in _rows("substances.tsv", 5)
    )


def _rows(file: str, columns: int) -> list[list[str]]:
    """The rows of a table after its comments and its head. Raises: ValueError."""
    lines = (_FOLDER / file).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")][1:]
    for row in rows:
        if len(row) != columns or not all(cell.strip() for cell in row):
            raise ValueError(f"{file}: row {row[0]!r} has not {columns} filled columns; restore it")
    return rows
