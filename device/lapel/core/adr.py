"""UN/ADR numbers: the two lines of an orange panel on a vehicle, hazard above and substance below. Pure."""

from __future__ import annotations

import re

# ADR 2025 (ECE/TRANS/352 vol. II), 5.3.2.3.2: all 97 hazard identification numbers of substances of classes 2 to 9.
_GASES = "20 22 223 225 23 238 239 25 26 263 265 268 28"
_LIQUIDS = "30 323 X323 33 333 X333 336 338 X338 339 36 362 X362 368 38 382 X382 39"
_SOLIDS = "40 423 X423 43 X432 44 446 46 462 X462 48 482 X482"
_OXIDISERS = "50 539 55 556 558 559 56 568 58 59"
_POISONS = "60 606 623 63 638 639 64 642 65 66 663 664 665 668 X668 669 68 69"
_OTHERS = "70 768 80 X80 823 83 X83 836 839 X839 84 842 85 856 86 88 X88 883 884 885 886 X886 89 90 99"
HAZARDS = frozenset(" ".join((_GASES, _LIQUIDS, _SOLIDS, _OXIDISERS, _POISONS, _OTHERS)).split())
# UN Model Regulations, 23rd revised edition, dangerous goods list: 1001 to 3560 have hazard numbers (below 1000 are
# explosives, whose panels show a classification code instead).
FIRST_UN, LAST_UN = 1001, 3560
_WRITTEN = re.compile(r"(X?[0-9]{2,3})/([0-9]{4})")
_LISTED = re.compile(r"(X?[0-9]{2,3})/([0-9]{4}|\*)")
_ANY = "*"
_DIGITS = re.compile(r"X?[0-9]{2,4}")
_AS_DIGIT = str.maketrans("OISB", "0158")
_MOST_CORRECTED = 1


def has_form(text: str) -> bool:
    """Whether a text is built like a hazard number over a UN number, ``33/1203``, or over any of them, ``33/*``.

    Whether or not the numbers exist. Only a list may say ``*``: no panel does.
    """
    return _LISTED.fullmatch(text) is not None


def over_any_substance(text: str) -> str:
    """How a list names every panel with the hazard number of ``33/1203``: ``33/*``. Raises: ValueError."""
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError("not a hazard number over a UN number; give a panel's number as it was read")
    return f"{written[1]}/{_ANY}"


def why_invalid(text: str) -> str | None:
    """Why a text of that form is none, in words that follow "it is"; None if it is one."""
    written = _LISTED.fullmatch(text)
    if written is None:
        return "not a hazard number and a UN number, as in 33/1203"
    if written[1] not in HAZARDS:
        return f"hazard number {written[1]}, which ADR 5.3.2.3.2 does not have"
    if written[2] != _ANY and not FIRST_UN <= int(written[2]) <= LAST_UN:
        return f"UN number {written[2]}, outside {FIRST_UN} to {LAST_UN}"
    return None


def is_valid(text: str) -> bool:
    """Whether a text is a hazard number that exists over a UN number in range, or over any."""
    return why_invalid(text) is None


def paired(upper: str, lower: str) -> str | None:
    """The number that the two lines of a panel make, ``33/1203``; None where they make none."""
    hazard, number = _line(upper), _line(lower)
    if hazard is None or number is None:
        return None
    text = f"{hazard}/{number}"
    return text if is_valid(text) else None


def _line(text: str) -> str | None:
    bare = text.upper().replace(" ", "")
    digits = bare.translate(_AS_DIGIT)
    changed = sum(was != now for was, now in zip(bare, digits, strict=True))
    return digits if changed <= _MOST_CORRECTED and _DIGITS.fullmatch(digits) else None
