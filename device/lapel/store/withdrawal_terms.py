"""How withdrawals, and orders to wipe, stand in the authority's metadata: a target each, its terms in the signed file.

So each is one small signed message, and nothing has to be fetched after it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import TypeVar

from tuf.api.metadata import TargetFile, Targets

from lapel.core.updates import Why
from lapel.core.wipes import WipeOrder
from lapel.core.withdrawals import Withdrawal
from lapel.errors import UpdateRefused

FOLDER, WIPES = "withdrawals/", "wipes/"
_CUSTOM = "custom"
T = TypeVar("T", Withdrawal, WipeOrder)


def withdrawal_target(withdrawal: Withdrawal) -> TargetFile:
    """The target that says it; its length and hash are those of its terms."""
    return _target(f"{FOLDER}{withdrawal.serial}", withdrawal)


def wipe_target(order: WipeOrder) -> TargetFile:
    """The target that says it: one for each key of a device."""
    return _target(f"{WIPES}{order.sealing}", order)


def withdrawals_in(targets: Targets) -> tuple[Withdrawal, ...]:
    """Every withdrawal of the role's metadata, by serial. Raises: UpdateRefused for one that is none."""
    found = [_stated(path, each, Withdrawal) for path, each in targets.targets.items() if not path.startswith(WIPES)]
    return tuple(sorted(found, key=lambda each: each.serial))


def wipes_in(targets: Targets) -> tuple[WipeOrder, ...]:
    """Every order to wipe of the role's metadata, by device. Raises: UpdateRefused for one that is none."""
    found = [_stated(path, each, WipeOrder) for path, each in targets.targets.items() if path.startswith(WIPES)]
    return tuple(sorted(found, key=lambda each: (each.device, each.sealing)))


def _target(path: str, stated: Withdrawal | WipeOrder) -> TargetFile:
    terms = asdict(stated)
    data = json.dumps(terms, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return TargetFile(len(data), {"sha256": hashlib.sha256(data).hexdigest()}, path, {_CUSTOM: terms})


def _stated(path: str, target: TargetFile, kind: Callable[..., T]) -> T:
    terms = target.unrecognized_fields.get(_CUSTOM)
    try:
        if not isinstance(terms, dict) or terms.keys() != {field.name for field in fields(kind)}:  # type: ignore[arg-type]
            raise ValueError("not its terms")
        for name, value in terms.items():
            if name == "serial" and (not isinstance(value, int) or isinstance(value, bool)):
                raise ValueError("its serial is no number")
            if name != "serial" and not isinstance(value, str):
                raise ValueError(f"its {name} is no text")
        return kind(**terms)
    except ValueError as error:
        raise UpdateRefused(Why.MALFORMED.value, f"{path}: {error}; have it signed again") from error
