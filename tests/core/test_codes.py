"""Which strings may be codes of things, and which never."""

import pytest

from codes_of_people import CONTACTS, DOCUMENTS, PLATES, THINGS
from lapel.core.codes import (
    LONGEST_CODE,
    Code,
    CodeKind,
    EveryCode,
    ListedCodes,
    as_listed,
    looked_for,
    parse_barcode,
    parse_container,
    parse_panel,
    why_unlistable,
    written_kinds,
)
from lapel.core.personal import document_about_people, looks_like_plate

OF_PEOPLE = DOCUMENTS | CONTACTS


@pytest.mark.parametrize("text", OF_PEOPLE.values(), ids=OF_PEOPLE.keys())
def test_what_is_about_a_person_is_no_code_even_when_it_is_listed_or_every_code_counts(text: str) -> None:
    assert why_unlistable(text) is not None
    assert text not in ListedCodes([text])
    assert parse_barcode(text, is_retail=False, listed=ListedCodes([text])) is None
    assert parse_barcode(text, is_retail=False, listed=EveryCode()) is None


@pytest.mark.parametrize("text", PLATES)
def test_a_string_built_like_a_plate_is_no_code_even_when_it_is_listed(text: str) -> None:
    assert looks_like_plate(text)
    assert why_unlistable(text) == "built like a licence plate, and so may be one"
    assert parse_barcode(text, is_retail=False, listed=ListedCodes([text])) is None


@pytest.mark.parametrize("text", THINGS)
def test_a_code_of_a_thing_can_be_listed(text: str) -> None:
    assert document_about_people(text) is None
    assert why_unlistable(text) is None
    assert text in ListedCodes([looked_for(text)])


@pytest.mark.parametrize("text", ["", "  \n", "x" * (LONGEST_CODE + 1)])
def test_nothing_and_a_whole_message_cannot_be_listed(text: str) -> None:
    assert why_unlistable(text) is not None


def test_an_overlong_barcode_is_discarded() -> None:
    assert parse_barcode("x" * (LONGEST_CODE + 1), is_retail=False, listed=EveryCode()) is None


def test_a_serial_is_kept_only_when_it_is_listed() -> None:
    listed = ListedCodes(["WTU123456"])
    assert parse_barcode("WTU123456", is_retail=False, listed=listed) == Code(CodeKind.SERIAL, "WTU123456")
    assert parse_barcode("WTU123457", is_retail=False, listed=listed) is None


@pytest.mark.parametrize("written", ["33/1203", "33/*", "CSQU3054383"])
def test_a_barcode_that_holds_the_number_of_a_panel_or_a_container_is_none(written: str) -> None:
    assert parse_barcode(written, is_retail=False, listed=ListedCodes([written])) is None
    assert parse_barcode(written, is_retail=False, listed=EveryCode()) is None


def test_a_retail_symbol_holds_a_gtin_or_an_isbn() -> None:
    nothing = ListedCodes([])
    assert parse_barcode("4006381333931", is_retail=True, listed=nothing) == Code(CodeKind.GTIN, "4006381333931")
    assert parse_barcode("9780201310054", is_retail=True, listed=nothing) == Code(CodeKind.ISBN, "9780201310054")


def test_a_retail_symbol_with_a_wrong_check_digit_is_discarded() -> None:
    assert parse_barcode("4006381333930", is_retail=True, listed=EveryCode()) is None


def test_a_container_s_number_with_a_wrong_check_digit_cannot_be_listed_and_the_right_one_is_named() -> None:
    assert why_unlistable("CSQU3054383") is None
    assert why_unlistable("CSQU3054384") == "a container's number whose check digit should be 3"


@pytest.mark.parametrize(("text", "name"), [("4006381333932", "a GTIN"), ("978-3-16-148410-1", "an ISBN")])
def test_a_gtin_or_isbn_with_a_wrong_check_digit_can_be_listed_only_as_the_serial_that_it_may_be(
    text: str, name: str
) -> None:
    reason = why_unlistable(text)
    assert reason is not None
    assert reason.startswith(f"{name} whose check digit should be ")
    assert "write serial: before it" in reason
    assert why_unlistable(f"serial:{text}") is None


def test_a_serial_with_a_wrong_check_digit_that_was_listed_before_is_still_read() -> None:
    assert "00412345" in ListedCodes(["00412345"])


def test_a_serial_with_blanks_on_a_list_made_elsewhere_is_found() -> None:
    assert "12345678" in ListedCodes([looked_for("serial: 12345678 ")])


@pytest.mark.parametrize("text", ["CSQU3054383", "csqu 305438 3", "33/1203"])
def test_what_is_read_as_written_is_no_serial(text: str) -> None:
    assert "list it without" in (why_unlistable(f"serial:{text}") or "")


@pytest.mark.parametrize("text", ["", " ", "ABC-1234", DOCUMENTS["a driving licence"], "x" * (LONGEST_CODE + 1)])
def test_to_call_it_a_serial_lets_no_document_plate_or_message_in(text: str) -> None:
    assert why_unlistable(as_listed(f"serial:{text}")) is not None
    assert text not in ListedCodes([looked_for(f"serial:{text}")])


def test_an_orange_panel_that_does_not_exist_cannot_be_listed() -> None:
    assert why_unlistable("33/1203") is None
    assert why_unlistable("31/1203") == "hazard number 31, which ADR 5.3.2.3.2 does not have"


@pytest.mark.parametrize("written", ["csqu 305438 3", "CSQU-305438-3", "CSQU3054383"])
def test_a_container_s_number_is_listed_without_what_it_is_written_with(written: str) -> None:
    assert as_listed(written) == "CSQU3054383"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("978-3-16-148410-0", "9783161484100"),
        ("036000291452", "0036000291452"),
        ("Serial: 12-34-5678", "serial:12-34-5678"),
    ],
)
def test_a_gtin_or_isbn_is_listed_in_one_form_and_a_serial_as_it_is(written: str, kept: str) -> None:
    assert as_listed(written) == kept
    assert as_listed(kept) == kept


@pytest.mark.parametrize("other", ["WTU 123456", "8841-C-2019-77", "33/1203", "CSQU[3054383]"])
def test_other_codes_are_listed_as_they_are(other: str) -> None:
    assert as_listed(other) == other


def test_text_has_to_be_read_only_where_written_codes_are_listed() -> None:
    assert written_kinds(["WTU123456", "4006381333931", "CSQU3054384"]) == frozenset()
    assert written_kinds(["WTU123456", "CSQU3054383"]) == {CodeKind.ISO6346}
    assert written_kinds(["33/1203", "CSQU3054383"]) == {CodeKind.ISO6346, CodeKind.ADR}


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_beside_a_document_about_a_person_no_number_is_read(text: str) -> None:
    assert parse_container(["CSQU 305438 3"])
    assert parse_container(["CSQU 305438 3", text]) == ()


def test_a_message_that_holds_a_number_is_not_read() -> None:
    assert parse_container(["CSQU 305438 3", "x" * LONGEST_CODE]) == ()


@pytest.mark.parametrize("plate", PLATES)
def test_a_plate_is_neither_a_container_s_number_nor_a_panel_s(plate: str) -> None:
    assert parse_container([plate, plate]) == ()
    assert parse_panel(plate, plate) is None
