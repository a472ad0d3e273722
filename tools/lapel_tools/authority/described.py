"""Reads a small file of JSON in which somebody else describes a device, or an administrator, by named texts."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any


def described_in(path: Path, kind: type[Any], *more: str) -> dict[str, str]:
    """The texts by name: the fields of a dataclass, and ``more`` that may be there. Raises: OSError, ValueError naming
    what is missing, unknown or no text."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("is no JSON of named texts") from error
    if not isinstance(values, dict):
        raise ValueError("is no JSON of named texts")
    names = {each.name for each in fields(kind)} | set(more)
    needed = {each.name for each in fields(kind) if each.default is MISSING}
    for said, wrong in (("lacks", needed - values.keys()), ("has no place for", values.keys() - names)):
        if wrong:
            raise ValueError(f"{said} {', '.join(sorted(wrong))[:200]}")
    if not_text := sorted(name for name, value in values.items() if not isinstance(value, str)):
        raise ValueError(f"its {not_text[0]} is no text")
    return values
