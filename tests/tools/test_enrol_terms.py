"""On which terms a thing may be listed."""

from dataclasses import replace
from datetime import date

import pytest

from lapel.core.things import Entry
from lapel.errors import EnrolmentRefused
from lapel.fakes.gallery import made_up_entry
from lapel_tools.enrol.terms import check_terms

TODAY = date(2026, 3, 1)
ENTRY = made_up_entry("crate-17", date(2026, 6, 1))


def refusal(entry: Entry) -> str:
    with pytest.raises(EnrolmentRefused) as caught:
        check_terms(entry, TODAY)
    assert caught.value.exit_code == 5
    return str(caught.value)


@pytest.mark.parametrize("name", ["label", "purpose", "case", "authority"])
@pytest.mark.parametrize("value", ["", "  "])
def test_an_entry_without_a_mandatory_term_is_refused_by_its_name(name: str, value: str) -> None:
    assert f"crate-17: --{name} is empty" in refusal(replace(ENTRY, **{name: value}))


def test_an_entry_that_has_expired_is_refused_with_the_days_that_are_allowed() -> None:
    message = refusal(replace(ENTRY, expires=date(2026, 2, 28)))
    assert "2026-02-28 has passed" in message
    assert "from 2026-03-01 to 2027-03-01" in message


def test_an_entry_may_be_listed_for_365_days_and_not_a_day_longer() -> None:
    check_terms(replace(ENTRY, expires=date(2027, 3, 1)), TODAY)
    assert "more than 365 days ahead; give 2027-03-01" in refusal(replace(ENTRY, expires=date(2027, 3, 2)))


def test_an_entry_that_expires_today_is_still_listed() -> None:
    check_terms(replace(ENTRY, expires=TODAY), TODAY)


@pytest.mark.parametrize("entry_id", ["", "two words", "a/b", "-x", "x" * 65, "ü"])
def test_an_id_that_could_not_be_typed_or_be_a_file_name_is_refused(entry_id: str) -> None:
    assert "choose another" in refusal(replace(ENTRY, id=entry_id))


@pytest.mark.parametrize("name", ["label", "owner", "contact", "check"])
def test_a_term_longer_than_an_alert_shows_is_refused(name: str) -> None:
    assert "shorten it" in refusal(replace(ENTRY, **{name: "x" * 501}))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("@\n\x1e\rANSI 636026080102DL00410288ZA03290015", "a driving licence"),
        ("ANSI 636026080102DL00410288ZA03290015DLDAQD12345678DCSDOE", "a driving licence"),
        ("M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 226F001A0025 100", "a boarding pass"),
        ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "a travel document"),
        ("BEGIN:VCARD\nN:Owen;Sean", "a visiting card"),
        ("MECARD:N:Owen,Sean;;", "a visiting card"),
        ("DC02FR000001125E125E0126FR247500010", "an official letter"),
        ("BADGE 4711", "a person's badge"),
        ("mailto:a@b.c", "a person's address or telephone number"),
        ("MH 12 DE 1433", "built like a licence plate"),
        ("ABC-1234", "built like a licence plate"),
        ("CSQU3054384", "a container's number whose check digit should be 3"),
        ("4006381333932", "a GTIN whose check digit should be 1 (of a serial that only looks like one, write serial: "),
        ("31/1203", "hazard number 31, which ADR 5.3.2.3.2 does not have"),
        ("33/9999", "UN number 9999, outside 1001 to 3560"),
    ],
)
def test_a_code_of_a_person_or_plate_or_with_a_mistake_is_refused_and_not_repeated(code: str, reason: str) -> None:
    message = refusal(replace(ENTRY, codes=("8841-C-2019-77", code)))
    assert f"--code is {reason}" in message
    assert code not in message


def test_whoever_lists_a_short_serial_is_told_what_a_plate_has_to_do_with_it() -> None:
    message = refusal(replace(ENTRY, codes=("WX12345",)))
    assert "built like a licence plate, and so may be one; if it is a short serial, write the whole of it" in message
    check_terms(replace(ENTRY, codes=("SN-WX12345", "SN-47110815")), TODAY)


def test_an_entry_with_codes_of_things_is_taken() -> None:
    check_terms(replace(ENTRY, codes=("WTU123456789", "4006381333931", "CSQU3054383", "33/1203")), TODAY)
