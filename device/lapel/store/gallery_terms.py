"""What a watchlist's index says of the whole list beside its terms: its calibration, its decoys, its charter.

Each may be missing: a list that was never calibrated, and one that came under no authority, say so by that.
"""

from __future__ import annotations

import math
from dataclasses import asdict, fields
from typing import Any

from lapel.core.calibration import Calibration, EntryThreshold
from lapel.core.charter import Charter, mark_from

CALIBRATION, DECOYS, CHARTER = "calibration", "decoys", "charter"
OPTIONAL = frozenset({CALIBRATION, DECOYS})
_COUNTS = frozenset({"version", "episodes", "entries"})
_OWN = "entry_thresholds"
_FLAG, _SCENES, _RULE = "is_extrapolated", "scenes", "rule"
_FIELDS = tuple(field.name for field in fields(Calibration))


def encode_calibration(calibration: Calibration) -> dict[str, object]:
    """A calibration as JSON's values."""
    values: dict[str, object] = {name: getattr(calibration, name) for name in _FIELDS if name != _OWN}
    return values | {_OWN: {own.entry_id: own.threshold for own in calibration.entry_thresholds}}


def decode_calibration(item: object) -> Calibration | None:
    """The calibration in JSON's values. Fields of a newer Lapel are left aside. Raises: ValueError."""
    if item is None:
        return None
    if not isinstance(item, dict) or not isinstance(item.get(_OWN), dict):
        raise ValueError("its calibration is none; calibrate the list again")
    values: dict[str, Any] = {}
    said: dict[str, Any] = {_RULE: "", **item}  # lists that were calibrated before there were marks are read, and stale
    for name in _FIELDS:
        if name not in said:
            raise ValueError(f"its calibration has no {name}; calibrate the list again")
        values[name] = said[name] if name in {_OWN, _FLAG, _SCENES, _RULE} else _number(said[name], name)
    values |= {name: int(values[name]) for name in _COUNTS}
    values |= {_FLAG: said[_FLAG] is True, _SCENES: str(said[_SCENES]), _RULE: str(said[_RULE])}
    own = tuple(EntryThreshold(str(name), _number(value, str(name))) for name, value in said[_OWN].items())
    return Calibration(**(values | {_OWN: own}))


def decode_decoys(item: object) -> frozenset[str]:
    """The ids of decoys in JSON's values. Raises: ValueError."""
    if not isinstance(item, list) or not all(isinstance(name, str) for name in item):
        raise ValueError("its decoys are no list of ids; enrol the list again")
    return frozenset(item)


def encode_charter(charter: Charter) -> dict[str, object]:
    """A charter as JSON's values."""
    return asdict(charter) | {"mark": str(charter.mark)}


def decode_charter(item: Any) -> Charter | None:
    """The charter in JSON's values. Raises: ValueError."""
    if item is None:
        return None
    try:
        return Charter(mark_from(item["mark"]), int(item["lease_hours"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError("it does not say how it came under its authority; take it from there again") from error


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"its calibration's {name} is {value!r}, not a number of 0 and more; calibrate the list again")
    return float(value)
