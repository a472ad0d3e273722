"""GTIN and ISBN: the numbers under the bars of goods and books, in each of the forms in which they are printed. Pure.

Sources: GS1 General Specifications 24, 2.1.6 (GTIN formats), 5.2.2.4 (UPC-E) and 7.9 (check digit); ISO 2108 (ISBN).
"""

from __future__ import annotations

import re

_SHORTEST = 8
_LENGTHS = (_SHORTEST, 12, 13, 14)
_BETWEEN = re.compile(r"[\s\u2010-\u2015-]")
_ISBN = re.compile(r"ISBN(?:[-\s]?1[03](?=[:\s]))?:?", re.IGNORECASE)
_ISBN_10 = re.compile(r"[0-9]{9}[0-9X]")
_BOOKS = ("978", "979")


def is_valid(digits: str) -> bool:
    """Whether the last of 8, 12, 13 or 14 digits is the check digit of the others."""
    return _has_form(digits) and _check_digit(digits[:-1]) == digits[-1]


def canonical(text: str) -> str | None:
    """The one form of a number in which its printed forms are alike; None where there is none with its check digit.

    13 digits for UPC-A, UPC-E, ISBN-10 and a GTIN-14 of a single item; else the digits as they are. Half of all UPC-E
    numbers are valid as EAN-8, too: eight digits that may be either are taken for UPC-E, in a list as in a picture, so
    that whichever was meant is found. EAN-8 beginning with 0 are a shop's own, with 1 nobody prints UPC-E.
    """
    digits = _bare(text)
    if _ISBN_10.fullmatch(digits):
        return _of_book(digits) if _isbn_10_check(digits) == digits[-1] else None
    if (expanded := _expanded(digits)) is not None and is_valid(expanded):
        return f"0{expanded}"
    if not is_valid(digits):
        return None
    return digits.removeprefix("0") if len(digits) == 14 else digits.rjust(13, "0") if len(digits) == 12 else digits


def why_wrong(text: str) -> str | None:
    """Why a text that is built like such a number is none, in words that follow "it is"; None for any other text.

    Eight and ten digits may as well be a serial, and mostly are: only ten that are divided into an ISBN's four parts
    are taken for one.
    """
    if canonical(text) is not None:
        return None
    digits, is_called_isbn = _bare(text), _ISBN.match(text.strip()) is not None
    if _ISBN_10.fullmatch(digits) and (is_called_isbn or len(_BETWEEN.findall(text.strip())) == 3):
        return f"an ISBN whose check digit should be {_isbn_10_check(digits)}"
    if _has_form(digits) and len(digits) > _SHORTEST:
        name = "an ISBN" if len(digits) == 13 and digits.startswith(_BOOKS) else "a GTIN"
        return f"{name} whose check digit should be {_check_digit(digits[:-1])}"
    return "an ISBN of neither 10 nor 13 digits" if is_called_isbn else None


def is_book(digits: str) -> bool:
    """Whether a valid number is that of a book."""
    return len(digits) == 13 and digits.startswith(_BOOKS)


def _bare(text: str) -> str:
    return _BETWEEN.sub("", _ISBN.sub("", text.strip(), count=1) if _ISBN.match(text.strip()) else text).upper()


def _has_form(digits: str) -> bool:
    return len(digits) in _LENGTHS and digits.isascii() and digits.isdigit()


def _check_digit(others: str) -> str:
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(others)))
    return str(-total % 10)


def _isbn_10_check(digits: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return "0123456789X"[-total % 11]


def _of_book(isbn_10: str) -> str:
    others = f"978{isbn_10[:9]}"
    return others + _check_digit(others)


def _expanded(digits: str) -> str | None:
    """The twelve digits that eight of a UPC-E stand for, whether or not its check digit is right."""
    if not _has_form(digits) or len(digits) != 8 or digits[0] not in "01":
        return None
    system, body, how, check = digits[0], digits[1:6], digits[6], digits[7]
    if how in "012":
        others = f"{body[:2]}{how}0000{body[2:]}"
    elif how in "34":
        kept = int(how)
        others = f"{body[:kept]}{'0' * 5}{body[kept:]}"
    else:
        others = f"{body}0000{how}"
    return system + others + check
