"""What a code must never hold: documents about people, badges, contacts, and vehicles' licence plates. Pure.

A text is judged in one form, so that no byte-order mark, reader's prefix, wide letter or small one hides what it is.
"""

from __future__ import annotations

import re
import unicodedata

_LONGEST_IN_ONE_FORM = 1024
"""Signs of which one stands for up to 18 others could make a short text a long one to search."""
_UNSEEN = frozenset({"Cc", "Cf"})
_AIM = re.compile(r"\A\][A-Za-z][0-9A-Za-z]")
"""What readers may put before a text: the symbology's identifier (ISO/IEC 15424)."""

_OPENINGS = (
    ("a driving licence (AAMVA)", r"(?:ANSI|AAMVA)\s*[0-9]{6}|\A(?=.*DAQ)(?=.*D(?:CS|AA|AB|AC|CT|BB))"),
    ("a boarding pass (IATA BCBP)", r"\A[MS][1-9](?=.{0,19}/)[A-Z][A-Z0-9 /.'\-]{19}[E ]?[A-Z0-9 ]{5,7}[A-Z]{6}"),
    ("a boarding pass (IATA BCBP)", r"\A[MS][1-9][A-Z][A-Z .'\-]{19}[E ]?[A-Z0-9 ]{5,7}[A-Z]{6}"),
    ("a travel document (ICAO 9303)", r"\A(?:[PV][A-Z<][A-Z]{3}[A-Z]+<|[PV]<[A-Z<]{3})|[A-Z]<<[A-Z]"),
    ("a travel document (ICAO 9303)", r"\A(?=[A-Z0-9\s]*<)[A-Z0-9<\s]{28,}\Z"),
    ("a travel document (ICAO 9303)", r"\A[ACDI][A-Z0-9][A-Z]{3}[A-Z0-9]{9}[0-9][A-Z0-9]{15}(?:[0-9]{7}[MFX]|\Z)"),
    (
        "a travel document (ICAO 9303)",
        r"[0-9][A-Z<]{3}[0-9<]{6}[0-9][MFX<][0-9]{7}|\A[0-9]{7}[MFX<][0-9]{7}[A-Z<]{3}[A-Z0-9<]",
    ),
    ("a military card (CAC)", r"\A[1N][0-9A-V]{6}[A-Z][0-9A-V]{7}[A-Z][A-Z'.\- ]{18}"),
    ("a military card (CAC)", r"\A[1N][0-9A-V]{6}[A-Z][0-9A-V]{7}[A-Z]{2}[0-9A-Z]\Z"),
    ("a visiting card (vCard)", r"BEGIN:V(?:CARD|EVENT|CALENDAR)"),
    ("a visiting card (MECARD)", r"(?:ME|BIZ)CARD:"),
    ("an official letter (2D-Doc)", r"\ADC0[0-9][A-Z0-9]{4}"),
    ("a health certificate", r"\AHC1:|\ASHC:/"),
    ("a personal card (Aadhaar)", r"<PRINTLETTERBARCODEDATA"),
    (
        "a person's badge",
        r"\A(?:BADGE|EMP|EMPLOYEE|STAFF|PERSONNEL|VISITOR|STUDENT|PATIENT|MATRICULE|MITARBEITER|(?:DIENST)?AUSWEIS)"
        r"(?:[\W_]{0,4}(?:ID|CARD|PASS|NO|NR|NUM|NUMBER|NUMMER))?(?:[\W_]{1,4}[A-Z]{0,3})?[\W_]{0,4}[0-9]",
    ),
    (
        "a person's card",
        r"\A[A-Z]*ID[:=][^;]*;.*\b(?:FULL|USER|NICK)?NAME[:=]|\b(?:SUR|LAST|FIRST|FAMILY|GIVEN)[ _\-]?NAME\b",
    ),
)
"""What carriers of a person's data begin with or hold, with the name of each for messages.

Sources: AAMVA DL/ID Card Design Standard 2020 D.12.3 to D.12.5; IATA Resolution 792; ICAO Doc 9303-3 to -7;
DoD CAC bar codes, PDF417 and Code 39; RFC 6350; NTT DoCoMo MECARD; ANTS 2D-Doc 3.1.3; EU eHealth Network HCERT 1.3.
"""
_DOCUMENTS = tuple((name, re.compile(form, re.DOTALL)) for name, form in _OPENINGS)
_CONTACT = re.compile(r"(?:MAILTO|MATMSG|SMTP):|\A(?:TEL|SMS|SMSTO|MMS|MMSTO|CALLTO|SIPS?|XMPP|FACETIME):")

