"""ISO 6346: the number painted on a freight container, put together from the pieces in which it is read.

Owner (3 letters), category (U, J or Z), serial (6 digits) and a check digit: ``CSQU3054383``. The size and type
code beside it (``22G1``) is no part of it. Pure: text in, text out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

LENGTH = 11
_PREFIX = 4  # owner and category
_FORM = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
_TYPE_CODE = re.compile(r"[1-9A-Z][0-9A-Z][A-Z][0-9A-Z]")
_NO_SIGN = re.compile(r"[^A-Z0-9]+")
# What paint and readers confuse. A place says which of the two was meant; nothing else is ever corrected.
_AS_LETTER = str.maketrans("0158", "OISB")
_AS_DIGIT = str.maketrans("OISB", "0158")
_MOST_CORRECTED = 2
_MOST_PIECES = 11
# Clause 4.2 of the annex: letters count from 10 on, leaving out 11, 22 and 33.
_VALUES = {str(digit): digit for digit in range(10)} | dict(
    zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (v for v in range(10, 39) if v % 11), strict=True)
)


def check_digit(first_ten: str) -> int:
    """The check digit, 0..9, of the ten characters before it (ISO 6346:1995 annex A): letters and digits alone."""
    return sum(_VALUES[sign] << place for place, sign in enumerate(first_ten)) % 11 % 10


def has_form(text: str) -> bool:
    """Whether a text is built like a container's number, whatever its check digit."""
    return _FORM.fullmatch(text) is not None


def is_valid(text: str) -> bool:
    """Whether a text is a container's number: eleven characters alone, with the check digit of the first ten."""
    return has_form(text) and check_digit(text[:-1]) == int(text[-1])


def bare(text: str) -> str:
    """A written number as it is kept: capitals and digits, without spaces, dashes and the box about the last digit."""
    return _NO_SIGN.sub("", text.upper())


def assembled(pieces: Sequence[str]) -> tuple[str, ...]:
    """Valid numbers that pieces in reading order make up, each once: ``TRLU``, ``668957 4``, ``45G1`` hold one.

    A number begins with a word and ends with one, or right before a type code that runs on; its pieces are
    neighbours. At most two characters are corrected, each only where its place tells a letter from a digit.
    """
    words = [word for piece in pieces for word in _words(piece)]
    found = (code for start in range(len(words)) for code in _from(words[start : start + _MOST_PIECES]))
    return tuple(dict.fromkeys(found))


def without_check_digit(pieces: Sequence[str]) -> str | None:
    """The first ten characters of a number, where the last pieces make up just those: its check digit, in a box of
    its own, has to be looked for beside them."""
    words = [word for piece in pieces for word in _words(piece)]
    for start in range(len(words)):
        text = "".join(words[start:])
        if len(text) == LENGTH - 1 and (code := _corrected(text)) is not None and has_form(f"{code}0"):
            return code
    return None


def _words(piece: str) -> list[str]:
    return [word for word in _NO_SIGN.split(piece.upper()) if word]


def _from(words: Sequence[str]) -> Iterator[str]:
    """The number that begins with the first of these words, if there is one."""
    text = ""
    for word in words:
        text += word
        if len(text) >= LENGTH:
            break
    rest = text[LENGTH:]
    if len(text) < LENGTH or (rest and not _TYPE_CODE.fullmatch(rest)):
        return
    code = _corrected(text[:LENGTH])
    if code is not None and is_valid(code):
        yield code


def _corrected(text: str) -> str | None:
    """Eleven characters with letters and digits in their places; None where that takes too many corrections."""
    code = text[:_PREFIX].translate(_AS_LETTER) + text[_PREFIX:].translate(_AS_DIGIT)
    changed = sum(was != now for was, now in zip(text, code, strict=True))
    return code if changed <= _MOST_CORRECTED else None
