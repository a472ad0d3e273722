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
    has_gtin_check_digit,
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
    assert text in ListedCodes([text])


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


@pytest.mark.parametrize("digits", ["96385074", "036000291452", "4006381333931", "10012345678902"])
def test_published_gtins_have_their_check_digit(digits: str) -> None:
    assert has_gtin_check_digit(digits)


@pytest.mark.parametrize("digits", ["96385075", "４００６３８１３３３９３１", "400638133393", "", "40063813339ab"])
def test_other_strings_have_no_gtin_check_digit(digits: str) -> None:
    assert not has_gtin_check_digit(digits)


def test_a_container_s_number_with_a_wrong_check_digit_cannot_be_listed_and_the_right_one_is_named() -> None:
    assert why_unlistable("CSQU3054383") is None
    assert why_unlistable("CSQU3054384") == "a container's number whose check digit should be 3"


def test_an_orange_panel_that_does_not_exist_cannot_be_listed() -> None:
    assert why_unlistable("33/1203") is None
    assert why_unlistable("31/1203") == "hazard number 31, which ADR 5.3.2.3.2 does not have"


@pytest.mark.parametrize("written", ["csqu 305438 3", "CSQU-305438-3", "CSQU3054383"])
def test_a_container_s_number_is_listed_without_what_it_is_written_with(written: str) -> None:
    assert as_listed(written) == "CSQU3054383"


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