_LETTER = r"[^\W\d_]"
_PLATES = tuple(
    re.compile(form.replace("L", _LETTER))
    for form in (
        r"(?=.{4,8}\Z)(?=\d*L)(?=L*\d)(?!.*L{6})(?!.*\d{7})(?:L|\d)+",  # any short mix: B-AB 1234, ABC1D23, ZH 123456
        r"(?=.{9}\Z)L{1,5}\d{1,4}L{0,3}",  # HRO-AB 123H, WP CAB-1234
        r"(?:IND)?L{2}\d{1,2}L{1,3}\d{3,4}",  # MH 12 DE 1433
        r"\d{2}BH\d{4}L{1,2}",  # 22 BH 1234 AA
        r"\d{2}(?:L{2}\d{5}|L{3}\d{4})",  # 34 ABC 1234, 29AB-123.45
        r"L\d{3}L{2}\d{2,3}(?:RUS)?",  # А123ВС77
    )
)
"""Without their gaps. Examples are what each was made for; most stand for plates of several countries."""
_SPACED_PLATES = tuple(
    re.compile(form.replace("L", _LETTER))
    for form in (
        r"L{1,3} L{2} \d{5,6}",  # CH ZH 123456
        r"L{2,3} \d{2,3} \d{3,4}",  # CAA 123-456, LEA-19-1234
        r"\d{2,3} L{1,2} \d{1,6}",  # 191-D-12345
        r"\d{2} \d{3} \d{2}|\d{3} \d{2} \d{3}",  # 12-345-67
    )
)
_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024f]")
_LONGEST_OF_OTHER_SCRIPT, _DIGITS_OF_OTHER_SCRIPT = 16, range(2, 8)  # 品川 300 あ 12-34, 12가 3456, 1กก 1234
_GAP = re.compile(r"[\W_]+")
_DECLARED = re.compile(r"(?:SN|S/N|SERIAL(?: ?(?:NO|NR|NUMBER))?)[\s\-.:#=]+")
_WORD = re.compile(r"[A-Z0-9]{4,8}")
_BEGINS_WITH_SN = re.compile(r"SN (?:[0-9]{2,5}|[0-9]{2} [0-9]{3}|[A-Z]{1,2} ?[0-9]{1,4} ?[EH]?)")


def in_one_form(text: str) -> str:
    """A text as it is judged: one sign for those that mean the same (NFKC), capitals, and nothing that is not seen."""
    folded = unicodedata.normalize("NFKC", text)
    seen = "".join(sign for sign in folded if unicodedata.category(sign) not in _UNSEEN)
    return _AIM.sub("", seen.strip()).strip().upper()


def document_about_people(text: str) -> str | None:
    """What kind of document about a person a carrier holds, in words; None if it is none that is known."""
    return next(filter(None, map(_document, _forms(text))), None)


def about_people(text: str) -> str | None:
    """As ``document_about_people``, and whether the text calls or writes to someone."""
    forms = _forms(text)
    if found := next(filter(None, map(_document, forms)), None):
        return found
    return "a person's address or telephone number" if any(map(_CONTACT.search, forms)) else None


def looks_like_plate(text: str) -> bool:
    """Whether a string is built like a vehicle's licence plate, as most countries write theirs.

    Errs towards yes: a short serial of letters and digits cannot be told from a plate, and so cannot be listed.
    Behind ``SN-`` a short word is a serial, for no plate is written so, unless it is one of a place called SN.
    """
    plain = in_one_form(text)
    declared = _DECLARED.match(plain)
    if declared is None:
        return _is_plate(plain)
    serial = plain[declared.end() :]
    is_serial = _WORD.fullmatch(serial) or not _is_plate(serial)
    return not is_serial or _BEGINS_WITH_SN.fullmatch(_GAP.sub(" ", plain)) is not None


def _forms(text: str) -> tuple[str, str]:
    """A text without what is not seen, since that would hide words, and with line ends that part them."""
    parted = "".join(";" if unicodedata.category(sign) == "Cc" else sign for sign in text)
    return in_one_form(text), in_one_form(parted).lstrip("; ")


def _document(plain: str) -> str | None:
    if len(plain) > _LONGEST_IN_ONE_FORM:
        return f"{len(plain)} characters long once its signs are written out"
    return next((name for name, pattern in _DOCUMENTS if pattern.search(plain)), None)


def _is_plate(plain: str) -> bool:
    spaced = _GAP.sub(" ", plain).strip()
    bare = spaced.replace(" ", "")
    if any(form.fullmatch(bare) for form in _PLATES) or any(form.fullmatch(spaced) for form in _SPACED_PLATES):
        return True
    digits = sum(sign.isdecimal() for sign in bare)
    is_short = len(bare) <= _LONGEST_OF_OTHER_SCRIPT and digits in _DIGITS_OF_OTHER_SCRIPT
    return is_short and _OTHER_SCRIPT.search(bare) is not None
