"""The two numbers of an orange panel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapel.core.adr import FIRST_UN, HAZARDS, LAST_UN, is_valid, over_any_substance, paired, why_invalid


@pytest.mark.parametrize(("upper", "lower"), [("33", "1203"), ("30", "1202"), ("X338", "1295"), ("268", "1005")])
def test_the_lines_of_panels_on_the_road_make_a_number(upper: str, lower: str) -> None:
    assert paired(upper, lower) == f"{upper}/{lower}"


def test_a_letter_that_looks_like_a_digit_is_taken_for_it_once_a_line() -> None:
    assert paired("3O", "I202") == "30/1202"
    assert paired("33", "IZO3") is None
    assert paired("33", "I2O3") is None


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("31", "1203"),
        ("33", "0999"),
        ("33", "3561"),
        ("33", "120"),
        ("33", "12034"),
        ("", "1203"),
        ("33", ""),
        ("1203", "33"),
    ],
)
def test_lines_that_are_no_hazard_over_a_substance_make_none(upper: str, lower: str) -> None:
    assert paired(upper, lower) is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_read_only_valid_numbers_come_out(upper: str, lower: str) -> None:
    number = paired(upper, lower)
    assert number is None or is_valid(number)


@given(st.sampled_from(sorted(HAZARDS)), st.integers(FIRST_UN, LAST_UN))
def test_every_hazard_over_every_substance_is_read_as_it_is(hazard: str, substance: int) -> None:
    assert paired(hazard, str(substance)) == f"{hazard}/{substance}"


def test_what_is_wrong_is_said() -> None:
    assert why_invalid("31/1203") == "hazard number 31, which ADR 5.3.2.3.2 does not have"
    assert why_invalid("33/9999") == "UN number 9999, outside 1001 to 3560"
    assert "33/1203" in str(why_invalid("UN1203"))


def test_the_hazard_numbers_are_the_97_of_adr_2025() -> None:
    assert len(HAZARDS) == 97
    assert {"238", "28", "55", "556", "768", "836", "X462"} <= HAZARDS


@pytest.mark.parametrize("number", ["78", "87", "687", "X823", "688"])
def test_a_hazard_number_that_adr_2025_does_not_have_is_not_read(number: str) -> None:
    assert paired(number, "1203") is None


def test_a_list_may_name_every_panel_with_a_hazard_number() -> None:
    assert over_any_substance("X338/1295") == "X338/*"
    assert is_valid("X338/*")
    assert not is_valid("31/*")


def test_a_panel_never_says_every_substance() -> None:
    assert paired("33", "*") is None
    with pytest.raises(ValueError, match="as it was read"):
        over_any_substance("33/*")
