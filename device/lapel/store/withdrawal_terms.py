"""How withdrawals stand in the authority's metadata: one target each, whose terms are inside the signed file itself.

So a withdrawal is one small signed message, and nothing has to be fetched after it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields

from tuf.api.metadata import TargetFile, Targets

from lapel.core.updates import Why
from lapel.core.withdrawals import Withdrawal
from lapel.errors import UpdateRefused

FOLDER = "withdrawals/"
_CUSTOM = "custom"
_FIELDS = frozenset(field.name for field in fields(Withdrawal))


def withdrawal_target(withdrawal: Withdrawal) -> TargetFile:
    """The target that says it; its length and hash are those of its terms."""
    terms = asdict(withdrawal)
    data = json.dumps(terms, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    hashes = {"sha256": hashlib.sha256(data).hexdigest()}
    return TargetFile(len(data), hashes, f"{FOLDER}{withdrawal.serial}", {_CUSTOM: terms})


def withdrawals_in(targets: Targets) -> tuple[Withdrawal, ...]:
    """Every withdrawal of the role's metadata, by serial. Raises: UpdateRefused for one that is none."""
    return tuple(sorted((_withdrawal(path, each) for path, each in targets.targets.items()), key=lambda w: w.serial))


def _withdrawal(path: str, target: TargetFile) -> Withdrawal:
    terms = target.unrecognized_fields.get(_CUSTOM)
    try:
        if not isinstance(terms, dict) or terms.keys() != _FIELDS:
            raise ValueError("not the terms of a withdrawal")
        if not isinstance(terms["serial"], int) or isinstance(terms["serial"], bool):
            raise ValueError("its serial is no number")
        texts = {name: terms[name] for name in _FIELDS - {"serial"}}
        if not all(isinstance(value, str) for value in texts.values()):
            raise ValueError("its terms are no text")
        return Withdrawal(serial=terms["serial"], **texts)
    except ValueError as error:
        raise UpdateRefused(Why.MALFORMED.value, f"{path}: {error}; withdraw it again") from error
