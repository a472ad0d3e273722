"""What holds of every document, plate and serial, however it is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codes_of_people import DOCUMENTS
from lapel.core.codes import LONGEST_CODE, why_never_read, why_unlistable
from lapel.core.personal import document_about_people, looks_like_plate

UNSEEN = ("", "\ufeff", "]L2", "]Q1\ufeff", " \r\n", "\x00", "\u200b\x1d")
WIDE = {ord("!") + n: 0xFF01 + n for n in range(94)}
WRITINGS = (str, str.lower, str.title, lambda text: text.translate(WIDE))
GAPS = st.sampled_from(("", " ", "-", ".", "·", "–", " - "))
BUILDS = (
    *("L-LL-DDDD", "LL-DDD-LL", "LLDD-LLL", "DDDD-LLL", "LL-DDDDD"),  # Germany, France, Britain, Spain, Poland
    *("LL-DD-LL-DDDD", "LLLDLDD", "DD-LLL-DDDD", "LL-DDDDDD"),  # India, Brazil, Turkey, Switzerland
    *("L-DDD-LL-DDD", "DLLLDDD", "LLL-DDDL", "LL-DDD-L"),  # Russia, California, Kenya, the Netherlands
)
LETTERS = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜŠŽ")
DIGITS = st.sampled_from("0123456789")


@st.composite
def plates(draw: st.DrawFn) -> str:
    """A plate of some country, with any gap where it has one, in capitals or not."""
    signs = {"L": LETTERS, "D": DIGITS, "-": GAPS}
    text = "".join(draw(signs[place]) for place in draw(st.sampled_from(BUILDS)))
    return draw(st.sampled_from((text, text.lower())))


@given(st.sampled_from(tuple(DOCUMENTS.values())), st.sampled_from(UNSEEN), st.sampled_from(WRITINGS))
def test_nothing_that_is_not_seen_and_no_way_of_writing_hides_a_document(
    text: str, unseen: str, writing: object
) -> None:
    assert callable(writing)
    assert document_about_people(unseen + writing(text)) is not None


def test_a_short_text_that_unfolds_to_a_long_one_is_not_searched() -> None:
    assert (why_never_read("BADGE" + "\u2057" * 500) or "").startswith("2005 characters long once")
    assert why_never_read("BADGE" + "_" * 500) is None


@given(plates())
def test_a_plate_is_known_however_it_is_written(plate: str) -> None:
    assert looks_like_plate(plate)
    assert why_unlistable(plate) is not None


@given(st.from_regex(r"(SN|WTU|XQ)-?[0-9]{8,12}[A-Z]?|[0-9]{4,20}", fullmatch=True).filter(str.isascii))
def test_a_long_number_behind_a_maker_s_letters_or_none_can_be_listed(serial: str) -> None:
    assert why_never_read(serial) is None  # one with the length of a GTIN is listed as one, or as serial:…


@given(st.text(max_size=LONGEST_CODE))
def test_whatever_a_carrier_holds_is_judged(text: str) -> None:
    assert isinstance(looks_like_plate(text), bool)
    assert document_about_people(text) is None or why_unlistable(text) is not None
