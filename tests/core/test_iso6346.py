"""The numbers of freight containers."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapel.core.iso6346 import LENGTH, assembled, bare, check_digit, is_valid, without_check_digit


@st.composite
def numbers(draw: st.DrawFn) -> str:
    letters = draw(st.text(string.ascii_uppercase, min_size=3, max_size=3))
    serial = draw(st.text(string.digits, min_size=6, max_size=6))
    first = letters + draw(st.sampled_from("UJZ")) + serial
    return first + str(check_digit(first))


@pytest.mark.parametrize("number", ["CSQU3054383", "TEMU3108252"])
def test_published_numbers_are_valid(number: str) -> None:
    assert is_valid(number)


@given(numbers(), st.integers(4, 9), st.sampled_from(string.digits))
def test_one_wrong_digit_is_refused_save_where_a_remainder_of_ten_is_written_as_nought(
    number: str, place: int, digit: str
) -> None:
    wrong = number[:place] + digit + number[place + 1 :]
    assert wrong == number or not is_valid(wrong) or number[-1] == "0"


@given(numbers(), st.integers(0, 2), st.sampled_from(string.ascii_uppercase))
def test_one_wrong_letter_is_refused_where_it_changes_the_check_digit(number: str, place: int, letter: str) -> None:
    wrong = number[:place] + letter + number[place + 1 :]
    assert is_valid(wrong) == (check_digit(wrong[:10]) == int(number[-1]))


@given(numbers(), st.integers(1, 9))
def test_every_other_check_digit_is_refused(number: str, more: int) -> None:
    assert not is_valid(number[:-1] + str((int(number[-1]) + more) % 10))


@given(numbers())
def test_a_number_is_put_together_however_it_was_cut(number: str) -> None:
    for cut in range(1, LENGTH):
        assert assembled([number[:cut], number[cut:]]) == (number,)
    assert assembled([number[:4], f"{number[4:7]} {number[7:10]}", f"[{number[10]}]"]) == (number,)


@pytest.mark.parametrize(
    "pieces",
    [
        ["TRLU", "6689574", "45G1"],
        ["TRLU 668957 4", "45G1"],
        ["TRLU668957445G1"],
        ["MAERSK", "trlu 668957", "[4]"],
        ["TRLU", "668", "957", "4", "22G1"],
    ],
)
def test_the_number_is_found_among_other_words(pieces: list[str]) -> None:
    assert assembled(pieces) == ("TRLU6689574",)


def test_letters_and_digits_that_look_alike_are_told_apart_by_their_place() -> None:
    assert assembled(["C5QU", "3O54383"]) == ("CSQU3054383",)


def test_more_than_two_corrections_are_one_too_many() -> None:
    assert assembled(["C5QU", "3O5438E"]) == ()
    assert assembled(["C5QU", "3OS4383"]) == ()


@pytest.mark.parametrize("pieces", [["22G1"], ["45R1", "42G1"], ["22G1", "3054383"], ["CSQU305438"], ["CSQU3054384"]])
def test_a_type_code_and_a_number_with_a_wrong_check_digit_are_none(pieces: list[str]) -> None:
    assert assembled(pieces) == ()


def test_a_number_inside_a_longer_word_is_none() -> None:
    assert assembled(["XCSQU3054383"]) == ()
    assert assembled(["CSQU30543839"]) == ()


@given(st.lists(st.text(max_size=300), max_size=30))
def test_whatever_is_read_only_valid_numbers_come_out(pieces: list[str]) -> None:
    assert all(is_valid(number) for number in assembled(pieces))


def test_a_number_without_its_boxed_digit_is_known_to_lack_it() -> None:
    assert without_check_digit(["MAERSK", "CSQU", "305438"]) == "CSQU305438"
    assert without_check_digit(["CSQU", "3054383"]) is None
    assert without_check_digit(["CSQU", "30543"]) is None


def test_a_written_number_is_kept_bare() -> None:
    assert bare(" csqu 305438-[3] ") == "CSQU3054383"
