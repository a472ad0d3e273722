"""Reads a TOML file strictly into frozen dataclasses: what is not understood is refused, never ignored."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

from lapel.errors import ConfigError

Config = TypeVar("Config")
TIMES = ("ns", "us", "ms", "s", "min", "h", "days", "fps", "hz")
SIZES = ("px", "mm", "cm", "m", "bytes", "kb", "mb", "gb", "kib", "mib", "gib")
UNITS = frozenset((*TIMES, *SIZES, "c", "k", "f", "deg", "rad", "percent"))


@dataclass(frozen=True, slots=True)
class Limits:
    """The smallest and the greatest value of a number, both allowed."""

    least: float
    most: float


def number(default: float, least: float, most: float) -> Any:
    """A dataclass field for a number from ``least`` to ``most``."""
    return field(default=default, metadata={"limits": Limits(least, most)})


def choice(default: str, *others: str) -> Any:
    """A dataclass field for one of a few words."""
    return field(default=default, metadata={"words": (default, *others)})


def load(path: Path, schema: type[Config]) -> Config:
    """The file as ``schema``, a dataclass of tables, each a dataclass of values.

    Paths are taken from the file's own folder. Raises: ConfigError naming file, table, key, value and remedy.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file; give the path of a TOML file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); a TOML file in UTF-8 is needed") from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}; write key = value lines under [table] headings") from error
    return _Reader(path).document(document, schema)


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path

    def document(self, document: Mapping[str, object], schema: type[Config]) -> Config:
        tables = get_type_hints(schema)
        for name, value in document.items():
            if name not in tables:
                raise self._wrong(name, None, f"unknown table; {_suggest(name, tuple(tables))}")
            if not isinstance(value, dict):
                raise self._wrong(name, value, f"a table is needed: write [{name}] and its keys below")
        made = {
            name: self._table(name, cast(dict[str, object], document.get(name, {})), t) for name, t in tables.items()
        }
        return schema(**made)

    def _table(self, table: str, values: Mapping[str, object], schema: type[object]) -> object:
        hints = get_type_hints(schema)
        known: dict[str, Field[object]] = {each.name: each for each in fields(cast(Any, schema))}
        for key in values:
            if key not in known:
                raise self._wrong(f"{table}.{key}", None, f"unknown key; {_suggest(key, tuple(known))}")
        for key, each in known.items():
            if key not in values and each.default is MISSING:
                raise self._wrong(f"{table}.{key}", None, f"missing; write {key} = … under [{table}]")
        return schema(**{key: self._value(f"{table}.{key}", values[key], hints[key], known[key]) for key in values})

    def _value(self, place: str, value: object, wanted: object, each: Field[object]) -> object:
        if wanted is bool:
            return self._checked(place, value, isinstance(value, bool), "true or false is needed, without quotes")
        if wanted is int:
            whole = isinstance(value, int) and not isinstance(value, bool)
            self._checked(place, value, whole, "a whole number is needed, without quotes")
            return self._within(place, cast(int, value), each)
        if wanted is float:
            real = isinstance(value, int | float) and not isinstance(value, bool)
            self._checked(place, value, real, "a number is needed, without quotes")
            return self._within(place, float(cast(float, value)), each)
        text = self._checked(place, value, isinstance(value, str), "text is needed, in quotes")
        return self._text(place, str(text), wanted, each)

    def _text(self, place: str, value: str, wanted: object, each: Field[object]) -> object:
        words = each.metadata.get("words")
        if words is not None and value not in words:
            raise self._wrong(place, value, f"must be one of {', '.join(words)}; {_suggest(value, words)}")
        if wanted == Path or wanted == (Path | None):
            self._checked(place, value, bool(value), "a path is needed; leave the key out for none")
            return self._path.parent / Path(value).expanduser()
        if each.default is MISSING:
            self._checked(place, value, bool(value.strip()), "must not be empty")
        return value

    def _within(self, place: str, value: float, each: Field[object]) -> float:
        limits: Limits | None = each.metadata.get("limits")
        if limits is not None and not (math.isfinite(value) and limits.least <= value <= limits.most):
            raise self._wrong(place, value, f"must be from {limits.least:g} to {limits.most:g}")
        return value

    def _checked(self, place: str, value: object, is_right: bool, remedy: str) -> object:
        if not is_right:
            raise self._wrong(place, value, remedy)
        return value

    def _wrong(self, place: str, value: object, remedy: str) -> ConfigError:
        shown = "" if value is None else f" {_shown(value)}:"
        return ConfigError(f"{self._path}: {place}:{shown} {remedy}")


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 60 else text[:57] + "…"


def _suggest(word: str, known: tuple[str, ...]) -> str:
    """What was probably meant: the same quantity in the unit that is used here, or the nearest spelling."""
    stem, _, unit = word.rpartition("_")
    for other in known:
        other_stem, _, other_unit = other.rpartition("_")
        if unit in UNITS and stem and stem == other_stem:
            return f"did you mean {other}? It is given in {other_unit}, not in {unit}"
        if stem == "" and other_stem == word:
            return f"did you mean {other}? Units stand in the name"
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
