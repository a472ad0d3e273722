"""The signs of dangerous goods by their symbol: a closed set, as codes are. Pure."""

from __future__ import annotations

_PREFIX = "sign:"
# The symbols of GHS annex 1 and ADR 5.2.2.2.2 that look different; classes with the same symbol differ in colour.
SYMBOLS = frozenset(
    {
        "biohazard",
        "bomb",
        "corrosion",
        "cylinder",
        "environment",
        "exclamation",
        "flame",
        "flame-over-circle",
        "health",
        "skull",
        "stripes",
        "trefoil",
    }
)


def code_of(symbol: str) -> str:
    """What a list calls a sign with that symbol: ``sign:flame``. Raises: ValueError."""
    if symbol not in SYMBOLS:
        raise ValueError(f"symbol {symbol!r}: no sign has it; there are {', '.join(sorted(SYMBOLS))}")
    return _PREFIX + symbol


def has_form(text: str) -> bool:
    """Whether a text is built like the code of a sign, whether or not there is such a sign."""
    return text.startswith(_PREFIX)


def is_valid(text: str) -> bool:
    """Whether a text is the code of a sign that there is."""
    return has_form(text) and text.removeprefix(_PREFIX) in SYMBOLS


def why_invalid(text: str) -> str | None:
    """Why a text of that form is no sign's code, in words that follow "it is"; None if it is one."""
    return None if is_valid(text) else f"no sign's symbol; there are {', '.join(sorted(SYMBOLS))}"
