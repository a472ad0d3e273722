"""The grammar of the codes that Lapel may read, and of those that it must never read.

A barcode may be a GTIN, an ISBN or the serial of a listed thing. Written text may be the number of a freight container
or of an orange panel. Everything else is discarded where it was read.
Documents about people and licence plates are no things: they are refused at enrolment and at reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from lapel.core import adr, iso6346, signs
from lapel.core.personal import about_people, document_about_people, looks_like_plate

LONGEST_CODE = 512
"""Characters. Serials are short; what is longer is a message, and messages are not read."""


BUILT_LIKE_A_PLATE = "built like a licence plate, and so may be one"


class CodeKind(Enum):
    """What a code stands for. Closed: nothing that names a person or a plate has a member."""

    GTIN = "gtin"
    ISBN = "isbn"
    SERIAL = "serial"
    ISO6346 = "iso6346"
    ADR = "adr"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Code:
    """A code that may be kept.

    ``value`` is exactly what a barcode holds, digits alone for GTIN and ISBN; the eleven characters alone of a
    container's number; ``33/1203`` of an orange panel; ``sign:flame`` of a sign of dangerous goods. A list may say
    ``33/*`` for panels with any UN number.
    """

    kind: CodeKind
    value: str

    @property
    def listed_as(self) -> tuple[str, ...]:
        """What a list may call it, the most exact first: a panel by its numbers, or by its hazard number alone."""
        return (self.value, adr.over_any_substance(self.value)) if self.kind is CodeKind.ADR else (self.value,)


def why_unlistable(text: str) -> str | None:
    """Why a string must not be listed as a code, in words that follow "it is"; None if it may."""
    if not text.strip():
        return "empty"
    if len(text) > LONGEST_CODE:
        return f"{len(text)} characters long, more than {LONGEST_CODE}"
    if person := about_people(text):
        return person
    if iso6346.has_form(text):
        right = iso6346.check_digit(text[:-1])
        return None if iso6346.is_valid(text) else f"a container's number whose check digit should be {right}"
    if adr.has_form(text):
        return adr.why_invalid(text)
    if signs.has_form(text):
        return signs.why_invalid(text)
    return BUILT_LIKE_A_PLATE if looks_like_plate(text) else None


def has_gtin_check_digit(digits: str) -> bool:
    """Whether the last of 8, 12, 13 or 14 digits is the check digit of the others (GS1 General Specifications 7.9)."""
    if len(digits) not in (8, 12, 13, 14) or not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return total % 10 == 0


def as_listed(text: str) -> str:
    """A code as a list keeps it: a container's number without the spaces and dashes it is written with."""
    bare = iso6346.bare(text)
    return bare if iso6346.has_form(bare) and set(text.upper()) <= set(bare) | set(" -") else text


def written_kinds(codes: Iterable[str]) -> frozenset[CodeKind]:
    """Which kinds of written code there are among listed ones: a reader of text is needed for these alone."""
    written = {CodeKind.ISO6346 if iso6346.is_valid(code) else CodeKind.ADR for code in codes if is_written(code)}
    return frozenset(written)


def is_written(code: str) -> bool:
    """Whether a code is the number of a container or of an orange panel, which are read as written text alone."""
    return iso6346.is_valid(code) or adr.is_valid(code)


def has_signs(codes: Iterable[str]) -> bool:
    """Whether any of the codes is a sign's: a reader of signs is needed for these alone."""
    return any(signs.is_valid(code) for code in codes)


class ListedCodes:
    """The serials that are looked for. What must not be listed is none of them, whoever put it on the list."""

    def __init__(self, codes: Iterable[str]) -> None:
        self._codes = frozenset(codes)

    def __contains__(self, text: str) -> bool:
        # Judged when it is met: of 300,000 codes hardly one ever is.
        return text in self._codes and why_unlistable(text) is None


class EveryCode:
    """Counts every string as a listed serial: for measuring how well codes are read, and for nothing else."""

    def __contains__(self, text: str) -> bool:
        return True


def parse_barcode(text: str, *, is_retail: bool, listed: ListedCodes | EveryCode) -> Code | None:
    """The code that a barcode holds, or None, which is the ordinary answer.

    ``is_retail`` says that the symbology is an EAN or UPC, which holds a GTIN and nothing else. Numbers of containers
    and of panels, and signs, are taken from the thing itself alone: anybody can print a barcode.
    """
    if not text.strip() or len(text) > LONGEST_CODE or about_people(text):
        return None
    if is_retail:
        if not has_gtin_check_digit(text):
            return None
        is_book = len(text) == 13 and text.startswith(("978", "979"))
        return Code(CodeKind.ISBN if is_book else CodeKind.GTIN, text)
    if is_written(text) or signs.has_form(text):
        return None
    return Code(CodeKind.SERIAL, text) if text in listed else None


def parse_container(lines: Sequence[str]) -> tuple[Code, ...]:
    """The containers' numbers in neighbouring lines of text in reading order; none is the ordinary answer."""
    if sum(map(len, lines)) > LONGEST_CODE or any(map(document_about_people, (*lines, "".join(lines)))):
        return ()
    return tuple(Code(CodeKind.ISO6346, value) for value in iso6346.assembled(lines))


def parse_panel(upper: str, lower: str) -> Code | None:
    """The number that the two lines of an orange panel make, or None."""
    value = adr.paired(upper, lower)
    return None if value is None else Code(CodeKind.ADR, value)
