"""The grammar of the codes that Lapel may read, and of those that it must never read.

A barcode may be a GTIN, an ISBN or the serial of a listed thing. Written text may be the number of a freight container
or of an orange panel. Everything else is discarded where it was read.
Documents about people and licence plates are no things: they are refused at enrolment and at reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from lapel.core import adr, gtin, iso6346, signs
from lapel.core.personal import about_people, document_about_people, looks_like_plate

SERIAL = "serial:"
"""What a list writes before a serial that is built like a GTIN and is none. No barcode has to hold it."""
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

    ``value`` is exactly what a barcode holds, for GTIN and ISBN the reader's digits; the eleven characters alone of a
    container's number; ``33/1203`` of an orange panel; ``sign:flame`` of a sign of dangerous goods. A list may say
    ``33/*`` for panels with any UN number.
    """

    kind: CodeKind
    value: str

    @property
    def listed_as(self) -> tuple[str, ...]:
        """What a list may call it, the most exact first: a panel by its numbers, or by its hazard number alone."""
        if self.kind is CodeKind.ADR:
            return self.value, adr.over_any_substance(self.value)
        return (as_listed(self.value),)


def why_unlistable(text: str) -> str | None:
    """Why a string must not be listed as a code, in words that follow "it is"; None if it may."""
    if reason := why_never_read(text):
        return reason
    if text.startswith(SERIAL):
        serial = text.removeprefix(SERIAL).strip()
        is_written = iso6346.has_form(iso6346.bare(serial)) or adr.has_form(serial) or signs.has_form(serial)
        return f"what {SERIAL} cannot stand before: it is read as written; list it without" if is_written else None
    wrong = gtin.why_wrong(text)
    return f"{wrong} (of a serial that only looks like one, write {SERIAL} before it)" if wrong else None


def why_never_read(text: str) -> str | None:
    """The same, of what is not read even where it stands on a list that was made elsewhere, or before."""
    text = text.removeprefix(SERIAL)
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


def as_listed(text: str) -> str:
    """A code as a list keeps it, and as what was read is compared with it, so that printed forms of one are alike.

    A container's number and a GTIN or ISBN stand without the spaces and dashes that they are written with.
    """
    if text[: len(SERIAL)].lower() == SERIAL:
        return SERIAL + text[len(SERIAL) :].strip()
    bare = iso6346.bare(text)
    if iso6346.has_form(bare) and set(text.upper()) <= set(bare) | set(" -"):
        return bare
    return gtin.canonical(text) or text


def looked_for(code: str) -> str:
    """What a listed code is compared by, in whatever form a list has it: lists are kept that an older Lapel made."""
    return as_listed(code.removeprefix(SERIAL).strip())


def entries_by_code(codes: Iterable[tuple[int, Iterable[str]]]) -> dict[str, tuple[int, ...]]:
    """What is looked for, and the entries on which it stands: given each entry's number, ascending, and its codes.

    Each of them alerts: of two copies of a book either may be the one in view.
    """
    found: dict[str, dict[int, None]] = {}
    for number, written in codes:
        for code in written:
            found.setdefault(looked_for(code), {})[number] = None
    return {code: tuple(numbers) for code, numbers in found.items()}


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
    """The serials that are looked for, as ``looked_for`` has them. What must not be listed is none of them."""

    def __init__(self, codes: Iterable[str]) -> None:
        self._codes = frozenset(codes)

    def __contains__(self, text: str) -> bool:
        # Judged when it is met: of 300,000 codes hardly one ever is.
        return as_listed(text) in self._codes and why_never_read(text) is None


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
        if not gtin.is_valid(text):
            return None
        return Code(CodeKind.ISBN if gtin.is_book(text) else CodeKind.GTIN, text)
    if is_written(as_listed(text)) or signs.has_form(text):
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
